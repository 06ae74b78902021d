"""Who acts for a patient: the dossier knows when they were born, access what follows from it."""

from serment import access, kernel
from serment.dossier.patients import identity_of


def name_delegate(
    uow: kernel.UnitOfWork,
    permit: access.Permit,
    request: access.DelegationRequest,
    account: kernel.AccountId,
) -> access.Delegation:
    """Let an account act for the patient.

    Raises: as `access.delegate`.
    """
    born_on = identity_of(uow, permit).identity.birth_date
    return access.delegate(uow, permit, request, account=account, born_on=born_on)


def hand_delegation_code(
    uow: kernel.UnitOfWork, permit: access.Permit, request: access.DelegationRequest
) -> access.DelegationCode:
    """Return a code to hand over: who brings it back acts for the patient.

    Raises: as `access.offer_delegation`.
    """
    born_on = identity_of(uow, permit).identity.birth_date
    return access.offer_delegation(uow, permit, request, born_on=born_on)
