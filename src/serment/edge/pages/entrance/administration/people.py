"""The accounts of an organisation: list, look at one, suspend, reinstate."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from serment import identity, kernel
from serment.edge.desk import Desk
from serment.edge.pages.entrance.account.since import tell_since
from serment.edge.pages.entrance.administration.counter import (
    STATUS_TONES,
    STATUS_WORDS,
    enter_administration,
    quality_word,
    tabs,
)
from serment.edge.shell import Link, Words, mark

PEOPLE = "/administration/people"


class PeoplePages:
    """What administrators do with accounts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def first(self, request: Request) -> Response:
        """Lead to the people."""
        enter_administration(self._desk, request)
        return self._desk.pages.go(PEOPLE)

    def list(self, request: Request) -> Response:
        """Show who has an account; patients apart, for being one is nobody's business who only came for staff."""
        caller = enter_administration(self._desk, request)
        patients = request.query_params.get("who") == "patients"
        with self._desk.database.unit_of_work() as uow:
            accounts = identity.list_accounts(uow, caller)
            since = tell_since(uow, self._desk, request, caller)
        words = self._desk.pages.tongue(request).words
        shown = [one for one in accounts if (one.role is identity.Role.PATIENT) == patients]
        return self._desk.pages.show(
            request,
            "administration/people.html",
            here="people",
            tabs=tabs(words, "people"),
            chips=_chips(words, len(accounts), len(shown), patients=patients),
            people=[person_row(account) for account in shown],
            patients=patients,
            since=since,
        )

    def show(self, request: Request) -> Response:
        """Show one account and what can be done with it."""
        caller = enter_administration(self._desk, request)
        with self._desk.database.unit_of_work() as uow:
            account = account_asked(uow, caller, request)
            inside = identity.teams_of(uow, account.id)
            recovery = identity.recovery_in_reach(uow, caller, account.id)
            password = account.id != caller.account and identity.has_password(uow, account.id)
            teams = [team for team in identity.list_teams(uow, caller.organisation) if team.id in inside]
        return self._desk.pages.show(
            request, "administration/person.html", here="people", person=person_row(account), teams=teams,
            own=account.id == caller.account, recoverable=recoverable(caller, account), recovery=recovery,
            password=password,
        )  # fmt: skip

    def ask_suspension(self, request: Request) -> Response:
        """Say what suspending does."""
        caller = enter_administration(self._desk, request)
        with self._desk.database.unit_of_work() as uow:
            account = account_asked(uow, caller, request)
        return self._desk.pages.show(
            request, "administration/suspend.html", here="people", person=person_row(account)
        )

    def suspend(self, request: Request) -> Response:
        """Suspend an account; it acts on its owner's next request."""
        caller, account = enter_administration(self._desk, request), account_in(request)
        with self._desk.database.unit_of_work() as uow:
            identity.suspend_account(uow, caller, account)
        return self._desk.pages.go(f"{PEOPLE}/{account}", notice=mark("Compte suspendu."))

    def reinstate(self, request: Request) -> Response:
        """Let somebody back in."""
        caller, account = enter_administration(self._desk, request), account_in(request)
        with self._desk.database.unit_of_work() as uow:
            identity.reinstate_account(uow, caller, account)
        return self._desk.pages.go(f"{PEOPLE}/{account}", notice=mark("Compte rétabli."))


def account_in(request: Request) -> kernel.AccountId:
    """Return the account that the address names."""
    return kernel.AccountId(request.path_params["account"])


def account_asked(uow: kernel.UnitOfWork, caller: identity.Caller, request: Request) -> identity.Account:
    """Return the account that the address names.

    Raises:
        AccountNotFound: no such account in the administrator's organisation.
    """
    account = identity.open_account(uow, account_in(request))
    if account.organisation != caller.organisation:
        raise identity.AccountNotFound(str(account.id))
    return account


def person_row(account: identity.Account) -> dict[str, Any]:
    """Return an account as the pages show it."""
    return {
        "name": account.name,
        "login": account.login,
        "quality": quality_word(account.role, account.profession),
        "status": account.status.value,
        "renewable": account.status is identity.AccountStatus.INVITED
        and account.role is not identity.Role.PATIENT,
        "status_word": STATUS_WORDS[account.status],
        "tone": STATUS_TONES[account.status],
        "created_at": account.created_at,
        "leaves_at": account.leaves_at,
        "address": f"{PEOPLE}/{account.id}",
    }


def recoverable(caller: identity.Caller, account: identity.Account) -> bool:
    """Tell whether an administrator may open a recovery of an account: of an open one, not their own, no patient's."""
    if account.id == caller.account or account.role is identity.Role.PATIENT:
        return False
    return account.status is identity.AccountStatus.ACTIVE


def _chips(words: Words, everybody: int, shown: int, *, patients: bool) -> "list[Link]":
    staff, sick = (everybody - shown, shown) if patients else (shown, everybody - shown)
    return [
        Link(words.say("Professionnels et administration"), PEOPLE, not patients, staff),
        Link(words.say("Patients"), f"{PEOPLE}?who=patients", patients, sick),
    ]
