"""A physician who is signed in to a real server, and speaks to it over a plain socket, politely or not."""

import http.client
import json
import shutil
import socket
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from email.message import Message
from pathlib import Path
from urllib.parse import urlsplit

from serment import identity, kernel
from serment.app.settings import read_settings
from serment.app.wiring import COOKIES, opened
from serment.edge.shell.csrf import session_seed_of
from serment.edge.shell.signing import Signer
from support.identity import open_session_of
from support.installation import ORIGIN, SmallInstallation, make_small_installation

TUS = {"tus-resumable": "1.0.0"}
STREAM = {**TUS, "content-type": "application/offset+octet-stream"}
ANSWER_SECONDS = 90


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Message
    body: bytes

    def json(self) -> dict[str, object]:
        """Return the body, which is a JSON object."""
        found: dict[str, object] = json.loads(self.body)
        return found


@dataclass(frozen=True)
class Prepared:
    """An installation on a disk, and what its physician shows to be let in."""

    small: SmallInstallation
    token: str
    proof: str

    @property
    def data(self) -> Path:
        """Where it is."""
        return self.small.data

    @property
    def dossier(self) -> kernel.DossierId:
        """The dossier of its one patient."""
        return self.small.dossier_id

    def copy_to(self, folder: Path) -> "Prepared":
        """Return a copy that may be filled and broken."""
        return replace(self, small=replace(self.small, data=shutil.copytree(self.data, folder)))


#: Of one installation, copies are tried until the last test of a run.
_ALL_DAY = identity.SessionLimits(idle_professional=timedelta(hours=12))


def prepare_visit(data: Path) -> Prepared:
    """Make a small installation whose physician is signed in."""
    small = make_small_installation(data)
    with opened(read_settings(data), ORIGIN) as installation:
        with installation.rows.unit_of_work() as uow:
            session = open_session_of(uow, small.documents[0].description.author, limits=_ALL_DAY)
        proof = Signer(installation.keyring.secret(COOKIES)).proof("csrf", session_seed_of(session.token))
    return Prepared(small, session.token, proof)


class Visitor:
    """Sends requests as the physician; a connection that the server closed is opened again."""

    def __init__(self, origin: str, prepared: Prepared) -> None:
        parts = urlsplit(origin)
        self.address = (parts.hostname or "localhost", parts.port or 80)
        self.dossier = prepared.dossier
        self.headers = {
            "cookie": f"serment={prepared.token}",
            "x-serment-csrf": prepared.proof,
            "accept": "application/json",
        }
        self._connection: http.client.HTTPConnection | None = None

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """Send one request and read its answer whole."""
        said = {**self.headers, **(headers or {})}
        for attempt in (1, 2):
            connection = self._connection or http.client.HTTPConnection(*self.address, timeout=ANSWER_SECONDS)
            fresh, self._connection = self._connection is None, connection
            try:
                connection.request(method, path, body, said)
                answer = connection.getresponse()
                return Answer(answer.status, answer.headers, answer.read())
            except (http.client.RemoteDisconnected, ConnectionError):
                self.leave()
                if fresh or attempt == 2:
                    raise
        raise AssertionError("unreachable")

    def put(self, reference: str, content: bytes, **metadata: str) -> Answer:
        """File a document in one request."""
        said = {"upload-metadata": metadata_of(**metadata)} if metadata else {}
        return self.ask("PUT", f"/files/{self.dossier}/{reference}", content, said)

    def begin(self, length: int, **metadata: str) -> str:
        """Open an upload by tus; return its address."""
        said = {**TUS, "upload-length": str(length), "upload-metadata": metadata_of(**metadata)}
        answer = self.ask("POST", f"/uploads/dossiers/{self.dossier}", b"", said)
        assert answer.status == 201, answer.body
        return str(answer.headers["location"])

    def offset(self, upload: str) -> int:
        """Return how many bytes of an upload are durable."""
        answer = self.ask("HEAD", upload, headers=TUS)
        assert answer.status == 200, answer.status
        return int(answer.headers["upload-offset"])

    def send(self, upload: str, offset: int, content: bytes) -> Answer:
        """Send bytes of an upload."""
        return self.ask("PATCH", upload, content, {**STREAM, "upload-offset": str(offset)})

    def document(self, entry: str) -> str:
        """Return the address of a document."""
        return f"/dossiers/{self.dossier}/documents/{entry}"

    def content(self, entry: str, **headers: str) -> bytes:
        """Return the bytes of a document."""
        answer = self.ask("GET", f"{self.document(entry)}/content", headers=headers)
        assert answer.status in {200, 206}, (answer.status, answer.body[:300])
        return answer.body

    def entries(self) -> dict[str, dict[str, object]]:
        """Return what the list of the dossier shows, by entry."""
        answer = self.ask("GET", f"/files/{self.dossier}")
        assert answer.status == 200, answer.body
        lines: list[dict[str, object]] = json.loads(answer.body)["documents"]
        return {str(line["entry"]): line for line in lines}

    def socket(self, timeout: float = 60) -> socket.socket:
        """Open a bare connection."""
        return socket.create_connection(self.address, timeout=timeout)

    def leave(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@contextmanager
def visiting(origin: str, prepared: Prepared) -> Iterator[Visitor]:
    """Let the physician in until the block ends."""
    visitor = Visitor(origin, prepared)
    try:
        yield visitor
    finally:
        visitor.leave()


def metadata_of(**pairs: str) -> str:
    """Write metadata as tus 1.0 does."""
    return ",".join(f"{name} {b64encode(value.encode()).decode()}" for name, value in pairs.items())


def tree_of(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    found, at = [pid], 0
    while at < len(found):
        for children in Path(f"/proc/{found[at]}/task").glob("*/children"):
            try:
                found += [int(child) for child in children.read_text().split()]
            except OSError:
                continue
        at += 1
    return found


def memory_of(pid: int) -> float:
    """Return the memory of a process and its children, in megabytes: proportional set size, shared pages shared."""
    total = 0
    for each in tree_of(pid):
        try:
            lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024
