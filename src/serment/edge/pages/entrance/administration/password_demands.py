"""Ask somebody to change their password."""

from starlette.requests import Request
from starlette.responses import Response

from serment import identity
from serment.edge.desk import Desk
from serment.edge.pages.entrance.administration.counter import enter_administration
from serment.edge.pages.entrance.administration.people import (
    PEOPLE,
    account_asked,
    account_in,
    person_row,
)
from serment.edge.shell import mark


class PasswordDemandPages:
    """The effect first, then the act; nobody but its owner ever chooses a password."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def ask(self, request: Request) -> Response:
        """Say what the demand does."""
        caller = enter_administration(self._desk, request)
        identity.require_step_up(caller, self._desk.database.clock.now())
        with self._desk.database.recorded_reading() as uow:
            account = account_asked(uow, caller, request)
        return self._desk.pages.show(
            request, "administration/demand-password.html", here="people", person=person_row(account)
        )

    def demand(self, request: Request) -> Response:
        """Demand the change; it acts on the next request of the owner's open sessions."""
        caller, account = enter_administration(self._desk, request), account_in(request)
        with self._desk.database.unit_of_work() as uow:
            identity.demand_password_change(uow, caller, account)
        return self._desk.pages.go(f"{PEOPLE}/{account}", notice=mark("Changement de mot de passe demandé."))
