"""Ask who was touched, and keep the answer: the officer of each controller for its own dossiers.

Finding costs an index; opening what was found takes a decision for each dossier, which its patient sees.
"""

import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from serment import access, dossier, identity, kernel, ledger, vault
from serment.kernel import AccountId, DossierId, OrganisationId
from serment.vigilance import store
from serment.vigilance.checks import anchor_row
from serment.vigilance.errors import InquiryNotFound, QuestionInvalid, WordsMissing
from serment.vigilance.model import InquiryId
from serment.vigilance.sealing import INQUIRY_ANSWER, QUESTION, seal, unseal
from serment.vigilance.touched import Answer, Link, Question, gather
from serment.vigilance.traces import office_trace
from serment.vigilance.writing import read_answer, read_question, write_answer, write_question

MOST_LISTED = 100
_FAST = 1
_MARKS = {
    Link.ACCOUNT: ledger.Mark.ACTOR,
    Link.SESSION: ledger.Mark.MEANS,
    Link.KEY: ledger.Mark.MEANS,
    Link.BROWSER: ledger.Mark.BROWSER,
}
Warrants = dict[DossierId, vault.Warrant]
OpenTrails = Callable[[Sequence[DossierId]], Warrants]


@dataclass(frozen=True)
class Inquiry:
    """An inquiry that was made: what was asked, why, by whom and when, and how many patients were found."""

    id: InquiryId
    question: Question
    asked_by: AccountId
    asked_at: datetime
    reason: str
    patients: int


def ask(uow: kernel.UnitOfWork, caller: identity.Caller, question: Question) -> Answer:
    """Return who of the caller's organisation was touched; every patient found sees that their trail was read.

    Raises:
        NotPermitted, AccountFrozen: the caller is no data protection officer, or was stopped.
        StepUpNeeded: prove a factor again first.
        BudgetSpent: so many patients take a reason first.
        QuestionInvalid: it ends before it begins.
        TraceBroken, SealBroken: a stored trace is not what was recorded.
    """
    _insist_on_proof(uow, caller)
    _trace(uow, caller.actor, caller.organisation, "asked", write_question(question))

    def open_trails(dossiers: Sequence[DossierId]) -> Warrants:
        permits = access.decide_trails(uow, caller, dossiers)
        return {about: permit.warrant for about, permit in permits.items()}

    return _answer(uow, caller.organisation, question, open_trails)


def ask_from_console(uow: kernel.UnitOfWork, organisation: OrganisationId, question: Question) -> Answer:
    """Return who of an organisation was touched, to whoever operates the machine; by identifiers only.

    Raises: as `ask`, without what is asked of its caller.
    """
    _trace(uow, identity.operator_of(organisation), organisation, "asked", write_question(question))

    def open_trails(dossiers: Sequence[DossierId]) -> Warrants:
        return access.open_trails_from_console(uow, organisation, dossiers)

    return _answer(uow, organisation, question, open_trails)


def keep_answer(uow: kernel.UnitOfWork, caller: identity.Caller, answer: Answer, reason: str) -> InquiryId:
    """Keep an answer, sealed, with why it was asked, so that its page, its files and its letters read no trail again.

    Raises:
        NotPermitted, AccountFrozen: the caller is no data protection officer, or was stopped.
        StepUpNeeded: prove a factor again first.
        WordsMissing: no reason was given.
    """
    _insist_on_proof(uow, caller)
    if not reason.strip():
        raise WordsMissing("reason")
    chosen = InquiryId(kernel.new_id())
    found = {"reason": reason.strip(), "patients": str(len(answer.patients))}
    question = kernel.canonical_json(write_question(answer.question) | found)
    row = store.InquiryRow(
        chosen, answer.organisation, caller.account, uow.now,
        seal(uow, answer.organisation, chosen, QUESTION, question),
        seal(uow, answer.organisation, chosen, INQUIRY_ANSWER, zlib.compress(write_answer(answer), _FAST)),
    )  # fmt: skip
    store.insert_inquiry(uow, row)
    anchor_row(uow, row)
    _trace(uow, caller.actor, caller.organisation, "kept", {"inquiry": str(chosen)})
    return chosen


def list_inquiries(uow: kernel.UnitOfWork, caller: identity.Caller) -> tuple[Inquiry, ...]:
    """Return the inquiries of the caller's organisation, newest first, at most 100.

    Raises:
        NotPermitted, AccountFrozen: the caller is no data protection officer, or was stopped.
    """
    insist_on_officer(uow, caller)
    rows = store.load_questions(uow, caller.organisation, MOST_LISTED)
    _trace(uow, caller.actor, caller.organisation, "listed", {"inquiries": str(len(rows))})
    return tuple(_inquiry(uow, row) for row in rows)


