"""On which terms a key is made (AUT-14): to what it is bound, and until when.

Pure; no I/O. Source: docs/adr/0015-keys-are-bound-narrow-and-die-with-their-owner.md.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from serment.identity.access_keys.proofs import thumbprint_of_written
from serment.identity.errors import KeyTermsRefused
from serment.identity.model import Face, KeyScope

LONGEST_LIFE = timedelta(days=365)
MOST_NETWORKS = 8
MOST_LABEL_CHARACTERS = 80
#: A wider network than these is no limit: a whole provider's customers would be inside.
_SHORTEST_PREFIX = {4: 16, 6: 48}
_SECTION = re.compile(r"[a-z-]{1,40}", re.ASCII)


class KeyBinding(StrEnum):
    """What makes a stolen key useless elsewhere: a private key that stays with the machine, or its networks (AUT-14)."""

    PUBLIC_KEY = "public-key"
    NETWORKS = "networks"


@dataclass(frozen=True)
class KeyRequest:
    """The key that somebody asks for.

    `networks` (up to eight, at least /16 or /48) limit any key. `public_key` is a JWK, written as JSON. `ends_at`
    lies within a year.
    """

    label: str
    face: Face
    sections: frozenset[str]
    scope: KeyScope
    binding: KeyBinding
    ends_at: datetime
    networks: tuple[str, ...] = ()
    public_key: str = ""


@dataclass(frozen=True)
class Terms:
    """A request that may be granted, in one spelling."""

    label: str
    sections: tuple[str, ...]
    networks: tuple[str, ...]
    thumbprint: bytes | None
    ends_at: datetime


def check_terms(asked: KeyRequest, now: datetime) -> Terms:
    """Return the terms on which a key is made.

    Raises:
        KeyTermsRefused: a term is missing, of another form, or goes too far; it names which.
    """
    label = asked.label.strip()
    if not 0 < len(label) <= MOST_LABEL_CHARACTERS:
        raise KeyTermsRefused("label")
    if not asked.sections or not all(_SECTION.fullmatch(section) for section in asked.sections):
        raise KeyTermsRefused("sections")
    if not now < asked.ends_at <= now + LONGEST_LIFE:
        raise KeyTermsRefused("ends_at")
    networks = _networks(asked)
    ends_at = asked.ends_at.astimezone(UTC)
    return Terms(label, tuple(sorted(asked.sections)), networks, _thumbprint(asked), ends_at)


def is_within(address: str, networks: Sequence[str]) -> bool:
    """Tell whether an address lies in one of the networks; what is no address lies in none."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return any((mapped or found) in ip_network(network) for network in networks)


def _networks(asked: KeyRequest) -> tuple[str, ...]:
    if bool(asked.networks) < (asked.binding is KeyBinding.NETWORKS) or len(asked.networks) > MOST_NETWORKS:
        raise KeyTermsRefused("networks")
    try:
        found = [ip_network(written.strip(), strict=False) for written in asked.networks]
    except ValueError:
        raise KeyTermsRefused("networks") from None
    if any(_is_too_wide(network) for network in found):
        raise KeyTermsRefused("networks")
    return tuple(dict.fromkeys(map(str, found)))


def _is_too_wide(network: IPv4Network | IPv6Network) -> bool:
    return network.prefixlen < _SHORTEST_PREFIX[network.version]


def _thumbprint(asked: KeyRequest) -> bytes | None:
    if asked.binding is not KeyBinding.PUBLIC_KEY:
        if asked.public_key:
            raise KeyTermsRefused("public_key")
        return None
    return thumbprint_of_written(asked.public_key)
