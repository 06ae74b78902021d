"""The rules: what each relation to the patient opens, by the matrix of rights. Pure; no I/O, no clock.

Deny by default: what no rule and no cell of the matrix allows is refused. Deny wins: what is hidden from somebody is
taken away last, from whatever else opens it. Source: CSP L.1110-4 and L.1110-12 (LAW-50, LAW-51); profession and care
relation together (LAW-52); restrictions by the patient (LAW-41); whoever acts for the patient (LAW-44).
"""

from collections.abc import Mapping
from dataclasses import replace

from serment.access.matrix.model import Matrix, Rights
from serment.access.model import (
    WHOLE_DOSSIER,
    Action,
    Against,
    DelegateKind,
    Extent,
    Hidden,
    Purpose,
    Reach,
    Relation,
    Section,
    Ties,
    Verdict,
)
from serment.identity import Caller, KeyScope, Profession, Role

_SEE = frozenset({Action.LIST, Action.READ})
_NO_ENTRY = Extent(frozenset())
_EVERYTHING = Extent()

#: What a machine does with an access key, at most: no correcting, no sharing, no acts on the dossier as a whole.
KEY_ACTIONS: Mapping[KeyScope, frozenset[Action]] = {
    KeyScope.READ: _SEE, KeyScope.READ_AND_FILE: _SEE | {Action.FILE},
}  # fmt: skip

#: Who acts for the patient in all things, until the patient does so alone; a trusted person does not.
ACTS_IN_ALL = frozenset({DelegateKind.PARENT, DelegateKind.GUARDIAN})


def judge(caller: Caller, ties: Ties, action: Action, purpose: Purpose, matrix: Matrix) -> Verdict:
    """Say what the rules allow this caller, given the ties that hold now, and their access key if one is used."""
    hidden = hidden_from(caller, ties, matrix, action)
    verdict = _by_key(caller, action, _judge_person(caller, ties, action, purpose, matrix))
    return replace(verdict, reach=_left(verdict.reach, action, hidden), hidden=hidden)


def hidden_from(caller: Caller, ties: Ties, matrix: Matrix, action: Action = Action.READ) -> Hidden:
    """Say what is absent for this caller.

    To save a life, what is closed to professionals gives way where an emergency was opened, to be listed and read and
    for nothing else; what is closed to this very person does not.
    """
    restricted = ties.restricted
    if restricted is None or ties.is_patient or caller.role not in {Role.PATIENT, Role.PROFESSIONAL}:
        return Hidden()
    if caller.role is Role.PATIENT:
        return restricted.hidden(frozenset({Against.PERSON, Against.DELEGATES}))
    closed = restricted.hidden(
        frozenset({Against.PROFESSIONALS}), but=_given_way(caller, ties, action, matrix)
    )
    theirs = restricted.hidden(frozenset({Against.PERSON}))
    return Hidden(closed.sections | theirs.sections, closed.entries | theirs.entries, restricted.own)


def keyable_sections(caller: Caller, matrix: Matrix) -> tuple[Section, ...]:
    """Return the sections that an access key of this caller could ever read: those their profession reads in care."""
    if caller.role not in {Role.PROFESSIONAL, Role.PATIENT}:
        return ()
    relation = Relation.PATIENT if caller.role is Role.PATIENT else Relation.CARE_TEAM
    rights = reaches(caller.profession, relation, matrix)
    return tuple(section for section in Section if Action.READ in rights.get(section, ()))


def reaches(profession: Profession, relation: Relation, matrix: Matrix) -> Rights:
    """Return the sections and actions that a profession has in a relation, for pages that explain the rules."""
    return matrix.rights(relation, None if relation is Relation.PATIENT else profession)


def _left(reach: Reach, action: Action, hidden: Hidden) -> Reach:
    """Take away what is hidden; who files adds something of their own, and learns nothing of what is there."""
    if action is Action.FILE:
        return reach
    return {section: hidden.left_of(section, extent) for section, extent in reach.items()}


