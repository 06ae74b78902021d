"""What happened to an account since its owner last signed in, in a few words (ASVS 6.3.5, 6.3.7)."""

from dataclasses import dataclass
from datetime import datetime

from serment import ledger
from serment.identity.events.trail import SecurityEvent, security_events
from serment.identity.model import Caller
from serment.identity.vocabulary import EventKind
from serment.kernel import UnitOfWork

#: How far back is looked: more refusals than that are said as "so many and more".
MOST_LOOKED_AT = 60
_CHANGES = frozenset(
    {
        EventKind.FACTOR_ADDED,
        EventKind.FACTOR_REMOVED,
        EventKind.PASSWORD_CHANGED,
        EventKind.RECOVERY_CODES_RENEWED,
        EventKind.RECOVERY_OPENED,
        EventKind.RECOVERY_STOPPED,
        EventKind.RECOVERY_COMPLETED,
    }
)


@dataclass(frozen=True)
class SinceLastSignIn:
    """What the owner should know: how many attempts were refused and from where, and what was changed.

    `since` is when they signed in before this time, None when that is too far back to say.
    """

    since: datetime | None
    refused: int
    origins: tuple[str, ...]
    changes: tuple[EventKind, ...]

    @property
    def is_quiet(self) -> bool:
        """Tell whether there is nothing to say."""
        return not self.refused and not self.changes


def since_last_sign_in(uow: UnitOfWork, caller: Caller) -> SinceLastSignIn:
    """Return what happened to the caller's account between their sign-in before this one and now."""
    later, since = _since(security_events(uow, caller, MOST_LOOKED_AT))
    refused = [event for event in later if event.outcome is not ledger.Outcome.ALLOWED]
    changed = [event.kind for event in later if event.kind in _CHANGES]
    return SinceLastSignIn(
        since=since,
        refused=len(refused),
        origins=tuple(dict.fromkeys(event.origin for event in refused)),
        changes=tuple(dict.fromkeys(changed)),
    )


def _since(events: tuple[SecurityEvent, ...]) -> tuple[tuple[SecurityEvent, ...], datetime | None]:
    """Cut the events, newest first, at the sign-in before the latest."""
    entries = [place for place, event in enumerate(events) if event.kind is EventKind.SESSION_OPENED]
    if len(entries) < 2:  # noqa: PLR2004 -- this sign-in and the one before
        return events, None
    before = entries[1]
    return events[:before], events[before].at
