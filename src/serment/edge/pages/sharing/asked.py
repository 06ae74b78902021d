"""What the address of a page of a patient's account names."""

from starlette.requests import Request

from serment import access, identity, kernel
from serment.access import Action, Section
from serment.edge.pages.dossiers.asked import asked_dossier


def asked_patient_account(
    uow: kernel.UnitOfWork, caller: identity.Caller, request: Request
) -> tuple[access.Permit, identity.Account]:
    """Return the account that the address names, for somebody who could have invited its owner.

    Raises:
        AccessRefused: it is not this patient's, or the caller may not share the dossier.
    """
    permit = access.decide(uow, caller, Action.SHARE, asked_dossier(request), section=Section.IDENTITY)
    asked = kernel.AccountId(request.path_params["account"])
    if asked not in access.patient_accounts(uow, permit):
        raise access.AccessRefused("account-not-of-this-dossier")
    return permit, identity.open_account(uow, asked)
