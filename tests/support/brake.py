"""Many dossiers at once for the tests of the read brake: rows of access alone, without content."""

from dataclasses import replace
from datetime import timedelta

from serment import access, identity, kernel
from serment.access import store
from serment.access.model import Participation
from support.dossier import House


def many(house: House, count: int, *carers: identity.Caller) -> list[kernel.DossierId]:
    """Dossiers of the house's organisation, in whose care team these callers are."""
    with house.database.unit_of_work() as uow:
        made = [kernel.DossierId(kernel.new_id()) for _ in range(count)]
        for dossier in made:
            store.insert_custody(uow, dossier, house.organisation.id)
            for carer in carers:
                part = Participation(dossier, carer.account, None, uow.now - timedelta(days=1), None, "test")
                store.insert_participation(uow, part)
    return made


def open_one(house: House, caller: identity.Caller, dossier: kernel.DossierId) -> None:
    """Open a dossier as pages do: in a reading whose traces are kept."""
    with house.database.recorded_reading() as uow:
        access.decide(uow, caller, access.Action.LIST, dossier)


def open_until_stopped(house: House, caller: identity.Caller, dossiers: list[kernel.DossierId]) -> int:
    """Open one after the other; return how many were opened before the brake stopped it."""
    for count, dossier in enumerate(dossiers):
        try:
            open_one(house, caller, dossier)
        except access.Braked:
            return count
    return len(dossiers)


def confirmed(house: House, caller: identity.Caller) -> identity.Caller:
    """The caller, a factor of theirs proved just now."""
    return replace(caller, stepped_up_at=house.database.clock.now())


def say_why(house: House, caller: identity.Caller) -> access.Lift:
    """Give a reason as the page does."""
    reason = access.Reason(access.LiftReason.ON_CALL, "garde de week-end")
    proved = confirmed(house, caller)
    with house.database.unit_of_work() as uow:
        return access.give_reason(uow, proved, reason)
