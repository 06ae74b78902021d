"""Who may see: the people around, what was closed to them, and those who act for the patient."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from serment import access, dossier, identity, kernel
from serment.access import Action, Relation
from serment.edge.desk import Desk
from serment.edge.pages.banners import banner_of, name_of
from serment.edge.pages.circle import Circle, circle_of
from serment.edge.pages.control.present import Acting, acting_for
from serment.edge.pages.control.words import QUALITY_WORDS
from serment.edge.pages.dossiers.asked import asked_dossier, asked_identifier
from serment.edge.pages.dossiers.tabs import tabs_of
from serment.edge.pages.frame import enter
from serment.edge.pages.vocabulary import PROFESSION_WORDS, SECTION_WORDS
from serment.edge.shell import mark, read_form


@dataclass(frozen=True)
class Controlled:
    """Everything that the page shows; `titles` are those of the documents that something was closed of."""

    patient: dossier.Patient
    circle: Circle
    restrictions: tuple[access.Restriction, ...]
    acting: tuple[Acting, ...]
    people: dict[kernel.AccountId, identity.Account]
    titles: dict[access.EntryId, str]
    themself: bool


class ControlPage:
    """For the patient, and whoever acts for them in all things; each page is one decision to control."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def show(self, request: Request) -> Response:
        """Show who may see what, and what was closed."""
        caller = enter(self._desk, request)
        with self._desk.database.recorded_reading() as uow:
            shown = _controlled(uow, caller, asked_dossier(request))
        words = self._desk.pages.tongue(request).words
        return self._desk.pages.show(
            request, "control/control.html", here="patients", banner=banner_of(shown.patient), shown=shown,
            base=f"/dossiers/{shown.patient.dossier}", patient_name=name_of(shown.patient),
            tabs=tabs_of(shown.patient.dossier, shown.circle, words, "control"), qualities=QUALITY_WORDS,
            professions=PROFESSION_WORDS, section_words=SECTION_WORDS,
        )  # fmt: skip

    def lift(self, request: Request) -> Response:
        """Open again what was closed."""
        caller, named = enter(self._desk, request), asked_identifier(read_form(request).text("restriction"))
        with self._desk.database.unit_of_work() as uow:
            permit = access.decide(uow, caller, Action.CONTROL, asked_dossier(request))
            if named is None:
                raise access.RestrictionNotFound("unreadable")
            access.lift_restriction(uow, permit, access.RestrictionId(named))
        notice = mark("Ouvert de nouveau, dès maintenant.")
        return self._desk.pages.go(f"/dossiers/{asked_dossier(request)}/control", notice=notice)


def _controlled(uow: kernel.UnitOfWork, caller: identity.Caller, asked: kernel.DossierId) -> Controlled:
    permit = access.decide(uow, caller, Action.CONTROL, asked)
    restrictions = tuple(one for one in access.restrictions_of(uow, permit) if one.lifted_at is None)
    closed_to = {one.account for one in restrictions if one.account is not None}
    return Controlled(
        patient=dossier.identity_of(uow, permit),
        circle=circle_of(uow, permit),
        restrictions=restrictions,
        acting=acting_for(uow, permit),
        people=identity.open_accounts(uow, closed_to),
        titles=_titles(uow, caller, asked, restrictions),
        themself=permit.relation is Relation.PATIENT,
    )


def _titles(
    uow: kernel.UnitOfWork,
    caller: identity.Caller,
    asked: kernel.DossierId,
    restrictions: tuple[access.Restriction, ...],
) -> dict[access.EntryId, str]:
    """Return the titles of the documents that were closed one by one, by a decision to list."""
    closed = {one.entry for one in restrictions if one.entry is not None}
    if not closed:
        return {}
    permit = access.decide(uow, caller, Action.LIST, asked)
    lines = dossier.list_documents(uow, permit, dossier.Filter(withdrawn=True))
    return {line.entry: line.title for line in lines if line.entry in closed}
