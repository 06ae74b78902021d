"""The death of a patient: their own account, and all who acted for them, open nothing any more; the rest stays.

Restrictions outlive the patient, and so does the care team, which finishes what it has to write (LAW-55).
"""

from datetime import date, timedelta

from serment import kernel, ledger
from serment.access import store
from serment.access.errors import DeathInvalid
from serment.access.model import Action, Permit, Section


def declare_deceased(uow: kernel.UnitOfWork, permit: Permit, on: date) -> None:
    """Write that the patient died on a day; declared again, it corrects the day.

    Raises:
        PermitMismatch: the permit is not for managing the care team.
        DeathInvalid: the day is to come, or it is the one that was declared.
    """
    permit.require(uow, Action.MANAGE_TEAM, None, None)
    # Somewhere on Earth it is tomorrow already.
    if on > (uow.now + timedelta(hours=14)).date() or on == store.load_death(uow, permit.dossier):
        raise DeathInvalid(on.isoformat())
    store.write_death(uow, permit.dossier, on)
    _record(uow, permit, "death.declared", on)


def retract_death(uow: kernel.UnitOfWork, permit: Permit) -> None:
    """Take back the declaration of a death that was an error: what it ended holds again, as it stood.

    Raises:
        PermitMismatch: the permit is not for managing the care team.
        DeathInvalid: none was declared.
    """
    permit.require(uow, Action.MANAGE_TEAM, None, None)
    on = store.load_death(uow, permit.dossier)
    if on is None:
        raise DeathInvalid("none")
    store.write_death(uow, permit.dossier, None)
    _record(uow, permit, "death.retracted", on)


def death_of(uow: kernel.UnitOfWork, permit: Permit) -> date | None:
    """Return the day on which the patient died; None while no death was declared."""
    permit.require(uow, permit.action, Section.IDENTITY, None)
    return store.load_death(uow, permit.dossier)


def _record(uow: kernel.UnitOfWork, permit: Permit, kind: str, on: date) -> None:
    trace = ledger.Trace(
        kind=kind, actor=permit.caller.actor, organisation=permit.organisation, dossier=permit.dossier,
        category="dossier", purpose=permit.purpose.value, outcome=ledger.Outcome.ALLOWED,
        detail={"on": on.isoformat()},
    )  # fmt: skip
    ledger.record(uow, trace)
