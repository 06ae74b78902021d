"""A browser at the entrance: forms are filled in as they stand in the page, cookies are kept."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

import pytest
import uvicorn
from httpx2 import Response
from starlette.testclient import TestClient
from typing_extensions import override

from serment import identity, kernel, vault
from serment.edge import pages
from serment.edge.desk import Desk
from serment.edge.pages import entrance as entrance_pages
from serment.edge.shell import build_application
from support.dossier import furnish
from support.edge import MOST_UPLOAD_BYTES
from support.identity import confirm_identity, make_entrance, open_session_of
from support.look import SETTINGS, Look, look_of

ORIGIN = "https://localhost:8443"
SESSION = "__Host-serment"
PENDING = "__Host-serment-pending"
DEVICE = "__Host-serment-device"
_SEED = re.compile(r'name="seed" value="([A-Z2-7]+)"')
_CODE = re.compile(r"<li data-code>([^<]+)</li>")


@dataclass
class Visitor:
    """Somebody with a browser: `status` and `text` are of the page they are looking at."""

    client: TestClient
    address: str = ""
    status: int = 0
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    cookies_set: dict[str, str] = field(default_factory=dict)

    def open(self, address: str) -> "Visitor":
        """Open an address as browsers do, redirects followed."""
        return self._go("GET", address, {})

    def send(self, action: str, **fields: str) -> "Visitor":
        """Send the form with that action, its hidden fields as they stand, the others as given."""
        return self._go("POST", action, {**hidden_fields(self.text, action), **fields})

    def token(self, name: str = SESSION) -> str | None:
        """Return a cookie that the browser holds."""
        return self.client.cookies.get(name)

    def plant(self, name: str, value: str) -> None:
        """Put a cookie where the service's own would be."""
        self.client.cookies.set(name, value, domain="localhost.local")

    def _go(self, method: str, address: str, fields: dict[str, str]) -> "Visitor":
        self.cookies_set = {}
        answer = self._ask(method, address, fields)
        self._note(answer)
        while answer.status_code == 303:
            address = answer.headers["location"]
            answer = self._ask("GET", address, {})
            self._note(answer)
        self.address, self.status, self.text = address, answer.status_code, answer.text
        self.headers = dict(answer.headers)
        return self

    def _ask(self, method: str, address: str, fields: dict[str, str]) -> Response:
        data = fields if method == "POST" else None
        return self.client.request(method, address, data=data, headers={"accept": "text/html"})

    def _note(self, answer: Response) -> None:
        for line in answer.headers.get_list("set-cookie"):
            self.cookies_set[line.partition("=")[0]] = line


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, str]] = {}
        self._open: dict[str, str] = {}

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = self.forms.setdefault(said.get("action", ""), {})
        elif tag == "input" and (said.get("type") == "hidden" or "readonly" in said):
            self._open[said["name"]] = said.get("value", "")


def hidden_fields(text: str, action: str) -> dict[str, str]:
    """Return the fields that a form carries by itself."""
    parser = _Forms()
    parser.feed(text)
    return parser.forms[action]


def seed_in(text: str) -> str:
    """Return the secret of an application that a page offers."""
    found = _SEED.search(text)
    assert found is not None
    return found.group(1)


def codes_in(text: str) -> list[str]:
    """Return the codes that a page shows once."""
    return _CODE.findall(text)


@pytest.fixture
def doors(database: kernel.Database, keyring: vault.Keyring, look: Look) -> Desk:
    """A desk over an installation without anybody."""
    shown = look.at(database.clock)
    return Desk(database, shown, make_entrance(database, keyring), MOST_UPLOAD_BYTES)


NewVisitor = Callable[[], Visitor]


@pytest.fixture
def new_visitor(doors: Desk) -> NewVisitor:
    """Give somebody a browser of their own, at the entrance."""
    application = build_application(entrance_pages.routes(doors), doors.pages, SETTINGS)

    def visitor() -> Visitor:
        return Visitor(
            TestClient(application, base_url=ORIGIN, follow_redirects=False, raise_server_exceptions=False)
        )

    return visitor


def code_now(desk: Desk, seed: str) -> str:
    """Return what the application shows now."""
    return identity.code_at(seed, desk.database.clock.now())


@dataclass(frozen=True)
class Open:
    """An installation that browsers reach at `origin`."""

    origin: str
    desk: Desk


@pytest.fixture
def open_house(
    embedded_database: kernel.Database, keyring: vault.Keyring, objects: vault.ObjectStore
) -> Iterator[Open]:
    """Serve every page, over plain HTTP on a free port of loopback, with passkeys for that origin."""
    listening = socket.create_server(("127.0.0.1", 0))
    origin = f"http://localhost:{listening.getsockname()[1]}"
    furnish(embedded_database, keyring, objects)
    made = make_entrance(embedded_database, keyring)
    settings = replace(SETTINGS, scheme="http")
    desk = Desk(
        embedded_database,
        look_of(settings).at(embedded_database.clock),
        replace(made, relying_party=identity.RelyingParty("localhost", origin)),
        MOST_UPLOAD_BYTES,
    )
    application = build_application(pages.routes(desk), desk.pages, settings)
    server = uvicorn.Server(uvicorn.Config(application, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    yield Open(origin, desk)
    server.should_exit = True
    thread.join(10)
    listening.close()


def signed_in_visitor(desk: Desk, visitor: Visitor, account: kernel.AccountId) -> Visitor:
    """Give a browser a session, as signing in does."""
    with desk.database.unit_of_work() as uow:
        opened = open_session_of(uow, account)
    visitor.plant(SESSION, opened.token)
    return visitor


def confirmed_visitor(desk: Desk, visitor: Visitor) -> Visitor:
    """Let somebody who is signed in have confirmed just now that it is still they."""
    with desk.database.unit_of_work() as uow:
        confirm_identity(uow, visitor.token() or "")
    return visitor
