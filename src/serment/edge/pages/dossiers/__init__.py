"""The pages of one dossier."""

from starlette.routing import BaseRoute, Route

from serment.edge.desk import Desk
from serment.edge.pages.dossiers.amending import AmendingPage
from serment.edge.pages.dossiers.document import DocumentPage
from serment.edge.pages.dossiers.filing import FilingPage
from serment.edge.pages.dossiers.timeline import TimelinePage
from serment.edge.pages.dossiers.withdrawing import WithdrawingPage

__all__ = ["routes"]


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of a dossier and its documents."""
    timeline, document = TimelinePage(desk), DocumentPage(desk)
    amending, withdrawing = AmendingPage(desk), WithdrawingPage(desk)
    one = "/dossiers/{dossier:uuid}"
    entry = f"{one}/documents/{{entry:uuid}}"
    return [
        Route(one, timeline.show, methods=["GET"]),
        Route(f"{one}/file", FilingPage(desk).show, methods=["GET"]),
        Route(f"{one}/images", timeline.images, methods=["GET"]),
        Route(entry, document.show, methods=["GET"]),
        Route(f"{entry}/history", document.history, methods=["GET"]),
        Route(f"{entry}/amend", amending.form, methods=["GET"]),
        Route(f"{entry}/amend", amending.amend, methods=["POST"]),
        Route(f"{entry}/withdraw", withdrawing.form, methods=["GET"]),
        Route(f"{entry}/withdraw", withdrawing.withdraw, methods=["POST"]),
    ]
