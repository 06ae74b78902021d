"""Explicit openings: to an account or a team, the whole dossier or some entries, for a purpose, until an end."""

from dataclasses import replace
from datetime import timedelta

from serment import identity, kernel, ledger
from serment.access import store
from serment.access.delegations.telling import tell_those_concerned
from serment.access.errors import GrantInvalid, GrantNotFound, NotAdmissible, PatientLinked
from serment.access.model import (
    WHOLE_DOSSIER,
    Action,
    EntryId,
    Grant,
    GrantId,
    GrantRequest,
    Permit,
    Relation,
    Section,
)
from serment.access.restrictions.model import Filing
from serment.access.restrictions.store import load_filings

LONGEST_GRANT = timedelta(days=366)


def grant_access(uow: kernel.UnitOfWork, permit: Permit, request: GrantRequest) -> Grant:
    """Let somebody in, no further than the grantor may share.

    Raises:
        PermitMismatch: the permit is not for sharing.
        GrantInvalid: nobody or two grantees, no section, an end that is past or more than a year away, or more
            than the grantor may share.
    """
    permit.require(uow, Action.SHARE, None, None)
    _check(uow, permit, request)
    giver = permit.caller.account
    grant = Grant(GrantId(kernel.new_id()), permit.dossier, giver, uow.now, request, kept_by=giver)
    store.insert_grant(uow, grant)
    _record(uow, permit, "grant.given", grant)
    return grant


def revoke_grant(uow: kernel.UnitOfWork, permit: Permit, grant: GrantId) -> None:
    """End an opening; it closes at the grantee's next request.

    Whoever acts for the patient ends what they gave themselves, and what professionals gave; what the patient gave, or
    somebody else who acts for them, stays theirs (ADR 0024).

    Raises:
        PermitMismatch: the permit is not for sharing.
        GrantNotFound: no such opening on this dossier, it is over, or it is not for the caller to end.
    """
    permit.require(uow, Action.SHARE, None, None)
    found = next((known for known in _seen(uow, permit) if known.id == grant), None)
    if (
        found is None
        or not _answers_for(uow, permit, found)
        or not store.revoke_grant(uow, permit.dossier, grant)
    ):
        raise GrantNotFound(str(grant))
    _record(uow, permit, "grant.revoked", found)


def take_over_grant(uow: kernel.UnitOfWork, permit: Permit, grant: GrantId) -> None:
    """Answer for an opening that a colleague gave, so that it outlasts their departure; no further than one may share.

    Raises:
        PermitMismatch: the permit is not for sharing.
        GrantNotFound: no such opening on this dossier, it is over, or it is not for the caller to answer for.
        GrantInvalid: it opens more than the caller may share.
    """
    permit.require(uow, Action.SHARE, None, None)
    known = {one.id: one for one in _seen(uow, permit)}
    found = known.get(grant)
    if found is None or found.revoked_at is not None or found.request.ends_at <= uow.now:
        raise GrantNotFound(str(grant))
    if not _answers_for(uow, permit, found) or identity.departed_among(uow, {found.keeper}):
        raise GrantNotFound(str(grant))
    if not found.request.sections <= frozenset(permit.reach):
        raise GrantInvalid("sections beyond what the grantor may share")
    store.keep_grant(uow, grant, permit.caller.account)
    _record(uow, permit, "grant.taken-over", found)


def grants_of(uow: kernel.UnitOfWork, permit: Permit) -> tuple[Grant, ...]:
    """Return every opening ever given on this dossier, newest first, with the entries that the caller may know of."""
    permit.require(uow, permit.action, Section.IDENTITY, None)
    return _seen(uow, permit)


def link_patient(uow: kernel.UnitOfWork, permit: Permit, account: kernel.AccountId) -> None:
    """Make an account the patient's own: the reader of their dossier.

    It opens more than any grant, so it takes the right to share: whoever enters identities at the desk, and reads
    nothing, could else open the dossier to an account of their own making (LAW-52). A patient has one account that is
    not closed: whoever may share could else read by a second one what the patient closed to them. An administrator,
    who shares nothing, closes the former one, and whoever acts for the patient is told.

    Raises:
        PermitMismatch: the permit is not for sharing, the identity section included.
        NotAdmissible: the account is no patient's.
        PatientLinked: the patient has an account here, whoever uses it or not, and nobody closed it.
    """
    permit.require(uow, Action.SHARE, Section.IDENTITY, None)
    if identity.open_account(uow, account).role is not identity.Role.PATIENT:
        raise NotAdmissible(str(account))
    linked = frozenset(store.hold_patient_accounts(uow, permit.dossier))
    if linked - identity.departed_among(uow, linked):
        raise PatientLinked(str(permit.dossier))
    store.insert_patient(uow, permit.dossier, account)
    _trace(uow, permit, "patient.linked", {"account": str(account)})
    tell_those_concerned(uow, permit, but=account)


