"""The end of an epoch: the living keys are wrapped anew, then the key they were wrapped under is destroyed.

What was erased before is then dead in every backup too, since no living key opens its wrap (CRY-21).
"""

from datetime import datetime, timedelta
from uuid import UUID

from serment import kernel
from serment.vault import store, wraps
from serment.vault.context import Scope
from serment.vault.hierarchy import KeyHierarchy, add_epoch, newest_epoch

EPOCH = timedelta(days=30)
BATCH = 500


def rotate_epoch(hierarchy: KeyHierarchy, organisation: kernel.OrganisationId) -> int:
    """Begin a new epoch, move every living key to it and destroy the older ones; return its number.

    The work goes in short transactions, so that others can make keys meanwhile (theirs are of the new epoch).
    Interrupted, it is taken up where it stood by the next call, which then begins no further epoch (CRY-12).
    """
    epoch = _begin(hierarchy, organisation)
    while not _move_some(hierarchy, organisation, epoch):
        pass
    return epoch


def organisations_due(hierarchy: KeyHierarchy, now: datetime) -> tuple[kernel.OrganisationId, ...]:
    """Return the organisations whose epoch has lasted its 30 days, or whose rotation was interrupted."""
    with hierarchy.keys.reading() as uow:
        return store.organisations_to_rotate(uow, now - EPOCH)


def _begin(hierarchy: KeyHierarchy, organisation: kernel.OrganisationId) -> int:
    with hierarchy.keys.unit_of_work() as uow:
        top = hierarchy.organisation_key(uow, organisation)
        epochs = store.load_epochs(uow, organisation)
        newest = max(epochs, default=0)
        if len(epochs) > 1:
            return newest
        return add_epoch(uow, organisation, top, newest + 1)[0]


def _move_some(hierarchy: KeyHierarchy, organisation: kernel.OrganisationId, epoch: int) -> bool:
    """Move a batch of keys to the newest epoch; tell whether none was left, and the older epochs destroyed."""
    with hierarchy.keys.unit_of_work() as uow:
        top = hierarchy.organisation_key(uow, organisation)
        batch = store.compartments_before(uow, organisation, epoch, limit=BATCH)
        if not batch:
            store.destroy_epochs_before(uow, organisation, epoch)
            return True
        _, above = newest_epoch(uow, organisation, top)
        older = {
            number: wraps.unwrap_epoch(top, organisation, number, wrapped)
            for number, wrapped in store.load_epochs(uow, organisation).items()
            if number < epoch
        }
        for key in batch:
            store.replace_wrap(
                uow, organisation, _rewrap(organisation, key, older[key.epoch], (epoch, above))
            )
    return False


def _rewrap(
    organisation: kernel.OrganisationId, key: store.CompartmentWrap, old: bytes, new: tuple[int, bytes]
) -> store.CompartmentWrap:
    dossier = kernel.DossierId(UUID(key.dossier)) if key.dossier else None
    scope = Scope(organisation, dossier, key.compartment)
    epoch, above = new
    clear = wraps.unwrap_compartment(old, scope, key.epoch, key.wrapped)
    wrapped = wraps.wrap_compartment(above, scope, epoch, clear)
    return store.CompartmentWrap(key.dossier, key.compartment, epoch, wrapped)
