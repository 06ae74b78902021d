"""The rules: profession × section × action, for each relation to the patient. Pure; no I/O, no clock.

Deny by default. Source: CSP L.1110-4 and L.1110-12 (LAW-50, LAW-51); profession and care relation together
(LAW-52): reception files and finds, and reads nothing clinical.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from serment.access.model import WHOLE_DOSSIER, Action, Extent, Purpose, Relation, Section, Ties, Verdict
from serment.identity import Caller, KeyScope, Profession, Role

Rights = Mapping[Section, frozenset[Action]]

_SEE = frozenset({Action.LIST, Action.READ})
_ADD = _SEE | {Action.FILE}
_KEEP = _ADD | {Action.AMEND, Action.WITHDRAW}
_LEAD = _KEEP | {Action.SHARE}
_DROP_IN = frozenset({Action.FILE})
_NOTHING: Rights = MappingProxyType({})
_NO_ENTRY = Extent(frozenset())

#: In the care team of this patient, each profession reaches these sections, for these actions.
CARE_TEAM: Mapping[Profession, Rights] = MappingProxyType({
    Profession.PHYSICIAN: {
        Section.IDENTITY: _LEAD, Section.CLINICAL: _LEAD, Section.IMAGING: _LEAD,
        Section.MEASUREMENTS: _LEAD, Section.EXCHANGES: _LEAD, Section.SENSITIVE: _LEAD,
    },
    Profession.RADIOLOGIST: {
        Section.IDENTITY: _LEAD, Section.CLINICAL: _LEAD, Section.IMAGING: _LEAD, Section.EXCHANGES: _LEAD,
    },
    Profession.BIOLOGIST: {Section.IDENTITY: _SEE, Section.CLINICAL: _KEEP, Section.EXCHANGES: _KEEP},
    Profession.NURSE: {
        Section.IDENTITY: _KEEP, Section.CLINICAL: _KEEP, Section.IMAGING: _ADD,
        Section.MEASUREMENTS: _KEEP, Section.EXCHANGES: _KEEP,
    },
    Profession.PHARMACIST: {Section.IDENTITY: _SEE, Section.CLINICAL: _KEEP, Section.EXCHANGES: _KEEP},
    Profession.SECRETARY: {
        Section.IDENTITY: _KEEP, Section.CLINICAL: _DROP_IN, Section.IMAGING: _DROP_IN, Section.EXCHANGES: _DROP_IN,
    },
})  # fmt: skip

#: In the same organisation without care of this patient: enough to find somebody, and not to make them twice.
SAME_ORGANISATION: Mapping[Profession, Rights] = MappingProxyType(
    {profession: {Section.IDENTITY: frozenset({Action.LIST})} for profession in CARE_TEAM}
)

#: The person whose dossier it is.
PATIENT: Rights = MappingProxyType({
    Section.IDENTITY: _SEE, Section.CLINICAL: _ADD | {Action.SHARE}, Section.IMAGING: _ADD | {Action.SHARE},
    Section.MEASUREMENTS: _ADD | {Action.SHARE}, Section.EXCHANGES: _ADD | {Action.SHARE}, Section.SENSITIVE: _SEE,
})  # fmt: skip

#: What a machine does with an access key, at most: no correcting, no sharing, no acts on the dossier as a whole.
KEY_ACTIONS: Mapping[KeyScope, frozenset[Action]] = MappingProxyType({
    KeyScope.READ: _SEE, KeyScope.READ_AND_FILE: _SEE | {Action.FILE},
})  # fmt: skip

#: In the care team, the professions that manage it, and those that read the trail.
MANAGES_TEAM = frozenset({Profession.PHYSICIAN, Profession.NURSE})
READS_TRAIL = frozenset({Profession.PHYSICIAN})


def judge(caller: Caller, ties: Ties, action: Action, purpose: Purpose) -> Verdict:
    """Say what the rules allow this caller, given the ties that hold now, and their access key if one is used."""
    return _by_key(caller, action, _judge_person(caller, ties, action, purpose))


def keyable_sections(caller: Caller) -> tuple[Section, ...]:
    """Return the sections that an access key of this caller could ever read: those their profession reads in care."""
    if caller.role not in {Role.PROFESSIONAL, Role.PATIENT}:
        return ()
    relation = Relation.PATIENT if caller.role is Role.PATIENT else Relation.CARE_TEAM
    rights = reaches(caller.profession, relation)
    return tuple(section for section in Section if Action.READ in rights.get(section, ()))


def _by_key(caller: Caller, action: Action, verdict: Verdict) -> Verdict:
    """Keep of a verdict what the caller's access key opens too; without a key, all of it."""
    if caller.key is None or not verdict.allowed:
        return verdict
    if action not in KEY_ACTIONS[caller.key.scope]:
        return _refused("key-without-this-action")
    reach = {section: entries for section, entries in verdict.reach.items() if section in caller.key.sections}
    return replace(verdict, reach=reach) if reach else _refused("key-without-these-sections")


