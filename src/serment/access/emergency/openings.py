"""Opening a dossier in an emergency, and closing it again before the clock does."""

from datetime import datetime

from serment import identity, kernel, ledger
from serment.access import matrix
from serment.access.emergency import store
from serment.access.emergency.checks import anchor_opening
from serment.access.emergency.errors import EmergencyInvalid, OpeningNotFound, ReviewClosed
from serment.access.emergency.model import (
    LONGEST,
    SHORTEST,
    VITAL_REASONS,
    EmergencyOpening,
    EmergencyReason,
    EmergencyRequest,
    EmergencyReview,
    EmergencyRules,
    EmergencyWords,
)
from serment.access.emergency.reviewers import named_reviewer
from serment.access.emergency.sealing import seal_words, unseal_words
from serment.access.emergency.traces import trace_of
from serment.access.model import Action, OpeningId, Permit, Purpose, Relation, Section

USUAL_RULES = EmergencyRules()
LONGEST_WORDS = 1000


def open_emergency(
    uow: kernel.UnitOfWork, permit: Permit, request: EmergencyRequest, rules: EmergencyRules = USUAL_RULES
) -> EmergencyOpening:
    """Open some sections of a dossier for a while; the patient is told, and a named person looks at it afterwards.

    What the caller held open of this dossier before ends: one opening at a time, so that each is looked at whole.

    Raises:
        PermitMismatch: the permit is not for opening in an emergency.
        StepUpNeeded: no factor was proved again within the last minutes.
        EmergencyInvalid: sections that the profession does not reach so, shorter than 15 minutes or longer than four
            hours, or without the words that another reason or a delay asks for.
    """
    permit.require(uow, Action.OPEN_EMERGENCY, None, None)
    identity.require_step_up(permit.caller, uow.now)
    _check(uow, permit, request)
    store.end_openings(uow, permit.dossier, permit.caller.account)
    opening = _opening(uow, permit, request, rules)
    vital = request.reason in VITAL_REASONS
    store.insert_opening(uow, opening, vital=vital)
    anchor_opening(uow, opening, vital=vital)
    reviewer = named_reviewer(uow, opening)
    store.insert_review(uow, EmergencyReview(opening, reviewer, uow.now + rules.review_within))
    if words := request.words.strip():
        store.write_review(uow, opening.id, reason_sealed=seal_words(uow, opening, "reason", words))
    ledger.record(uow, _opened(permit, opening))
    return opening


def end_emergency(uow: kernel.UnitOfWork, permit: Permit, opening: OpeningId) -> None:
    """End one's own opening before its time.

    Raises:
        PermitMismatch: the permit is too old.
        OpeningNotFound: no such opening of the caller's on this dossier, or it is over.
    """
    found = _own(uow, permit, opening).opening
    if not found.is_live(uow.now):
        raise OpeningNotFound(str(opening))
    store.end_openings(uow, permit.dossier, permit.caller.account)
    ledger.record(uow, trace_of(permit, "emergency.ended", found, Purpose.EMERGENCY))


def complete_emergency(uow: kernel.UnitOfWork, permit: Permit, opening: OpeningId, words: str) -> None:
    """Say in words why one opened, when there was no time for it; once, and before it was looked at.

    Raises:
        PermitMismatch: the permit is too old.
        OpeningNotFound: no such opening of the caller's on this dossier.
        ReviewClosed: it was looked at already, or has its words.
        EmergencyInvalid: no words, or too many.
    """
    found = _own(uow, permit, opening)
    if found.has_words:
        raise ReviewClosed(str(opening))
    sealed = seal_words(uow, found.opening, "reason", checked_words(words))
    if not store.write_review(uow, opening, reason_sealed=sealed):
        raise ReviewClosed(str(opening))
    ledger.record(uow, trace_of(permit, "emergency.completed", found.opening, Purpose.EMERGENCY))


def answer_question(uow: kernel.UnitOfWork, permit: Permit, opening: OpeningId, words: str) -> None:
    """Answer what whoever looks at one's opening asked.

    Raises:
        PermitMismatch: the permit is too old.
        OpeningNotFound: no such opening of the caller's on this dossier, or nothing was asked.
        ReviewClosed: it was looked at already.
        EmergencyInvalid: no words, or too many.
    """
    found = _own(uow, permit, opening)
    if found.closed_at is not None:
        raise ReviewClosed(str(opening))
    if not found.awaits_answer:
        raise OpeningNotFound(str(opening))
    sealed = seal_words(uow, found.opening, "answer", checked_words(words))
    store.write_review(uow, opening, answer_sealed=sealed, answered_at=uow.now)
    ledger.record(uow, trace_of(permit, "emergency.answered", found.opening, Purpose.ADMINISTRATION))


