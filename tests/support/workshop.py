"""The pages over a house, served on loopback to a real browser, with documents opened in confined children."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, BrowserContext
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from serment import dossier, identity
from serment.app.confined_workbench import ConfinedWorkbench, open_zygote
from serment.edge import pages, uploads
from serment.edge.desk import Desk
from serment.edge.pages.frame import enter
from serment.edge.shell import ShellSettings, build_application
from support.dossier import House
from support.identity import open_session_of
from support.look import look_of

SETTINGS = ShellSettings(
    hosts=frozenset({"127.0.0.1", "localhost"}), secret=b"s" * 32, scheme="http", streams=uploads.STREAMS
)
_TEMPLATES = Path(__file__).parent.parent / "files" / "templates"


@dataclass(frozen=True)
class Workshop:
    """A house whose pages are served at `address`."""

    address: str
    server: uvicorn.Server

    def cut(self) -> None:
        """Break every connection that is open, in the middle of whatever it carries."""
        for connection in list(self.server.server_state.connections):
            transport = getattr(connection, "transport", None)
            if transport is not None:
                connection.loop.call_soon_threadsafe(transport.abort)


@contextmanager
def working(house: House, desk: Desk) -> Iterator[Workshop]:
    """Serve every page of the house."""
    shown = look_of(SETTINGS, (_TEMPLATES,)).at(house.database.clock)
    served = replace(desk, pages=shown)
    zygote = open_zygote()
    house.database.put_beside(ConfinedWorkbench(zygote), dossier.Workbench)
    routes = [*_trial_routes(served), *uploads.routes(served), *pages.routes(served)]
    try:
        with _serving(build_application(routes, shown, SETTINGS)) as workshop:
            yield workshop
    finally:
        zygote.close()


def enter_browser(
    chromium: Browser, house: House, address: str, caller: identity.Caller, **options: object
) -> BrowserContext:
    """Return a browser of its own in which somebody is signed in."""
    with house.database.unit_of_work() as uow:
        token = open_session_of(uow, caller.account).token
    context = chromium.new_context(**{"locale": "fr-FR", **options})  # type: ignore[arg-type] # Playwright's own options
    context.add_cookies([{"name": "serment", "value": token, "url": address, "httpOnly": True}])
    return context


def _trial_routes(desk: Desk) -> Sequence[BaseRoute]:
    def form(request: Request) -> Response:
        """Show a form that has nothing but what upload.js needs."""
        enter(desk, request)
        return desk.pages.show(request, "upload.html", dossier=request.path_params["dossier"])

    return [Route("/trial/{dossier:uuid}", form)]


@contextmanager
def _serving(application: object) -> Iterator[Workshop]:
    config = uvicorn.Config(application, host="127.0.0.1", port=0, log_level="error", lifespan="off")  # type: ignore[arg-type] # an ASGI application
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Workshop(f"http://127.0.0.1:{port}", server)
    server.should_exit = True
    thread.join(10)