def _by_key(caller: Caller, action: Action, verdict: Verdict) -> Verdict:
    """Keep of a verdict what the caller's access key opens too; without a key, all of it."""
    if caller.key is None or not verdict.allowed:
        return verdict
    if action not in KEY_ACTIONS[caller.key.scope]:
        return _refused("key-without-this-action")
    reach = {section: extent for section, extent in verdict.reach.items() if section in caller.key.sections}
    return replace(verdict, reach=reach) if reach else _refused("key-without-these-sections")


def _judge_person(caller: Caller, ties: Ties, action: Action, purpose: Purpose, matrix: Matrix) -> Verdict:
    if closed := _closed(ties):
        return _refused(closed)
    if action in WHOLE_DOSSIER:
        return _judge_whole(caller, ties, action, matrix)
    if ties.is_patient:
        return _by(Relation.PATIENT, matrix.rights(Relation.PATIENT, None), action)
    if caller.role is Role.PROFESSIONAL:
        return _judge_professional(caller, ties, action, purpose, matrix)
    if caller.role is Role.PATIENT and ties.delegations:
        return _by_mandates(ties, action, matrix)
    return _refused("role-without-care")


def _closed(ties: Ties) -> str:
    """Return why nothing at all opens now, whatever the tie; empty while something may."""
    if ties.organisation is None:
        return "no-such-dossier"
    if not ties.stands:
        return "account-closed"
    if ties.frozen:
        return "account-frozen"
    acts_for_the_dead = ties.deceased_on is not None and (ties.is_patient or ties.delegations)
    return "patient-deceased" if acts_for_the_dead else ""


def _judge_professional(
    caller: Caller, ties: Ties, action: Action, purpose: Purpose, matrix: Matrix
) -> Verdict:
    """An emergency adds to what care or an opening gives; all that is seen by it counts as emergency."""
    ordinary = _in_care(caller, ties, action, purpose, matrix)
    opened = _by_opening(caller, ties, action, matrix)
    if not opened.allowed:
        return ordinary
    return replace(opened, reach=_joined(ordinary.reach, opened.reach))


def _in_care(caller: Caller, ties: Ties, action: Action, purpose: Purpose, matrix: Matrix) -> Verdict:
    if ties.in_care_team:
        verdict = _by(Relation.CARE_TEAM, matrix.rights(Relation.CARE_TEAM, caller.profession), action)
        if verdict.allowed:
            return verdict
    granted = _by_grants(caller, ties, action, purpose, matrix)
    if granted.allowed:
        return granted
    if ties.organisation == caller.organisation:
        rights = matrix.rights(Relation.SAME_ORGANISATION, caller.profession)
        return _by(Relation.SAME_ORGANISATION, rights, action)
    return _refused("no-care-relation")


def _judge_whole(caller: Caller, ties: Ties, action: Action, matrix: Matrix) -> Verdict:
    match action:
        case Action.JOIN_TEAM:
            return (
                _whole(Relation.SAME_ORGANISATION)
                if _is_colleague(caller, ties)
                else _refused("other-organisation")
            )
        case Action.MANAGE_TEAM:
            leads = _cares(caller, ties) and caller.profession in matrix.manages_team
            return _whole(Relation.CARE_TEAM) if leads else _refused("does-not-lead-care")
        case Action.READ_TRAIL:
            return _judge_trail(caller, ties, matrix)
        case Action.CONTROL:
            return _judge_control(caller, ties)
        case Action.OPEN_EMERGENCY:
            return _judge_emergency(caller, ties, matrix)
        case _:
            return _refused("no-such-right")


def _judge_trail(caller: Caller, ties: Ties, matrix: Matrix) -> Verdict:
    if ties.is_patient:
        return _whole(Relation.PATIENT)
    if _acts_in_all(caller, ties):
        return _whole(Relation.DELEGATE)
    if _cares(caller, ties) and caller.profession in matrix.reads_trail:
        return _whole(Relation.CARE_TEAM)
    if caller.role is Role.DPO and caller.organisation == ties.organisation:
        return _whole(Relation.DATA_PROTECTION)
    return _refused("trail-not-theirs")


def _judge_control(caller: Caller, ties: Ties) -> Verdict:
    if ties.is_patient:
        return _whole(Relation.PATIENT)
    return _whole(Relation.DELEGATE) if _acts_in_all(caller, ties) else _refused("not-the-patient")