def own_words(uow: kernel.UnitOfWork, permit: Permit, opening: OpeningId) -> EmergencyWords:
    """Return the words around one's own opening.

    Raises:
        OpeningNotFound: no such opening of the caller's on this dossier.
    """
    return unseal_words(uow, permit, _own(uow, permit, opening).opening)


def own_opening(uow: kernel.UnitOfWork, caller: identity.Caller, opening: OpeningId) -> EmergencyReview:
    """Return one of the caller's own openings, and how the look at it stands.

    Raises:
        OpeningNotFound: no such opening of the caller's.
    """
    found = store.load_review(uow, opening)
    if found is None or found.opening.account != caller.account:
        raise OpeningNotFound(str(opening))
    return found


def live_openings(uow: kernel.UnitOfWork, caller: identity.Caller) -> tuple[EmergencyOpening, ...]:
    """Return what the caller holds open now, what ends first before the others."""
    return store.live_openings(uow, caller.account)


def emergency_sections(uow: kernel.UnitOfWork, caller: identity.Caller) -> tuple[Section, ...]:
    """Return the sections that the caller's profession may open in an emergency, the identity left out."""
    rights = matrix.current(uow, caller.organisation).rights(Relation.EMERGENCY, caller.profession)
    return tuple(section for section in Section if section is not Section.IDENTITY and rights.get(section))


def may_open_emergency(
    uow: kernel.UnitOfWork, caller: identity.Caller, organisation: kernel.OrganisationId
) -> bool:
    """Tell whether opening a dossier of an organisation in an emergency may be offered; the decision itself is taken then."""
    colleague = caller.role is identity.Role.PROFESSIONAL and caller.organisation == organisation
    return colleague and caller.profession in matrix.current(uow, organisation).opens_emergency


def checked_words(words: str) -> str:
    """Return words without their outer spaces.

    Raises:
        EmergencyInvalid: there are none, or more than a thousand characters.
    """
    said = words.strip()
    if not 0 < len(said) <= LONGEST_WORDS:
        raise EmergencyInvalid("words")
    return said


def _check(uow: kernel.UnitOfWork, permit: Permit, request: EmergencyRequest) -> None:
    if not SHORTEST <= request.lasts <= LONGEST:
        raise EmergencyInvalid("clock")
    if not request.sections or not request.sections <= set(emergency_sections(uow, permit.caller)):
        raise EmergencyInvalid("sections")
    if request.words.strip() or request.reason is EmergencyReason.OTHER or request.delay is not None:
        checked_words(request.words)


def _opening(
    uow: kernel.UnitOfWork, permit: Permit, request: EmergencyRequest, rules: EmergencyRules
) -> EmergencyOpening:
    return EmergencyOpening(
        id=OpeningId(kernel.new_id()),
        dossier=permit.dossier,
        organisation=permit.organisation,
        account=permit.caller.account,
        profession=permit.caller.profession,
        reason=request.reason,
        sections=request.sections,
        opened_at=uow.now,
        ends_at=uow.now + request.lasts,
        tell_at=uow.now if request.delay is None else uow.now + rules.notice_delay,
        delay=request.delay,
    )


def _opened(permit: Permit, opening: EmergencyOpening) -> ledger.Trace:
    delay = {} if opening.delay is None else {"delay": opening.delay.value, "told": _text(opening.tell_at)}
    return trace_of(
        permit,
        "emergency.opened",
        opening,
        Purpose.EMERGENCY,
        reason=opening.reason.value,
        sections=",".join(sorted(opening.sections)),
        ends=_text(opening.ends_at),
        **delay,
    )


def _own(uow: kernel.UnitOfWork, permit: Permit, opening: OpeningId) -> EmergencyReview:
    permit.require(uow, permit.action, Section.IDENTITY, None)
    found = own_opening(uow, permit.caller, opening)
    if found.opening.dossier != permit.dossier:
        raise OpeningNotFound(str(opening))
    return found


def _text(at: datetime) -> str:
    return at.isoformat()
