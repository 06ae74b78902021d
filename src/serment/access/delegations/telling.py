"""Telling the patient, and all who act for them, that the practice let somebody stand at their side, or in their place.

Whoever may share the identity could else hand the dossier to an account of their own making, and nobody would look.
"""

from serment import kernel
from serment.access.delegations.store import load_delegations
from serment.access.model import Permit
from serment.access.notices import News, tell_unasked
from serment.access.store import load_patient_accounts


def tell_those_concerned(
    uow: kernel.UnitOfWork, permit: Permit, *, but: kernel.AccountId | None = None
) -> None:
    """Tell every account that was there before, the patient's and those of delegates; none can wish not to be told."""
    acting = {
        one.account
        for one in load_delegations(uow, permit.dossier)
        if one.account is not None and one.holds(uow.now)
    }
    concerned = {*load_patient_accounts(uow, permit.dossier), *acting} - {but, permit.caller.account}
    tell_unasked(uow, permit, News.LET_IN, sorted(concerned, key=str))
