"""The page of one study, opened at one of its instances."""

import json
from dataclasses import dataclass
from datetime import date, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from serment import access, dossier, kernel
from serment.edge.desk import Desk
from serment.edge.pages.banners import banner_of
from serment.edge.pages.frame import enter
from serment.edge.shell import mark

#: Windows that radiology uses on CT, in Hounsfield units: centre and width.
CT_WINDOWS = (
    (mark("Poumon"), -600, 1500),
    (mark("Médiastin"), 40, 400),
    (mark("Abdomen"), 60, 360),
    (mark("Os"), 400, 1800),
    (mark("Cerveau"), 40, 80),
)
#: A header may claim any number of frames: so many of one instance, and of one study, are offered to look at.
MOST_FRAMES_OF_ONE = 5_000
MOST_FRAMES = 50_000


@dataclass(frozen=True)
class ShownSeries:
    """A series in the viewer's list.

    `frames` is a JSON list of the addresses of its frames, in order; `first` says at which of them it opens;
    `sample` is the instance drawn small beside its name.
    """

    number: int
    modality: str
    description: str
    count: int
    frames: str
    first: int
    chosen: bool
    sample: access.EntryId


class Viewer:
    """Shows a study; the frames come one by one, each with its own decision and trace."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def show(self, request: Request) -> Response:
        """Show the study that an instance belongs to, with all that the caller reaches of it."""
        caller = enter(self._desk, request)
        patient_id = kernel.DossierId(request.path_params["dossier"])
        entry = access.EntryId(request.path_params["entry"])
        with self._desk.database.recorded_reading() as uow:
            permit = dossier.decide_entry(uow, caller, access.Action.LIST, patient_id, entry)
            patient = dossier.identity_of(uow, permit)
            study = dossier.study_of(dossier.list_documents(uow, permit, dossier.Filter()), entry)
        if study is None:
            raise access.AccessRefused("not-an-image")
        series = shown_series(study, entry)
        return self._desk.pages.show(
            request, "imaging/viewer.html", here="patients", banner=banner_of(patient), base=f"/dossiers/{patient_id}",
            study=study, series=series, total=sum(one.count for one in series), entry=entry,
            windows=CT_WINDOWS if "CT" in study.modalities else (), made_on=day_of(study),
        )  # fmt: skip


def day_of(study: dossier.StudyLine) -> date:
    """Return the day on which the images were made; where the study does not say it, that of its document."""
    try:
        return datetime.strptime(study.date, "%Y%m%d").date()  # noqa: DTZ007 -- a day, in no zone
    except ValueError:
        return study.first.document_date


def shown_series(study: dossier.StudyLine, entry: access.EntryId) -> list[ShownSeries]:
    """Return the series of a study as the viewer lists them, opened at one instance."""
    shown: list[ShownSeries] = []
    for number, series in enumerate(study.series, start=1):
        room = MOST_FRAMES - sum(one.count for one in shown)
        shown.append(_shown(number, series, entry, room))
    return shown


def _shown(number: int, series: dossier.SeriesLine, entry: access.EntryId, room: int) -> ShownSeries:
    addresses: list[str] = []
    first = 0
    for line in series.instances:
        if line.entry == entry:
            first = len(addresses)
        claimed = max(line.image.frames if line.image is not None else 1, 1)
        frames = min(claimed, MOST_FRAMES_OF_ONE, room - len(addresses))
        addresses += [f"../documents/{line.entry}/frames/{frame}" for frame in range(frames)]
    return ShownSeries(
        number=number,
        modality=series.modality,
        description=series.description,
        count=len(addresses),
        frames=json.dumps(addresses),
        first=first,
        chosen=any(line.entry == entry for line in series.instances),
        sample=series.instances[len(series.instances) // 2].entry,
    )


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of the viewer."""
    viewer = Viewer(desk)
    return [Route("/dossiers/{dossier:uuid}/images/{entry:uuid}", viewer.show, methods=["GET"])]
