"""The team and everybody let in: who, what, until when; and what each profession reaches."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from serment import access, dossier, identity, kernel
from serment.access import Action, Section
from serment.edge.desk import Desk
from serment.edge.pages.banners import banner_of, name_of
from serment.edge.pages.circle import Circle, circle_of
from serment.edge.pages.dossiers.asked import asked_dossier
from serment.edge.pages.dossiers.tabs import tabs_of
from serment.edge.pages.frame import enter
from serment.edge.pages.sharing.grantees import Grantee, colleagues_of
from serment.edge.pages.vocabulary import PROFESSION_WORDS, SECTION_WORDS
from serment.edge.shell import mark

_REACHES = {
    "all": mark("lit, ajoute, corrige"),
    "add": mark("lit, ajoute"),
    "read": mark("lit"),
    "file": mark("classe sans lire"),
    "none": mark("ne voit rien"),
}
_SHOWN = tuple(section for section in Section if section is not Section.EXCHANGES)


@dataclass(frozen=True)
class Around:
    """The people around a dossier, with the names that a page shows, and the episodes of care that the reader reads."""

    permit: access.Permit
    patient: dossier.Patient
    circle: Circle
    teams: dict[identity.TeamId, str]
    places: dict[kernel.OrganisationId, str]
    colleagues: tuple[Grantee, ...]
    episodes: tuple[access.Episode, ...]
    deceased_on: date | None

    @property
    def going_on(self) -> tuple[access.Episode, ...]:
        """The episodes of care that are not over."""
        return tuple(episode for episode in self.episodes if episode.closed_at is None)

    def episode_of(self, part: access.Participation) -> access.Episode | None:
        """Return the episode that somebody takes part in; None when it is the care as a whole, or not shown."""
        return next((episode for episode in self.episodes if episode.id == part.episode), None)

    def admissible(self) -> list[Grantee]:
        """Return the colleagues and teams that take no part in the care as a whole yet."""
        whole = [part for part in self.circle.present if part.ended_at is None and part.episode is None]
        there = {(part.account, part.team) for part in whole}
        return [one for one in self.colleagues if (one.account, one.team) not in there]

    def professions(self) -> list[identity.Profession]:
        """Return the professions of those who take part in the care now."""
        present = {self.circle.accounts[account].profession for account in self.circle.carers}
        return [profession for profession in PROFESSION_WORDS if profession in present]


class AccessPage:
    """Who reaches this dossier; one decision to read its identity section."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def show(self, request: Request) -> Response:
        """Show the team, the openings and the table of rights, to the team and to the patient."""
        caller = enter(self._desk, request)
        with self._desk.database.recorded_reading() as uow:
            around = around_of(uow, caller, asked_dossier(request))
        circle, words = around.circle, self._desk.pages.tongue(request).words
        return self._desk.pages.show(
            request,
            "sharing/access.html",
            here="patients",
            banner=banner_of(around.patient),
            base=f"/dossiers/{around.patient.dossier}",
            patient_name=name_of(around.patient),
            around=around,
            circle=circle,
            tabs=tabs_of(around.patient.dossier, circle, words, "access"),
            professions=PROFESSION_WORDS,
            sections=SECTION_WORDS,
            shown=_SHOWN,
            reach=partial(_reach_word, circle.matrix),
            may_share=circle.may(Action.SHARE, Section.CLINICAL),
            may_invite=circle.may(Action.SHARE, Section.IDENTITY),
            own=caller.role is identity.Role.PATIENT,
            waiting=_waiting(circle),
        )


def around_of(uow: kernel.UnitOfWork, caller: identity.Caller, asked: kernel.DossierId) -> Around:
    """Gather everybody around a dossier for somebody of its team, for the patient, or for who acts for them in all.

    Raises:
        AccessRefused: the caller is none of these.
    """
    permit = access.decide(uow, caller, Action.READ, asked, section=Section.IDENTITY)
    circle = circle_of(uow, permit)
    if circle.relation is not access.Relation.CARE_TEAM and not circle.controls:
        raise access.AccessRefused("around-not-theirs")
    homes = {account.organisation for account in circle.accounts.values()} | {permit.organisation}
    return Around(
        permit=permit,
        patient=dossier.identity_of(uow, permit),
        circle=circle,
        teams={team.id: team.name for home in homes for team in identity.list_teams(uow, home)},
        places={home: identity.open_organisation(uow, home).name for home in homes},
        colleagues=colleagues_of(uow, caller) if circle.leads else (),
        episodes=access.episodes_of(uow, permit),
        deceased_on=access.death_of(uow, permit),
    )


def around_of_lead(uow: kernel.UnitOfWork, caller: identity.Caller, asked: kernel.DossierId) -> Around:
    """Gather everybody around a dossier for somebody who leads the care, before they are asked what to change.

    Raises:
        AccessRefused: the caller does not lead it.
    """
    access.foresee(uow, caller, Action.MANAGE_TEAM, asked)
    return around_of(uow, caller, asked)


def _reach_word(matrix: access.Matrix, profession: identity.Profession, section: Section) -> str:
    """Return in marked words what a profession of the care team reaches of a section."""
    actions = access.reaches(profession, access.Relation.CARE_TEAM, matrix).get(section, frozenset())
    if Action.AMEND in actions:
        return _REACHES["all"]
    if Action.READ in actions:
        return _REACHES["add" if Action.FILE in actions else "read"]
    return _REACHES["file" if Action.FILE in actions else "none"]


def _waiting(circle: Circle) -> frozenset[kernel.AccountId]:
    """Return the patient's accounts that nobody enrolled yet."""
    invited = identity.AccountStatus.INVITED
    return frozenset(one for one in circle.patients if circle.accounts[one].status is invited)
