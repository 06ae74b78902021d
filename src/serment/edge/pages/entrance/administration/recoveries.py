"""Recoveries of accounts whose factors are lost: open one, approve one as the second person, stop one (AUT-13)."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from serment import identity
from serment.edge.desk import Desk
from serment.edge.pages.entrance.administration.counter import enter_administration, enter_office, tabs
from serment.edge.pages.entrance.administration.people import (
    PEOPLE,
    account_asked,
    account_in,
    person_row,
    recoverable,
)
from serment.edge.shell import Banner, mark

RECOVERIES = "/administration/recoveries"
RECOVERY_DOOR = "/recover"
_APPROVED = mark("Récupération approuvée. Son titulaire en est prévenu.")
_STOPPED = mark("Récupération arrêtée. Le code remis n'ouvrira rien.")


class RecoveryPages:
    """What administrators and the DPO do about lost factors; every act is told to the owner of the account."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def list(self, request: Request) -> Response:
        """Show the recoveries that are open."""
        caller = enter_office(self._desk, request, identity.SECOND_PERSONS)
        with self._desk.database.reading() as uow:
            found = identity.list_recoveries(uow, caller)
        words = self._desk.pages.tongue(request).words
        administers = caller.role is identity.Role.ADMINISTRATOR
        return self._desk.pages.show(
            request,
            "administration/recoveries.html",
            here="people" if administers else "recoveries",
            tabs=tabs(words, "recoveries") if administers else [],
            recoveries=[recovery_row(one, caller) for one in found],
        )

    def ask(self, request: Request) -> Response:
        """Say what opening a recovery does, and to whom."""
        caller = enter_administration(self._desk, request)
        identity.require_step_up(caller, self._desk.database.clock.now())
        with self._desk.database.reading() as uow:
            account = account_asked(uow, caller, request)
        if not recoverable(caller, account):
            raise identity.NotPermitted(str(account.id))
        return self._desk.pages.show(
            request,
            "administration/recover.html",
            here="people",
            person=person_row(account),
            two_persons=account.role in identity.SECOND_PERSONS,
            delays=self._desk.entrance.rules.recovery,
        )

    def open(self, request: Request) -> Response:
        """Open the recovery and show its code, this once."""
        caller = enter_administration(self._desk, request)
        rules = self._desk.entrance.rules.recovery
        with self._desk.database.unit_of_work() as uow:
            account = account_asked(uow, caller, request)
            given = identity.open_recovery(uow, rules, caller, account.id)
        return show_code(self._desk, request, account, given, back=f"{PEOPLE}/{account.id}")

    def ask_approval(self, request: Request) -> Response:
        """Say what approving does."""
        caller = enter_office(self._desk, request, identity.SECOND_PERSONS)
        identity.require_step_up(caller, self._desk.database.clock.now())
        with self._desk.database.reading() as uow:
            found = identity.recovery_in_reach(uow, caller, account_in(request))
        row = None if found is None else recovery_row(found, caller)
        if row is None or not row["approvable"]:
            raise identity.RecoveryNotFound(str(account_in(request)))
        return self._desk.pages.show(
            request, "administration/approve-recovery.html", here="recoveries", recovery=row, back=RECOVERIES
        )

    def approve(self, request: Request) -> Response:
        """Approve as the second person."""
        caller, account = enter_office(self._desk, request, identity.SECOND_PERSONS), account_in(request)
        with self._desk.database.unit_of_work() as uow:
            identity.approve_recovery(uow, self._desk.entrance.rules.recovery, caller, account)
        return self._desk.pages.go(RECOVERIES, notice=_APPROVED)

    def stop(self, request: Request) -> Response:
        """Stop a recovery."""
        caller, account = enter_office(self._desk, request, identity.SECOND_PERSONS), account_in(request)
        with self._desk.database.unit_of_work() as uow:
            identity.stop_recovery(uow, caller, account)
        return self._desk.pages.go(RECOVERIES, notice=_STOPPED)


def recovery_row(recovery: identity.Recovery, caller: identity.Caller) -> dict[str, Any]:
    """Return a recovery as the pages show it."""
    own = caller.account == recovery.account
    return {
        "name": recovery.name,
        "opened_by": recovery.opened_by,
        "opened_at": recovery.opened_at,
        "works_from": recovery.works_from,
        "sooner_from": recovery.sooner_from,
        "approved_by": recovery.approved_by,
        "expires_at": recovery.expires_at,
        "approvable": recovery.approvable and not own and recovery.opened_by_account != caller.account,
        "address": f"{RECOVERIES}/{recovery.account}",
    }


def show_code(
    desk: Desk,
    request: Request,
    account: identity.Account,
    given: identity.RecoveryCodeGiven,
    *,
    back: str,
    banner: Banner | None = None,
) -> Response:
    """Show the code of a recovery, this once, to be given by hand."""
    return desk.pages.show(
        request,
        "administration/recovery-code.html",
        name=account.name,
        login=account.login,
        code=given.code,
        recovery=given.recovery,
        address=f"{desk.entrance.relying_party.origin}{RECOVERY_DOOR}",
        back=back,
        banner=banner,
        here="people" if banner is None else "patients",
    )
