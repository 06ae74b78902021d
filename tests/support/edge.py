"""The edge over a house: the application as app assembles it, and clients that are signed in."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from serment import identity, vault
from serment.edge import pages, uploads
from serment.edge.desk import Desk
from serment.edge.shell import build_application
from serment.edge.shell.csrf import session_seed_of
from serment.edge.shell.signing import Signer
from support.dossier import House
from support.identity import make_entrance, open_session_of
from support.look import SETTINGS, Look

MOST_UPLOAD_BYTES = 64 * 1024 * 1024

SignIn = Callable[[identity.Caller], TestClient]


@pytest.fixture
def desk(house: House, keyring: vault.Keyring, look: Look) -> Desk:
    shown = look.at(house.database.clock)
    return Desk(house.database, shown, make_entrance(house.database, keyring), MOST_UPLOAD_BYTES)


@pytest.fixture
def client_for(desk: Desk) -> SignIn:
    """Give somebody a client that is signed in and shows that its requests come from our pages."""
    application = build_application([*uploads.routes(desk), *pages.routes(desk)], desk.pages, SETTINGS)

    def sign_in(caller: identity.Caller) -> TestClient:
        with desk.database.unit_of_work() as uow:
            opened = open_session_of(uow, caller.account)
        client = TestClient(application, base_url="https://localhost", raise_server_exceptions=False)
        client.cookies.set(desk.pages.cookies.name("session"), opened.token)
        client.headers["x-serment-csrf"] = Signer(SETTINGS.secret).proof(
            "csrf", session_seed_of(opened.token)
        )
        return client

    return sign_in
