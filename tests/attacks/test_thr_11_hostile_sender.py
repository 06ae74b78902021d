"""THR-11: somebody who sends what nobody sends: at the wrong moment, with the wrong name, to the wrong place."""

import asyncio
import json
import threading
import time
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient
from starlette.types import Message
from typing_extensions import override

from serment import clinical, dossier, kernel
from serment.dossier.filing import store
from serment.dossier.filing.uploads import KEPT, TURN
from serment.edge.desk import Desk
from serment.edge.pages.imaging.viewer import MOST_FRAMES, shown_series
from serment.edge.uploads.files import Files
from support.apart import run_apart
from support.dossier import PDF, House, PlainWorkbench
from support.edge import SignIn
from support.identity import open_session_of
from support.vault import part_files

DRAFT = dossier.Draft("Bilan", clinical.DocumentKind.LETTER, date(2026, 3, 10), "bilan.txt")
LETTER = b"canary-of-a-letter " * 2000


@dataclass
class SlowWorkbench(PlainWorkbench):
    """Looks into content until it is told to be done."""

    begun: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)

    @override
    def inspect(self, media_type: str, source: clinical.RandomReader, size: int) -> dossier.Findings:
        self.begun.set()
        assert self.done.wait(30)
        return dossier.Findings()

    @override
    def draw(self, media_type: str, content: bytes, *, page: int, side: int) -> dossier.Drawing:
        self.begun.set()
        assert self.done.wait(30)
        raise dossier.PreviewUnavailable("not-here")

    @override
    def frame(self, content: bytes, number: int) -> bytes:
        self.begun.set()
        assert self.done.wait(30)
        raise dossier.PreviewUnavailable("not-here")


def _put(house: House, desk: Desk, reference: str, body: bytes) -> Request:
    with house.database.unit_of_work() as uow:
        opened = open_session_of(uow, house.physician.account)
    cookie = f"{desk.pages.cookies.name('session')}={opened.token}"

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {
        "type": "http", "method": "PUT", "path": f"/files/{house.martin}/{reference}", "query_string": b"",
        "headers": [(b"cookie", cookie.encode())], "path_params": {"dossier": house.martin, "reference": reference},
    }  # fmt: skip
    return Request(scope, receive)


def test_document_filed_while_its_request_is_told_to_stop_keeps_its_bytes(
    house: House, desk: Desk, part_directory: Path
) -> None:
    """A server that stops gives up requests, not the threads behind them: the document may be filed all the same.

    Its bytes must then be there, or the next attempt would be told that it came through long ago (O5).
    """
    workbench = SlowWorkbench()
    house.database.put_beside(workbench, dossier.Workbench)

    async def send_and_stop() -> None:
        sending = asyncio.create_task(Files(desk).put(_put(house, desk, "lettre-1", PDF)))
        await asyncio.to_thread(workbench.begun.wait, 20)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        workbench.done.set()

    run_apart(send_and_stop())

    line = _first_line(house)
    assert house.read(house.physician, line.entry) == PDF
    assert len(part_files(part_directory)) == 1


@pytest.mark.parametrize("asked", ["preview/0", "frames/0"])
def test_content_that_is_slow_to_draw_keeps_nobody_else_waiting(
    house: House, client_for: SignIn, asked: str
) -> None:
    """Somebody asks for as many drawings as the server has threads, and more."""
    workbench = SlowWorkbench()
    house.database.put_beside(workbench, dossier.Workbench)
    path = f"/dossiers/{house.martin}/documents/{house.file(b'short').head.id}/{asked}"
    client = client_for(house.physician)

    async def ask_for_many() -> int:
        drawings = [asyncio.create_task(_status(client, path)) for _ in range(60)]
        await asyncio.to_thread(workbench.begun.wait, 20)
        await asyncio.sleep(1)
        try:
            return await asyncio.wait_for(_status(client, "/account/security"), 10)
        finally:
            workbench.done.set()
            await asyncio.gather(*drawings)

    assert run_apart(ask_for_many()) == 200


async def _status(client: TestClient, path: str) -> int:
    """Ask as a browser does, many at once in one loop, which the client itself cannot."""
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    scope = {
        "type": "http", "method": "GET", "path": path, "query_string": b"", "scheme": "https",
        "headers": [(b"host", b"localhost"), (b"cookie", cookies.encode())],
    }  # fmt: skip
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        said.append(message)

    await client.app(scope, receive, send)
    return int(said[0]["status"])


