import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from matrix.wire import Answer, ask
from matrix.wire import Request as Asked
from serment.edge.shell.switchboard import Switchboard
from support.apart import run_apart

PATHS = (
    "/",
    "/sign-in",
    "/sign-in/second",
    "/static/{digest}/{name:path}",
    "/static/map",
    "/dossiers/{dossier:uuid}",
    "/dossiers/{dossier:uuid}/file",
    "/dossiers/{dossier:uuid}/{other}",
    "/dossiers/new",
)
ONE = "3f0c7f0e-7a52-4b7e-9d6e-0f1f6f9d3c11"
ADDRESSES = (
    "/", "", "//", "/sign-in", "/sign-in/", "/sign-in/second", "/sign-in/second/third", "/sign-out", "/static",
    "/static/a", "/static/a/b", "/static/a/b/c.css", "/static/map", "/dossiers", f"/dossiers/{ONE}",
    f"/dossiers/{ONE}/file", f"/dossiers/{ONE}/more", f"/dossiers/{ONE}/more/", "/dossiers/new", "/dossiers/new/file",
    f"/dossiers/{ONE}%2Ffile", "/%73ign-in",
)  # fmt: skip


def _say(path: str) -> Route:
    def said(request: Request) -> Response:
        return PlainTextResponse(f"{path} {sorted(request.path_params.items())}")

    return Route(path, said, methods=["GET"])


async def _nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("nowhere", 404)(scope, receive, send)


@pytest.fixture
def both() -> tuple[ASGIApp, ASGIApp]:
    routes = [_say(path) for path in PATHS]
    return Switchboard(routes, _nowhere), Router(routes, redirect_slashes=False, default=_nowhere)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_switchboard_finds_what_starlette_finds(
    both: tuple[ASGIApp, ASGIApp], method: str, address: str
) -> None:
    async def answers() -> list[Answer]:
        return [await ask(each, Asked(method, address)) for each in both]

    ours, theirs = run_apart(answers())

    assert (ours.status, ours.body) == (theirs.status, theirs.body)


def test_method_that_a_route_lacks_is_refused_by_name(both: tuple[ASGIApp, ASGIApp]) -> None:
    with pytest.raises(HTTPException, match="405") as refused:
        run_apart(ask(both[0], Asked("POST", "/sign-in")))

    assert set((refused.value.headers or {})["Allow"].split(", ")) == {"GET", "HEAD"}


def test_route_without_a_first_word_is_a_mistake() -> None:
    for route in (Mount("/files", routes=[]), _say("/{anything}")):
        with pytest.raises(TypeError):
            Switchboard([route], _nowhere)