def _judge_emergency(caller: Caller, ties: Ties, matrix: Matrix) -> Verdict:
    if not _is_colleague(caller, ties) or caller.profession not in matrix.opens_emergency:
        return _refused("no-emergency-here")
    return _whole(Relation.CARE_TEAM if ties.in_care_team else Relation.SAME_ORGANISATION)


def _is_colleague(caller: Caller, ties: Ties) -> bool:
    return caller.role is Role.PROFESSIONAL and ties.organisation == caller.organisation


def _cares(caller: Caller, ties: Ties) -> bool:
    return caller.role is Role.PROFESSIONAL and ties.in_care_team


def _acts_in_all(caller: Caller, ties: Ties) -> bool:
    return caller.role is Role.PATIENT and any(mandate.kind in ACTS_IN_ALL for mandate in ties.delegations)


def _by(relation: Relation, rights: Rights, action: Action) -> Verdict:
    reach = {section: _EVERYTHING for section, actions in rights.items() if action in actions}
    return Verdict(reach, relation, relation.value) if reach else _refused("profession-without-this-action")


def _by_mandates(ties: Ties, action: Action, matrix: Matrix) -> Verdict:
    """Whoever acts for the patient does what their quality does, in the sections that were entrusted to them."""
    reach = {
        section: _EVERYTHING
        for mandate in ties.delegations
        for section, actions in matrix.rights(Relation.DELEGATE, mandate.kind).items()
        if action in actions
        and (mandate.sections is None or section in {*mandate.sections, Section.IDENTITY})
    }
    if not reach:
        return _refused("not-entrusted")
    return Verdict(reach, Relation.DELEGATE, Relation.DELEGATE.value)


def _by_grants(caller: Caller, ties: Ties, action: Action, purpose: Purpose, matrix: Matrix) -> Verdict:
    """A grant opens reading; what it opens is still bounded by what the profession may read in a care team."""
    if action not in _SEE:
        return _refused("grants-open-reading-only")
    rights = matrix.rights(Relation.CARE_TEAM, caller.profession)
    reach: dict[Section, Extent] = {}
    for grant in ties.grants:
        if grant.purpose is purpose:
            for section in grant.sections:
                if action in rights.get(section, ()):
                    given = grant.withheld.left_of(section, Extent(grant.entries))
                    reach[section] = reach.get(section, _NO_ENTRY).joined(given)
    if not reach:
        return _refused("no-grant")
    return Verdict({**reach, Section.IDENTITY: _EVERYTHING}, Relation.GRANT, Relation.GRANT.value)


def _by_opening(caller: Caller, ties: Ties, action: Action, matrix: Matrix) -> Verdict:
    """An emergency opens what its profession reads in emergencies, within the sections that it named.

    It is for the person who opened, at their screen: their programs go no further by it.
    """
    if ties.opening is None or ties.organisation != caller.organisation or caller.key is not None:
        return _refused("no-opening")
    rights = matrix.rights(Relation.EMERGENCY, caller.profession)
    opened = {section for section in ties.opening.sections if action in rights.get(section, ())}
    if not opened or action not in _SEE:
        return _refused("no-opening")
    reach = dict.fromkeys([*opened, Section.IDENTITY], _EVERYTHING)
    return Verdict(reach, Relation.EMERGENCY, Relation.EMERGENCY.value)


def _given_way(caller: Caller, ties: Ties, action: Action, matrix: Matrix) -> frozenset[Section]:
    """Return the sections where what is closed to professionals gives way to a life at risk.

    It gives way to looking alone: an emergency changes and shares nothing, whatever the care team else may.
    """
    if action not in _SEE or ties.opening is None or not ties.opening.vital:
        return frozenset()
    return frozenset(_by_opening(caller, ties, Action.READ, matrix).reach)


def _joined(one: Reach, other: Reach) -> Reach:
    return {
        section: one.get(section, _NO_ENTRY).joined(other.get(section, _NO_ENTRY))
        for section in {*one, *other}
    }


def _whole(relation: Relation) -> Verdict:
    return Verdict({Section.IDENTITY: _EVERYTHING}, relation, relation.value)


def _refused(reason: str) -> Verdict:
    return Verdict({}, None, reason)
