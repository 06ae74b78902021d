"""Why each act on a dossier was allowed or refused, in full: for the data protection officer, and whoever reads its trail."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from serment import access, dossier, identity, kernel, ledger
from serment.edge.desk import Desk
from serment.edge.pages.banners import banner_of, name_of
from serment.edge.pages.dossiers.asked import asked_dossier
from serment.edge.pages.frame import enter
from serment.edge.pages.service.explanation_words import ASK_WORDS, ASKED_WORDS, EXPLANATION_WORDS, TIE_WORDS
from serment.edge.pages.trail.page import CATEGORIES, QUALITIES, asked_trace
from serment.edge.pages.trail.telling import PURPOSES
from serment.edge.shell import Link, Words

_PAGE = 200
_REFUSED = "refused"


@dataclass(frozen=True)
class Explained:
    """One decision and what it rested on."""

    recorded: ledger.RecordedTrace
    explanation: access.Explanation

    @property
    def is_refused(self) -> bool:
        """Whether the answer was no."""
        return self.recorded.trace.outcome is not ledger.Outcome.ALLOWED


@dataclass(frozen=True)
class _Read:
    patient: dossier.Patient
    explained: tuple[Explained, ...]
    names: dict[kernel.AccountId, str]
    places: dict[kernel.OrganisationId, str]
    older: ledger.TraceId | None


class ExplanationPage:
    """Shows the decisions about one dossier to whoever may read its trail; what is absent from theirs is absent here."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def show(self, request: Request) -> Response:
        """Show a page of decisions, all or those refused; reading them is itself traced."""
        caller, only = enter(self._desk, request), request.query_params.get("only", "")
        before = asked_trace(request, "before")
        with self._desk.database.recorded_reading() as uow:
            permit = access.decide(uow, caller, access.Action.READ_TRAIL, asked_dossier(request))
            read = _read(uow, permit, before)
        base = f"/dossiers/{read.patient.dossier}"
        refused = [one for one in read.explained if one.is_refused]
        here = f"{base}/explanations?only={_REFUSED if only == _REFUSED else ''}"
        return self._desk.pages.show(
            request,
            "service/explanations.html",
            here="home" if caller.role is identity.Role.DPO else "patients",
            audits=caller.role is identity.Role.DPO,
            banner=banner_of(read.patient),
            base=base,
            patient_name=name_of(read.patient),
            chips=_chips(self._desk.pages.tongue(request).words, base, only, len(refused)),
            explained=refused if only == _REFUSED else read.explained,
            sentences=EXPLANATION_WORDS,
            asked=ASKED_WORDS,
            asks=ASK_WORDS,
            ties=TIE_WORDS,
            newer=here if before else None,
            older=f"{here}&before={read.older}" if read.older else None,
            names=read.names,
            places=read.places,
            qualities=QUALITIES,
            purposes=PURPOSES,
            categories=CATEGORIES,
        )


def _read(uow: kernel.UnitOfWork, permit: access.Permit, before: ledger.TraceId | None) -> _Read:
    recorded = access.read_trail(uow, permit, limit=_PAGE, before=before)
    actors = [one.trace.actor for one in recorded]
    homes = {one.organisation for one in actors}
    decisions = [(one, access.explain_trace(one.trace)) for one in recorded]
    return _Read(
        patient=dossier.identity_of(uow, permit),
        explained=tuple(Explained(one, why) for one, why in decisions if why is not None),
        names=dict(identity.names_of(uow, {one.account for one in actors if one.account is not None})),
        places={home: identity.open_organisation(uow, home).name for home in homes if home is not None},
        older=recorded[-1].id if len(recorded) == _PAGE else None,
    )


def _chips(words: Words, base: str, only: str, refused: int) -> list[Link]:
    address = f"{base}/explanations"
    return [
        Link(words.say("Toutes les décisions"), address, only != _REFUSED),
        Link(words.say("Refus"), f"{address}?only={_REFUSED}", only == _REFUSED, count=refused, sign="ban"),
    ]
