"""Closing and opening again as the pages do, and what somebody then sees of it.

closed = close(house, Against.PERSON, account=other.account, entry=entry)
lift(house, closed)
"""

from dataclasses import replace

import pytest

from serment import access, dossier, identity, kernel, ledger
from serment.access import Action, Against, EntryId, RestrictionRequest, Section
from support.dossier import House
from support.family import Family


def close(
    house: House,
    against: Against,
    *,
    account: kernel.AccountId | None = None,
    section: Section | None = None,
    entry: EntryId | None = None,
    by: identity.Caller | None = None,
) -> access.Restriction:
    """Close as the patient's page does."""
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, by or house.patient, Action.CONTROL, house.martin)
        return access.restrict(uow, permit, RestrictionRequest(against, account, section, entry))


def lift(house: House, restriction: access.Restriction) -> None:
    """Open again as the patient's page does."""
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, Action.CONTROL, house.martin)
        access.lift_restriction(uow, permit, restriction.id)


def reserve(house: House, entry: EntryId, by: identity.Caller | None = None) -> access.Restriction:
    """Reserve an entry to the patient, as a professional's page does."""
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, by or house.physician, Action.SHARE, house.martin)
        return access.restrict(uow, permit, RestrictionRequest(Against.DELEGATES, entry=entry))


def closings_seen_by(
    house: House, caller: identity.Caller, action: Action = Action.CONTROL
) -> tuple[access.Restriction, ...]:
    """Return what somebody who controls the dossier, or shares what is in it, is told that was closed; newest first."""
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, caller, action, house.martin)
        return access.restrictions_of(uow, permit)


def titles(house: House, caller: identity.Caller) -> set[str]:
    """Return what somebody reads in the list of documents."""
    return {line.title for line in house.lines(caller)}


def trail_of(house: House, caller: identity.Caller) -> list[ledger.Trace]:
    """Return what somebody reads of the trail, oldest first; the readings themselves are left out."""
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, caller, Action.READ_TRAIL, house.martin)
        found = access.read_trail(uow, permit)
    return [one.trace for one in reversed(found) if one.trace.kind != "dossier.read-trail"]


def attempt(house: House, caller: identity.Caller, entry: EntryId, *, by_itself: bool = False) -> None:
    """Ask in vain for an entry, within its dossier or named by itself."""
    with pytest.raises(access.AccessRefused), house.database.unit_of_work() as uow:
        if by_itself:
            dossier.decide_named_entry(uow, caller, Action.READ, entry)
        else:
            dossier.decide_entry(uow, caller, Action.READ, house.martin, entry)


def colleague(
    house: House, profession: identity.Profession = identity.Profession.PHYSICIAN
) -> identity.Caller:
    """Return a professional who joined the care of the patient."""
    joined = house.caller(profession)
    house.admit(joined)
    return joined


def at_home(family: Family) -> House:
    """Return the house with the girl as its patient, and her dossier as the one."""
    return replace(family.house, patient=family.child, martin=family.lou)
