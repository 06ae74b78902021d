"""Opening a dossier, finding it by identity, and the identity itself: an entry of its own section."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from serment import access, clinical, identity, kernel, vault
from serment.dossier import store
from serment.dossier.errors import SearchTooWide, VersionConflict
from serment.dossier.model import EntryHead, EntryKind, Patient, Search
from serment.dossier.sealing import open_version, write_version

NAME_PREFIX = 3
MOST_FOUND = 50
#: A blind tag of 32 bits: some unlike values share one, which hides how often each occurs (CRY-41).
TAG_BITS = 32


def create_dossier(
    uow: kernel.UnitOfWork, caller: identity.Caller, patient: clinical.PatientIdentity
) -> kernel.DossierId:
    """Open a dossier for a patient of the caller's organisation; its care team begins with the caller.

    Raises:
        AccessRefused: the caller is no professional.
    """
    dossier = kernel.DossierId(kernel.new_id())
    access.open_dossier(uow, caller, dossier)
    section, entry = access.Section.IDENTITY, access.EntryId(dossier)
    permit = access.decide(uow, caller, access.Action.FILE, dossier, section=section, entry=entry)
    head = _identity(permit, 1, uow.now)
    store.insert_entry(uow, head)
    _write(uow, permit, head, patient)
    return dossier


def amend_identity(
    uow: kernel.UnitOfWork, permit: access.Permit, patient: clinical.PatientIdentity, *, from_version: int
) -> None:
    """Write a new version of the identity; the earlier ones stay readable. What ends with majority is dated anew.

    Raises:
        PermitMismatch: the permit is not for amending the identity.
        VersionConflict: somebody amended it since `from_version` was read.
    """
    read = _identity(permit, from_version, uow.now)
    permit.require(uow, access.Action.AMEND, read.section, read.id)
    if not store.advance_entry(uow, read, withdrawn=False):
        raise VersionConflict(str(read.id))
    _write(uow, permit, replace(read, version=from_version + 1), patient)
    access.redate_delegations(uow, permit, born_on=patient.birth_date)


def identity_of(uow: kernel.UnitOfWork, permit: access.Permit) -> Patient:
    """Return who the patient is: what the banner of every page of the dossier shows.

    Raises:
        PermitMismatch: the permit does not reach the identity section, or ended.
        SealBroken: the stored bytes fail authentication.
    """
    return identities_of(uow, {permit.dossier: permit})[0]


def identities_of(
    uow: kernel.UnitOfWork, permits: Mapping[kernel.DossierId, access.Permit]
) -> tuple[Patient, ...]:
    """Return who the patients are, by family name then given name; one query however many."""
    patients: list[Patient] = []
    for dossier, version in store.load_identities(uow, permits):
        permit = permits[dossier]
        head = _identity(permit, version.version, version.recorded_at)
        permit.require(uow, permit.action, access.Section.IDENTITY, head.id)
        resource = open_version(uow, permit, head, version)
        patients.append(
            Patient(dossier, permit.organisation, clinical.patient_from_fhir(resource), version.version)
        )
    if len(patients) != len(permits):
        gone = set(permits) - {patient.dossier for patient in patients}
        raise vault.SealBroken(f"entry/{min(map(str, gone))}/1")
    return tuple(sorted(patients, key=_by_name))


def my_patients(uow: kernel.UnitOfWork, caller: identity.Caller) -> tuple[Patient, ...]:
    """Return the patients whom the caller cares for, was let in to, or is."""
    return identities_of(uow, access.decide_listed(uow, caller, access.my_dossiers(uow, caller)))


def find_patients(uow: kernel.UnitOfWork, caller: identity.Caller, search: Search) -> tuple[Patient, ...]:
    """Find patients of the caller's organisation by INS, or by birth date and the beginning of a name.

    What a tag brings is opened and compared before it is shown; each dossier shown has its own decision.

    Raises:
        SearchTooWide: neither an INS nor a birth date.
    """
    field, value = _searched(search)
    tag = uow.part(vault.Keyring).index_tag(caller.organisation, field, value, TAG_BITS)
    candidates = store.find_by_tag(uow, caller.organisation, field, tag, MOST_FOUND)
    permits = access.decide_listed(uow, caller, candidates)
    return tuple(
        found for found in identities_of(uow, permits) if (field, value) in index_values(found.identity)
    )


def index_values(patient: clinical.PatientIdentity) -> frozenset[tuple[str, str]]:
    """Return what a patient can be found by, each a field and its normalised value (CRY-40): never a clinical fact."""
    born = patient.birth_date.isoformat()
    values = {("birth-date", born)}
    for name in (patient.family_name, patient.birth_name, patient.first_given_name):
        letters = clinical.normalise_name(name).replace(" ", "")
        values |= {("birth-date+name", f"{born} {letters[:length]}") for length in range(1, NAME_PREFIX + 1)}
    if patient.ins is not None:
        values.add(("ins", patient.ins.matricule))
    return frozenset(values)


def _searched(search: Search) -> tuple[str, str]:
    if search.ins:
        return "ins", "".join(search.ins.split()).upper()
    if search.birth_date is None:
        raise SearchTooWide
    letters = clinical.normalise_name(search.name).replace(" ", "")[:NAME_PREFIX]
    born = search.birth_date.isoformat()
    return ("birth-date+name", f"{born} {letters}") if letters else ("birth-date", born)


def _identity(permit: access.Permit, version: int, recorded_at: datetime) -> EntryHead:
    """The identity is the one entry that bears the dossier's own identifier."""
    entry = access.EntryId(permit.dossier)
    return EntryHead(entry, permit.dossier, access.Section.IDENTITY, EntryKind.PATIENT, version, recorded_at)


def _write(
    uow: kernel.UnitOfWork, permit: access.Permit, head: EntryHead, patient: clinical.PatientIdentity
) -> None:
    keyring = uow.part(vault.Keyring)
    write_version(uow, permit.organisation, head, clinical.patient_to_fhir(patient, resource_id=head.id))
    tags = [
        (field, keyring.index_tag(permit.organisation, field, value, TAG_BITS))
        for field, value in sorted(index_values(patient))
    ]
    store.replace_index(uow, permit.organisation, permit.dossier, tags)


def _by_name(patient: Patient) -> tuple[str, str, date]:
    who = patient.identity
    return (
        clinical.normalise_name(who.family_name),
        clinical.normalise_name(who.first_given_name),
        who.birth_date,
    )
