"""What the functions at the door work with; app makes one, edge hands it on."""

from dataclasses import dataclass, field

from serment import vault
from serment.identity.factors.hashing import PasswordHasher
from serment.identity.model import RelyingParty
from serment.identity.password_policy.policy import PasswordJudge
from serment.identity.rules import Rules
from serment.identity.throttling.pressure import Pressure
from serment.kernel import Database


@dataclass(frozen=True)
class Entrance:
    """The door of the installation; one a process.

    Its functions take the database rather than a transaction: they hash and verify between two short ones,
    because the embedded database has one writer.
    """

    database: Database
    keyring: vault.Keyring
    hasher: PasswordHasher
    relying_party: RelyingParty
    rules: Rules = field(default_factory=Rules)
    judge: PasswordJudge = field(default_factory=PasswordJudge)
    pressure: Pressure = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pressure", Pressure(self.rules.pressure))
