"""Every way in, tried with every credential (O8): a session opens pages, a key opens its own face, nothing else opens anything.

What is expected is written in a table apart from the code. Routes are listed from the application itself: one of a
protocol that the table does not know fails the test, until somebody decides what opens it.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

import pytest
from httpx2 import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from serment import identity, kernel
from serment.app.asgi import create_app, routes, shell_settings
from serment.app.settings import read_settings
from serment.app.wiring import Installation, opened
from serment.edge.shell import Pages
from serment.edge.shell.cookies import Cookies
from serment.edge.shell.csrf import session_seed_of
from serment.edge.shell.signing import Signer
from serment.identity.access_keys import store as keys
from serment.identity.directory import store as directory
from serment.identity.factors import store as factors
from serment.identity.sessions import store as sessions
from support.identity import make_account, open_session_of
from support.installation import ORIGIN, SmallInstallation, make_small_installation
from support.keys import Machine, bearer, make_key_of

PASSWORD = "amphore violette rivage 49 tambour"
#: Which protocol a route speaks: method and path. The first that fits counts.
PROTOCOLS: Mapping[str, str] = {
    "known": r"GET /(health|\.well-known/.*)",
    "entry": r"GET /(sign-in(/.*)?|sign-out|enrol(/.*)?|recover(/.*)?)",
    "enter": r"POST /(sign-in(/.*)?|sign-out|enrol(/.*)?|recover(/.*)?)",
    "lift": r"\w+ /account/(step-up(/options)?|security/(password|recovery/stop))",
    "json": r"POST /account/security/add/passkey/options",
    "hello": r"OPTIONS /uploads/.*",
    "tus": r"\w+ /uploads/.*",
    "file": r"\w+ /files/.*",
    "bytes": r"GET /dossiers/{dossier:uuid}/documents/{entry:uuid}/(content|preview/.*|frames/.*)",
    "page": (
        r"(GET|POST) "
        r"/((account|administration|brake|dossiers|emergencies|incidents|mine|patients|teams|touched)(/.*)?)?"
    ),
    "about": r"GET /fhir/metadata",
    "find": r"GET /fhir/Patient",
    "fhir": r"\w+ /fhir/.*",
}
#: What each credential gets from each protocol.
#:   o  an answer        -  sent away        r  only what lifts the restriction is open
#:   +  the dossier's content                0  let in, and shown nothing
TABLE = """
                         known entry enter lift json hello tus file bytes page about find fhir
