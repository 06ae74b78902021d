"""Documents of one patient, and their bytes; each request is one decision and its traces."""

from base64 import b64encode
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from serment import access, dossier, kernel
from serment.edge.desk import Desk
from serment.edge.fhir.asking import accepted_types, insist_on_json, page_in, parameters, patient_in
from serment.edge.fhir.entering import enter
from serment.edge.fhir.errors import FormatRefused
from serment.edge.fhir.resources import Resource, answer, bundle, document_resource, listed_resource
from serment.edge.shell import FHIR_JSON
from serment.edge.uploads.serving import leaving, serve
from serment.edge.uploads.watch import reading_of, watch_rights

#: Bytes are written into JSON up to here; larger ones are asked for as they are.
LARGEST_IN_JSON_BYTES = 4 * 1024 * 1024


class Documents:
    """DocumentReference: `read` and `search-type` by patient. Binary: `read`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._base = f"{desk.entrance.relying_party.origin}/fhir"

    def read(self, request: Request) -> Response:
        """Answer with the newest version of one document's description."""
        caller = enter(self._desk, request)
        insist_on_json(request)
        entry = access.EntryId(request.path_params["entry"])
        with self._desk.database.recorded_reading() as uow:
            permit = dossier.decide_named_entry(uow, caller, access.Action.READ, entry)
            document = dossier.open_document(uow, permit, entry)
        return answer(document_resource(document, self._base))

    def search(self, request: Request) -> Response:
        """Answer with a page of the documents of one patient, the newest first."""
        caller = enter(self._desk, request)
        insist_on_json(request)
        said = parameters(request, "patient")
        asked, (begin, size) = patient_in(said), page_in(said)
        with self._desk.database.recorded_reading() as uow:
            permit = access.decide(uow, caller, access.Action.LIST, asked)
            lines = dossier.list_documents(uow, permit, dossier.Filter())
        page = [listed_resource(line, asked, self._base) for line in lines[begin : begin + size]]
        return answer(bundle(page, len(lines), self._links(asked, begin, size, len(lines)), self._base))

    def content(self, request: Request) -> Response:
        """Answer with the bytes of one version of a document, or with them inside JSON for whoever insists on FHIR."""
        caller = enter(self._desk, request)
        entry, version = _named(request.path_params["binary"])
        with self._desk.database.recorded_reading() as uow:
            permit = dossier.decide_named_entry(uow, caller, access.Action.READ, entry)
            content = dossier.open_content(uow, permit, entry, version, choose=_leaving(request))
        if FHIR_JSON in accepted_types(request):
            return JSONResponse(_in_json(request, content), media_type=FHIR_JSON)
        watch = watch_rights(self._desk, caller, reading_of(content.document))
        return serve(request, content, watch)

    def _links(self, patient: kernel.DossierId, begin: int, size: int, total: int) -> dict[str, str]:
        """Return the addresses of this page and of its neighbours: identifiers and numbers, nothing else."""
        links = {"self": self._page(patient, begin, size)}
        if size and begin + size < total:
            links["next"] = self._page(patient, begin + size, size)
        if begin:
            links["previous"] = self._page(patient, max(begin - size, 0), size)
        return links

    def _page(self, patient: kernel.DossierId, begin: int, size: int) -> str:
        said = {"patient": str(patient), "_count": size, "_offset": begin}
        return f"{self._base}/DocumentReference?{urlencode(said)}"


def _named(written: str) -> tuple[access.EntryId, int]:
    """Return the entry and the version that a Binary's identifier names: `<entry>.<version>`.

    Raises:
        AccessRefused: it is no identifier of ours.
    """
    entry, _, version = written.partition(".")
    if not (version.isascii() and version.isdigit() and len(version) < 10):  # noqa: PLR2004 - below 2**31
        raise access.AccessRefused("no-such-entry")
    try:
        return access.EntryId(UUID(entry)), int(version)
    except ValueError:
        raise access.AccessRefused("no-such-entry") from None


def _leaving(request: Request) -> dossier.Choice:
    """Return how to tell which bytes will leave: those of a range, or inside JSON all of them or none."""
    if FHIR_JSON not in accepted_types(request):
        return leaving(request)

    def choose(content: dossier.ServedContent) -> dossier.Span:
        fits = content.size_bytes <= LARGEST_IN_JSON_BYTES
        return dossier.Span(0, content.size_bytes if fits else 0)

    return choose


def _in_json(request: Request, content: dossier.ServedContent) -> Resource:
    if content.size_bytes > LARGEST_IN_JSON_BYTES:
        raise FormatRefused("size")
    return {
        "resourceType": "Binary",
        "id": request.path_params["binary"],
        "contentType": content.media_type.value,
        "data": b64encode(content.whole()).decode(),
    }
