"""Who answers what waits: the data protection officer; in a small organisation without one, its administrators.

A patient who contests an access is owed an answer (GDPR article 12), and most practices have named nobody. Whoever
administers stands in for that alone: contests, and none about themselves. As soon as an officer is there, they no longer do.
"""

from serment import access, identity, kernel
from serment.vigilance.model import IncidentKind
from serment.vigilance.store import IncidentRow

#: What administrators answer where nobody is the data protection officer: what a patient wrote and waits for.
STOOD_IN_FOR = frozenset({IncidentKind.ACCESS_CONTESTED})


def stands_in(uow: kernel.UnitOfWork, caller: identity.Caller) -> bool:
    """Tell whether the caller answers contests as an administrator, for want of a data protection officer."""
    administers = caller.role is identity.Role.ADMINISTRATOR and caller.key is None
    return administers and identity.is_vacant(uow, caller.organisation, identity.Role.DPO)


def insist_on_answerer(uow: kernel.UnitOfWork, caller: identity.Caller) -> None:
    """Let whoever answers incidents pass: here in person, their account neither closed nor stopped.

    Raises:
        NotPermitted: neither the officer, nor an administrator of an organisation that has none.
        AccountFrozen: the account was stopped by the brake.
    """
    offices = {identity.Role.ADMINISTRATOR} if stands_in(uow, caller) else {identity.Role.DPO}
    access.insist_on_office(uow, caller, offices)


def answers(caller: identity.Caller, row: IncidentRow) -> bool:
    """Tell whether an incident of the caller's organisation is theirs to answer, once they answer any."""
    if caller.role is identity.Role.DPO:
        return True
    return row.kind in STOOD_IN_FOR and row.account != caller.account
