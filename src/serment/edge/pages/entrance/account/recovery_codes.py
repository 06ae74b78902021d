"""Make new recovery codes; the former ones are worth nothing any more."""

from starlette.requests import Request
from starlette.responses import Response

from serment import identity
from serment.edge.desk import Desk
from serment.edge.pages.entrance.account.security import HERE
from serment.edge.pages.frame import enter


class RecoveryCodesPage:
    """The effect first, then the codes, shown once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def form(self, request: Request) -> Response:
        """Say what new codes do to the former ones."""
        caller = enter(self._desk, request)
        identity.require_step_up(caller, self._desk.database.clock.now())
        with self._desk.database.reading() as uow:
            left = identity.recovery_codes_left(uow, caller)
        return self._desk.pages.show(
            request, "account/renew-recovery-codes.html", here="account", left=left, back=HERE
        )

    def renew(self, request: Request) -> Response:
        """Make the codes and show them."""
        caller = enter(self._desk, request)
        with self._desk.database.unit_of_work() as uow:
            codes = identity.renew_recovery_codes(uow, caller, self._desk.entrance.rules)
        return self._desk.pages.show(
            request,
            "sign-in/recovery-codes.html",
            here="account",
            codes=codes,
            login="",
            first=False,
            recovering=False,
            onward=HERE,
        )
