"""Stop a recovery of one's own account, from any session that is still open: "it was not me" (AUT-13)."""

from starlette.requests import Request
from starlette.responses import Response

from serment import identity
from serment.edge.desk import Desk
from serment.edge.pages.entrance.account.security import HERE
from serment.edge.pages.frame import enter_restricted
from serment.edge.shell import mark

_STOPPED = mark("La récupération est arrêtée. Prévenez l'administrateur de votre organisation.")
_GONE = mark("Cette récupération n'est plus ouverte.")


class OwnRecoveryPage:
    """One button, on every page: it asks for nothing more, since it only takes away."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def stop(self, request: Request) -> Response:
        """Stop it; a session that is restricted may."""
        caller = enter_restricted(self._desk, request, *identity.Restriction)
        try:
            with self._desk.database.unit_of_work() as uow:
                identity.stop_recovery(uow, caller, caller.account)
        except identity.RecoveryNotFound:
            return self._desk.pages.go(HERE, notice=_GONE)
        return self._desk.pages.go(HERE, notice=_STOPPED)

    def show(self, request: Request) -> Response:
        """Lead to one's account, where the button is."""
        enter_restricted(self._desk, request, *identity.Restriction)
        return self._desk.pages.go(HERE)
