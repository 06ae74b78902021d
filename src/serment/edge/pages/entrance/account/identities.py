"""The identities elsewhere that open one's own account: link one, and unlink it again."""

from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from serment import identity
from serment.edge.desk import Desk
from serment.edge.pages.entrance.federation import IDENTITIES, lead_away
from serment.edge.pages.frame import enter
from serment.edge.shell import mark


def routes(desk: Desk, federation: identity.Federation) -> list[BaseRoute]:
    """Return the routes of linked identities, for an installation that has a provider."""
    pages = IdentitiesPages(desk, federation)
    return [
        Route(IDENTITIES, pages.show, methods=["GET"]),
        Route(f"{IDENTITIES}/link", pages.link, methods=["POST"]),
        Route(f"{IDENTITIES}/{{link:uuid}}/remove", pages.form, methods=["GET"]),
        Route(f"{IDENTITIES}/{{link:uuid}}/remove", pages.remove, methods=["POST"]),
    ]


class IdentitiesPages:
    """What is linked, and the two acts."""

    def __init__(self, desk: Desk, federation: identity.Federation) -> None:
        self._desk, self._federation = desk, federation

    def show(self, request: Request) -> Response:
        """Show what is linked; whoever comes here may link and unlink, so a factor is asked for first."""
        caller = enter(self._desk, request)
        identity.require_step_up(caller, self._desk.database.clock.now())
        with self._desk.database.reading() as uow:
            linked = identity.list_linked_identities(uow, caller)
        return self._desk.pages.show(
            request,
            "account/identities.html",
            here="account",
            provider=self._federation.name,
            open_to_me=not self._federation.bars(caller.role),
            linked=[_shown(each) for each in linked],
            free=not any(self._federation.knows(each.issuer) for each in linked),
        )

    def link(self, request: Request) -> Response:
        """Send the owner to the provider, to prove there who they are."""
        caller = enter(self._desk, request)
        detour = identity.begin_link(self._federation, caller)
        return lead_away(self._desk, request, detour, errand="link")

    def form(self, request: Request) -> Response:
        """Say what unlinking does."""
        caller, wanted = enter(self._desk, request), request.path_params["link"]
        identity.require_step_up(caller, self._desk.database.clock.now())
        with self._desk.database.reading() as uow:
            known = {each.id: each for each in identity.list_linked_identities(uow, caller)}
        if wanted not in known:
            raise identity.LinkNotFound(str(wanted))
        return self._desk.pages.show(
            request,
            "account/remove-identity.html",
            here="account",
            subject=known[wanted].subject,
            back=IDENTITIES,
        )

    def remove(self, request: Request) -> Response:
        """Unlink it."""
        caller = enter(self._desk, request)
        with self._desk.database.unit_of_work() as uow:
            identity.unlink(uow, caller, identity.LinkId(request.path_params["link"]))
        return self._desk.pages.go(IDENTITIES, notice=mark("Identité déliée de votre compte."))


def _shown(linked: identity.LinkedIdentity) -> dict[str, Any]:
    return {
        "subject": linked.subject,
        "place": urlsplit(linked.issuer).hostname or linked.issuer,
        "linked_at": linked.linked_at,
        "used_at": linked.last_used_at,
        "remove_address": f"{IDENTITIES}/{linked.id}/remove",
    }
