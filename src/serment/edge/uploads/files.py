"""One request, one document: for short files and for programs.

The sender chooses a reference (letters, digits, `.`, `_`, `-`); sending it again files nothing twice (DUR-04).
"""

from datetime import date
from functools import partial
from uuid import UUID, uuid5

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from serment import access, dossier, identity, kernel, vault
from serment.edge.desk import Desk
from serment.edge.uploads.bench import Bench
from serment.edge.uploads.metadata import read_draft
from serment.edge.uploads.receiving import take_in
from serment.edge.uploads.serving import leaving, serve
from serment.edge.uploads.watch import Matter, reading_of, watch_session


class Files:
    """The documents of one dossier, by the references under which they were sent."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._bench = Bench()

    async def put(self, request: Request) -> Response:
        """File the body as a document: 201, or 200 when that reference was filed before."""
        declared = int(request.headers.get("content-length", "0") or 0)
        if declared > self._desk.most_upload_bytes:
            raise dossier.UploadTooLarge(str(self._desk.most_upload_bytes))
        try:
            caller, reception = await run_in_threadpool(self._plan, request)
        except dossier.AlreadyFiled as filed:
            return JSONResponse({"entry": str(filed)}, 200)
        patient = kernel.DossierId(request.path_params["dossier"])
        watch = watch_session(self._desk, request, Matter(access.Action.FILE, patient))
        try:
            whole = await take_in(request, reception, self._desk.most_upload_bytes, watch)
            await watch.look_now()
        except BaseException:
            await run_in_threadpool(reception.discard)
            raise
        if not whole:
            return await self._gone(reception)
        document = await self._bench.run(partial(self._conclude, caller, reception))
        return JSONResponse({"entry": str(document.head.id), "version": document.version}, 201)

    def get(self, request: Request) -> Response:
        """Answer with the document that was sent under a reference."""
        caller = self._desk.caller(request)
        patient, entry = _named(request, caller)
        with self._desk.database.recorded_reading() as uow:
            permit = dossier.decide_entry(uow, caller, access.Action.READ, patient, entry)
            content = dossier.open_content(uow, permit, entry, choose=leaving(request))
        watch = watch_session(self._desk, request, reading_of(content.document))
        return serve(request, content, watch)

    def list(self, request: Request) -> Response:
        """Answer with every document of the dossier that the caller reaches, newest first."""
        caller = self._desk.caller(request)
        patient = kernel.DossierId(request.path_params["dossier"])
        with self._desk.database.recorded_reading() as uow:
            permit = access.decide(uow, caller, access.Action.LIST, patient)
            lines = dossier.list_documents(uow, permit, dossier.Filter())
        return JSONResponse({"documents": [_shown(line) for line in lines]})

    def _plan(self, request: Request) -> tuple[identity.Caller, dossier.Reception]:
        caller = self._desk.caller(request)
        patient, entry = _named(request, caller)
        draft = read_draft(request, self._today())
        with self._desk.database.recorded_reading() as uow:
            filing = dossier.plan_filing(uow, caller, patient, draft, entry)
            return caller, dossier.Reception(uow.part(vault.ObjectStore), filing)

    def _conclude(self, caller: identity.Caller, reception: dossier.Reception) -> dossier.Document:
        """File what came; its parts are taken away only where it is sure that no document stands for them.

        It is not sure when the database went away, nor when whoever waits for this thread is told to stop.
        """
        try:
            reception.flush()
            return dossier.conclude(self._desk.database, caller, reception)
        except kernel.StoreUnavailable:
            raise
        except Exception:
            reception.discard()
            raise

    async def _gone(self, reception: dossier.Reception) -> Response:
        await run_in_threadpool(reception.discard)
        return Response(status_code=400)

    def _today(self) -> date:
        return self._desk.database.clock.now().date()


def _named(request: Request, caller: identity.Caller) -> tuple[kernel.DossierId, access.EntryId]:
    """Return the dossier, and the entry that this caller's reference stands for in it."""
    patient: UUID = request.path_params["dossier"]
    reference = f"{caller.account}/{request.path_params['reference']}"
    return kernel.DossierId(patient), access.EntryId(uuid5(patient, reference))


def _shown(line: dossier.Line) -> dict[str, str | int | bool]:
    return {
        "entry": line.entry_text, "version": line.version, "title": line.title, "kind": line.kind.value,
        "section": line.section.value, "date": line.day_text, "recorded_at": line.recorded_text,
        "author": line.author_name, "media_type": line.media_type, "size_bytes": line.size_bytes,
        "added_by_patient": line.added_by_patient,
    }  # fmt: skip
