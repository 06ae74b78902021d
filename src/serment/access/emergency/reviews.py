"""The look at an opening by a named person, within some days; what nobody looked at in time raises an alarm."""

from serment import identity, kernel, ledger
from serment.access.alarms import Alarm, raise_alarm
from serment.access.brake.office import insist_on_office, insist_on_standing
from serment.access.emergency import store
from serment.access.emergency.errors import OpeningNotFound, ReviewClosed
from serment.access.emergency.model import EmergencyReview, EmergencyUse, EmergencyWords, ReviewVerdict
from serment.access.emergency.openings import checked_words
from serment.access.emergency.reviewers import may_review, reviewed_people
from serment.access.emergency.sealing import seal_words, unseal_words
from serment.access.emergency.traces import OPENING, trace_of
from serment.access.model import OpeningId, Permit, Purpose, Section

_AT_ONCE = 100
_MOST_CLOSED = 50


def pending_reviews(uow: kernel.UnitOfWork, caller: identity.Caller) -> tuple[EmergencyReview, ...]:
    """Return the openings that wait for the caller: all of the organisation for its officer, those of a head's teams.

    For anybody else there is none.

    Raises:
        NotPermitted, AccountFrozen: the caller's account was closed or stopped.
    """
    insist_on_standing(uow, caller)
    if caller.role is identity.Role.DPO:
        return store.pending_in(uow, caller.organisation, None)
    people = reviewed_people(uow, caller)
    return store.pending_in(uow, caller.organisation, people) if people else ()


def closed_reviews(uow: kernel.UnitOfWork, caller: identity.Caller) -> tuple[EmergencyReview, ...]:
    """Return the last openings of the organisation that were looked at, for its data protection officer.

    Raises:
        NotPermitted: the caller is none.
        AccountFrozen: their account was stopped.
    """
    insist_on_office(uow, caller, {identity.Role.DPO})
    return store.closed_in(uow, caller.organisation, _MOST_CLOSED)


def reviewed_opening(uow: kernel.UnitOfWork, caller: identity.Caller, opening: OpeningId) -> EmergencyReview:
    """Return an opening that the caller may look at.

    Raises:
        OpeningNotFound: no such opening, or it is not for the caller to look at.
        NotPermitted, AccountFrozen: the caller's account was closed or stopped.
    """
    insist_on_standing(uow, caller)
    found = store.load_review(uow, opening)
    if found is None or not may_review(uow, caller, found.opening):
        raise OpeningNotFound(str(opening))
    return found


def reviewed_words(uow: kernel.UnitOfWork, permit: Permit, opening: OpeningId) -> EmergencyWords:
    """Return the words around an opening that the caller may look at.

    Raises:
        OpeningNotFound: no such opening of this dossier, or it is not for the caller to look at.
    """
    return unseal_words(uow, permit, _looked_at(uow, permit, opening).opening)


def deeds_of(uow: kernel.UnitOfWork, caller: identity.Caller, opening: OpeningId) -> tuple[EmergencyUse, ...]:
    """Return what was done through an opening: for whoever looks at it, and for whoever opened.

    Raises:
        OpeningNotFound: no such opening, or it is none of the caller's business.
        NotPermitted, AccountFrozen: as `reviewed_opening`.
    """
    found = store.load_review(uow, opening)
    if found is None:
        raise OpeningNotFound(str(opening))
    if found.opening.account != caller.account:
        reviewed_opening(uow, caller, opening)
    return store.load_uses(uow, opening)


def ask_opener(uow: kernel.UnitOfWork, permit: Permit, opening: OpeningId, question: str) -> None:
    """Ask whoever opened for more, before closing the look; the day by which it is due stays the same.

    Raises:
        PermitMismatch: the permit is too old.
        OpeningNotFound: no such opening of this dossier, or it is not for the caller to look at.
        ReviewClosed: it was looked at already.
        EmergencyInvalid: no words, or too many.
    """
    found = _looked_at(uow, permit, opening)
    sealed = seal_words(uow, found.opening, "question", checked_words(question))
    asked = {"question_sealed": sealed, "asked_at": uow.now, "answered_at": None, "answer_sealed": None}
    if not store.write_review(uow, opening, **asked):
        raise ReviewClosed(str(opening))
    ledger.record(uow, trace_of(permit, "emergency.asked", found.opening, Purpose.ADMINISTRATION))


def close_review(
    uow: kernel.UnitOfWork, permit: Permit, opening: OpeningId, verdict: ReviewVerdict, finding: str
) -> EmergencyReview:
    """Say by name whether an opening was justified, and why; the patient reads it. What was not is told at once.

    Raises:
        PermitMismatch: the permit is too old.
        OpeningNotFound: no such opening of this dossier, or it is not for the caller to look at.
        ReviewClosed: it was looked at already.
        EmergencyInvalid: no words, or too many.
    """
    found = _looked_at(uow, permit, opening)
    sealed = seal_words(uow, found.opening, "finding", checked_words(finding))
    closed = {"verdict": verdict, "closed_by": permit.caller.account, "closed_at": uow.now}
    if not store.write_review(uow, opening, finding_sealed=sealed, **closed):
        raise ReviewClosed(str(opening))
    store.tell_again(uow, opening)
    if verdict is ReviewVerdict.UNJUSTIFIED:
        _follow_up(uow, found)
    trace = trace_of(
        permit, "emergency.reviewed", found.opening, Purpose.ADMINISTRATION, verdict=verdict.value
    )
    ledger.record(uow, trace)
    return found


def alarm_overdue(uow: kernel.UnitOfWork) -> tuple[EmergencyReview, ...]:
    """Raise an alarm for each look that should have been closed by now, once each; return them.

    It stands in the security trail of the organisation, which names the opening and whom it waited for, and becomes
    an incident.
    """
    late = store.overdue(uow, _AT_ONCE)
    if late:
        store.mark_alarmed(uow, [one.opening.id for one in late])
        ledger.record_all(uow, [_alarm(one) for one in late])
    for one in late:
        _raise(uow, Alarm.REVIEW_OVERDUE, one)
    return late


def _follow_up(uow: kernel.UnitOfWork, review: EmergencyReview) -> None:
    """What was not justified is told to the patient now, whatever delay was asked for, and becomes an incident."""
    store.tell_now(uow, review.opening.id)
    _raise(uow, Alarm.OPENING_UNJUSTIFIED, review)


def _raise(uow: kernel.UnitOfWork, alarm: Alarm, review: EmergencyReview) -> None:
    about = review.opening
    raise_alarm(
        uow, alarm, about.organisation, account=about.account, dossier=about.dossier, reference=about.id
    )


def _alarm(review: EmergencyReview) -> ledger.Trace:
    opening = review.opening
    waited_for = {} if review.reviewer is None else {"reviewer": str(review.reviewer)}
    return ledger.Trace(
        kind="emergency.review-overdue",
        actor=identity.worker_of(opening.organisation),
        organisation=opening.organisation,
        dossier=None,
        category="emergency",
        purpose="security",
        outcome=ledger.Outcome.FAILED,
        detail={OPENING: str(opening.id), "due": review.due_at.isoformat(), **waited_for},
    )


def _looked_at(uow: kernel.UnitOfWork, permit: Permit, opening: OpeningId) -> EmergencyReview:
    permit.require(uow, permit.action, Section.IDENTITY, None)
    found = reviewed_opening(uow, permit.caller, opening)
    if found.opening.dossier != permit.dossier:
        raise OpeningNotFound(str(opening))
    return found
