"""What a patient is told of openings: on their first page until they have read it, and in their trail for ever."""

from serment import kernel, ledger
from serment.access.delegations import my_delegations
from serment.access.emergency import store
from serment.access.emergency.errors import OpeningNotFound
from serment.access.emergency.model import EmergencyOpening, EmergencyReview, EmergencyWords
from serment.access.emergency.sealing import unseal_words
from serment.access.emergency.traces import OPENING, trace_of
from serment.access.errors import PermitMismatch
from serment.access.model import Action, OpeningId, Permit, Purpose, Relation, Section
from serment.access.policy import ACTS_IN_ALL

_DECISION = f"dossier.{Action.OPEN_EMERGENCY}"
#: How whoever looks at an opening comes to the patient's name: for administration, as nobody else does.
_LOOKS = frozenset({f"dossier.{Action.LIST}", f"dossier.{Action.READ_TRAIL}"})


def is_told_of_emergencies(uow: kernel.UnitOfWork, permit: Permit) -> bool:
    """Tell whether openings are told to the caller: the patient, or whoever acts for them in all things."""
    if permit.relation is not Relation.DELEGATE:
        return permit.relation is Relation.PATIENT
    mandates = my_delegations(uow, permit.caller)
    return any(one.dossier == permit.dossier and one.kind in ACTS_IN_ALL for one in mandates)


def emergency_notices(uow: kernel.UnitOfWork, permit: Permit) -> tuple[EmergencyReview, ...]:
    """Return the openings of a dossier that the caller has not read of yet, newest first, and how each was judged.

    Those that are to be told later are absent until then.

    Raises:
        PermitMismatch: the permit is neither the patient's nor of somebody who acts for them in all things.
    """
    permit.require(uow, permit.action, Section.IDENTITY, None)
    if not is_told_of_emergencies(uow, permit):
        raise PermitMismatch("told to others")
    read = store.read_by(uow, permit.dossier, permit.caller.account)
    waiting = [one for one in store.load_openings(uow, permit.dossier) if one.id not in read]
    found = [store.load_review(uow, one.id) for one in waiting if one.tell_at <= uow.now]
    return tuple(one for one in found if one is not None)


def notice_words(uow: kernel.UnitOfWork, permit: Permit, opening: EmergencyOpening) -> EmergencyWords:
    """Return why an opening was made and what was found of it, in words, for the patient; never what was asked between.

    Raises:
        PermitMismatch: the permit is not the patient's own, or of another dossier.
    """
    permit.require(uow, permit.action, Section.IDENTITY, None)
    if permit.relation is not Relation.PATIENT:
        raise PermitMismatch("written for the patient")
    if opening.dossier != permit.dossier or opening.tell_at > uow.now:
        raise PermitMismatch("not told")
    words = unseal_words(uow, permit, opening)
    return EmergencyWords(reason=words.reason, finding=words.finding)


def acknowledge_notice(uow: kernel.UnitOfWork, permit: Permit, opening: OpeningId) -> None:
    """Say that one has read of an opening: it leaves one's own first page, nobody else's, and stays in the trail.

    Raises:
        PermitMismatch: the permit is not for the patient's own acts.
        OpeningNotFound: no such opening on this dossier, or it is not told yet.
    """
    permit.require(uow, Action.CONTROL, None, None)
    known = {one.id: one for one in store.load_openings(uow, permit.dossier) if one.tell_at <= uow.now}
    if opening not in known:
        raise OpeningNotFound(str(opening))
    store.mark_read(uow, opening, permit.caller.account)
    ledger.record(uow, trace_of(permit, "emergency.notice-read", known[opening], Purpose.PATIENT_REQUEST))


def untold(uow: kernel.UnitOfWork, dossier: kernel.DossierId) -> frozenset[str]:
    """Return the openings, and their openers, that a patient's reading of the trail leaves out for now."""
    return frozenset(str(one) for opening in store.untold(uow, dossier) for one in opening)


def is_told(trace: ledger.Trace, later: frozenset[str]) -> bool:
    """Tell whether a trace may be shown to the patient while these openings are to be told later.

    The decision that comes before an opening does not name it yet, the content that was opened and a look at one's own
    opening once it is over name none; they name who opened. So does the look at it afterwards, which names who looks.
    """
    opening = trace.detail.get(OPENING)
    if later and trace.kind in _LOOKS and trace.purpose == Purpose.ADMINISTRATION:
        return False
    if opening is None and (trace.kind == _DECISION or trace.purpose == Purpose.EMERGENCY):
        return str(trace.actor.account) not in later
    return opening not in later
