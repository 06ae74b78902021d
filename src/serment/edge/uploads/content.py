"""A document's bytes, and what can be drawn of them, for people in front of a page."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from serment import access, dossier, kernel
from serment.edge.desk import Desk
from serment.edge.uploads.bench import Bench
from serment.edge.uploads.serving import leaving, serve
from serment.edge.uploads.watch import reading_of, watch_session

FRAME_TYPE = "application/vnd.serment.frame"
LARGEST_SIDE_PIXELS = 1600


class Contents:
    """Serves contents, previews and DICOM frames; each request is one decision, and a trace of the bytes it opens."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._bench = Bench()

    def whole(self, request: Request) -> Response:
        """Answer with the bytes of a document, or a range of them."""
        content = self._open(request, leaving(request))
        watch = watch_session(self._desk, request, reading_of(content.document))
        return serve(request, content, watch)

    async def preview(self, request: Request) -> Response:
        """Answer with a drawing of one page or image, counted from 0, made in a confined process."""
        return await self._bench.run(partial(self._preview, request))

    async def frame(self, request: Request) -> Response:
        """Answer with the pixels of one DICOM frame, for the viewer."""
        return await self._bench.run(partial(self._frame, request))

    def _preview(self, request: Request) -> Response:
        content = self._open(request, dossier.to_draw)
        page, side = request.path_params["page"], _side(request)
        drawn = self._workbench().draw(content.media_type.value, content.whole(), page=page, side=side)
        return Response(drawn.content, media_type=drawn.media_type)

    def _frame(self, request: Request) -> Response:
        content = self._open(request, dossier.to_draw)
        pixels = self._workbench().frame(content.whole(), request.path_params["frame"])
        return Response(pixels, media_type=FRAME_TYPE)

    def _open(self, request: Request, choose: dossier.Choice) -> dossier.ServedContent:
        caller = self._desk.caller(request)
        patient = kernel.DossierId(request.path_params["dossier"])
        entry = access.EntryId(request.path_params["entry"])
        version = request.query_params.get("version", "")
        number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None  # noqa: PLR2004 - below 2**31
        with self._desk.database.recorded_reading() as uow:
            permit = dossier.decide_entry(uow, caller, access.Action.READ, patient, entry)
            return dossier.open_content(uow, permit, entry, number, choose=choose)

    def _workbench(self) -> dossier.Workbench:
        with self._desk.database.reading() as uow:
            return uow.part(dossier.Workbench)  # type: ignore[type-abstract] # the part app put there as the port's


def _side(request: Request) -> int:
    asked = request.query_params.get("side", "")
    wanted = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else LARGEST_SIDE_PIXELS  # noqa: PLR2004 - five digits are enough
    return max(64, min(wanted, LARGEST_SIDE_PIXELS))
