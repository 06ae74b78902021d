"""Who opens and approves a recovery, and when its code works (AUT-13, ASVS 6.4.4, 6.4.6, THR-07)."""

from dataclasses import dataclass
from datetime import datetime

from serment.identity.model import Role
from serment.identity.rules import RecoveryRules

#: Whoever could approve a recovery; their own accounts are recovered by two persons and never by one.
SECOND_PERSONS = frozenset({Role.ADMINISTRATOR, Role.DPO})


@dataclass(frozen=True)
class Opening:
    """From when the code works: `alone` without anybody's approval, `approved` with it; None: that way never."""

    alone: datetime | None
    approved: datetime | None


def may_open(opening: Role, owner: Role) -> bool:
    """Tell whether a role opens recoveries of accounts of another.

    A patient's account opens a dossier: those who invite patients recover it, and administrators never (THR-07).
    """
    if owner is Role.PATIENT:
        return opening is Role.PROFESSIONAL
    return opening is Role.ADMINISTRATOR


def opens(owner: Role, rules: RecoveryRules, at: datetime) -> Opening:
    """Return when a recovery that is opened at an instant works."""
    if owner is Role.PATIENT:
        return Opening(alone=at + rules.patient, approved=None)
    if owner in SECOND_PERSONS:
        return Opening(alone=None, approved=at + rules.with_second_person)
    return Opening(alone=at + rules.alone, approved=at + rules.with_second_person)


def opens_from_console(rules: RecoveryRules, at: datetime) -> Opening:
    """Return when a recovery works that the operator opened, because there is no second person."""
    return Opening(alone=at + rules.alone, approved=None)
