"""The page of one study, opened at one of its instances."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from serment import access, dossier, identity, kernel
from serment.edge.desk import Desk
from serment.edge.shell import Banner, mark

Frame = Callable[[Request, identity.Caller], None]
BannerOf = Callable[[dossier.Patient], Banner]

#: Windows that radiology uses on CT, in Hounsfield units: centre and width.
CT_WINDOWS = (
    (mark("Poumon"), -600, 1500),
    (mark("Médiastin"), 40, 400),
    (mark("Abdomen"), 60, 360),
    (mark("Os"), 400, 1800),
    (mark("Cerveau"), 40, 80),
)


@dataclass(frozen=True)
class ShownSeries:
    """A series in the viewer's list: `frames` is a JSON list of the addresses of its frames, in order."""

    number: int
    modality: str
    description: str
    count: int
    frames: str
    first: int
    chosen: bool


class Viewer:
    """Shows a study; the frames come one by one, each with its own decision and trace."""

    def __init__(self, desk: Desk, frame: Frame, banner_of: BannerOf) -> None:
        self._desk = desk
        self._frame = frame
        self._banner_of = banner_of

    def show(self, request: Request) -> Response:
        """Show the study that an instance belongs to, with all that the caller reaches of it."""
        caller = self._desk.caller(request)
        patient_id = kernel.DossierId(request.path_params["dossier"])
        entry = access.EntryId(request.path_params["entry"])
        with self._desk.database.unit_of_work() as uow:
            permit = dossier.decide_entry(uow, caller, access.Action.LIST, patient_id, entry)
            patient = dossier.identity_of(uow, permit)
            wanted = dossier.Filter(sections=frozenset({access.Section.IMAGING}))
            study = dossier.study_of(dossier.list_documents(uow, permit, wanted), entry)
        if study is None:
            raise access.AccessRefused("not-an-image")
        self._frame(request, caller)
        context = {"study": study, "series": shown_series(study, entry), "entry": entry, "dossier": patient_id}
        windows = CT_WINDOWS if "CT" in study.modalities else ()
        banner = self._banner_of(patient)
        return self._desk.pages.show(request, "imaging/viewer.html", banner=banner, windows=windows, **context)


def shown_series(study: dossier.StudyLine, entry: access.EntryId) -> list[ShownSeries]:
    """Return the series of a study as the viewer lists them, opened at one instance."""
    return [_shown(number, series, entry) for number, series in enumerate(study.series, start=1)]


def _shown(number: int, series: dossier.SeriesLine, entry: access.EntryId) -> ShownSeries:
    addresses: list[str] = []
    first = 0
    for line in series.instances:
        if line.entry == entry:
            first = len(addresses)
        frames = max(line.image.frames if line.image is not None else 1, 1)
        addresses += [f"{line.entry}/frames/{frame}" for frame in range(frames)]
    chosen = any(line.entry == entry for line in series.instances)
    encoded = json.dumps([f"../documents/{address}" for address in addresses])
    return ShownSeries(number, series.modality, series.description, len(addresses), encoded, first, chosen)


def routes(desk: Desk, frame: Frame, banner_of: BannerOf) -> list[BaseRoute]:
    """Return the routes of the viewer; `frame` tells the shell who looks, `banner_of` makes the patient banner."""
    viewer = Viewer(desk, frame, banner_of)
    return [Route("/dossiers/{dossier:uuid}/images/{entry:uuid}", viewer.show, methods=["GET"])]
