"""Every route of the application, as the server assembles it: without a session, and as somebody of elsewhere (O4, O8).

Routes are listed from the application itself, so that a new one is tried the day it is born.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from typing_extensions import override

from architecture.house import ROOT
from serment import identity, kernel
from serment.app.asgi import create_app, routes, shell_settings
from serment.app.demonstration_accounts import draw_password, enrol
from serment.app.settings import read_settings
from serment.app.wiring import Installation, opened
from serment.edge.shell import Pages
from serment.edge.shell.cookies import Cookies
from serment.edge.shell.csrf import session_seed_of
from serment.edge.shell.signing import Signer
from support.identity import make_administrator, make_organisation, make_professional, open_session_of
from support.installation import LETTER, ORIGIN, SmallInstallation, make_small_installation

#: What somebody without a session may reach: how to come in, and what says nothing of anybody.
PUBLIC = re.compile(
    r"^/(health|\.well-known/security\.txt|sign-in(/.*)?|sign-out|enrol(/.*)?|recover(/.*)?|fhir/metadata|static/.*|preferences)$"
)
PAPER = ROOT / "docs" / "security" / "authentication.md"
#: Answers that send away whoever has no session: to sign-in, or refused as a request of nobody.
SENT_AWAY = {303, 401, 403}
#: Enough of a request to come as far as the decision: a form for pages, the protocol's version for uploads.
WELL_FORMED = {"tus-resumable": "1.0.0", "content-type": "application/x-www-form-urlencoded"}
#: Faces that take keys, and never a session.
MACHINES = re.compile(r"^/fhir(/.*)?$")
#: What a restricted session is told, and the few routes that lift each restriction.
NEEDED = {
    identity.Restriction.PASSWORD_CHANGE: "identity.session.password-change-needed",
    identity.Restriction.FACTOR_ADDITION: "identity.session.factor-addition-needed",
}
LIFTING = {
    identity.Restriction.PASSWORD_CHANGE: {
        "GET /account/security/password",
        "POST /account/security/password",
    },
    identity.Restriction.FACTOR_ADDITION: {
        "GET /account/security/add",
        "GET /account/security/add/application",
        "GET /account/security/add/application/confirm",
        "GET /account/security/add/passkey",
        "POST /account/security/add/passkey",
        "POST /account/security/add/passkey/options",
    },
}
#: What every restricted session may do besides: prove a factor again, and stop a recovery that was not asked for.
OPEN_TO_ALL = {
    "GET /account/step-up",
    "POST /account/step-up",
    "POST /account/step-up/options",
    "GET /account/security/recovery/stop",
    "POST /account/security/recovery/stop",
}
WELL_FORMED_BYTES = {
    "tus-resumable": "1.0.0",
    "content-type": "application/offset+octet-stream",
    "upload-length": "1",
    "upload-offset": "0",
}
STEP_UP = "/account/step-up"
PARAMETER = re.compile(r"{(\w+)(?::(\w+))?}")


@dataclass(frozen=True)
class Door:
    """One route and one method of it."""

    method: str
    path: str

    def at(self, **known: str) -> str:
        """Return an address: known parameters as given, the others made up."""
        return PARAMETER.sub(lambda found: known.get(found[1]) or _made_up(found[2]), self.path)

    @override
    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def _made_up(convertor: str | None) -> str:
    return {"uuid": str(uuid4()), "place": "1", "int": "1"}.get(convertor or "", "x")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> SmallInstallation:
    return make_small_installation(tmp_path_factory.mktemp("routes") / "data")


@pytest.fixture(scope="module")
def installation(small: SmallInstallation) -> Iterator[Installation]:
    with opened(read_settings(small.data), ORIGIN) as installation:
        yield installation


@pytest.fixture(scope="module")
def doors(installation: Installation) -> list[Door]:
    """Every method of every route, HEAD left to its GET."""
    pages = Pages(shell_settings(installation), installation.clock)
    found = routes(installation, pages)
    assert not [route for route in found if isinstance(route, Mount)], "what is mounted would not be tried"
    return [
        Door(method, route.path)
        for route in found
        if isinstance(route, Route)
        for method in sorted(route.methods or set())
        if method != "HEAD" or "GET" not in (route.methods or set())
    ]


def _client(installation: Installation) -> TestClient:
    application = create_app(installation)
    return TestClient(application, base_url=ORIGIN, raise_server_exceptions=False, follow_redirects=False)


def _client_of(
    installation: Installation,
    account: identity.Account | kernel.AccountId,
    restriction: identity.Restriction | None = None,
) -> TestClient:
    """A client that is signed in, and whose requests come from our pages."""
    client, settings = _client(installation), shell_settings(installation)
    with installation.rows.unit_of_work() as uow:
        session = open_session_of(uow, account, restriction=restriction)
    name = Cookies(settings.scheme).name("session")
    client.cookies.set(name, session.token)
    client.headers["x-serment-csrf"] = Signer(settings.secret).proof("csrf", session_seed_of(session.token))
    return client


@pytest.fixture(scope="module")
def stranger(installation: Installation) -> TestClient:
    """A physician of another organisation."""
    with installation.rows.unit_of_work() as uow:
        account = make_professional(uow, make_organisation(uow, "Clinique de la Baie"))
    return _client_of(installation, account)


@pytest.fixture(scope="module")
def administrator(installation: Installation) -> TestClient:
    """An administrator of the very organisation that keeps the dossier."""
    with installation.rows.unit_of_work() as uow:
        account = make_administrator(uow, identity.list_organisations(uow)[0])
    return _client_of(installation, account)


def test_nobody_gets_past_the_entrance(
    installation: Installation, doors: list[Door], small: SmallInstallation
) -> None:
    client, known = _client(installation), _known(small)

    answers = {
        str(door): client.request(door.method, door.at(**known), headers=WELL_FORMED).status_code
        for door in doors
        if not PUBLIC.match(door.path) and door.method != "OPTIONS"
    }

    assert {door: status for door, status in answers.items() if status not in SENT_AWAY} == {}


def test_right_password_alone_reaches_no_route(
    installation: Installation, doors: list[Door], small: SmallInstallation
) -> None:
    """AUT-01: after the first step, with a password that is right, every route is as closed as before."""
    client, known = _client(installation), _known(small)
    first = client.get("/sign-in", headers={"accept": "text/html"})
    csrf = re.search(r'name="csrf" value="([^"]+)"', first.text)
    assert csrf is not None
    login, password = _somebody_enrolled(installation)
    begun = client.post("/sign-in", data={"csrf": csrf[1], "login": login, "password": password})
    assert (begun.status_code, begun.headers["location"]) == (303, "/sign-in/second")

    answers = {
        str(door): client.request(door.method, door.at(**known), headers=WELL_FORMED).status_code
        for door in doors
        if not PUBLIC.match(door.path) and door.method != "OPTIONS"
    }

    assert {door: status for door, status in answers.items() if status not in SENT_AWAY} == {}


def _somebody_enrolled(installation: Installation) -> tuple[str, str]:
    login, password = "dominique", draw_password()
    invitation = identity.Invitation(
        login, "Dominique Essai", identity.Role.PROFESSIONAL, identity.Profession.NURSE
    )
    with installation.rows.unit_of_work() as uow:
        organisation = identity.list_organisations(uow)[0]
        inviting = open_session_of(uow, make_administrator(uow, organisation)).caller
        code = identity.invite(uow, inviting, invitation).code
    enrol(installation, login, code, password)
    return login, password


def test_every_page_offers_the_way_out(
    installation: Installation, doors: list[Door], small: SmallInstallation
) -> None:
    """ASVS 7.4.4: whoever is signed in finds the way out on each page that they may open."""
    physician = _client_of(installation, small.documents[0].description.author)
    shown = {
        door.path: answer.text
        for door in doors
        if door.method == "GET" and not PUBLIC.match(door.path)
        for answer in [physician.get(door.at(**_known(small)), headers={"accept": "text/html"})]
        if answer.status_code == 200 and "<html" in answer.text
    }

    assert len(shown) > 10
    assert [path for path, page in shown.items() if 'action="/sign-out"' not in page] == []


def test_paper_names_every_way_in(doors: list[Door]) -> None:
    """ASVS 6.1.3: each address that takes proofs from somebody without a session is written down."""
    paper = PAPER.read_text(encoding="utf-8")
    ways = {door.path for door in doors if door.method == "POST" and PUBLIC.match(door.path)}

    assert {way for way in ways - {"/preferences", "/sign-out"} if f"`{way}`" not in paper} == set()


@pytest.mark.parametrize("restriction", list(identity.Restriction))
def test_restricted_session_reaches_only_what_lifts_it(
    installation: Installation,
    doors: list[Door],
    small: SmallInstallation,
    restriction: identity.Restriction,
) -> None:
    """AUT-10: a session that must do one thing first does nothing else, on any route, those of tomorrow included."""
    physician = _client_of(installation, small.documents[0].description.author, restriction)
    known = _known(small)

    passed = set()
    for door in doors:
        if PUBLIC.match(door.path) or door.method == "OPTIONS":
            continue
        well_formed = WELL_FORMED_BYTES if door.path.startswith("/uploads/") else WELL_FORMED
        answer = physician.request(
            door.method, door.at(**known), headers={**well_formed, "accept": "application/problem+json"}
        )
        # A HEAD has no body, and a machine's face knows no session at all.
        refused = answer.status_code == 403 and (door.method == "HEAD" or NEEDED[restriction] in answer.text)
        if not refused and not (MACHINES.match(door.path) and answer.status_code in {401, 406}):
            passed.add(str(door))

    assert passed == LIFTING[restriction] | OPEN_TO_ALL


def test_restricted_session_is_led_to_what_lifts_it_and_may_leave(
    installation: Installation, small: SmallInstallation
) -> None:
    author, page = small.documents[0].description.author, {"accept": "text/html"}
    waiting = _client_of(installation, author, identity.Restriction.PASSWORD_CHANGE)
    without_key = _client_of(installation, author, identity.Restriction.FACTOR_ADDITION)

    led = waiting.get("/patients", headers=page).headers["location"]
    elsewhere = without_key.get("/patients", headers=page).headers["location"]
    shown = waiting.get(led, headers=page)

    assert (led, elsewhere) == (
        "/account/security/password?next=%2Fpatients",
        "/account/security/add?next=%2Fpatients",
    )
    assert (shown.status_code, 'action="/sign-out"' in shown.text) == (200, True)
    assert waiting.post("/sign-out", headers=page).status_code == 303
    assert waiting.get("/account/security/password", headers=page).headers["location"].startswith("/sign-in")


@pytest.mark.parametrize("who", ["stranger", "administrator"])
def test_dossier_of_others_answers_as_one_that_does_not_exist(
    who: str, doors: list[Door], small: SmallInstallation, request: pytest.FixtureRequest
) -> None:
    client: TestClient = request.getfixturevalue(who)

    told = []
    for door in [door for door in doors if "{dossier" in door.path and door.method != "OPTIONS"]:
        there, nowhere = _ask(client, door, _known(small)), _ask(client, door, {})
        # Some acts ask for a factor before they look at anything: that tells nothing either.
        if there != nowhere or not (400 <= there[0] < 500 or there == (303, STEP_UP)):
            told.append(f"{door}: {there} there, {nowhere} elsewhere")

    assert told == []


def test_content_of_the_same_address_opens_for_its_physician(
    installation: Installation, small: SmallInstallation
) -> None:
    """Refusals prove something only where somebody else is let in."""
    physician = _client_of(installation, small.documents[0].description.author)
    door = Door("GET", "/dossiers/{dossier:uuid}/documents/{entry:uuid}/content")

    assert physician.get(door.at(**_known(small))).content == LETTER


def _known(small: SmallInstallation) -> dict[str, str]:
    return {"dossier": str(small.dossier_id), "entry": str(small.documents[0].head.id)}


def _ask(client: TestClient, door: Door, known: dict[str, str]) -> tuple[int, str]:
    """Return the status and the text of an answer, without what differs between any two answers."""
    answer = client.request(door.method, door.at(**known), headers=WELL_FORMED)
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<![\w-])[0-9A-Z]{4}-[0-9A-Z]{4}(?![\w-])", "…", answer.text)
    if answer.headers.get("location", "").startswith(STEP_UP):
        return answer.status_code, STEP_UP
    return answer.status_code, re.sub(r'(name="csrf" value|content)="[^"]*"', "…", text)
