"""Codes that tie a relative to a dossier: handed over by who may give, brought back by who says yes."""

import hmac
from dataclasses import replace
from datetime import date, timedelta

from serment import identity, kernel, vault
from serment.access.delegations import store
from serment.access.delegations.errors import DelegationCodeRefused
from serment.access.delegations.model import Delegation, DelegationCode, DelegationRequest
from serment.access.delegations.planning import insist_on_newcomer, plan_delegation
from serment.access.delegations.telling import tell_those_concerned
from serment.access.delegations.traces import trace_delegation, trace_own_act
from serment.access.model import Action, Permit

CODE_LASTS = timedelta(days=7)
#: 100 bits: nobody guesses one, so nothing is counted and nobody can be locked out.
_GROUPS = 5


def offer_delegation(
    uow: kernel.UnitOfWork, permit: Permit, request: DelegationRequest, *, born_on: date
) -> DelegationCode:
    """Return a code to hand over: who brings it back from their own account acts for the patient from then on.

    So nobody learns, by naming them, who has an account here, and nobody acts for a patient without saying yes.

    Raises: as `delegate`.
    """
    new = plan_delegation(uow, permit, request, born_on)
    code, expires_at = identity.draw_code(_GROUPS), uow.now + CODE_LASTS
    store.insert_delegation(uow, replace(new, offer_ends_at=expires_at), _digest(uow, code))
    trace_delegation(uow, permit, "delegation.offered", new, proof=request.proof.strip())
    if permit.action is Action.SHARE:
        tell_those_concerned(uow, permit)
    return DelegationCode(new.id, code, expires_at)


def claim_delegation(uow: kernel.UnitOfWork, caller: identity.Caller, code: str) -> Delegation:
    """Tie the caller's account to the patient whose code they bring.

    Raises:
        DelegationCodeRefused: unknown, used, over, for themself, or the caller's account is no patient's.
        AlreadyDelegate: they act for this patient already.
    """
    offered = store.find_offered(uow, _digest(uow, code))
    theirs = caller.role is identity.Role.PATIENT and caller.key is None
    if not theirs or offered is None or not offered.is_offered(uow.now):
        raise DelegationCodeRefused("code")
    if offered.given_by == caller.account:
        raise DelegationCodeRefused("own")
    # A code that a leaver handed out is worth nothing (features F13).
    if not identity.stands(uow, offered.given_by):
        raise DelegationCodeRefused("giver")
    insist_on_newcomer(uow, offered.dossier, caller.account)
    tied = replace(offered, account=caller.account, starts_at=uow.now)
    if not store.tie_account(uow, tied):
        raise DelegationCodeRefused("used")
    trace_own_act(uow, caller.actor, "delegation.claimed", tied)
    return tied


def _digest(uow: kernel.UnitOfWork, code: str) -> bytes:
    key = uow.part(vault.Keyring).secret("delegation-codes")
    return hmac.digest(key, identity.tidy_code(code).encode(), "sha256")
