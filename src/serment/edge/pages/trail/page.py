"""The page "who looked"."""

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from serment import access, ledger, vigilance
from serment.edge.desk import Desk
from serment.edge.pages.banners import banner_of, name_of
from serment.edge.pages.dossiers.asked import asked_dossier, asked_identifier
from serment.edge.pages.dossiers.tabs import tabs_of
from serment.edge.pages.frame import enter
from serment.edge.pages.trail.lines import Visit
from serment.edge.pages.trail.reading import Names, Read, Wanted, acts_for_the_patient, read_page
from serment.edge.pages.trail.telling import BECAUSE, PURPOSES, deed_of
from serment.edge.pages.vocabulary import PROFESSION_WORDS, ROLE_WORDS, SECTION_WORDS
from serment.edge.shell import mark

QUALITIES = {
    **{role.value: word for role, word in ROLE_WORDS.items()},
    **{profession.value: word for profession, word in PROFESSION_WORDS.items()},
    "operator": mark("Exploitation du service"),
}
CATEGORIES = {section.value: word for section, word in SECTION_WORDS.items()}
_OTHERS, _ALL = "others", "all"


class TrailPage:
    """Shows the trail to the patient, to the physicians of the team and to the data protection officer."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def show(self, request: Request) -> Response:
        """Show a page of the trail; reading it is itself traced."""
        before, at = (asked_trace(request, name) for name in ("before", "at"))
        caller = enter(self._desk, request)
        with self._desk.database.recorded_reading() as uow:
            permit = access.decide(uow, caller, access.Action.READ_TRAIL, asked_dossier(request))
            view = _view(request, permit)
            read = read_page(uow, permit, Wanted(before, at, whole=view == _ALL))
        words = self._desk.pages.tongue(request).words
        base = f"/dossiers/{read.patient.dossier}"
        here = f"{base}/trail?view={view}"
        return self._desk.pages.show(
            request,
            "trail/trail.html",
            here="patients",
            banner=banner_of(read.patient),
            base=base,
            patient_name=name_of(read.patient),
            tabs=tabs_of(read.patient.dossier, read.circle, words, "trail"),
            read=read,
            own_account=caller.account,
            contest_of=lambda visit: _contest_of(read, visit),
            told_of=read.wish is access.Wish.TOLD,
            whole=view == _ALL,
            alone=at is not None,
            newer=here if before else None,
            older=f"{here}&before={read.older}" if read.older else None,
            **words_of(read.names),
        )


def _contest_of(read: Read, visit: Visit) -> vigilance.Incident | None:
    return next((one for one in read.contests if one.report.reference in visit.traces), None)


def words_of(names: Names) -> dict[str, Any]:
    """Return what templates need to tell a visit in words."""
    return {
        "names": names.people,
        "titles": names.titles,
        "places": names.places,
        "qualities": QUALITIES,
        "purposes": PURPOSES,
        "because": BECAUSE,
        "categories": CATEGORIES,
        "deed_of": deed_of,
        "whom_of": lambda trace: whom(trace, names),
        "end_of": end,
    }


def whom(trace: ledger.Trace, names: Names) -> str:
    """Return the name of the person or team that an act was about."""
    return names.people.get(trace.detail.get("account") or trace.detail.get("team", ""), "?")


def end(trace: ledger.Trace) -> datetime | None:
    """Return until when an act opened something."""
    ends = trace.detail.get("ends")
    return datetime.fromisoformat(ends) if ends else None


def _view(request: Request, permit: access.Permit) -> str:
    """Return what is shown: to the patient what others did, unless they ask for all of it."""
    asked = request.query_params.get("view", "")
    usual = _OTHERS if acts_for_the_patient(permit) else _ALL
    return asked if asked in {_OTHERS, _ALL} else usual


def asked_trace(request: Request, name: str) -> ledger.TraceId | None:
    """Return the trace that the address names under `name`; None when it names none."""
    named = asked_identifier(request.query_params.get(name, ""))
    return None if named is None else ledger.TraceId(named)
