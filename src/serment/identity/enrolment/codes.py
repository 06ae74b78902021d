"""A code given by hand, shown with a login: whose it is, or the one refusal there is.

No count of wrong tries ends a code: a stranger who knows a login could else take it from whom it was given to. Its
60 bits or more, a bound on tries from one network, and its end within days keep guessing hopeless.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass

from serment.identity.directory import store as directory
from serment.identity.directory.accounts import in_clear
from serment.identity.entrance import Entrance
from serment.identity.model import Account, AccountStatus, Visit
from serment.identity.unproved import trace_refused_code
from serment.identity.vocabulary import EventKind
from serment.kernel import AccountId, UnitOfWork, new_id


@dataclass(frozen=True)
class CodeDoor:
    """A door that codes open: for accounts of which status, where their living digests are, and how it refuses."""

    name: str
    status: AccountStatus
    living: Callable[[UnitOfWork, AccountId], bytes | None]
    digest: Callable[[UnitOfWork, AccountId, str], bytes]
    refused: EventKind


@dataclass(frozen=True)
class Shown:
    """What somebody shows at a door: the tag of a login, and a code as typed."""

    login_tag: bytes
    code: str


def whose_code(
    uow: UnitOfWork, entrance: Entrance, door: CodeDoor, shown: Shown, visit: Visit
) -> Account | None:
    """Return the account that a code opens; else None, traced, by the same steps whatever was wrong (AUT-09)."""
    found = directory.find_by_login_tag(uow, shown.login_tag)
    looked_up = AccountId(new_id()) if found is None else found.id
    stored = door.living(uow, looked_up)
    given = door.digest(uow, looked_up, shown.code)
    right = hmac.compare_digest(stored or bytes(len(given)), given)
    if found is None or not right or found.status is not door.status:
        trace_refused_code(uow, door.refused, found, visit, entrance.rules.throttle)
        return None
    return in_clear(uow, found)
