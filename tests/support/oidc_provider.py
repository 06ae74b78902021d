"""A real OpenID provider on loopback (npm `oidc-provider`), and a service that people reach and that trusts it.

Its files are installed by `make setup` where npm is; without them the tests that need it skip and say so.
"""

import json
import os
import queue
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import uvicorn

from serment import identity, kernel, vault
from serment.edge import pages
from serment.edge.desk import Desk
from serment.edge.shell import build_application
from support.dossier import furnish
from support.edge import MOST_UPLOAD_BYTES
from support.identity import make_entrance
from support.look import SETTINGS, look_of

FOLDER = Path(__file__).parent.parent / "files" / "oidc"
SECRET = "a secret of the tests, long enough"
SUB, RPPS = "f:4c6d:899700218896", "899700218896"
START_SECONDS = 30


@dataclass(frozen=True)
class TrustingHouse:
    """A service at `origin`, and the provider at `issuer` that it lets people come in by."""

    origin: str
    issuer: str
    desk: Desk


@pytest.fixture
def trusting_house(
    embedded_database: kernel.Database,
    keyring: vault.Keyring,
    objects: vault.ObjectStore,
) -> Iterator[TrustingHouse]:
    """Serve every page on loopback, with a provider beside it; time is that of the machine."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        origin = f"http://localhost:{listening.getsockname()[1]}"
        with running_provider(origin) as issuer:
            furnish(embedded_database, keyring, objects)
            desk = _desk(embedded_database, keyring, origin, issuer)
            with _serving(desk, listening):
                yield TrustingHouse(origin, issuer, desk)


@contextmanager
def running_provider(origin: str) -> Iterator[str]:
    """Run the provider for as long as the block lasts; give its issuer."""
    node = shutil.which("node")
    if node is None or not (FOLDER / "node_modules" / "oidc-provider").is_dir():
        _missing()
    asked = {
        "redirect_uri": f"{origin}{identity.PROVIDER_CALLBACK}",
        "logout_uri": f"{origin}/sign-in/federated/logout",
        "after_sign_out": f"{origin}/sign-out",
        "secret": SECRET,
    }
    process = subprocess.Popen(
        [node or "node", "provider.mjs", json.dumps(asked)],
        cwd=FOLDER,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield _first_line(process)
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


def _first_line(process: "subprocess.Popen[str]") -> str:
    """Return the issuer, which the provider prints once it listens."""
    said: queue.Queue[str] = queue.Queue()
    output = process.stdout
    assert output is not None
    threading.Thread(target=lambda: said.put(output.readline()), daemon=True).start()
    issuer = said.get(timeout=START_SECONDS).strip()
    assert issuer, "the provider did not start"
    return issuer


def _missing() -> None:
    if os.environ.get("SERMENT_REQUIRE_ALL"):
        pytest.fail(
            "the OpenID provider of the tests is missing and SERMENT_REQUIRE_ALL is set: see make setup"
        )
    pytest.skip("the OpenID provider of the tests is missing: install nodejs and npm, then make setup")


def federation_with(entrance: identity.Entrance, origin: str, issuer: str) -> identity.Federation:
    """The way to the provider, as app makes it."""
    provider = identity.Provider(
        issuer=issuer,
        client_id="serment",
        proof=identity.SecretInHeader(SECRET),
        redirect_uri=f"{origin}{identity.PROVIDER_CALLBACK}",
        after_sign_out=f"{origin}/sign-out",
    )
    client = identity.OpenIdClient(provider, identity.HttpCarrier(issuer), entrance.database.clock)
    return identity.Federation(entrance, client)


def _desk(database: kernel.Database, keyring: vault.Keyring, origin: str, issuer: str) -> Desk:
    made = make_entrance(database, keyring)
    entrance = replace(made, relying_party=identity.RelyingParty("localhost", origin))
    shown = look_of(replace(SETTINGS, scheme="http")).at(database.clock)
    federation = federation_with(entrance, origin, issuer)
    return Desk(database, shown, entrance, MOST_UPLOAD_BYTES, federation=federation)


@contextmanager
def _serving(desk: Desk, listening: socket.socket) -> Iterator[None]:
    application = build_application(pages.routes(desk), desk.pages, replace(SETTINGS, scheme="http"))
    server = uvicorn.Server(uvicorn.Config(application, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    yield
    server.should_exit = True
    thread.join(10)
