"""Which factors an account may use: administrators use passkeys and nothing else (AUT-01, LAW-71)."""

from serment.identity.directory.organisations import is_demonstration
from serment.identity.model import Role
from serment.identity.rules import Rules
from serment.kernel import UnitOfWork


def uses_passkeys_only(uow: UnitOfWork, rules: Rules, role: Role) -> bool:
    """Tell whether accounts of a role have passkeys and no password, application or recovery code.

    A demonstration is left out: its accounts are printed, to be tried by anybody.
    """
    bound = role is Role.ADMINISTRATOR and rules.administrators_use_passkeys
    return bound and not is_demonstration(uow)
