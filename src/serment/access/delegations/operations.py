"""Letting somebody act for a patient, and ending it; each leaves a trace that the patient reads."""

from dataclasses import replace
from datetime import date

from serment import identity, kernel, ledger
from serment.access.delegations import store
from serment.access.delegations.errors import DelegationInvalid, DelegationNotFound
from serment.access.delegations.majority import Majority
from serment.access.delegations.model import Delegation, DelegationId, DelegationRequest
from serment.access.delegations.planning import insist_on_newcomer, plan_delegation
from serment.access.delegations.telling import tell_those_concerned
from serment.access.delegations.terms import moved_to
from serment.access.delegations.traces import trace_closed_share, trace_delegation, trace_own_act
from serment.access.errors import NotAdmissible
from serment.access.model import Action, DelegateKind, Permit, Relation, Section
from serment.access.store import load_grants, revoke_grant


def delegate(
    uow: kernel.UnitOfWork,
    permit: Permit,
    request: DelegationRequest,
    *,
    account: kernel.AccountId,
    born_on: date,
) -> Delegation:
    """Let an account act for a patient born on that day.

    Raises:
        PermitMismatch: the permit is not for it: the patient names their trusted person, with a permit to control;
            whoever may share the identity lets parents and guardians in, and says what they saw.
        NotAdmissible: the account is no patient's, or it is the caller's own.
        AlreadyDelegate: it acts for this patient already.
        DelegationInvalid: this patient cannot be acted for so.
    """
    new = plan_delegation(uow, permit, request, born_on)
    own = account == permit.caller.account
    if own or identity.open_account(uow, account).role is not identity.Role.PATIENT:
        raise NotAdmissible(str(account))
    insist_on_newcomer(uow, new.dossier, account)
    tied = replace(new, account=account)
    store.insert_delegation(uow, tied)
    trace_delegation(uow, permit, "delegation.given", tied, proof=request.proof.strip())
    if permit.action is Action.SHARE:
        tell_those_concerned(uow, permit, but=account)
    return tied


def end_delegation(
    uow: kernel.UnitOfWork, permit: Permit, delegation: DelegationId, *, reason: str = ""
) -> None:
    """Stop somebody from acting for the patient, at their next request; or make a code worthless.

    The patient ends what they gave. What a law or a judge gave, a parent's or a guardian's part, is ended by whoever
    may share the identity, with a reason in words: neither the patient nor the other parent decides of it alone.

    Raises:
        PermitMismatch: the permit is neither for controlling nor for sharing the identity.
        DelegationNotFound: no such delegation here, it is over, or it is not for the caller to end.
        DelegationInvalid: no reason was given where one is due.
    """
    found = _living(uow, permit, delegation)
    if permit.action is not Action.CONTROL:
        permit.require(uow, Action.SHARE, Section.IDENTITY, None)
        if not reason.strip():
            raise DelegationInvalid("reason")
    else:
        permit.require(uow, Action.CONTROL, None, None)
        if permit.relation is not Relation.PATIENT or found.kind is not DelegateKind.TRUSTED_PERSON:
            raise DelegationNotFound(str(delegation))
    store.revoke_delegation(uow, found.id)
    trace_delegation(uow, permit, "delegation.ended", found, reason=reason.strip())
    _close_shares(uow, permit.caller.actor, found)


def renounce_delegation(uow: kernel.UnitOfWork, caller: identity.Caller, delegation: DelegationId) -> None:
    """Stop acting for a patient, from one's own account.

    Raises:
        DelegationNotFound: the caller has no such delegation now.
    """
    mine = {one.id: one for one in store.load_delegations_to(uow, caller.account)}
    found = mine.get(delegation)
    if found is None or not found.holds(uow.now):
        raise DelegationNotFound(str(delegation))
    store.revoke_delegation(uow, found.id)
    trace_own_act(uow, caller.actor, "delegation.renounced", found)
    _close_shares(uow, caller.actor, found)


def redate_delegations(uow: kernel.UnitOfWork, permit: Permit, *, born_on: date) -> None:
    """Move the end of what ends with majority, because the birth date was corrected. What is over stays over.

    Raises:
        PermitMismatch: the permit is not for amending the identity.
    """
    permit.require(uow, Action.AMEND, Section.IDENTITY, None)
    for one in store.load_delegations(uow, permit.dossier):
        if one.terms.with_majority and (one.holds(uow.now) or one.is_offered(uow.now)):
            adult_at = uow.part(Majority).reached_at(born_on)
            if one.ends_at != adult_at:
                store.rewrite_terms(uow, moved_to(one, adult_at))
                trace_delegation(uow, permit, "delegation.redated", moved_to(one, adult_at))


def _close_shares(uow: kernel.UnitOfWork, actor: ledger.Actor, ended: Delegation) -> None:
    """Close what somebody opened to others while they acted: an opening nobody answers for stays with strangers (F13)."""
    for grant in load_grants(uow, ended.dossier):
        if grant.keeper == ended.account and revoke_grant(uow, ended.dossier, grant.id):
            trace_closed_share(uow, actor, ended, grant)


def _living(uow: kernel.UnitOfWork, permit: Permit, delegation: DelegationId) -> Delegation:
    known = {one.id: one for one in store.load_delegations(uow, permit.dossier)}
    found = known.get(delegation)
    if found is None or not (found.holds(uow.now) or found.is_offered(uow.now)):
        raise DelegationNotFound(str(delegation))
    return found
