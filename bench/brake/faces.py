"""The same account through every face of a server, over HTTP; and what its colleagues feel of it meanwhile."""

import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import text
from starlette.testclient import TestClient

from serment import clinical, dossier, identity, kernel
from serment.app.asgi import create_app
from serment.app.logs import set_up_logs
from serment.app.preparation import make_ready, upgrade_databases
from serment.app.settings import read_settings
from serment.app.wiring import COOKIES, Installation, opened
from serment.edge.shell.csrf import session_seed_of
from serment.edge.shell.signing import Signer
from serment.identity.directory.accounts import add_account
from serment.identity.directory.store import load_account
from serment.identity.logins import tag_of_login
from serment.identity.sessions.sessions import open_session

_ORIGIN = "https://localhost:8443"
_VISIT = identity.Visit("web 127.0.0.1", "bench")
_DOSSIERS, _MEASURED = 50, 60
_STOPPED = frozenset({403, 429})
_SECTIONS = frozenset({"identity", "clinical", "imaging", "measurements", "exchanges"})


@dataclass(frozen=True)
class Guest:
    """A client that is signed in, and what a program of theirs shows."""

    caller: identity.Caller
    client: TestClient
    bearer: dict[str, str]

    def ask(self, face: str, one: kernel.DossierId) -> int:
        """Open one dossier by a face; return the status."""
        return _FACES[face](self, one)


#: How each face opens a dossier.
_FACES: dict[str, Callable[[Guest, kernel.DossierId], int]] = {
    "timeline": lambda guest, one: guest.client.get(f"/dossiers/{one}").status_code,
    "who has access": lambda guest, one: guest.client.get(f"/dossiers/{one}/access").status_code,
    "the trail": lambda guest, one: guest.client.get(f"/dossiers/{one}/trail").status_code,
    "sharing": lambda guest, one: guest.client.get(f"/dossiers/{one}/share").status_code,
    "files": lambda guest, one: guest.client.get(f"/files/{one}").status_code,
    "FHIR Patient": lambda guest, one: (
        guest.client.get(f"/fhir/Patient/{one}", headers=guest.bearer).status_code
    ),
    "FHIR DocumentReference": lambda guest, one: (
        guest.client.post(
            "/fhir/DocumentReference/_search", data={"patient": str(one)}, headers=guest.bearer
        ).status_code
    ),
}


def play() -> dict[str, Any]:
    """Scrape by each face and by all in turn, then measure a colleague beside a scraper that goes on asking."""
    set_up_logs("error")
    with _served() as installation:
        thief, colleague = _guest(installation), _guest(installation)
        own = [_dossier(installation, thief.caller) for _ in range(_DOSSIERS)]
        theirs = _dossier(installation, colleague.caller)
        figures: dict[str, Any] = {}
        for face in _FACES:
            _begin_anew(installation)
            figures[f"by {face}, stolen session"] = _scrape([face], thief, own)
        _begin_anew(installation)
        figures["by all faces in turn, stolen session"] = _scrape(list(_FACES), thief, own)
        alone = _latency(colleague, theirs)
        with _asking_on(thief, own[-1]) as asked:
            beside = _latency(colleague, theirs)
        figures["a colleague's page, milliseconds"] = {
            "alone": alone, "beside a stopped account that goes on asking": beside,
            "asked meanwhile": asked[0], "colleague stopped": 0,
        }  # fmt: skip
        return figures


def _scrape(faces: list[str], thief: Guest, own: list[kernel.DossierId]) -> int | str:
    """Return how many dossiers were opened before the first that was not."""
    for number, one in enumerate(own):
        status = thief.ask(faces[number % len(faces)], one)
        if status in _STOPPED:
            return number
        if status != 200:  # noqa: PLR2004 - as HTTP writes it
            raise SystemExit(f"{faces[number % len(faces)]} answered {status}")
    return "was not stopped"


def _latency(colleague: Guest, one: kernel.DossierId) -> dict[str, float]:
    taken = []
    for _ in range(_MEASURED):
        begun = time.perf_counter()
        if colleague.ask("timeline", one) != 200:  # noqa: PLR2004 - as HTTP writes it
            raise SystemExit("a colleague was stopped")
        taken.append((time.perf_counter() - begun) * 1000)
    return {"median": round(median(taken), 1), "p95": round(sorted(taken)[int(_MEASURED * 0.95)], 1)}


@contextmanager
def _asking_on(thief: Guest, one: kernel.DossierId) -> Iterator[list[int]]:
    """Let the stopped account ask on, some ten times a second."""
    done, asked = threading.Event(), [0]

    def ask() -> None:
        while not done.wait(0.1):
            asked[0] += thief.ask("timeline", one) in _STOPPED

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield asked
    finally:
        done.set()
        thread.join()


@contextmanager
def _served() -> Iterator[Installation]:
    folder = Path(tempfile.mkdtemp(prefix="serment-bench-"))
    try:
        settings = make_ready(read_settings(folder / "data"), "FR")
        upgrade_databases(settings)
        with opened(settings, _ORIGIN) as installation:
            new = identity.NewOrganisation("Cabinet de la mesure", identity.OrganisationKind.PRACTICE)
            with installation.rows.unit_of_work() as uow:
                identity.found_organisation(uow, new)
            yield installation
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _guest(installation: Installation) -> Guest:
    with installation.rows.unit_of_work() as uow:
        account, organisation = kernel.AccountId(kernel.new_id()), identity.list_organisations(uow)[0].id
        login = f"{account.hex}@example.test"
        role, profession = identity.Role.PROFESSIONAL, identity.Profession.PHYSICIAN
        active = identity.AccountStatus.ACTIVE
        made = identity.Account(account, organisation, login, "Mesure", role, profession, active, uow.now)
        add_account(uow, made, tag_of_login(uow, login))
        stored = load_account(uow, account)
        if stored is None:
            raise SystemExit("the account was not made")
        session = open_session(uow, stored, _VISIT, identity.Method.TOTP, identity.SessionLimits())
    client = TestClient(
        create_app(installation), base_url=_ORIGIN, raise_server_exceptions=False, client=("127.0.0.1", 50)
    )
    client.cookies.set("__Host-serment", session.token)
    client.headers["x-serment-csrf"] = Signer(installation.keyring.secret(COOKIES)).proof(
        "csrf", session_seed_of(session.token)
    )
    return Guest(session.caller, client, {"authorization": f"Bearer {_key(installation, session.caller)}"})


def _key(installation: Installation, caller: identity.Caller) -> str:
    with installation.rows.unit_of_work() as uow:
        asked = identity.KeyRequest(
            label="Mesure", face=identity.Face.FHIR, sections=_SECTIONS, scope=identity.KeyScope.READ,
            binding=identity.KeyBinding.NETWORKS, ends_at=uow.now + timedelta(days=2),
            networks=("127.0.0.0/16",), public_key="",
        )  # fmt: skip
        return identity.make_key(uow, replace(caller, stepped_up_at=uow.now), asked).token


def _dossier(installation: Installation, caller: identity.Caller) -> kernel.DossierId:
    patient = clinical.PatientIdentity(
        "Mesure", "Mesure", ("Zoé",), "Zoé", date(1970, 3, 12), clinical.Sex.FEMALE
    )
    with installation.rows.unit_of_work() as uow:
        return dossier.create_dossier(uow, caller, patient)


def _begin_anew(installation: Installation) -> None:
    with installation.rows.unit_of_work() as uow:
        for table in ("brake_gauges", "brake_marks"):
            uow.connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - names of ours


if __name__ == "__main__":
    sys.stdout.write(f"{play()}\n")