nothing                    o     o     -    -    -    o     -   -    -     -    o     -    -
pending cookie             o     o     -    -    -    o     -   -    -     -    o     -    -
session                    o     o     o    o    o    o     o   o    o     o    o     -    -
restricted session         o     o     o    o    r    o     r   r    r     r    o     -    -
session left idle          o     o     o    -    -    o     -   -    -     -    o     -    -
session past its limit     o     o     o    -    -    o     -   -    -     -    o     -    -
session ended              o     o     o    -    -    o     -   -    -     -    o     -    -
session, suspended         o     o     o    -    -    o     -   -    -     -    o     -    -
session as bearer          o     o     -    -    -    o     -   -    -     -    o     -    -
password by Basic          o     o     -    -    -    o     -   -    -     -    o     -    -
key                        o     o     -    -    -    o     -   -    -     -    o     0    +
key in the address         o     o     -    -    -    o     -   -    -     -    o     -    -
key as cookie              o     o     o    -    -    o     -   -    -     -    o     -    -
key beside a session       o     o     o    o    o    o     o   o    o     o    o     0    +
key of another face        o     o     -    -    -    o     -   -    -     -    o     -    -
key past its end           o     o     -    -    -    o     -   -    -     -    o     -    -
key revoked                o     o     -    -    -    o     -   -    -     -    o     -    -
key, owner suspended       o     o     -    -    -    o     -   -    -     -    o     -    -
key of other sections      o     o     -    -    -    o     -   -    -     -    o     0    0
key from its network       o     o     -    -    -    o     -   -    -     -    o     0    +
key from elsewhere         o     o     -    -    -    o     -   -    -     -    o     -    -
bound key alone            o     o     -    -    -    o     -   -    -     -    o     -    -
bound key, other's proof   o     o     -    -    -    o     -   -    -     -    o     -    -
bound key, its proof       o     o     -    -    -    o     -   -    -     -    o     0    +
"""
#: Enough of a request to come as far as the credential.
FORM = {"tus-resumable": "1.0.0", "content-type": "application/x-www-form-urlencoded"}
BYTES = {
    "tus-resumable": "1.0.0",
    "content-type": "application/offset+octet-stream",
    "upload-length": "1",
    "upload-offset": "0",
}
BODIES = {
    "POST /fhir/Patient/_search": "birthdate=1970-03-12",
    "POST /fhir/DocumentReference/_search": "patient={dossier}",
}
PARAMETER = re.compile(r"{(\w+)(?::(\w+))?}")
SENT_AWAY = re.compile(r"urn:serment:problem:(request\.forged|identity\.session\.(unknown|expired|invalid))")
RESTRICTED = re.compile(r"urn:serment:problem:identity\.session\.(restricted|[a-z-]+-needed)")


@dataclass(frozen=True)
class Shown:
    """What a request shows of whoever sends it: headers, and what is added to its address."""

    headers: Mapping[str, str] = field(default_factory=dict)
    query: str = ""


@dataclass(frozen=True)
class Door:
    """One method of one route, with the protocol it speaks."""

    method: str
    path: str

    @property
    def protocol(self) -> str:
        found = (name for name, form in PROTOCOLS.items() if re.fullmatch(form, f"{self.method} {self.path}"))
        return next(found, "unknown")


@dataclass(frozen=True)
class Stage:
    """A running application over a small installation, and its physician."""

    installation: Installation
    small: SmallInstallation
    client: TestClient

    @property
    def rows(self) -> kernel.Database:
        return self.installation.rows

    def known(self) -> dict[str, str]:
        entry = str(self.small.documents[0].head.id)
        dossier = str(self.small.dossier_id)
        return {"dossier": dossier, "patient": dossier, "entry": entry, "binary": f"{entry}.1"}

    def physician(self) -> kernel.AccountId:
        return self.small.documents[0].description.author

    def session(self, restriction: identity.Restriction | None = None) -> identity.OpenedSession:
        """Open a session of the physician."""
        with self.rows.unit_of_work() as uow:
            return open_session_of(uow, self.physician(), restriction=restriction)

    def cookie(self, token: str) -> Shown:
        """Show a session's cookie, with the proof that the request comes from our pages."""
        settings = shell_settings(self.installation)
        name = Cookies(settings.scheme).name("session")
        proof = Signer(settings.secret).proof("csrf", session_seed_of(token))
        return Shown({"cookie": f"{name}={token}", "x-serment-csrf": proof})

    def key(self, **terms: object) -> identity.MadeKey:
        """Make a key of the physician."""
        return make_key_of(self.rows, self.session().caller, **terms)  # type: ignore[arg-type] # as given

    def suspended(self) -> identity.OpenedSession:
        """Open a session of a colleague whose account is suspended then, by a fault that left all else alone."""
        with self.rows.unit_of_work() as uow:
            practice = identity.list_organisations(uow)[0]
            role, profession = identity.Role.PROFESSIONAL, identity.Profession.NURSE
            account = make_account(uow, practice, role, profession=profession)
            return open_session_of(uow, account)

    def suspend(self, account: kernel.AccountId) -> None:
        with self.rows.unit_of_work() as uow:
            directory.set_status(uow, account, identity.AccountStatus.SUSPENDED)

    def ask(self, door: Door, shown: Shown) -> Response:
        """Send a request through a door."""
        address = self.address(door)
        query = "&".join(filter(None, (self._query(door), shown.query)))
        body = BODIES.get(f"{door.method} {door.path}", "").format(**self.known())
        usual = BYTES if door.protocol in {"tus", "file"} else FORM
        accept = "*/*" if "Binary" in door.path else "application/fhir+json, application/json"
        return self.client.request(
            door.method,
            f"{address}?{query}" if query else address,
            content=body.encode() or (b"x" if door.protocol in {"tus", "file"} else b""),
            headers={**usual, "accept": accept, **shown.headers},
        )

    def address(self, door: Door) -> str:
        """Return where a door is: known parameters as they are, the others made up."""
        made_up = {"uuid": str(uuid4()), "place": "0", "int": "1"}
        return PARAMETER.sub(lambda at: self.known().get(at[1]) or made_up.get(at[2] or "", "x"), door.path)

    def _query(self, door: Door) -> str:
        lists = (door.method, door.path) == ("GET", "/fhir/DocumentReference")
        return f"patient={self.small.dossier_id}" if lists else ""


