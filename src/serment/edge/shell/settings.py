"""What the shell must be told by the installation."""

from dataclasses import dataclass
from typing import Literal

#: How browsers reach the service; `http` on loopback only.
Scheme = Literal["https", "http"]


@dataclass(frozen=True)
class ShellSettings:
    """The surroundings of every page.

    `hosts` are the names this service answers to, lower case, without port. `secret` (32 bytes, from
    `keyring.secret("cookies")`) signs form cookies and notices. Paths under `streams` read their own bodies. Paths
    under `machines` are for programs with a key in a header: no cookie counts there, so no form can be forged. At
    `signed_posts` another server speaks, and what it posts bears its own signature.
    """

    hosts: frozenset[str]
    secret: bytes
    scheme: Scheme = "https"
    time_zone: str = "Europe/Paris"
    form_bytes: int = 64 * 1024
    streams: tuple[str, ...] = ("/uploads/", "/files/")
    machines: tuple[str, ...] = ("/fhir/",)
    signed_posts: frozenset[str] = frozenset({"/sign-in/federated/logout"})
