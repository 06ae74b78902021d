"""A dossier as one timeline, and its images as studies."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from serment import access, dossier
from serment.edge.desk import Desk
from serment.edge.pages.banners import banner_of, name_of
from serment.edge.pages.circle import PATIENT_WORDS, Circle, circle_of
from serment.edge.pages.dossiers.asked import asked_dossier
from serment.edge.pages.dossiers.filters import family_links, read_chosen, section_links
from serment.edge.pages.dossiers.rows import TellSees, by_month, rows_of, sees_teller, study_row
from serment.edge.pages.dossiers.tabs import tabs_of
from serment.edge.pages.frame import enter
from serment.edge.shell import Banner, Words


@dataclass(frozen=True)
class Listed:
    """What one decision to list brought: the patient, the lines, and the people around."""

    patient: dossier.Patient
    lines: tuple[dossier.Line, ...]
    circle: Circle
    reads_nothing: bool
    may_open_emergency: bool

    @property
    def banner(self) -> Banner:
        """The patient, as the page shows them."""
        return banner_of(self.patient)

    def teller(self, words: Words) -> TellSees:
        """Return what says of each line who reads it."""
        return sees_teller(self.circle, words, PATIENT_WORDS[self.banner.sex])


class TimelinePage:
    """Lists of what a dossier holds; one decision each."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def show(self, request: Request) -> Response:
        """Show the timeline, or what stands in its place for those who read nothing here."""
        listed = self._list(request)
        if listed.reads_nothing:
            return self._threshold(request, listed)
        words, base = self._desk.pages.tongue(request).words, request.url.path
        rows = rows_of(base, listed.lines, listed.teller(words))
        chosen = read_chosen(request)
        kept = [row for row in rows if chosen.keeps(row)]
        return self._desk.pages.show(
            request, "dossier/timeline.html", here="patients", banner=listed.banner, base=base,
            tabs=tabs_of(listed.patient.dossier, listed.circle, words, "timeline"),
            families=family_links(base, rows, chosen, words), sections=section_links(base, rows, chosen, words),
            months=by_month(kept, words.language), shown=len(kept), empty=not rows,
            patient_name=name_of(listed.patient), may_file=_may_file(listed.circle),
            may_share=listed.circle.may(access.Action.SHARE, access.Section.CLINICAL),
            may_open_emergency=listed.may_open_emergency,
            may_amend_identity=listed.circle.may(access.Action.AMEND, access.Section.IDENTITY),
        )  # fmt: skip

    def images(self, request: Request) -> Response:
        """Show the studies of images, series by series."""
        listed = self._list(request)
        if listed.reads_nothing:
            return self._threshold(request, listed)
        words, base = self._desk.pages.tongue(request).words, f"/dossiers/{listed.patient.dossier}"
        tell = listed.teller(words)
        studies = dossier.group_images(listed.lines)
        pictures = [
            row for row in rows_of(base, listed.lines, tell) if not row.is_study and row.family == "images"
        ]
        return self._desk.pages.show(
            request, "dossier/images.html", here="patients", banner=listed.banner, base=base,
            tabs=tabs_of(listed.patient.dossier, listed.circle, words, "images"),
            studies=[(study, study_row(base, study, tell)) for study in studies], pictures=pictures,
            patient_name=name_of(listed.patient), may_file=_may_file(listed.circle),
        )  # fmt: skip

    def _list(self, request: Request) -> Listed:
        caller = enter(self._desk, request)
        with self._desk.database.recorded_reading() as uow:
            permit = access.decide(uow, caller, access.Action.LIST, asked_dossier(request))
            patient = dossier.identity_of(uow, permit)
            lines = dossier.list_documents(uow, permit, dossier.Filter(withdrawn=True))
            circle = circle_of(uow, permit)
            emergency = access.may_open_emergency(uow, caller, permit.organisation)
        nothing = frozenset(permit.reach) == {access.Section.IDENTITY}
        return Listed(patient, lines, circle, nothing, emergency)

    def _threshold(self, request: Request, listed: Listed) -> Response:
        return self._desk.pages.show(
            request, "dossier/threshold.html", here="patients", banner=listed.banner,
            base=f"/dossiers/{listed.patient.dossier}", patient_name=name_of(listed.patient),
            in_team=listed.circle.relation is access.Relation.CARE_TEAM,
            may_open_emergency=listed.may_open_emergency, may_file=_may_file(listed.circle),
            may_amend_identity=listed.circle.may(access.Action.AMEND, access.Section.IDENTITY),
        )  # fmt: skip


def _may_file(circle: Circle) -> bool:
    return circle.may(access.Action.FILE, access.Section.CLINICAL)
