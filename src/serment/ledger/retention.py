"""Two clocks: the detail of security traces 6 to 12 months, of a patient's trail at least 3 years.

What is purged is salt and text, sealed together; commitments stay for ever, and every proof still verifies.
Source: CNIL deliberation 2021-122 (LAW-73), EHDS article 9 (LAW-42); LED-08, LED-09.
"""

from datetime import timedelta

from serment.kernel import UnitOfWork
from serment.ledger import store
from serment.ledger.errors import RetentionTooShort

TRAIL_DETAIL_AT_LEAST = timedelta(days=3 * 365 + 1)
SECURITY_DETAIL_AT_LEAST = timedelta(days=183)


def purge_trail_details(uow: UnitOfWork, kept_for: timedelta) -> int:
    """Purge the details of traces about dossiers that are older; return how many.

    Raises:
        RetentionTooShort: less than three years.
    """
    if kept_for < TRAIL_DETAIL_AT_LEAST:
        raise RetentionTooShort(f"a patient's trail is kept for {TRAIL_DETAIL_AT_LEAST.days} days")
    return store.purge_trail_details(uow.connection, uow.now - kept_for)


def purge_security_details(uow: UnitOfWork, kept_for: timedelta) -> int:
    """Purge the details of traces about no dossier that are older; return how many.

    Raises:
        RetentionTooShort: less than six months.
    """
    if kept_for < SECURITY_DETAIL_AT_LEAST:
        raise RetentionTooShort(f"the security log is kept for {SECURITY_DETAIL_AT_LEAST.days} days")
    return store.purge_security_details(uow.connection, uow.now - kept_for)
