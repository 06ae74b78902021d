"""Those who act for a patient, as pages list them."""

from dataclasses import dataclass

from serment import access, identity, kernel
from serment.access import Action, Permit, Relation, Section


@dataclass(frozen=True)
class Acting:
    """Somebody who acts for the patient now, or a code that waits for whom it is meant."""

    delegation: access.Delegation
    name: str
    may_end: bool
    #: Whether their account was made and nobody enrolled it yet.
    waits: bool


def acting_for(uow: kernel.UnitOfWork, permit: Permit) -> tuple[Acting, ...]:
    """Return who acts for the patient now, and the codes still good, oldest first."""
    present = [
        one for one in access.delegations_of(uow, permit) if one.holds(uow.now) or one.is_offered(uow.now)
    ]
    return tuple(_acting(uow, permit, one) for one in present)


def _acting(uow: kernel.UnitOfWork, permit: Permit, one: access.Delegation) -> Acting:
    if one.account is None:
        return Acting(one, "", _may_end(permit, one), waits=False)
    account = identity.open_account(uow, one.account)
    waits = account.status is identity.AccountStatus.INVITED
    return Acting(one, account.name, _may_end(permit, one), waits=waits)


def _may_end(permit: Permit, one: access.Delegation) -> bool:
    """The patient ends what they gave; the practice, with a reason, anything."""
    if permit.action is Action.SHARE:
        return permit.covers(Section.IDENTITY, None)
    return permit.relation is Relation.PATIENT and one.kind is access.DelegateKind.TRUSTED_PERSON