#: A credential is made anew for each request that may use it up.
Credential = Callable[[Door], Shown]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    small = make_small_installation(tmp_path_factory.mktemp("matrix") / "data")
    with opened(read_settings(small.data), ORIGIN) as installation:
        client = TestClient(
            create_app(installation),
            base_url=ORIGIN,
            raise_server_exceptions=False,
            follow_redirects=False,
            client=("192.0.2.7", 50000),
        )
        yield Stage(installation, small, client)


@pytest.fixture(scope="module")
def doors(stage: Stage) -> list[Door]:
    """Every method of every route, HEAD left to its GET."""
    found = routes(stage.installation, Pages(shell_settings(stage.installation), stage.installation.clock))
    return [
        Door(method, route.path)
        for route in found
        if isinstance(route, Route)
        for method in sorted(route.methods or set())
        if method != "HEAD" or "GET" not in (route.methods or set())
    ]


def expected() -> dict[str, dict[str, str]]:
    """Return the table: what each credential gets from each protocol."""
    head, *lines = TABLE.strip().splitlines()
    protocols = head.split()
    table = {}
    for line in lines:
        name, cells = line[:26].strip(), line[26:].split()
        assert len(cells) == len(protocols), line
        table[name] = dict(zip(protocols, cells, strict=True))
    return table


@pytest.fixture(scope="module")
def credentials(stage: Stage) -> dict[str, Credential]:
    """Every credential of the table, by its name there."""
    return {**_without_keys(stage), **_keys(stage), **_limited_keys(stage), **_bound_keys(stage)}


def test_table_knows_every_protocol_and_every_credential(
    doors: list[Door], credentials: dict[str, Credential]
) -> None:
    assert [door for door in doors if door.protocol == "unknown"] == []
    assert {door.protocol for door in doors} == set(PROTOCOLS)
    assert set(expected()) == set(credentials)
    assert all(set(row) == set(PROTOCOLS) for row in expected().values())


@pytest.mark.parametrize("name", expected())
def test_credential_opens_what_the_table_says(
    stage: Stage, doors: list[Door], credentials: dict[str, Credential], name: str
) -> None:
    wrong = []
    for door in doors:
        answer = stage.ask(door, credentials[name](door))
        wanted, found = expected()[name][door.protocol], outcome(door, answer)
        if found != wanted:
            wrong.append(
                f"{door.method} {door.path}: {found}, not {wanted} ({answer.status_code} {answer.text[:120]})"
            )

    print(f"{name}: {len(doors)} cells of {len(doors) * len(expected())}")  # noqa: T201 - read with -s
    assert wrong == []


def outcome(door: Door, answer: Response) -> str:
    """Return what an answer means, by the signs of the table."""
    assert answer.status_code < 500, f"{door}: {answer.text[:300]}"
    if _is_sent_away(door, answer):
        return "-"
    if RESTRICTED.search(answer.text) or (answer.status_code == 403 and door.method == "HEAD"):
        return "r"
    if door.protocol not in {"fhir", "find"}:
        return "o"
    if answer.status_code != 200:
        return "0"
    listing = "_search" in door.path or door.path == "/fhir/DocumentReference"
    return "+" if not listing or answer.json()["total"] > 0 else "0"


def _is_sent_away(door: Door, answer: Response) -> bool:
    if door.protocol == "page" and answer.status_code == 303:
        return answer.headers["location"].startswith("/sign-in")
    if answer.headers.get("content-type", "") == "application/fhir+json" or not answer.content:
        return answer.status_code == 401
    return SENT_AWAY.search(answer.text) is not None


def _always(shown: Shown) -> Credential:
    return lambda _door: shown


