"""Many dossiers at once for the tests of the read brake: rows of access alone, without content."""

from dataclasses import replace
from datetime import timedelta

from serment import access, identity, kernel
from serment.access import Measure, store
from serment.access.brake import policy
from serment.access.brake import store as brake_store
from serment.access.brake.baselines import BASELINES
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


def use_up(house: House, caller: identity.Caller, count: int) -> None:
    """Count so many dossiers as opened, without opening them."""
    with house.database.unit_of_work() as uow:
        budget = BASELINES.of(caller.role, caller.profession)
        brake_store.fill(
            uow, caller.account, caller.organisation, policy.costs(budget, Measure.DOSSIERS, count)
        )


def be_held(house: House, caller: identity.Caller) -> kernel.DossierId:
    """Run an account over its first limit; return a dossier of theirs that it does not open any more."""
    use_up(house, caller, 30)
    (dossier,) = many(house, 1, caller)
    open_until_stopped(house, caller, [dossier])
    return dossier


def be_frozen(house: House, caller: identity.Caller) -> None:
    """Run an account over both limits."""
    dossier = be_held(house, caller)
    say_why(house, caller)
    use_up(house, caller, 30)
    open_until_stopped(house, caller, [dossier])


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
