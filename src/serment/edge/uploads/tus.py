"""Resumable uploads: tus 1.0 with creation, creation-with-upload, creation-defer-length, termination, expiration.

An offset that we tell counts durable bytes only: what was acknowledged survives a crash (O5).
"""

from email.utils import format_datetime
from functools import partial
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from serment import access, dossier, identity, kernel
from serment.edge.desk import Desk
from serment.edge.uploads.bench import Bench
from serment.edge.uploads.errors import LengthMissing, ProtocolUnknown, TypeRefused
from serment.edge.uploads.metadata import read_draft
from serment.edge.uploads.receiving import take_in
from serment.edge.uploads.watch import Matter, watch_session

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,creation-defer-length,termination,expiration"
OFFSET_STREAM = "application/offset+octet-stream"


class Tus:
    """The uploads of signed-in people into dossiers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._bench = Bench()

    async def options(self, request: Request) -> Response:  # noqa: ARG002 - every handler is given the request
        """Say what this server speaks."""
        most = str(self._desk.most_upload_bytes)
        return _answer(204, {"tus-version": VERSION, "tus-extension": EXTENSIONS, "tus-max-size": most})

    async def create(self, request: Request) -> Response:
        """Open an upload into a dossier; bytes may come with the request."""
        _insist_on_version(request)
        length = _declared_length(request)
        if length == 0:
            raise dossier.DocumentRefused("content")
        caller = await run_in_threadpool(self._desk.caller, request)
        upload = await run_in_threadpool(self._begin, request, caller, length)
        headers = {
            "location": f"/uploads/{upload.id}",
            "upload-expires": _http_date(upload),
            **_document(upload),
        }
        if request.headers.get("content-type") == OFFSET_STREAM:
            offset = await self._receive(request, caller, upload)
            return _answer(201, {**headers, "upload-offset": str(offset)})
        return _answer(201, headers)

    def state(self, request: Request) -> Response:
        """Say how many bytes are durable."""
        _insist_on_version(request)
        upload = self._state(request, self._desk.caller(request))
        length = (
            {"upload-length": str(upload.length)}
            if upload.length is not None
            else {"upload-defer-length": "1"}
        )
        return _answer(
            200, {"upload-offset": str(upload.offset), "upload-expires": _http_date(upload), **length}
        )

    async def patch(self, request: Request) -> Response:
        """Take more bytes; when the last one is durable, the document is in the dossier."""
        _insist_on_version(request)
        if request.headers.get("content-type") != OFFSET_STREAM:
            raise TypeRefused
        caller = await run_in_threadpool(self._desk.caller, request)
        upload = await run_in_threadpool(self._state, request, caller)
        if upload.length is None and (length := _declared_length(request)) is not None:
            upload = await run_in_threadpool(self._set_length, caller, upload, length)
        offset = await self._receive(request, caller, upload)
        return _answer(204, {"upload-offset": str(offset), "upload-expires": _http_date(upload)})

    def terminate(self, request: Request) -> Response:
        """Give an upload up."""
        _insist_on_version(request)
        dossier.discard_upload(
            self._desk.database, self._desk.caller(request), _upload_id(request.path_params["upload"])
        )
        return _answer(204, {})

    async def _receive(self, request: Request, caller: identity.Caller, upload: dossier.Upload) -> int:
        """Take a body in from where the upload stands, part by part; return where it stands then."""
        if upload.filed and request.headers.get("upload-offset") == str(upload.offset):
            return upload.offset
        database, kept = self._desk.database, 0
        offset = _declared_offset(request)
        reception = await run_in_threadpool(dossier.resume_upload, database, caller, upload.id, offset)
        kept = len(reception.parts)

        async def keep() -> None:
            """Note what is durable; what is whole is noted by being filed (see `_file`)."""
            nonlocal kept
            if reception.size != upload.length:
                kept = await run_in_threadpool(dossier.keep_progress, database, upload.id, reception, kept)

        most = self._desk.most_upload_bytes if upload.length is None else upload.length
        watch = watch_session(self._desk, request, Matter(access.Action.FILE, upload.dossier))
        try:
            await take_in(request, reception, most, watch, keep)
            await watch.look_now()
            await run_in_threadpool(_flush_something, reception)
            await keep()
            if reception.size == upload.length:
                await self._file(caller, upload, reception, kept)
        finally:
            await run_in_threadpool(self._leave, upload, reception)
        return reception.size

    async def _file(
        self, caller: identity.Caller, upload: dossier.Upload, reception: dossier.Reception, kept: int
    ) -> None:
        """File what is whole; note its last bytes only when that fails.

        Noted before, a crash in between would leave an upload that its sender sees complete and nobody files.
        """
        try:
            await self._bench.run(partial(self._conclude, caller, upload, reception))
        except Exception:
            await run_in_threadpool(dossier.keep_progress, self._desk.database, upload.id, reception, kept)
            raise

    def _begin(self, request: Request, caller: identity.Caller, length: int | None) -> dossier.Upload:
        patient = kernel.DossierId(request.path_params["dossier"])
        draft = read_draft(request, self._desk.database.clock.now().date())
        with self._desk.database.unit_of_work() as uow:
            filing = dossier.plan_filing(uow, caller, patient, draft)
            return dossier.begin_upload(uow, caller, filing, length, most_bytes=self._desk.most_upload_bytes)

    def _state(self, request: Request, caller: identity.Caller) -> dossier.Upload:
        with self._desk.database.reading() as uow:
            return dossier.upload_state(uow, caller, _upload_id(request.path_params["upload"]))

    def _set_length(self, caller: identity.Caller, upload: dossier.Upload, length: int) -> dossier.Upload:
        with self._desk.database.unit_of_work() as uow:
            return dossier.set_length(uow, caller, upload.id, length, most_bytes=self._desk.most_upload_bytes)

    def _conclude(
        self, caller: identity.Caller, upload: dossier.Upload, reception: dossier.Reception
    ) -> None:
        dossier.conclude(self._desk.database, caller, reception, upload=upload.id)

    def _leave(self, upload: dossier.Upload, reception: dossier.Reception) -> None:
        reception.abandon()
        dossier.leave_upload(self._desk.database, upload.id)


def _flush_something(reception: dossier.Reception) -> None:
    if reception.size:
        reception.flush()


def _insist_on_version(request: Request) -> None:
    if request.headers.get("tus-resumable") != VERSION:
        raise ProtocolUnknown


def _declared_length(request: Request) -> int | None:
    declared = request.headers.get("upload-length")
    if declared is None:
        if request.headers.get("upload-defer-length") == "1" or request.method == "PATCH":
            return None
        raise LengthMissing
    return _number(declared)


def _declared_offset(request: Request) -> int:
    return 0 if request.method == "POST" else _number(request.headers.get("upload-offset", ""))


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):  # noqa: PLR2004 - below 2**63
        raise LengthMissing
    return int(text)


def _document(upload: dossier.Upload) -> dict[str, str]:
    """Say where the document will be once it is in the dossier."""
    return {"serment-document": f"/dossiers/{upload.dossier}/documents/{upload.entry}"}


def _upload_id(upload: UUID) -> dossier.UploadId:
    return dossier.UploadId(upload)


def _http_date(upload: dossier.Upload) -> str:
    return format_datetime(upload.expires_at, usegmt=True)


def _answer(status: int, headers: dict[str, str]) -> Response:
    return Response(None, status, {"tus-resumable": VERSION, **headers})
