"""The scene of an attack: where the server is, whose accounts there are, who signs in and from where.

It travels as JSON to the processes that play in it.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

#: Browsers reach the server through a proxy that ends TLS, hence https; the proxy reaches it on loopback.
ORIGIN = "https://localhost:8443"
HOST = b"localhost:8443"
LISTENING = "127.0.0.1"

#: A hospital's ward goes out through one network, which some attackers share.
WARD = "203.0.113"


@dataclass
class Person:
    """Somebody with a right to be there: an application for codes, or a passkey (its key as a number)."""

    login: str
    password: str
    address: str
    kind: str
    seed: str = ""
    credential: str = ""
    passkey: int = 0
    handle: str = ""
    device: str = ""


@dataclass
class Scene:
    """Everything that the players are told."""

    port: int = 0
    people: list[Person] = field(default_factory=list)
    #: Login and password of accounts whose pair is for sale.
    leaked: list[tuple[str, str]] = field(default_factory=list)
    #: Logins of accounts, which the attackers know without their passwords.
    known: list[str] = field(default_factory=list)
    #: Accounts that many sources aim at; people own them.
    victims: list[str] = field(default_factory=list)
    #: Accounts that were invited and have no factor yet.
    invited: list[str] = field(default_factory=list)

    def write(self, file: Path) -> None:
        """Keep the scene."""
        file.write_text(json.dumps(asdict(self)))


def read_scene(file: Path) -> Scene:
    """Return a scene that was kept."""
    found = json.loads(file.read_text())
    people = [Person(**each) for each in found.pop("people")]
    leaked = [(login, password) for login, password in found.pop("leaked")]
    return Scene(people=people, leaked=leaked, **found)
