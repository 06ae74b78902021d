"""Everybody around one dossier: who takes part in the care, who was let in, the patient; and what each may."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from serment import access, identity, kernel
from serment.access import Action, Against, EntryId, Grant, Participation, Relation, Section
from serment.edge.shell import Words, mark


@dataclass(frozen=True)
class Audience:
    """Who reads a thing: how many of the care team, how many let in, and whether the patient does."""

    carers: int
    guests: int
    patient: bool
    #: How many act for the patient; to others than the patient, something may be reserved from them (`is_exact`).
    relatives: int = 0
    is_exact: bool = True


@dataclass(frozen=True)
class Circle:
    """The people around a dossier as they stand at one instant; `members` are those of each team in it."""

    caller: identity.Caller
    at: datetime
    participations: tuple[Participation, ...]
    grants: tuple[Grant, ...]
    patients: tuple[kernel.AccountId, ...]
    members: Mapping[identity.TeamId, frozenset[kernel.AccountId]]
    accounts: Mapping[kernel.AccountId, identity.Account]
    matrix: access.Matrix
    #: Those who act for the patient now.
    acting: tuple[access.Delegation, ...] = ()
    #: What the patient closed, when it is they who look.
    closed: tuple[access.Restriction, ...] = ()

    @property
    def present(self) -> tuple[Participation, ...]:
        """The parts taken in the care now."""
        return tuple(part for part in self.participations if part.holds(self.at))

    @property
    def past(self) -> tuple[Participation, ...]:
        """The parts that are over."""
        return tuple(part for part in self.participations if not part.holds(self.at))

    @property
    def open_grants(self) -> tuple[Grant, ...]:
        """The grants that hold now."""
        return tuple(
            grant for grant in self.grants
            if grant.revoked_at is None and grant.request.ends_at > self.at and not self.has_left(grant.keeper)
        )  # fmt: skip

    @property
    def carers(self) -> frozenset[kernel.AccountId]:
        """The accounts that take part in the care now, members of teams included; nobody who has left."""
        people = frozenset(self._people((part.account, part.team) for part in self.present))
        return frozenset(one for one in people if not self.has_left(one))

    @property
    def lacks_account(self) -> bool:
        """Whether the patient has no account here, or none that is not closed: one may then be linked."""
        return all(self.has_left(one) for one in self.patients)

    @property
    def relation(self) -> Relation:
        """What ties the caller to the dossier, strongest first."""
        if self.caller.account in self.patients:
            return Relation.PATIENT
        if self.acts_by is not None:
            return Relation.DELEGATE
        if self.caller.account in self.carers:
            return Relation.CARE_TEAM
        let_in = (self._grantees(grant) for grant in self.open_grants)
        if any(self.caller.account in grantees for grantees in let_in):
            return Relation.GRANT
        return Relation.SAME_ORGANISATION

    @property
    def acts_by(self) -> access.Delegation | None:
        """By which delegation the caller acts for the patient; None when they do not."""
        return next((one for one in self.acting if one.account == self.caller.account), None)

    @property
    def controls(self) -> bool:
        """Whether the caller may be offered to say who sees what."""
        by = self.acts_by
        acts_in_all = by is not None and by.kind is not access.DelegateKind.TRUSTED_PERSON
        return self.caller.account in self.patients or acts_in_all

    @property
    def leads(self) -> bool:
        """Whether the caller may be offered to manage the care team."""
        return self.relation is Relation.CARE_TEAM and self.caller.profession in self.matrix.manages_team

    @property
    def reads_trail(self) -> bool:
        """Whether the caller may be offered the trail."""
        carer = self.relation is Relation.CARE_TEAM and self.caller.profession in self.matrix.reads_trail
        return self.controls or carer or self.is_officer

    @property
    def is_officer(self) -> bool:
        """Whether the caller answers for data protection: they read the trail, and open nothing else."""
        return self.caller.role is identity.Role.DPO

    def may_end(self, given: Grant) -> bool:
        """Tell whether ending an opening may be offered to the caller, who may share: what others gave for the patient stays."""
        if self.relation is not Relation.DELEGATE or given.given_by == self.caller.account:
            return True
        return self.accounts[given.given_by].role is identity.Role.PROFESSIONAL

    def may(self, action: Action, section: Section) -> bool:
        """Tell whether an act may be offered to the caller; the decision itself is taken when it is asked."""
        by = self.acts_by if self.relation is Relation.DELEGATE else None
        if by is None:
            return action in access.reaches(self.caller.profession, self.relation, self.matrix).get(
                section, ()
            )
        entrusted = by.terms.sections is None or section in {*by.terms.sections, Section.IDENTITY}
        return entrusted and self.matrix.allows(Relation.DELEGATE, by.kind, section, action)

    def audience(
        self, section: Section, entry: EntryId | None = None, author: kernel.AccountId | None = None
    ) -> Audience:
        """Return who reads a section, or one entry of it that `author` filed, as far as the caller is told.

        To the patient, those to whom it is closed are left out; others are told nothing of what is closed.
        """
        carers = {account for account in self.carers if self._reads(account, section)}
        guests: set[kernel.AccountId] = set()
        for grant in self.open_grants:
            entries = grant.request.entries
            if section in grant.request.sections and (entries is None or entry in entries):
                guests |= {who for who in self._grantees(grant) if self._reads(who, section)}
        relatives = {
            one.account for one in self.acting if one.account is not None and self._is_shown(one, section)
        }
        own = Action.READ in access.reaches(identity.Profession.NONE, Relation.PATIENT, self.matrix).get(
            section, ()
        )
        kept = frozenset(self._kept_away(carers | guests, relatives, section, entry)) - {author}
        return Audience(
            len(carers - kept), len(guests - carers - kept), bool(self.patients) and own,
            len(relatives - kept), is_exact=self.relation is Relation.PATIENT,
        )  # fmt: skip

    def name(self, account: kernel.AccountId) -> str:
        """Return the display name of somebody in the circle."""
        return self.accounts[account].name

    def leaves_at(self, account: kernel.AccountId) -> datetime | None:
        """Return when somebody in the circle leaves, None while nobody said so."""
        return self.accounts[account].leaves_at

    def is_asleep(self, account: kernel.AccountId) -> bool:
        """Tell whether an account was put to sleep because nobody used it."""
        return self.accounts[account].status is identity.AccountStatus.DORMANT

    def has_left(self, account: kernel.AccountId) -> bool:
        """Tell whether an account was closed for good."""
        return self.accounts[account].status is identity.AccountStatus.DEPARTED

    def _reads(self, account: kernel.AccountId, section: Section) -> bool:
        profession = self.accounts[account].profession
        return Action.READ in access.reaches(profession, Relation.CARE_TEAM, self.matrix).get(section, ())

    def _is_shown(self, one: access.Delegation, section: Section) -> bool:
        entrusted = one.terms.sections is None or section in one.terms.sections
        return entrusted and self.matrix.allows(Relation.DELEGATE, one.kind, section, Action.READ)

    def _kept_away(
        self,
        professionals: Iterable[kernel.AccountId],
        relatives: Iterable[kernel.AccountId],
        section: Section,
        entry: EntryId | None,
    ) -> Iterable[kernel.AccountId]:
        for one in self.closed:
            if one.section not in {None, section} or one.entry not in {None, entry}:
                continue
            match one.against:
                case Against.PROFESSIONALS:
                    yield from professionals
                case Against.DELEGATES:
                    yield from relatives
                case Against.PERSON if one.account is not None:
                    yield one.account

    def _grantees(self, grant: Grant) -> frozenset[kernel.AccountId]:
        return frozenset(self._people([(grant.request.account, grant.request.team)]))

    def _people(
        self, some: Iterable[tuple[kernel.AccountId | None, identity.TeamId | None]]
    ) -> Iterable[kernel.AccountId]:
        for account, team in some:
            if account is not None:
                yield account
            elif team is not None:
                yield from self.members.get(team, ())


def circle_of(uow: kernel.UnitOfWork, permit: access.Permit) -> Circle:
    """Gather the people around the dossier of a permit that reaches its identity section."""
    participations, grants = access.care_team(uow, permit), access.grants_of(uow, permit)
    patients = access.patient_accounts(uow, permit)
    requests = [grant.request for grant in grants]
    named = [(part.account, part.team) for part in participations] + [(r.account, r.team) for r in requests]
    teams = {team for _, team in named if team is not None}
    members = {team: frozenset(member.account for member in identity.members_of(uow, team)) for team in teams}
    ids = {account for account, _ in named if account is not None} | set(patients)
    ids |= {grant.given_by for grant in grants} | {grant.keeper for grant in grants}
    accounts = identity.open_accounts(uow, ids.union(*members.values()))
    matrix = access.current_matrix(uow, permit.organisation)
    acting = tuple(one for one in access.delegations_of(uow, permit) if one.holds(uow.now))
    closed = access.closed_to_others(uow, permit)
    return Circle(
        permit.caller, uow.now, participations, grants, patients, members, accounts, matrix, acting, closed
    )


def tell_audience(words: Words, audience: Audience, patient_word: str) -> str:
    """Say who reads a thing: "l'équipe de soins (6), 1 personne invitée et la patiente"."""
    parts = [words.say("l'équipe de soins ({n})", n=audience.carers)]
    if audience.guests:
        parts.append(words.say_many("{n} personne invitée", "{n} personnes invitées", audience.guests))
    if audience.patient:
        parts.append(words.say(patient_word))
    if audience.relatives and audience.is_exact:
        parts.append(words.say_many("{n} proche", "{n} proches", audience.relatives))
    elif audience.relatives:
        parts.append(
            words.say_many("{n} proche, sauf réserve", "{n} proches, sauf réserve", audience.relatives)
        )
    if len(parts) == 1:
        return parts[0]
    return words.say("{some} et {last}", some=", ".join(parts[:-1]), last=parts[-1])


PATIENT_WORDS = {"F": mark("la patiente"), "M": mark("le patient"), "I": mark("la personne soignée")}
