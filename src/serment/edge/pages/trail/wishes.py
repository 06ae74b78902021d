"""Being told when others act on one's dossier, or not; and having seen what one was told."""

from starlette.requests import Request
from starlette.responses import Response

from serment import access
from serment.edge.desk import Desk
from serment.edge.pages.dossiers.asked import asked_dossier
from serment.edge.pages.frame import enter
from serment.edge.shell import mark, read_form

_SAID = {
    access.Wish.TOLD: mark("Vous serez prévenu ici quand quelqu'un ouvre ce dossier."),
    access.Wish.LEFT_ALONE: mark("Vous ne serez plus prévenu. La trace reste entière."),
}


class NoticeActs:
    """What a patient wishes to be told."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def wish(self, request: Request) -> Response:
        """Be told from now on, or no longer."""
        caller = enter(self._desk, request)
        wish = access.Wish(read_form(request).choice("wish", tuple(one.value for one in access.Wish)))
        with self._desk.database.unit_of_work() as uow:
            permit = access.decide(uow, caller, access.Action.CONTROL, asked_dossier(request))
            access.wish_for_notices(uow, permit, wish)
        return self._desk.pages.go(f"/dossiers/{asked_dossier(request)}/trail", notice=_SAID[wish])

    def see(self, request: Request) -> Response:
        """Note that the caller saw what they were told of their own dossiers."""
        caller = enter(self._desk, request)
        with self._desk.database.unit_of_work() as uow:
            access.see_notices(uow, caller)
        return self._desk.pages.go("/mine")
