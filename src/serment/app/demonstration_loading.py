"""Fills an installation with the demonstration, through the doors of real use.

People are invited, enrol and sign in; dossiers are opened, care teams formed, documents filed and shared by them, with
permits, traces and seals. Everything is recorded today, since the ledger is never told another time than it is; the
documents bear their own, past dates.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from serment import access, clinical, dossier, identity, kernel, vault
from serment.app import demonstration
from serment.app.console import Advance, Voice
from serment.app.demonstration_accounts import (
    DemonstrationAccount,
    draw_password,
    enrol,
    sign_in,
    write_accounts,
)
from serment.app.demonstration_printing import Printed, printed
from serment.app.directory import DataDirectory
from serment.app.wiring import Installation

_YEAR = timedelta(days=365)
_OPENED_AGAIN = 4
_PIECE_BYTES = 256 * 1024
_KINDS: Mapping[demonstration.Kind, clinical.DocumentKind] = {
    demonstration.Kind.LETTER: clinical.DocumentKind.LETTER,
    demonstration.Kind.RESULT: clinical.DocumentKind.LABORATORY_RESULT,
    demonstration.Kind.PRESCRIPTION: clinical.DocumentKind.PRESCRIPTION,
    demonstration.Kind.IMAGING_REPORT: clinical.DocumentKind.IMAGING_REPORT,
    demonstration.Kind.PHOTOGRAPH: clinical.DocumentKind.PHOTOGRAPH,
    demonstration.Kind.DICTATION: clinical.DocumentKind.DICTATION,
    demonstration.Kind.DISCHARGE_SUMMARY: clinical.DocumentKind.DISCHARGE_SUMMARY,
    demonstration.Kind.DICOM_INSTANCE: clinical.DocumentKind.IMAGE,
    demonstration.Kind.CONSENT: clinical.DocumentKind.CONSENT,
    demonstration.Kind.OTHER: clinical.DocumentKind.OTHER,
}
_SEXES = {"F": clinical.Sex.FEMALE, "M": clinical.Sex.MALE}
_ORGANISATION_KINDS = {
    "maison-de-sante": identity.OrganisationKind.PRACTICE,
    "cardiologie": identity.OrganisationKind.HOSPITAL,
}


def load_demonstration(installation: Installation, world: demonstration.World, voice: Voice) -> None:
    """Fill an installation that has no account yet, and keep the accounts in its directory.

    Raises:
        InstallationInUse: it has accounts.
    """
    with installation.rows.unit_of_work() as uow:
        identity.declare_demonstration(uow)
    documents = list(demonstration.documents(world))
    loading = _Loading(installation, world)
    people = len(world.professionals) + sum(patient.login is not None for patient in world.patients)
    with voice.steps("Inviting and enrolling", people) as advance:
        loading.people(advance)
    with voice.steps("Opening dossiers", len(world.patients)) as advance:
        loading.dossiers(advance)
    with voice.steps("Filing documents", len(documents)) as advance, printed(world, documents) as pages:
        loading.documents(pages, advance)
    loading.grants()
    loading.readings()
    loading.leave()
    write_accounts(DataDirectory(installation.settings.data).accounts, loading.accounts)


@dataclass
class _Loading:
    """The demonstration as far as it was loaded: who is signed in, which dossier is whose."""

    installation: Installation
    world: demonstration.World
    accounts: list[DemonstrationAccount] = field(default_factory=list)
    _callers: dict[str, identity.Caller] = field(default_factory=dict)
    _teams: dict[str, identity.TeamId] = field(default_factory=dict)
    _dossiers: dict[tuple[str, str], kernel.DossierId] = field(default_factory=dict)
    _openers: dict[tuple[str, str], identity.Caller] = field(default_factory=dict)
    _entries: dict[str, dossier.Document] = field(default_factory=dict)

    # --- people --------------------------------------------------------------------------------------------

    def people(self, advance: Advance) -> None:
        """Found the organisations, invite and enrol everybody, and form the teams."""
        for organisation in self.world.organisations:
            members = [each for each in self.world.professionals if each.organisation == organisation.key]
            administrator = next(each for each in members if each.role == "administrator")
            self._found(organisation, administrator)
            advance(1)
            for member in members:
                if member is not administrator:
                    self._invite_professional(self._callers[administrator.key], member)
                    advance(1)
            self._form_teams(organisation.key, self._callers[administrator.key])
        for patient in self.world.patients:
            if patient.login is not None:
                self._invite_patient(patient, patient.login)
                advance(1)

    def _found(
        self, organisation: demonstration.Organisation, administrator: demonstration.Professional
    ) -> None:
        new = identity.NewOrganisation(organisation.name, _ORGANISATION_KINDS[organisation.key])
        with self.installation.rows.unit_of_work() as uow:
            first = identity.first_administrator(uow, new, login=administrator.login, name=administrator.name)
        self._enter(administrator.key, administrator.login, first.enrolment.code, organisation.name)

    def _invite_professional(self, caller: identity.Caller, person: demonstration.Professional) -> None:
        invitation = identity.Invitation(
            person.login, person.name, identity.Role(person.role), identity.Profession(person.profession)
        )
        with self.installation.rows.unit_of_work() as uow:
            code = identity.invite(uow, caller, invitation).code
        self._enter(person.key, person.login, code, self.world.organisation(person.organisation).name)

    def _invite_patient(self, patient: demonstration.Patient, login: str) -> None:
        invitation = identity.Invitation(login, patient.name, identity.Role.PATIENT)
        with self.installation.rows.unit_of_work() as uow:
            code = identity.invite(uow, self._callers[patient.physician], invitation).code
        self._enter(patient.key, login, code, self.world.organisation(patient.dossiers[0]).name)

    def _enter(self, key: str, login: str, code: str, organisation: str) -> None:
        password = draw_password()
        account = enrol(self.installation, login, code, password)
        caller = self._callers[key] = sign_in(self.installation, login, password, account)
        self.accounts.append(
            DemonstrationAccount(login, password, caller.actor.role, caller.name, organisation, account)
        )

    def _form_teams(self, organisation: str, administrator: identity.Caller) -> None:
        for team in self.world.teams:
            if team.organisation == organisation:
                with self.installation.rows.unit_of_work() as uow:
                    made = self._teams[team.key] = identity.create_team(uow, administrator, team.name).id
                    for member in team.members:
                        identity.add_member(uow, administrator, made, self._callers[member].account)

    # --- dossiers ------------------------------------------------------------------------------------------

    def dossiers(self, advance: Advance) -> None:
        """Open every dossier, bring its care team together, and give the patients their own."""
        for patient in self.world.patients:
            for organisation in patient.dossiers:
                with self.installation.rows.unit_of_work() as uow:
                    self._open_dossier(uow, patient, organisation)
            advance(1)

    def _open_dossier(
        self, uow: kernel.UnitOfWork, patient: demonstration.Patient, organisation: str
    ) -> None:
        relations = [
            relation
            for relation in self.world.care_relations
            if (relation.organisation, relation.patient) == (organisation, patient.key)
        ]
        opener = self._opener(patient, organisation, relations)
        opened = dossier.create_dossier(uow, opener, _identity(patient))
        place = (organisation, patient.key)
        self._dossiers[place], self._openers[place] = opened, opener
        permit = access.decide(uow, opener, access.Action.MANAGE_TEAM, opened)
        for relation in relations:
            self._admit(uow, permit, relation)
        if patient.login is not None:
            sharing = access.decide(uow, opener, access.Action.SHARE, opened)
            access.link_patient(uow, sharing, self._callers[patient.key].account)

    def _opener(
        self, patient: demonstration.Patient, organisation: str, relations: list[demonstration.CareRelation]
    ) -> identity.Caller:
        """Return the physician who opens a dossier: the usual one, or the first to follow the patient there."""
        candidates = [patient.physician, *(relation.professional for relation in relations)]
        candidates += [each.key for each in self.world.professionals]
        return next(
            self._callers[key]
            for key in candidates
            if self.world.professional(key).organisation == organisation
            and self._callers[key].profession is identity.Profession.PHYSICIAN
        )

    def _admit(
        self, uow: kernel.UnitOfWork, permit: access.Permit, relation: demonstration.CareRelation
    ) -> None:
        account = self._callers[relation.professional].account
        if account == permit.caller.account:
            return
        access.admit_to_care_team(uow, permit, account=account)
        if relation.until_at is not None:
            access.end_participation(uow, permit, account=account)

    # --- documents -----------------------------------------------------------------------------------------

    def documents(self, pages: Iterator[Printed], advance: Advance) -> None:
        """File every document in its author's name, or in the physician's where the author may not."""
        for document, content in pages:
            place = (document.organisation, document.patient)
            author = self._callers[document.author]
            caller = author if _may_file(author, document) else self._openers[place]
            self._entries[document.key] = self._file(caller, self._dossiers[place], document, content)
            advance(1)

    def _file(
        self,
        caller: identity.Caller,
        where: kernel.DossierId,
        document: demonstration.DemoDocument,
        content: bytes,
    ) -> dossier.Document:
        draft = dossier.Draft(
            title=document.title,
            kind=_KINDS[document.kind],
            document_date=document.dated_at.date(),
            file_name=document.file_name,
            sensitive=document.section == access.Section.SENSITIVE.value,
        )
        rows = self.installation.rows
        with rows.unit_of_work() as uow:
            filing = dossier.plan_filing(uow, caller, where, draft)
            reception = dossier.Reception(uow.part(vault.ObjectStore), filing)
        for begin in range(0, len(content), _PIECE_BYTES):
            reception.write(memoryview(content)[begin : begin + _PIECE_BYTES])
        reception.flush()
        return dossier.conclude(rows, caller, reception)

    # --- what follows --------------------------------------------------------------------------------------

    def grants(self) -> None:
        """Open dossiers and documents to colleagues elsewhere."""
        for grant in self.world.grants:
            with self.installation.rows.unit_of_work() as uow:
                self._grant(uow, grant)

    def _grant(self, uow: kernel.UnitOfWork, grant: demonstration.Grant) -> None:
        where = self._dossiers[grant.organisation, grant.patient]
        permit = access.decide(uow, self._callers[grant.granted_by], access.Action.SHARE, where)
        one = self._entries.get(grant.scope)
        sections = frozenset(permit.reach) - {access.Section.SENSITIVE}
        request = access.GrantRequest(
            account=self._callers[grant.professional].account if grant.professional else None,
            team=self._teams[grant.team] if grant.team else None,
            sections=frozenset({one.head.section}) if one else sections,
            entries=frozenset({one.head.id}) if one else None,
            purpose=access.Purpose(grant.purpose),
            ends_at=grant.until_at or uow.now + _YEAR,
        )
        access.grant_access(uow, permit, request)

    def readings(self) -> None:
        """Have the dossiers of the patients who have an account read, so that there is a trail to look at."""
        for patient in self.world.patients:
            for organisation in patient.dossiers if patient.login else ():
                filed = [
                    self._entries[key].head
                    for key in self._entries
                    if self._entries[key].head.dossier == self._dossiers[organisation, patient.key]
                ]
                for head in filed[-_OPENED_AGAIN:]:
                    for reader in (self._openers[organisation, patient.key], self._callers[patient.key]):
                        self._read(reader, head)

    def _read(self, reader: identity.Caller, head: dossier.EntryHead) -> None:
        with self.installation.rows.unit_of_work() as uow:
            permit = dossier.decide_entry(uow, reader, access.Action.READ, head.dossier, head.id)
            dossier.open_document(uow, permit, head.id)

    def leave(self) -> None:
        """Sign everybody out."""
        for caller in self._callers.values():
            with self.installation.rows.unit_of_work() as uow:
                identity.end_session(uow, caller, caller.session)


def _may_file(author: identity.Caller, document: demonstration.DemoDocument) -> bool:
    """Tell whether the author files it; what a laboratory sends for the sensitive section, the physician files."""
    rights = access.SHIPPED.rights(access.Relation.CARE_TEAM, author.profession)
    return access.Action.FILE in rights.get(access.Section(document.section), frozenset())


def _identity(patient: demonstration.Patient) -> clinical.PatientIdentity:
    ins = patient.ins
    return clinical.PatientIdentity(
        family_name=patient.used_name,
        birth_name=patient.birth_name,
        given_names=patient.given_names,
        first_given_name=patient.given_names[0],
        birth_date=patient.born_on,
        sex=_SEXES.get(patient.sex, clinical.Sex.UNKNOWN),
        status=clinical.IdentityStatus(patient.identity_status.value),
        ins=clinical.Ins(ins.matricule, clinical.InsAuthority(ins.oid)) if ins else None,
    )
