"""The trace of attempts to sign in, by somebody who has proved nothing yet."""

from dataclasses import dataclass

from serment.identity.directory.store import SealedAccount
from serment.identity.factors.lanes import Lane
from serment.identity.factors.proofs import PreparedProof, method_of
from serment.identity.model import Visit
from serment.identity.unproved import trace_unproved
from serment.identity.vocabulary import EventKind
from serment.kernel import UnitOfWork


@dataclass(frozen=True)
class Attempt:
    """Something that was tried: from where, with which proof, in which lane."""

    visit: Visit
    proof: PreparedProof
    lane: Lane


def trace_refusal(
    uow: UnitOfWork, account: SealedAccount | None, attempt: Attempt, *, worth: str = "none"
) -> None:
    """Trace a try that was refused; what its password was worth is for the trail and the owner only."""
    said = "no-account" if account is None else worth
    detail = {"method": method_of(attempt.proof).value, "password": said, "lane": attempt.lane.value}
    trace_unproved(uow, EventKind.SIGN_IN_REFUSED, account, attempt.visit, detail)


def trace_throttled(uow: UnitOfWork, account: SealedAccount | None, visit: Visit) -> None:
    """Trace that tries at a login are too many to be looked at."""
    trace_unproved(uow, EventKind.SIGN_IN_THROTTLED, account, visit)