@dataclass
class CredulousWorkbench(PlainWorkbench):
    """Believes what the header of an image says of the number of its frames."""

    images: int = 0

    @override
    def inspect(self, media_type: str, source: clinical.RandomReader, size: int) -> dossier.Findings:
        self.images += 1
        return dossier.Findings(
            dicom=clinical.DicomInstance(
                "1.2.3", f"1.2.3.{self.images % 3}", f"1.2.3.4.{self.images}", rows=1, columns=1, frames=10**6
            )
        )


def test_image_that_claims_a_million_frames_is_listed_within_bounds(house: House) -> None:
    """A kilobyte may claim two thousand million of them: the page that lists them took all the server's memory."""
    house.database.put_beside(CredulousWorkbench(), dossier.Workbench)
    entry = [house.file(bytes(128) + b"DICM") for _ in range(12)][-1].head.id
    study = dossier.study_of(house.lines(house.physician), entry)
    assert study is not None

    series = shown_series(study, entry)

    assert sum(one.count for one in series) == MOST_FRAMES
    assert all(len(json.loads(one.frames)) == one.count for one in series)


def _first_line(house: House) -> dossier.Line:
    """Wait for the document that a thread is filing."""
    for _ in range(400):
        if lines := house.lines(house.physician):
            return lines[0]
        time.sleep(0.05)
    raise AssertionError("nothing was filed")


@pytest.mark.parametrize("by", ["sender", "expiry"])
def test_upload_given_up_while_it_is_filed_keeps_its_bytes(
    house: House, clock: kernel.SettableClock, part_directory: Path, by: str
) -> None:
    """Whoever gives it up read it unfiled; by the time it is deleted, its parts belong to a document (O5)."""
    upload = _sent(house)

    def give_up() -> None:
        if by == "sender":
            dossier.discard_upload(house.database, house.physician, upload.id)
        else:
            dossier.discard_expired(house.database)

    giving_up = threading.Thread(target=give_up)
    with house.database.unit_of_work() as uow:
        assert store.mark_filed(uow, upload.id)
        if by == "expiry":
            clock.advance(KEPT + TURN)
        giving_up.start()
        time.sleep(0.5)
    giving_up.join(20)

    assert len(part_files(part_directory)) == 1


def _sent(house: House) -> dossier.Upload:
    with house.database.unit_of_work() as uow:
        filing = dossier.plan_filing(uow, house.physician, house.martin, DRAFT)
        upload = dossier.begin_upload(uow, house.physician, filing, len(LETTER), most_bytes=2**30)
    reception = dossier.resume_upload(house.database, house.physician, upload.id, 0)
    reception.write(memoryview(LETTER))
    reception.flush()
    dossier.keep_progress(house.database, upload.id, reception, 0)
    return upload


def test_file_name_holds_nothing_that_shows_it_as_another(house: House, client_for: SignIn) -> None:
    """Signs that turn the direction of writing make an `exe` look like a `pdf`; ends of line look like headers."""
    name = "bilan\u202efdp.exe\r\nSet-Cookie: a=b"
    client = client_for(house.physician)
    said = f"filename {b64encode(name.encode()).decode()}"

    entry = client.put(f"/files/{house.martin}/r", content=LETTER, headers={"upload-metadata": said}).json()
    answer = client.get(f"/dossiers/{house.martin}/documents/{entry['entry']}/content")

    shown = quote("bilan fdp.exe Set-Cookie: a=b", safe="")
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{shown}"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("what", ["preview", "frames"])
@pytest.mark.parametrize("number", ["9" * 7, "9" * 5000])
def test_page_that_no_document_has_is_absent(
    house: House, client_for: SignIn, what: str, number: str
) -> None:
    """Five thousand digits are more than Python takes for a number."""
    entry = house.file().head.id

    answer = client_for(house.physician).get(f"/dossiers/{house.martin}/documents/{entry}/{what}/{number}")

    assert answer.status_code == 404


def test_drawing_that_nobody_asked_for_is_refused(house: House, client_for: SignIn) -> None:
    """What comes back in the form of an enrolment is drawn again: of whatever length, by anybody."""
    client = client_for(house.physician)
    names = ("token", "name", "login", "seed", "challenge", "options", "password")
    form = {**dict.fromkeys(names, "a"), "uri": "x" * 3999, "again": "another"}

    assert client.post("/enrol/complete", data=form).status_code == 403
