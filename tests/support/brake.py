"""Many dossiers at once for the tests of the read brake: rows of access alone, without content."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

from serment import access, identity, kernel, ledger
from serment.access import Measure, store
from serment.access.brake import policy
from serment.access.brake import store as brake_store
from serment.access.brake.baselines import BASELINES
from serment.access.brake.model import State
from serment.access.model import Participation
from support.dossier import House
from support.identity import make_account, signed_in


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


def officer(house: House, role: identity.Role = identity.Role.DPO) -> identity.Caller:
    """Somebody who looks into those that were stopped."""
    with house.database.unit_of_work() as uow:
        return signed_in(uow, make_account(uow, house.organisation, role, name="Sacha Essai"))


def stop(house: House, caller: identity.Caller) -> access.Freeze:
    """Stop an account that opened nothing: its row says so, and nobody is told."""
    with house.database.unit_of_work() as uow:
        found = access.Freeze(
            brake_store.new_freeze_id(), caller.account, caller.organisation, Measure.DOSSIERS, uow.now
        )
        brake_store.fill(uow, caller.account, caller.organisation, ())
        brake_store.freeze(uow, found)
    return found


def state_of(house: House, caller: identity.Caller, dossier: kernel.DossierId | None = None) -> State:
    """Where an account stands, and whether it opened that dossier today."""
    with house.database.reading() as uow:
        return brake_store.load_state(uow, caller.account, dossier)


def used_by(house: House, caller: identity.Caller, measure: Measure) -> int:
    """How much of this hour's budget an account has used."""
    with house.database.reading() as uow:
        used = {one.gauge: one.used for one in access.own_budget(uow, caller)}
    return used[access.Gauge(measure, access.Window.HOUR)]


def security(house: House) -> list[ledger.Trace]:
    """What the brake left in the security log, oldest first."""
    with house.database.reading() as uow:
        found = ledger.read_security_log(uow, house.organisation.id, limit=200)
    return [one.trace for one in reversed(found) if one.trace.kind.startswith("brake.")]


def together(works: list[Callable[[], None]]) -> list[BaseException]:
    """Run them at once, one thread each; return what they ended with."""
    barrier, ended = Barrier(len(works)), list[BaseException]()

    def run(work: Callable[[], None]) -> None:
        barrier.wait()
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - it is what the test looks at
            ended.append(error)

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended


def join(house: House, caller: identity.Caller, dossier: kernel.DossierId) -> None:
    """Join a care team by saying so."""
    with house.database.unit_of_work() as uow:
        access.join_care_team(uow, access.decide(uow, caller, access.Action.JOIN_TEAM, dossier))


def inquire(house: House, caller: identity.Caller, *dossiers: kernel.DossierId) -> int:
    """Open the trails of patients as an inquiry does; return how many were opened."""
    with house.database.recorded_reading() as uow:
        return len(access.decide_trails(uow, caller, dossiers))