def _without_keys(stage: Stage) -> dict[str, Credential]:
    past = stage.rows.clock.now() - timedelta(days=2)
    idle, limit, ended, suspended = stage.session(), stage.session(), stage.session(), stage.suspended()
    stage.suspend(suspended.caller.account)
    table = sessions.sessions
    with stage.rows.unit_of_work() as uow:
        for opened_session, name in ((idle, "last_seen_at"), (limit, "ends_at")):
            mine = table.c.id == opened_session.caller.session
            uow.connection.execute(table.update().where(mine).values({name: past}))
        identity.end_session(uow, ended.caller, ended.caller.session)
        hashed = stage.installation.entrance.hasher.hash(PASSWORD)
        factors.set_password(uow, stage.physician(), hashed)
        login = identity.open_account(uow, stage.physician()).login
    basic = b64encode(f"{login}:{PASSWORD}".encode()).decode()
    restriction = identity.Restriction.PASSWORD_CHANGE
    return {
        "nothing": _always(Shown()),
        "pending cookie": _always(_pending(stage, login)),
        # An act may end the session that it came with.
        "session": lambda _door: stage.cookie(stage.session().token),
        "restricted session": lambda _door: stage.cookie(stage.session(restriction).token),
        "session left idle": _always(stage.cookie(idle.token)),
        "session past its limit": _always(stage.cookie(limit.token)),
        "session ended": _always(stage.cookie(ended.token)),
        "session, suspended": _always(stage.cookie(suspended.token)),
        "session as bearer": lambda _door: Shown(bearer(stage.session().token)),
        "password by Basic": _always(Shown({"authorization": f"Basic {basic}"})),
    }


def _pending(stage: Stage, login: str) -> Shown:
    """Take the first step of a sign-in; keep the cookie that leads to the second, and nothing else."""
    browser = TestClient(create_app(stage.installation), base_url=ORIGIN, follow_redirects=False)
    page = browser.get("/sign-in", headers={"accept": "text/html"})
    csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert csrf is not None
    answer = browser.post("/sign-in", data={"csrf": csrf[1], "login": login, "password": PASSWORD})
    assert answer.status_code == 303
    name = Cookies(shell_settings(stage.installation).scheme).name("pending")
    return Shown({"cookie": f"{name}={browser.cookies[name]}"})


def _keys(stage: Stage) -> dict[str, Credential]:
    key = stage.key()
    revoked, past, other_face = stage.key(), stage.key(), stage.key(face=identity.Face.WEBDAV)
    orphan = stage.suspended().caller
    orphaned = make_key_of(stage.rows, orphan)
    stage.suspend(orphan.account)
    table = keys.access_keys
    with stage.rows.unit_of_work() as uow:
        keys.remove_key(uow, stage.physician(), revoked.key.id)
        ended = table.update().where(table.c.id == past.key.id).values(ends_at=uow.now)
        uow.connection.execute(ended)
    return {
        "key": _always(Shown(bearer(key.token))),
        "key in the address": _always(Shown(query=f"access_token={key.token}")),
        "key as cookie": _always(stage.cookie(key.token)),
        "key beside a session": lambda _door: Shown(
            {**stage.cookie(stage.session().token).headers, **bearer(key.token)}
        ),
        "key of another face": _always(Shown(bearer(other_face.token))),
        "key past its end": _always(Shown(bearer(past.token))),
        "key revoked": _always(Shown(bearer(revoked.token))),
        "key, owner suspended": _always(Shown(bearer(orphaned.token))),
    }


def _limited_keys(stage: Stage) -> dict[str, Credential]:
    on_networks = identity.KeyBinding.NETWORKS
    here = stage.key(binding=on_networks, networks=("192.0.2.0/24",))
    elsewhere = stage.key(binding=on_networks, networks=("198.51.100.0/24",))
    sections = stage.key(sections=frozenset({"imaging"}))
    return {
        "key from its network": _always(Shown(bearer(here.token))),
        "key from elsewhere": _always(Shown(bearer(elsewhere.token))),
        "key of other sections": _always(Shown(bearer(sections.token))),
    }


def _bound_keys(stage: Stage) -> dict[str, Credential]:
    machine, thief = Machine(), Machine()
    bound = stage.key(binding=identity.KeyBinding.PUBLIC_KEY, public_key=machine.public_key).token

    def proved_by(signer: Machine) -> Credential:
        def shown(door: Door) -> Shown:
            address, now = f"{ORIGIN}{stage.address(door)}", stage.rows.clock.now()
            return Shown(signer.headers(bound, door.method, address, at=now))

        return shown

    return {
        "bound key alone": _always(Shown(bearer(bound))),
        "bound key, other's proof": proved_by(thief),
        "bound key, its proof": proved_by(machine),
    }
