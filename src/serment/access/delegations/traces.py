"""What the patient reads of delegations in their trail."""

from serment import kernel, ledger
from serment.access.delegations.model import Delegation
from serment.access.model import Grant, Permit, Purpose


def trace_delegation(uow: kernel.UnitOfWork, permit: Permit, kind: str, of: Delegation, **said: str) -> None:
    """Leave the trace of an act on a delegation; `said` are the words given with it."""
    _leave(uow, permit.caller.actor, kind, of, purpose=permit.purpose, said=said)


def trace_own_act(uow: kernel.UnitOfWork, actor: ledger.Actor, kind: str, of: Delegation) -> None:
    """Leave the trace of what somebody did with a delegation of their own."""
    _leave(uow, actor, kind, of, purpose=Purpose.PATIENT_REQUEST, said={})


def trace_closed_share(uow: kernel.UnitOfWork, actor: ledger.Actor, ended: Delegation, grant: Grant) -> None:
    """Leave the trace of an opening that ended with the part of whoever gave it."""
    asked = grant.request
    to = {"account": str(asked.account)} if asked.account is not None else {"team": str(asked.team)}
    trace = ledger.Trace(
        kind="grant.revoked", actor=actor, organisation=ended.organisation, dossier=ended.dossier, category="dossier",
        purpose=Purpose.PATIENT_REQUEST.value, outcome=ledger.Outcome.ALLOWED,
        detail={"grant": str(grant.id), **to, "reason": "no-longer-acts", "ends": asked.ends_at.isoformat()},
    )  # fmt: skip
    ledger.record(uow, trace)


def _leave(
    uow: kernel.UnitOfWork,
    actor: ledger.Actor,
    kind: str,
    of: Delegation,
    *,
    purpose: Purpose,
    said: dict[str, str],
) -> None:
    trace = ledger.Trace(
        kind=kind, actor=actor, organisation=of.organisation, dossier=of.dossier, category="dossier",
        purpose=purpose.value, outcome=ledger.Outcome.ALLOWED, detail=_detail(of, said),
    )  # fmt: skip
    ledger.record(uow, trace)


def _detail(of: Delegation, said: dict[str, str]) -> dict[str, str]:
    known = {
        "delegation": str(of.id),
        "delegate-kind": of.kind.value,
        "account": "" if of.account is None else str(of.account),
        "sections": ",".join(sorted(of.terms.sections or ())),
        "ends": "" if of.ends_at is None else of.ends_at.isoformat(),
        **said,
    }
    return {name: value for name, value in known.items() if value}
