"""Who acts for a patient, and for whom somebody acts."""

from serment import identity, kernel
from serment.access.delegations import store
from serment.access.delegations.model import Delegation
from serment.access.model import Permit, Section


def delegations_of(uow: kernel.UnitOfWork, permit: Permit) -> tuple[Delegation, ...]:
    """Return everybody who ever acted for the patient, and the codes handed over, oldest first."""
    permit.require(uow, permit.action, Section.IDENTITY, None)
    return store.load_delegations(uow, permit.dossier)


def my_delegations(uow: kernel.UnitOfWork, caller: identity.Caller) -> tuple[Delegation, ...]:
    """Return for whom the caller acts now; showing anything of a dossier takes a decision."""
    return tuple(one for one in store.load_delegations_to(uow, caller.account) if one.holds(uow.now))
