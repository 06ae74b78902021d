"""Leave the trace of what happened to an account, and show its owner what happened.

The trace goes to the ledger of the organisation; beside it a row of `security_events` lets the owner of the
account read their own events without reading anybody else's trail (ASVS 6.3.7).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from serment import ledger
from serment.identity.events import store
from serment.identity.model import Caller
from serment.identity.sealing import seal_text, unseal_text
from serment.identity.vocabulary import EventKind
from serment.kernel import AccountId, OrganisationId, UnitOfWork, new_id

CATEGORY = "identity"
PURPOSE = "security"
_MOST_EVENTS = 200
_ORIGIN = "event.origin"


@dataclass(frozen=True)
class Event:
    """What identity tells the trail: `about` which account, and who is `told` of it, its owner unless said."""

    kind: EventKind
    organisation: OrganisationId
    actor: ledger.Actor
    about: AccountId | None = None
    told: AccountId | None = None
    outcome: ledger.Outcome = ledger.Outcome.ALLOWED
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SecurityEvent:
    """One event as the owner of the account reads it.

    Of a sign-in that was refused, `password` says whether the password was "right" or "wrong".
    """

    kind: EventKind
    at: datetime
    outcome: ledger.Outcome
    origin: str
    by_owner: bool
    password: str = ""


def leave_trace(uow: UnitOfWork, event: Event) -> None:
    """Record an event; both writes survive a rollback of the transaction."""
    about = {} if event.about is None else {"account": str(event.about)}
    trace = ledger.Trace(
        kind=event.kind,
        actor=event.actor,
        organisation=event.organisation,
        dossier=None,
        category=CATEGORY,
        purpose=PURPOSE,
        outcome=event.outcome,
        detail={**about, **event.detail},
    )
    ledger.record(uow, trace)
    owner = event.told or event.about
    if owner is not None:
        _tell_owner(uow, event, owner)


def _tell_owner(uow: UnitOfWork, event: Event, owner: AccountId) -> None:
    identifier = new_id()
    row = store.EventRow(
        id=identifier,
        account=owner,
        organisation=event.organisation,
        kind=event.kind,
        outcome=event.outcome,
        at=uow.now,
        by_owner=event.actor.account == owner,
        origin_sealed=seal_text(uow, event.organisation, _ORIGIN, identifier, _told(event)),
    )
    uow.insist(lambda work: store.add_event(work, row))


def _told(event: Event) -> str:
    """Return what is sealed of an event: as long for a right password as for a wrong one."""
    return json.dumps({"origin": event.actor.origin, "password": event.detail.get("password", "")})


def security_events(uow: UnitOfWork, caller: Caller, limit: int = 50) -> tuple[SecurityEvent, ...]:
    """Return what happened to the caller's own account, newest first, at most 200 events."""
    rows = store.events_of(uow, caller.account, min(limit, _MOST_EVENTS))
    return tuple(
        SecurityEvent(
            kind=EventKind(row.kind),
            at=row.at,
            outcome=ledger.Outcome(row.outcome),
            **json.loads(unseal_text(uow, row.organisation, _ORIGIN, row.id, row.origin_sealed)),
            by_owner=row.by_owner,
        )
        for row in rows
    )
