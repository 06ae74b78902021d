"""Contest a line of the trail, and answer: the patient asks why, whoever answers for data protection says what was found.

Source: GDPR articles 12(3) and 15 (an answer within a month), EHDS article 9 (LAW-42).
"""

from dataclasses import replace
from datetime import timedelta

from serment import identity, kernel, ledger, vault
from serment.access.contests import store
from serment.access.contests.errors import AlreadyAnswered, AlreadyContested, ContestNotFound
from serment.access.contests.model import Contest, ContestAnswer, ContestFinding, ContestHead, ContestId
from serment.access.errors import AccessRefused
from serment.access.model import TRAIL, Action, Permit, Relation
from serment.access.trail import shown_to

#: Within how long a contest is answered.
ANSWERED_WITHIN = timedelta(days=30)
_WORDS, _ANSWER = 1, 2


def open_line(uow: kernel.UnitOfWork, permit: Permit, asked: ledger.TraceId) -> ledger.RecordedTrace:
    """Return one line of the trail of a dossier.

    Raises:
        PermitMismatch: the permit is not for reading the trail.
        ContestNotFound: there is no such line, or it is not for the caller.
    """
    permit.require(uow, Action.READ_TRAIL, None, None)
    found = ledger.open_trace(uow, permit.organisation, permit.dossier, permit.warrant, wanted=asked)
    shown = shown_to(uow, permit)
    if found is None or (shown is not None and not shown(found.trace)):
        raise ContestNotFound(str(asked))
    return found


def contest(uow: kernel.UnitOfWork, permit: Permit, line: ledger.RecordedTrace, words: str) -> ContestHead:
    """Ask why something of the trail was done; `line` is what the caller was shown of it.

    Raises:
        PermitMismatch: the permit is not for the patient's own acts.
        ContestNotFound: the line is of another dossier.
        AlreadyContested: the caller contested it already.
    """
    permit.require(uow, Action.CONTROL, None, None)
    if line.trace.dossier != permit.dossier:
        raise ContestNotFound(str(line.id))
    if any(
        row.head.trace == line.id and row.head.account == permit.caller.account
        for row in store.load_contests(uow, permit.dossier)
    ):
        raise AlreadyContested(str(line.id))
    head = ContestHead(
        ContestId(kernel.new_id()), permit.organisation, permit.dossier, line.id, permit.caller.account,
        uow.now, uow.now + ANSWERED_WITHIN, None,
    )  # fmt: skip
    store.insert_contest(uow, store.ContestRow(head, _seal(uow, head, _WORDS, words)))
    _record(uow, permit, "trail.contested", head)
    return head


def contests_of(uow: kernel.UnitOfWork, permit: Permit) -> tuple[Contest, ...]:
    """Return what was contested in this trail, newest first: all of it for data protection, else the caller's own.

    Raises:
        PermitMismatch: the permit is not for reading the trail.
        SealBroken: what somebody wrote is not what was stored.
    """
    permit.require(uow, Action.READ_TRAIL, None, None)
    rows = store.load_contests(uow, permit.dossier)
    mine = [row for row in rows if _answers(permit) or row.head.account == permit.caller.account]
    return tuple(_opened(uow, permit, row) for row in mine)


def answer_contest(
    uow: kernel.UnitOfWork, permit: Permit, asked: ContestId, finding: ContestFinding, words: str
) -> ContestHead:
    """Say what was found of a contested line, in words that the patient reads.

    Raises:
        PermitMismatch: the permit is not for reading the trail.
        AccessRefused: the caller does not answer for data protection; traced.
        ContestNotFound: no such contest on this dossier.
        AlreadyAnswered: it was answered; an answer is not changed.
    """
    permit.require(uow, Action.READ_TRAIL, None, None)
    found = {row.head.id: row for row in store.load_contests(uow, permit.dossier)}.get(asked)
    if found is None:
        raise ContestNotFound(str(asked))
    if not _answers(permit):
        _record(uow, permit, "contest.answered", found.head, ledger.Outcome.REFUSED)
        raise AccessRefused("contests-not-theirs")
    answered = replace(
        found,
        answered_by=permit.caller.account,
        finding=finding,
        answer=_seal(uow, found.head, _ANSWER, words),
    )
    if not store.answer_contest(uow, answered):
        raise AlreadyAnswered(str(asked))
    _record(uow, permit, "contest.answered", found.head)
    return replace(found.head, answered_at=uow.now)


def contests_at(uow: kernel.UnitOfWork, caller: identity.Caller) -> tuple[ContestHead, ...]:
    """Return every contest at the caller's organisation, without words or names, oldest first.

    Raises:
        AccessRefused: the caller does not answer for data protection there.
    """
    if caller.role is not identity.Role.DPO or caller.key is not None:
        raise AccessRefused("contests-not-theirs")
    return store.load_heads(uow, caller.organisation)


def count_waiting_contests(uow: kernel.UnitOfWork, caller: identity.Caller) -> int:
    """Return how many contests wait for the caller's answer; none for who does not answer them."""
    answers = caller.role is identity.Role.DPO and caller.key is None
    return store.count_waiting(uow, caller.organisation) if answers else 0


def _answers(permit: Permit) -> bool:
    return permit.relation is Relation.DATA_PROTECTION


def _opened(uow: kernel.UnitOfWork, permit: Permit, row: store.ContestRow) -> Contest:
    words = _unseal(uow, permit, row.head, _WORDS, row.words)
    head, by = row.head, row.answered_by
    if row.answer is None or row.finding is None or by is None or head.answered_at is None:
        return Contest(head, words, None)
    answer = _unseal(uow, permit, head, _ANSWER, row.answer)
    return Contest(head, words, ContestAnswer(row.finding, answer, by, head.answered_at))


def _context(head: ContestHead, part: int) -> vault.SealContext:
    return vault.SealContext(vault.Scope(head.organisation, head.dossier, TRAIL), "contest", head.id, part)


def _seal(uow: kernel.UnitOfWork, head: ContestHead, part: int, words: str) -> bytes:
    return uow.part(vault.Keyring).seal(words.encode(), _context(head, part))


def _unseal(uow: kernel.UnitOfWork, permit: Permit, head: ContestHead, part: int, sealed: bytes) -> str:
    return uow.part(vault.Keyring).unseal(sealed, _context(head, part), permit.warrant).decode()


def _record(
    uow: kernel.UnitOfWork,
    permit: Permit,
    kind: str,
    head: ContestHead,
    outcome: ledger.Outcome = ledger.Outcome.ALLOWED,
) -> None:
    trace = ledger.Trace(
        kind=kind, actor=permit.caller.actor, organisation=permit.organisation, dossier=permit.dossier,
        category="dossier", purpose=permit.purpose.value, outcome=outcome,
        detail={"contest": str(head.id), "trace": str(head.trace)},
    )  # fmt: skip
    ledger.record(uow, trace)