def patient_accounts(uow: kernel.UnitOfWork, permit: Permit) -> tuple[kernel.AccountId, ...]:
    """Return the accounts of the person whose dossier it is."""
    permit.require(uow, permit.action, Section.IDENTITY, None)
    return store.load_patient_accounts(uow, permit.dossier)


def _check(uow: kernel.UnitOfWork, permit: Permit, request: GrantRequest) -> None:
    if (request.account is None) == (request.team is None):
        raise GrantInvalid("one grantee, an account or a team")
    if not uow.now < request.ends_at <= uow.now + LONGEST_GRANT:
        raise GrantInvalid("an end within a year")
    if not request.sections or not request.sections <= frozenset(permit.reach):
        raise GrantInvalid("sections beyond what the grantor may share")
    if request.entries is not None and not _are_shareable(uow, permit, request.sections, request.entries):
        raise GrantInvalid("entries that the grantor may not share, or that there are not")


def _are_shareable(
    uow: kernel.UnitOfWork, permit: Permit, sections: frozenset[Section], entries: frozenset[EntryId]
) -> bool:
    filed = load_filings(uow, permit.dossier, entries)
    covered = {
        one.entry for one in filed if one.section in sections and permit.covers(one.section, one.entry)
    }
    return bool(entries) and covered == entries


def _answers_for(uow: kernel.UnitOfWork, permit: Permit, given: Grant) -> bool:
    """Tell whether an opening may be the caller's to end or to take over, by who gave it, whoever keeps it since."""
    if permit.relation is not Relation.DELEGATE or given.given_by == permit.caller.account:
        return True
    return identity.open_account(uow, given.given_by).role is identity.Role.PROFESSIONAL


def _seen(uow: kernel.UnitOfWork, permit: Permit) -> tuple[Grant, ...]:
    """Return the openings without the entries that the caller does not reach; one on nothing else is absent."""
    grants = store.load_grants(uow, permit.dossier)
    named = {entry for grant in grants for entry in grant.request.entries or ()}
    filed = load_filings(uow, permit.dossier, named)
    hidden = frozenset(one.entry for one in filed if _is_beyond(permit, one))
    return tuple(
        _without(grant, hidden) for grant in grants if grant.request.entries != _within(grant, hidden)
    )


def _is_beyond(permit: Permit, filed: Filing) -> bool:
    """Tell whether an entry is beyond the caller; of what patients cannot share they still end what others opened."""
    if permit.action in WHOLE_DOSSIER or permit.relation is Relation.PATIENT:
        return permit.hidden.hides(filed.section, filed.entry)
    return not permit.covers(filed.section, filed.entry)


def _within(grant: Grant, hidden: frozenset[EntryId]) -> frozenset[EntryId]:
    return (grant.request.entries or frozenset()) & hidden


def _without(grant: Grant, hidden: frozenset[EntryId]) -> Grant:
    entries = grant.request.entries
    return (
        grant if entries is None else replace(grant, request=replace(grant.request, entries=entries - hidden))
    )


def _record(uow: kernel.UnitOfWork, permit: Permit, kind: str, grant: Grant) -> None:
    asked = grant.request
    to = {"account": str(asked.account)} if asked.account is not None else {"team": str(asked.team)}
    entries = {} if asked.entries is None else {"entries": ",".join(sorted(map(str, asked.entries)))}
    sections = ",".join(sorted(asked.sections))
    _trace(
        uow,
        permit,
        kind,
        {"grant": str(grant.id), **to, "sections": sections, **entries, "ends": asked.ends_at.isoformat()},
    )


def _trace(uow: kernel.UnitOfWork, permit: Permit, kind: str, detail: dict[str, str]) -> None:
    trace = ledger.Trace(
        kind=kind, actor=permit.caller.actor, organisation=permit.organisation, dossier=permit.dossier,
        category="dossier", purpose=permit.purpose.value, outcome=ledger.Outcome.ALLOWED, detail=detail,
    )  # fmt: skip
    ledger.record(uow, trace)
