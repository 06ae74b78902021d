"""What a matrix would change before anybody adopts it: "this gives 14 people access to 3,200 dossiers"."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from serment import identity, kernel
from serment.access.brake.office import insist_on_office
from serment.access.delegations.store import load_delegations_at
from serment.access.matrix import bounds, store
from serment.access.matrix.model import Effect, Matrix, Who
from serment.access.matrix.queries import current
from serment.access.matrix.wording import RELATIONS, whos_of
from serment.access.model import Action, Relation, Section
from serment.identity import Profession

#: Somebody, and a dossier to which something ties them.
Pair = tuple[kernel.AccountId, kernel.DossierId]

_SEE = frozenset({Action.LIST, Action.READ})


@dataclass(frozen=True)
class Counted:
    """How many people something concerns, on how many dossiers."""

    people: int
    dossiers: int


def preview(uow: kernel.UnitOfWork, caller: identity.Caller, proposed: Matrix) -> tuple[Effect, ...]:
    """Return what every changed cell gives and takes in the caller's organisation as it stands now, in figures.

    Raises:
        NotPermitted: the caller is no administrator: these figures are about everybody's dossiers.
        AccountFrozen: the caller's account was stopped.
        MatrixInvalid: the matrix goes beyond its bounds.
    """
    insist_on_office(uow, caller, {identity.Role.ADMINISTRATOR})
    bounds.check(proposed)
    held, people = current(uow, caller.organisation), _People(uow, caller.organisation)
    return (*_of_cells(held, proposed, people), *_of_acts(held, proposed, people))


def _of_cells(held: Matrix, proposed: Matrix, people: "_People") -> Iterator[Effect]:
    for relation in RELATIONS:
        for who in whos_of(relation):
            for section in Section:
                for action in Action:
                    before = held.allows(relation, who, section, action)
                    after = proposed.allows(relation, who, section, action)
                    if before is not after:
                        counted = people.concerned(relation, who, section, action)
                        yield _effect(Effect(relation, who, section, action), counted, gained=after)


def _of_acts(held: Matrix, proposed: Matrix, people: "_People") -> Iterator[Effect]:
    changes = (
        (Relation.CARE_TEAM, Action.MANAGE_TEAM, held.manages_team, proposed.manages_team),
        (Relation.CARE_TEAM, Action.READ_TRAIL, held.reads_trail, proposed.reads_trail),
        (Relation.EMERGENCY, Action.OPEN_EMERGENCY, held.opens_emergency, proposed.opens_emergency),
    )
    for relation, action, before, after in changes:
        for profession in Profession:
            if profession in before ^ after:
                counted = people.concerned(relation, profession, None, action)
                yield _effect(Effect(relation, profession, None, action), counted, gained=profession in after)


def _effect(of: Effect, counted: Counted, *, gained: bool) -> Effect:
    people, dossiers = counted.people, counted.dossiers
    if gained:
        return Effect(of.relation, of.profession, of.section, of.action, people, dossiers)
    return Effect(
        of.relation, of.profession, of.section, of.action, lost_people=people, lost_dossiers=dossiers
    )


class _People:
    """Who is tied to the dossiers of an organisation now; what no change asks for is never read."""

    def __init__(self, uow: kernel.UnitOfWork, organisation: kernel.OrganisationId) -> None:
        self._uow = uow
        self._organisation = organisation

    def concerned(self, relation: Relation, who: Who, section: Section | None, action: Action) -> Counted:
        """Count whom a cell concerns. In care, openings given to the same profession go with the team's rights."""
        match relation:
            case Relation.PATIENT:
                return _counted(self._patients)
            case Relation.DELEGATE:
                return _counted({(one, dossier) for one, dossier, kind in self._delegates if kind == who})
            case Relation.CARE_TEAM:
                let_in = {(one, there) for one, there, some in self._guests if section in some}
                pairs = self._carers | let_in if action in _SEE else self._carers
                return _counted({pair for pair in pairs if self._profession(pair[0]) == who})
            case _:
                colleagues = [one for one in self._colleagues.values() if one.profession == who]
                return Counted(len(colleagues), self._dossiers)

    def _profession(self, account: kernel.AccountId) -> Profession:
        known = self._colleagues.get(account)
        return (known or identity.open_account(self._uow, account)).profession

    @cached_property
    def _colleagues(self) -> dict[kernel.AccountId, identity.Account]:
        found = identity.find_colleagues(self._uow, self._organisation, "")
        return {one.id: one for one in found if one.role is identity.Role.PROFESSIONAL}

    @cached_property
    def _dossiers(self) -> int:
        return store.count_dossiers(self._uow, self._organisation)

    @cached_property
    def _carers(self) -> set[Pair]:
        parts = store.parts_at(self._uow, self._organisation)
        return {(one, part.dossier) for part in parts for one in self._named(part.account, part.team)}

    @cached_property
    def _guests(self) -> list[tuple[kernel.AccountId, kernel.DossierId, frozenset[Section]]]:
        return [
            (one, grant.dossier, grant.request.sections)
            for grant in store.grants_at(self._uow, self._organisation)
            for one in self._named(grant.request.account, grant.request.team)
        ]

    @cached_property
    def _patients(self) -> set[Pair]:
        return store.patients_at(self._uow, self._organisation)

    @cached_property
    def _delegates(self) -> list[tuple[kernel.AccountId, kernel.DossierId, Who]]:
        given = load_delegations_at(self._uow, self._organisation)
        return [
            (one.account, one.dossier, one.kind)
            for one in given
            if one.account is not None and one.holds(self._uow.now)
        ]

    def _named(
        self, account: kernel.AccountId | None, team: identity.TeamId | None
    ) -> list[kernel.AccountId]:
        if account is not None:
            return [account]
        return [] if team is None else self._members(team)

    def _members(self, team: identity.TeamId) -> list[kernel.AccountId]:
        return [member.account for member in identity.members_of(self._uow, team)]


def _counted(pairs: set[Pair]) -> Counted:
    return Counted(len({account for account, _ in pairs}), len({dossier for _, dossier in pairs}))
