"""What is checked before anybody acts for a patient, by whichever way they come to it."""

from datetime import date

from serment import kernel
from serment.access.delegations import store
from serment.access.delegations.errors import AlreadyDelegate, DelegationInvalid
from serment.access.delegations.majority import Majority
from serment.access.delegations.model import Delegation, DelegationId, DelegationRequest
from serment.access.delegations.policy import terms_of
from serment.access.model import Action, DelegateKind, Permit, Relation, Section


def plan_delegation(
    uow: kernel.UnitOfWork, permit: Permit, request: DelegationRequest, born_on: date
) -> Delegation:
    """Return a delegation that the permit's holder may give on a patient born on that day, for nobody yet.

    Raises:
        PermitMismatch: the permit is not for it.
        DelegationInvalid: this patient cannot be acted for so.
    """
    if request.kind is DelegateKind.TRUSTED_PERSON:
        permit.require(uow, Action.CONTROL, None, None)
        if permit.relation is not Relation.PATIENT:
            raise DelegationInvalid("not-the-patient")
        _insist_on_no_guardian(uow, permit.dossier)
    else:
        permit.require(uow, Action.SHARE, Section.IDENTITY, None)
    return Delegation(
        id=DelegationId(kernel.new_id()),
        organisation=permit.organisation,
        dossier=permit.dossier,
        account=None,
        terms=terms_of(request, uow.now, uow.part(Majority).reached_at(born_on)),
        starts_at=uow.now,
        given_by=permit.caller.account,
    )


def insist_on_newcomer(uow: kernel.UnitOfWork, dossier: kernel.DossierId, account: kernel.AccountId) -> None:
    """Return if an account does not act for this patient yet.

    Raises:
        AlreadyDelegate: it does.
    """
    theirs = store.load_delegations_to(uow, account)
    if any(one.dossier == dossier and one.holds(uow.now) for one in theirs):
        raise AlreadyDelegate(str(account))


def _insist_on_no_guardian(uow: kernel.UnitOfWork, dossier: kernel.DossierId) -> None:
    """Under guardianship a trusted person is named with the judge's leave: not from here (CSP L.1111-6)."""
    present = (one for one in store.load_delegations(uow, dossier) if one.holds(uow.now))
    if any(one.kind is DelegateKind.GUARDIAN for one in present):
        raise DelegationInvalid("guardian")