def kept_answer(uow: kernel.UnitOfWork, caller: identity.Caller, inquiry: InquiryId) -> Answer:
    """Return the answer of an inquiry; the security log of the organisation says who looked at it.

    Raises:
        NotPermitted, AccountFrozen: the caller is no data protection officer, or was stopped.
        StepUpNeeded: prove a factor again first.
        InquiryNotFound: the caller's organisation made no such inquiry.
    """
    _insist_on_proof(uow, caller)
    row = store.load_inquiry(uow, inquiry)
    if row is None or row.organisation != caller.organisation:
        raise InquiryNotFound(str(inquiry))
    answer = read_answer(zlib.decompress(unseal(uow, row.organisation, row.id, INQUIRY_ANSWER, row.answer)))
    detail = {"inquiry": str(inquiry)} | write_question(answer.question)
    _trace(uow, caller.actor, caller.organisation, "read", detail)
    return answer


def name_patients(
    uow: kernel.UnitOfWork, caller: identity.Caller, dossiers: Sequence[DossierId]
) -> dict[DossierId, dossier.Patient]:
    """Return who these patients are, for a page or for letters to them; each by a decision that they see.

    Raises:
        NotPermitted, AccountFrozen: the caller is no data protection officer, or was stopped.
        StepUpNeeded: prove a factor again first.
        BudgetSpent: so many patients take a reason first.
    """
    _insist_on_proof(uow, caller)
    permits = access.decide_trails(uow, caller, dossiers)
    return {patient.dossier: patient for patient in dossier.identities_of(uow, permits)}


def insist_on_officer(uow: kernel.UnitOfWork, caller: identity.Caller) -> None:
    """Let a data protection officer pass who is here in person, their account neither closed nor stopped.

    Raises:
        NotPermitted: anybody else, an access key, or an account that was closed meanwhile.
        AccountFrozen: the account was stopped by the brake.
    """
    access.insist_on_office(uow, caller, {identity.Role.DPO})


def _insist_on_proof(uow: kernel.UnitOfWork, caller: identity.Caller) -> None:
    """Let an officer pass who proved a factor lately: whom somebody touched is told to nobody at a desk left open."""
    insist_on_officer(uow, caller)
    identity.require_step_up(caller, uow.now)


def _answer(
    uow: kernel.UnitOfWork, organisation: OrganisationId, question: Question, open_trails: OpenTrails
) -> Answer:
    if question.until <= question.since:
        raise QuestionInvalid("window")
    found = _found(uow, organisation, question)
    warrants = open_trails(sorted(about for about in found if about is not None))
    count, deeds = gather(_traces(uow, organisation, question, warrants))
    unopened = sum(about is not None and about not in warrants for about in found)
    return Answer(organisation, question, uow.now, count, deeds, unopened)


def _found(
    uow: kernel.UnitOfWork, organisation: OrganisationId, question: Question
) -> Iterable[DossierId | None]:
    """Return the dossiers that the question is about, before any trail is opened."""
    if question.link is not Link.GRANT:
        suspect = ledger.Suspect(_MARKS[question.link], question.subject)
        return ledger.dossiers_marked(uow, organisation, suspect, _window(question))
    grant = access.grant_in_question(uow, access.GrantId(question.subject))
    mine = grant is not None and access.custodian(uow, grant.dossier) == organisation
    return [grant.dossier] if grant is not None and mine else []


def _traces(
    uow: kernel.UnitOfWork, organisation: OrganisationId, question: Question, warrants: Warrants
) -> Iterator[ledger.RecordedTrace]:
    if question.link is not Link.GRANT:
        suspect = ledger.Suspect(_MARKS[question.link], question.subject)
        yield from ledger.read_marked(uow, organisation, suspect, _window(question), warrants=warrants)
        return
    grant = access.grant_in_question(uow, access.GrantId(question.subject))
    for about, warrant in warrants.items():
        for one in ledger.read_between(uow, organisation, about, _window(question), warrant=warrant):
            if grant is not None and _came_by(grant, one):
                yield one


def _came_by(grant: access.Grant, one: ledger.RecordedTrace) -> bool:
    """Tell whether a grant could open what a trace tells of: to this person, at that hour, as far as it goes.

    Of two grants that open the same thing to the same person at once, both opened it.
    """
    trace, asked = one.trace, grant.request
    ended_at = min(filter(None, (asked.ends_at, grant.revoked_at)))
    if (
        trace.detail.get("relation") != access.Relation.GRANT
        or not grant.given_at <= one.recorded_at < ended_at
    ):
        return False
    if asked.account is not None and asked.account != trace.actor.account:
        return False
    entry = trace.detail.get("entry")
    named = {str(one) for one in asked.entries} if asked.entries is not None else None
    return entry is None or named is None or entry in named


def _window(question: Question) -> ledger.Window:
    return ledger.Window(question.since, question.until)


def _inquiry(uow: kernel.UnitOfWork, row: store.InquiryRow) -> Inquiry:
    said = json.loads(unseal(uow, row.organisation, row.id, QUESTION, row.question))
    question, found = read_question(said), int(said["patients"])
    return Inquiry(row.id, question, row.asked_by, row.asked_at, said["reason"], found)


def _trace(
    uow: kernel.UnitOfWork,
    actor: ledger.Actor,
    organisation: OrganisationId,
    done: str,
    detail: dict[str, str],
) -> None:
    ledger.record(uow, office_trace(f"vigilance.inquiry.{done}", actor, organisation, detail))