def _judge_person(caller: Caller, ties: Ties, action: Action, purpose: Purpose) -> Verdict:
    if ties.organisation is None:
        return _refused("no-such-dossier")
    if not ties.stands:
        return _refused("account-closed")
    if action in WHOLE_DOSSIER:
        return _judge_whole(caller, ties, action)
    if ties.is_patient:
        return _by(Relation.PATIENT, PATIENT, action)
    if caller.role is not Role.PROFESSIONAL:
        return _refused("role-without-care")
    return _judge_professional(caller, ties, action, purpose)


def reaches(profession: Profession, relation: Relation) -> Rights:
    """Return the sections and actions that a profession has in a relation, for pages that explain the rules."""
    if relation is Relation.PATIENT:
        return PATIENT
    table = {Relation.CARE_TEAM: CARE_TEAM, Relation.SAME_ORGANISATION: SAME_ORGANISATION}.get(relation, {})
    return table.get(profession, _NOTHING)


def _judge_professional(caller: Caller, ties: Ties, action: Action, purpose: Purpose) -> Verdict:
    if ties.in_care_team:
        verdict = _by(Relation.CARE_TEAM, CARE_TEAM.get(caller.profession, _NOTHING), action)
        if verdict.allowed:
            return verdict
    granted = _by_grants(caller, ties, action, purpose)
    if granted.allowed:
        return granted
    if ties.organisation == caller.organisation:
        return _by(Relation.SAME_ORGANISATION, SAME_ORGANISATION.get(caller.profession, _NOTHING), action)
    return _refused("no-care-relation")


def _judge_whole(caller: Caller, ties: Ties, action: Action) -> Verdict:
    match action:
        case Action.JOIN_TEAM:
            colleague = caller.role is Role.PROFESSIONAL and ties.organisation == caller.organisation
            return _whole(Relation.SAME_ORGANISATION) if colleague else _refused("other-organisation")
        case Action.MANAGE_TEAM:
            leads = ties.in_care_team and caller.profession in MANAGES_TEAM
            return _whole(Relation.CARE_TEAM) if leads else _refused("does-not-lead-care")
        case Action.READ_TRAIL:
            return _judge_trail(caller, ties)
        case _:
            return _refused("no-such-right")


def _judge_trail(caller: Caller, ties: Ties) -> Verdict:
    if ties.is_patient:
        return _whole(Relation.PATIENT)
    if ties.in_care_team and caller.profession in READS_TRAIL:
        return _whole(Relation.CARE_TEAM)
    if caller.role is Role.DPO and caller.organisation == ties.organisation:
        return _whole(Relation.DATA_PROTECTION)
    return _refused("trail-not-theirs")


def _by(relation: Relation, rights: Rights, action: Action) -> Verdict:
    reach = {section: Extent() for section, actions in rights.items() if action in actions}
    return Verdict(reach, relation, relation.value) if reach else _refused("profession-without-this-action")


def _by_grants(caller: Caller, ties: Ties, action: Action, purpose: Purpose) -> Verdict:
    """A grant opens reading; what it opens is still bounded by what the profession may read in a care team."""
    if action not in _SEE:
        return _refused("grants-open-reading-only")
    rights = CARE_TEAM.get(caller.profession, _NOTHING)
    reach: dict[Section, Extent] = {}
    for grant in ties.grants:
        if grant.purpose is purpose:
            for section in grant.sections:
                if action in rights.get(section, ()):
                    reach[section] = reach.get(section, _NO_ENTRY).joined(Extent(grant.entries))
    if not reach:
        return _refused("no-grant")
    return Verdict({**reach, Section.IDENTITY: Extent()}, Relation.GRANT, Relation.GRANT.value)


def _whole(relation: Relation) -> Verdict:
    return Verdict({Section.IDENTITY: Extent()}, relation, relation.value)


def _refused(reason: str) -> Verdict:
    return Verdict({}, None, reason)
