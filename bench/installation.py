"""An installation for measuring: made as an operator makes one, with a physician who is signed in, and served."""

import json
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from serment import clinical, dossier, identity, kernel
from serment.app.settings import Settings, read_settings
from serment.app.wiring import COOKIES, Installation, opened
from serment.edge.shell.csrf import session_seed_of
from serment.edge.shell.signing import Signer

VISIT = identity.Visit("web 127.0.0.1", "bench")
PASSWORD = secrets.token_urlsafe(24)
PATIENT = clinical.PatientIdentity(
    "Mesure", "Mesure", ("Zoé",), "Zoé", date(1970, 3, 12), clinical.Sex.FEMALE
)
START_SECONDS = 60


@dataclass(frozen=True)
class Measured:
    """What a client needs: the session's cookie and proof, and the dossier."""

    token: str
    proof: str
    dossier: kernel.DossierId


def prepare(data: Path) -> Measured:
    """Make an installation, a physician with two factors, and a dossier."""
    command = [sys.executable, "-m", "serment.app", "init", "--data", str(data), "--json"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own command
    founded = json.loads(said)
    with opened(settings_with_passwords(data), "https://localhost:8443") as installation:
        return _furnish(installation, founded["login"], founded["code"])


def settings_with_passwords(data: Path) -> Settings:
    """Let the administrator come in by password and code: this process has no device that could hold a passkey."""
    return read_settings(data).model_copy(update={"administrator_passkeys": False})


def _furnish(installation: Installation, login: str, enrolment_code: str) -> Measured:
    administrator, _ = enter(installation, login, enrolment_code)
    with installation.rows.unit_of_work() as uow:
        physician = identity.Invitation(
            login="medecin", name="Camille Essai", role=identity.Role.PROFESSIONAL,
            profession=identity.Profession.PHYSICIAN,
        )  # fmt: skip
        code = identity.invite(uow, administrator, physician)
    caller, token = enter(installation, "medecin", code.code)
    with installation.rows.unit_of_work() as uow:
        opened_dossier = dossier.create_dossier(uow, caller, PATIENT)
    proof = Signer(installation.keyring.secret(COOKIES)).proof("csrf", session_seed_of(token))
    return Measured(token, proof, opened_dossier)


def enter(installation: Installation, login: str, code: str) -> tuple[identity.Caller, str]:
    """Enrol and sign in, as people do; the recovery code spares waiting for the next TOTP step."""
    entrance = installation.entrance
    offer = identity.begin_enrolment(entrance, login, code, VISIT)
    now = identity.code_at(offer.totp_seed, installation.clock.now())
    proof = identity.TotpConfirmation(now, "Application")
    enrolled = identity.complete_enrolment(entrance, identity.Enrolment(offer.token, PASSWORD, proof), VISIT)
    pending = identity.begin_sign_in(entrance, identity.Credentials(login, PASSWORD))
    recovery = identity.RecoveryCode(enrolled.recovery_codes[0])
    session = identity.finish_sign_in(entrance, pending.token, recovery, VISIT)
    return session.caller, session.token


@contextmanager
def served(data: Path, *options: str) -> Iterator[tuple[int, int]]:
    """Serve an installation over TLS on loopback; yields its port and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [
        sys.executable,
        "-m",
        "serment.app",
        "serve",
        "--data",
        str(data),
        "--port",
        str(port),
        *options,
    ]
    with (data / "server.log").open("ab") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603 - our own command
    try:
        _wait(port, server)
        yield port, server.pid
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def _wait(port: int, server: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the server did not start: see server.log in its directory")


def target(measured: Measured, port: int, pid: int) -> str:
    """Return the installation as a target of the harness."""
    files = f"/files/{measured.dossier}"
    return json.dumps({
        "name": "serment", "base": f"https://localhost:{port}", "pids": [pid],
        "headers": {"Cookie": f"__Host-serment={measured.token}", "X-Serment-Csrf": measured.proof},
        "requests": {
            "put": {"method": "PUT", "path": f"{files}/{{name}}"}, "get": {"path": f"{files}/{{name}}"},
            "list": {"path": files},
        },
    })  # fmt: skip
