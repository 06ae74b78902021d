"""Accounts asleep, and those that go to sleep soon; waking one, once its owner was seen."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from serment import identity
from serment.edge.desk import Desk
from serment.edge.pages.entrance.administration.counter import enter_administration, tabs
from serment.edge.pages.entrance.administration.people import (
    PEOPLE,
    account_asked,
    account_in,
    person_row,
)
from serment.edge.shell import mark


class SleepingPages:
    """What administrators do with accounts that nobody uses."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def list(self, request: Request) -> Response:
        """Show who goes to sleep within two weeks, and who sleeps."""
        caller = enter_administration(self._desk, request)
        with self._desk.database.reading() as uow:
            found = identity.drowsy_accounts(uow, caller, self._desk.entrance.rules.sleep)
        return self._desk.pages.show(
            request,
            "administration/sleeping.html",
            here="people",
            tabs=tabs(self._desk.pages.tongue(request).words, "sleeping"),
            soon=[_row(one) for one in found if one.sleeps_at is not None],
            asleep=[_row(one) for one in found if one.sleeps_at is None],
        )

    def ask(self, request: Request) -> Response:
        """Say what waking does; a factor is proved again first."""
        caller = enter_administration(self._desk, request)
        identity.require_step_up(caller, self._desk.database.clock.now())
        with self._desk.database.unit_of_work() as uow:
            account = account_asked(uow, caller, request)
        if account.status is not identity.AccountStatus.DORMANT:
            raise identity.AccountNotFound(str(account.id))
        return self._desk.pages.show(
            request, "administration/wake.html", here="people", person=person_row(account)
        )

    def wake(self, request: Request) -> Response:
        """Let the owner of a sleeping account sign in again."""
        caller, account = enter_administration(self._desk, request), account_in(request)
        with self._desk.database.unit_of_work() as uow:
            identity.wake_account(uow, caller, account)
        return self._desk.pages.go(f"{PEOPLE}/{account}", notice=mark("Compte réveillé."))


def _row(one: identity.DrowsyAccount) -> dict[str, Any]:
    return {**person_row(one.account), "used_at": one.last_used_at, "sleeps_at": one.sleeps_at}
