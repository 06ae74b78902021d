"""One document: what it is, who sees it, what it shows, and what changed in it."""

from starlette.requests import Request
from starlette.responses import Response

from serment import access, clinical, dossier
from serment.edge.desk import Desk
from serment.edge.pages.dossiers.asked import asked_dossier, asked_entry, asked_number
from serment.edge.pages.dossiers.changes import changes_between
from serment.edge.pages.dossiers.reading import Opened, open_for_reading
from serment.edge.pages.frame import enter
from serment.edge.pages.vocabulary import KIND_WORDS, SECTION_WORDS, sign_of

_FILM = frozenset({clinical.MediaType.MP4, clinical.MediaType.WEBM_VIDEO})


class DocumentPage:
    """Reads a document; each page is one decision and one trace."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def show(self, request: Request) -> Response:
        """Show one version of a document, the current one unless the address names another."""
        opened = self._open(request, asked_number(request.query_params.get("version", "")))
        words = self._desk.pages.tongue(request).words
        said = opened.document.description
        return self._desk.pages.show(
            request, "dossier/document.html", here="patients", banner=opened.banner, opened=opened, said=said,
            kind=KIND_WORDS[said.kind], sign=sign_of(said.kind), section=SECTION_WORDS[opened.document.head.section],
            shape=shape_of(opened.media_type), sees=opened.sees(words), version=_named(opened),
            may_amend=opened.may(access.Action.AMEND), may_withdraw=opened.may(access.Action.WITHDRAW),
            may_share=opened.may(access.Action.SHARE), may_hide=opened.may_hide, may_reserve=opened.may_reserve,
        )  # fmt: skip

    def history(self, request: Request) -> Response:
        """Show what changed from each version to the next."""
        opened = self._open(request, None)
        return self._desk.pages.show(
            request, "dossier/history.html", here="patients", banner=opened.banner, opened=opened,
            steps=changes_between(opened.history), kinds=KIND_WORDS,
        )  # fmt: skip

    def _open(self, request: Request, version: int | None) -> Opened:
        caller = enter(self._desk, request)
        patient, entry = asked_dossier(request), asked_entry(request)
        with self._desk.database.recorded_reading() as uow:
            permit = dossier.decide_entry(uow, caller, access.Action.READ, patient, entry)
            return open_for_reading(uow, permit, entry, version)


def shape_of(media_type: clinical.MediaType) -> str:
    """Return how a document is shown: pages, picture, dicom, text, sound, film, or none."""
    if media_type.is_picture:
        return "picture"
    if media_type.is_sound:
        return "sound"
    if media_type in _FILM:
        return "film"
    shapes = {
        clinical.MediaType.PDF: "pages",
        clinical.MediaType.DICOM: "dicom",
        clinical.MediaType.TEXT: "text",
    }
    return shapes.get(media_type, "none")


def _named(opened: Opened) -> str:
    """Return the end of addresses that ask for the bytes of an earlier version."""
    current = opened.document.version == opened.newest.version
    return "" if current else f"?version={opened.document.version}"
