"""The page "who looked"."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from serment import access, dossier, identity, kernel, ledger
from serment.edge.desk import Desk
from serment.edge.pages.banners import banner_of, name_of
from serment.edge.pages.circle import Circle, circle_of
from serment.edge.pages.dossiers.asked import asked_dossier
from serment.edge.pages.dossiers.tabs import tabs_of
from serment.edge.pages.frame import enter
from serment.edge.pages.trail.lines import lines_of
from serment.edge.pages.trail.telling import BECAUSE, PURPOSES, deed_of
from serment.edge.pages.vocabulary import PROFESSION_WORDS, ROLE_WORDS
from serment.edge.shell import mark

_PAGE = 200
_QUALITIES = {
    **{role.value: word for role, word in ROLE_WORDS.items()},
    **{profession.value: word for profession, word in PROFESSION_WORDS.items()},
    "operator": mark("Exploitation du service"),
}


@dataclass(frozen=True)
class Read:
    """A page of the trail, with the names of everybody in it and the titles of the documents one lists."""

    patient: dossier.Patient
    circle: Circle
    recorded: tuple[ledger.RecordedTrace, ...]
    names: dict[str, str]
    titles: dict[str, str]
    places: dict[kernel.OrganisationId, str]


class TrailPage:
    """Shows the trail to the patient, to the physicians of the team and to the data protection officer."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def show(self, request: Request) -> Response:
        """Show a page of the trail; reading it is itself traced."""
        read, before = self._read(request), request.query_params.get("before")
        words = self._desk.pages.tongue(request).words
        base = f"/dossiers/{read.patient.dossier}"
        full = len(read.recorded) == _PAGE
        return self._desk.pages.show(
            request,
            "trail/trail.html",
            here="patients",
            banner=banner_of(read.patient),
            base=base,
            patient_name=name_of(read.patient),
            tabs=tabs_of(read.patient.dossier, read.circle, words, "trail"),
            lines=lines_of(read.recorded),
            names=read.names,
            titles=read.titles,
            places=read.places,
            qualities=_QUALITIES,
            purposes=PURPOSES,
            because=BECAUSE,
            deed_of=deed_of,
            whom_of=lambda trace: _whom(trace, read.names),
            end_of=_end,
            own=read.circle.relation is access.Relation.PATIENT,
            newer=f"{base}/trail" if before else None,
            older=f"{base}/trail?before={read.recorded[-1].id}" if full else None,
        )

    def _read(self, request: Request) -> Read:
        caller, before = enter(self._desk, request), _trace_id(request.query_params.get("before", ""))
        with self._desk.database.recorded_reading() as uow:
            permit = access.decide(uow, caller, access.Action.READ_TRAIL, asked_dossier(request))
            recorded = access.read_trail(uow, permit, limit=_PAGE, before=before)
            circle = circle_of(uow, permit)
            return Read(
                patient=dossier.identity_of(uow, permit),
                circle=circle,
                recorded=recorded,
                names=_names(uow, recorded, permit.organisation),
                titles=_titles(uow, circle, permit.dossier),
                places=_places(uow, recorded),
            )


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the route of the trail."""
    return [Route("/dossiers/{dossier:uuid}/trail", TrailPage(desk).show, methods=["GET"])]


def _trace_id(text: str) -> ledger.TraceId | None:
    try:
        return ledger.TraceId(UUID(text)) if text else None
    except ValueError:
        return None


def _names(
    uow: kernel.UnitOfWork, recorded: Sequence[ledger.RecordedTrace], organisation: kernel.OrganisationId
) -> dict[str, str]:
    """Return the names of the accounts and teams that these traces speak of, by identifier."""
    ids = {one.trace.actor.account for one in recorded if one.trace.actor.account is not None}
    ids |= set(_accounts(one.trace.detail.get("account", "") for one in recorded))
    names = {str(account): name for account, name in identity.names_of(uow, ids).items()}
    homes = {one.trace.actor.organisation for one in recorded} - {None} | {organisation}
    for home in homes:
        if home is not None:
            names |= {str(team.id): team.name for team in identity.list_teams(uow, home)}
    return names


def _titles(uow: kernel.UnitOfWork, circle: Circle, asked: kernel.DossierId) -> dict[str, str]:
    """Return the titles of the documents by entry, by a decision to list; none for whoever does not list them."""
    if not circle.may(access.Action.LIST, access.Section.CLINICAL):
        return {}
    permit = access.decide(uow, circle.caller, access.Action.LIST, asked)
    lines = dossier.list_documents(uow, permit, dossier.Filter())
    return {str(line.entry): line.title for line in lines}


def _accounts(texts: Iterable[str]) -> Iterable[kernel.AccountId]:
    return (kernel.AccountId(UUID(text)) for text in texts if text)


def _places(
    uow: kernel.UnitOfWork, recorded: Sequence[ledger.RecordedTrace]
) -> dict[kernel.OrganisationId, str]:
    homes = {one.trace.actor.organisation for one in recorded}
    return {home: identity.open_organisation(uow, home).name for home in homes if home is not None}


def _whom(trace: ledger.Trace, names: dict[str, str]) -> str:
    return names.get(trace.detail.get("account") or trace.detail.get("team", ""), "?")


def _end(trace: ledger.Trace) -> datetime | None:
    ends = trace.detail.get("ends")
    return datetime.fromisoformat(ends) if ends else None
