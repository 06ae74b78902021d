"""Closing, and opening again; each leaves a trace that the patient reads and that professionals do not."""

from serment import identity, kernel, ledger
from serment.access.model import Action, EntryId, Permit, Relation, RestrictionId, Section
from serment.access.restrictions import policy, store
from serment.access.restrictions.errors import RestrictionInvalid, RestrictionNotFound
from serment.access.restrictions.model import Filing, Restriction, RestrictionRequest
from serment.access.store import load_patient_accounts


def restrict(uow: kernel.UnitOfWork, permit: Permit, request: RestrictionRequest) -> Restriction:
    """Make entries absent for whom the patient keeps away; what is closed so already is not closed twice.

    Raises:
        PermitMismatch: the permit is neither for controlling nor for sharing that entry.
        RestrictionInvalid: nobody is named, or the patient themself; or there is no such entry to hide.
    """
    _require(uow, permit)
    policy.check_request(permit, request)
    _check_account(uow, permit, request)
    section = _section_of(uow, permit, request)
    new = Restriction(
        RestrictionId(kernel.new_id()), permit.dossier, request.against, request.account, section, request.entry,
        permit.caller.account, uow.now,
    )  # fmt: skip
    same = [one for one in _held(uow, permit) if (one.bar, one.account) == (new.bar, new.account)]
    if same:
        return same[0]
    store.insert_restriction(uow, new)
    _record(uow, permit, "restriction.placed", new)
    return new


def lift_restriction(uow: kernel.UnitOfWork, permit: Permit, restriction: RestrictionId) -> None:
    """Open again what was closed, from the next decision on.

    Raises:
        PermitMismatch: the permit is neither for controlling nor for sharing.
        RestrictionNotFound: no such restriction, it was lifted, or it is not for the caller to see.
    """
    _require(uow, permit)
    found = next((one for one in _held(uow, permit) if one.id == restriction), None)
    if found is None or not _sees(uow, permit, found) or not store.lift(uow, restriction):
        raise RestrictionNotFound(str(restriction))
    _record(uow, permit, "restriction.lifted", found)


def restrictions_of(uow: kernel.UnitOfWork, permit: Permit) -> tuple[Restriction, ...]:
    """Return what was ever closed on this dossier and is the caller's to see, newest first.

    Raises:
        PermitMismatch: the permit is neither for controlling nor for sharing.
    """
    _require(uow, permit)
    placed = store.load_restrictions(uow, permit.dossier)
    return tuple(one for one in placed if _sees(uow, permit, one))


def closed_to_others(uow: kernel.UnitOfWork, permit: Permit) -> tuple[Restriction, ...]:
    """Return what the patient closed and keeps closed, for pages that tell them who sees what, whatever they do there.

    Nobody else is told anything: not that something is closed, nor to whom (LAW-41).

    Raises:
        PermitMismatch: the permit does not reach the identity, or ended.
    """
    permit.require(uow, permit.action, Section.IDENTITY, None)
    return tuple(_held(uow, permit)) if permit.relation is Relation.PATIENT else ()


def note_filing(uow: kernel.UnitOfWork, permit: Permit, section: Section, entry: EntryId) -> None:
    """Write who files an entry: it is not hidden from them as long as all that it says is theirs.

    Raises:
        PermitMismatch: the permit is not for filing it.
    """
    permit.require(uow, Action.FILE, section, entry)
    store.insert_filing(uow, permit.dossier, Filing(entry, section, permit.caller.account))


def note_version(uow: kernel.UnitOfWork, permit: Permit, section: Section, entry: EntryId) -> None:
    """Write that somebody wrote a later version of an entry: what another wrote there may be hidden from its author.

    Raises:
        PermitMismatch: the permit is neither for amending it nor for withdrawing it.
    """
    action = Action.WITHDRAW if permit.action is Action.WITHDRAW else Action.AMEND
    permit.require(uow, action, section, entry)
    store.mark_others(uow, entry, permit.caller.account)


def _require(uow: kernel.UnitOfWork, permit: Permit) -> None:
    """Restrictions are handled by whoever controls the dossier, or shares what is in it."""
    action = Action.SHARE if permit.action is Action.SHARE else Action.CONTROL
    permit.require(uow, action, None, None)


def _check_account(uow: kernel.UnitOfWork, permit: Permit, request: RestrictionRequest) -> None:
    if request.account is None:
        return
    if request.account in load_patient_accounts(uow, permit.dossier):
        raise RestrictionInvalid("account")
    try:
        relative = _is_relative(uow, request.account)
    except identity.AccountNotFound:
        raise RestrictionInvalid("account") from None
    if relative and permit.relation is not Relation.PATIENT:
        raise RestrictionInvalid("account")


def _sees(uow: kernel.UnitOfWork, permit: Permit, placed: Restriction) -> bool:
    """What a child closed to one parent is not for the other to see, or to open again: both have the same."""
    if not policy.sees(permit, placed):
        return False
    if placed.account is None or permit.relation is Relation.PATIENT:
        return True
    return not _is_relative(uow, placed.account)


def _is_relative(uow: kernel.UnitOfWork, account: kernel.AccountId) -> bool:
    return identity.open_account(uow, account).role is identity.Role.PATIENT


def _section_of(uow: kernel.UnitOfWork, permit: Permit, request: RestrictionRequest) -> Section | None:
    """Return where what is hidden lies. An entry that the caller does not see is answered as one that is not there."""
    if request.entry is None:
        if request.section is Section.IDENTITY:
            raise RestrictionInvalid("section")
        return request.section
    found = next(iter(store.load_filings(uow, permit.dossier, [request.entry])), None)
    if found is None or request.section not in {None, found.section} or not _is_reached(permit, found):
        raise RestrictionInvalid("entry")
    return found.section


def _is_reached(permit: Permit, found: Filing) -> bool:
    if permit.action is Action.SHARE:
        return permit.covers(found.section, found.entry)
    return not permit.hidden.hides(found.section, found.entry)


def _held(uow: kernel.UnitOfWork, permit: Permit) -> list[Restriction]:
    return [one for one in store.load_restrictions(uow, permit.dossier) if one.lifted_at is None]


def _record(uow: kernel.UnitOfWork, permit: Permit, kind: str, placed: Restriction) -> None:
    detail = {"restriction": str(placed.id), "against": placed.against.value}
    named = {"account": placed.account, "section": placed.section, "entry": placed.entry}
    detail |= {name: str(value) for name, value in named.items() if value is not None}
    trace = ledger.Trace(
        kind=kind, actor=permit.caller.actor, organisation=permit.organisation, dossier=permit.dossier,
        category="dossier", purpose=permit.purpose.value, outcome=ledger.Outcome.ALLOWED, detail=detail,
    )  # fmt: skip
    ledger.record(uow, trace)
