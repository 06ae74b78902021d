"""Who may act in an office at all: incidents, stopped accounts, reviews, recoveries and matrices name no dossier.

The door decides for each dossier, and asks there how the account stands; what is about people and rules asks here.
"""

from collections.abc import Collection

from serment import identity, kernel
from serment.access.brake.spending import standing


def insist_on_office(
    uow: kernel.UnitOfWork, caller: identity.Caller, offices: Collection[identity.Role]
) -> None:
    """Let whoever holds one of these offices pass: here in person, and as their account stands now.

    Raises:
        NotPermitted: another role, an access key, or an account that was closed meanwhile.
        AccountFrozen: the brake stopped the account.
    """
    if caller.role not in offices or caller.key is not None:
        raise identity.NotPermitted(caller.role)
    insist_on_standing(uow, caller)


def insist_on_standing(uow: kernel.UnitOfWork, caller: identity.Caller) -> None:
    """Let whoever has an account that stands pass.

    Raises:
        NotPermitted: the account was closed meanwhile.
        AccountFrozen: the brake stopped the account.
    """
    if not identity.stands(uow, caller.account):
        raise identity.NotPermitted(caller.role)
    standing(uow, caller)
