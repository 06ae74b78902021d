"""Forget what has run out: security detail is kept no longer than it is of use (LAW-72)."""

from datetime import timedelta

from serment.identity.access_keys import keys as access_keys
from serment.identity.ceremonies import store as ceremonies
from serment.identity.devices import store as devices
from serment.identity.enrolment import store as enrolment
from serment.identity.events import store as events
from serment.identity.federation import store as federation
from serment.identity.rules import Rules
from serment.identity.sessions import store as sessions
from serment.identity.throttling import store as throttle
from serment.kernel import UnitOfWork

KEEP_PRESSURE = timedelta(hours=1)
KEEP_EVENTS = timedelta(days=365)


def forget_expired(uow: UnitOfWork, rules: Rules) -> None:
    """Delete what ran out: unfinished steps and recoveries, ended keys and sessions, empty buckets, unused browsers.

    Counts of the pressure go after an hour, and security events after a year.
    """
    ceremonies.forget_expired(uow)
    enrolment.forget_recoveries(uow)
    access_keys.forget_ended(uow)
    sessions.forget_ended(uow)
    federation.forget_expired(uow)
    throttle.forget_empty_buckets(uow)
    throttle.forget_old(uow, uow.now - KEEP_PRESSURE)
    devices.forget_unused(uow, uow.now - rules.devices.forgotten_after)
    events.forget_events_before(uow, uow.now - KEEP_EVENTS)
