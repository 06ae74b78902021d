"""Those who act for a patient, as pages list them."""

from collections.abc import Iterable
from dataclasses import dataclass

from serment import access, identity, kernel
from serment.access import Action, Permit, Relation, Section


@dataclass(frozen=True)
class Acting:
    """Somebody who acts for the patient now, or a code that waits for whom it is meant."""

    delegation: access.Delegation
    name: str
    may_end: bool


def acting_for(uow: kernel.UnitOfWork, permit: Permit) -> tuple[Acting, ...]:
    """Return who acts for the patient now, and the codes still good, oldest first."""
    present = [
        one for one in access.delegations_of(uow, permit) if one.holds(uow.now) or one.is_offered(uow.now)
    ]
    names = _names(uow, present)
    return tuple(Acting(one, names.get(one.id, ""), _may_end(permit, one)) for one in present)


def _names(uow: kernel.UnitOfWork, present: Iterable[access.Delegation]) -> dict[access.DelegationId, str]:
    accounts = {one.id: one.account for one in present if one.account is not None}
    names = identity.names_of(uow, set(accounts.values()))
    return {delegation: names[account] for delegation, account in accounts.items()}


def _may_end(permit: Permit, one: access.Delegation) -> bool:
    """The patient ends what they gave; the practice, with a reason, anything."""
    if permit.action is Action.SHARE:
        return permit.covers(Section.IDENTITY, None)
    return permit.relation is Relation.PATIENT and one.kind is access.DelegateKind.TRUSTED_PERSON
