"""Machines for the tests: keys as their owners make them, and the private keys that some of them are bound to.

machine = Machine()
made = make_key_of(database, caller, binding=identity.KeyBinding.PUBLIC_KEY, public_key=machine.public_key)
headers = machine.headers(made.token, "GET", "https://localhost:8443/fhir/Patient/…", at=clock.now())
"""

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, TypeAlias
from uuid import uuid4

from joserfc import jws
from joserfc.jwk import ECKey, OKPKey

from serment import identity, kernel

#: Where test machines stand: the documentation's networks (RFC 5737), and this machine.
NETWORKS = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "127.0.0.0/16")
EVERY_SECTION = frozenset({"identity", "clinical", "imaging", "measurements", "exchanges", "sensitive"})
Claims: TypeAlias = dict[str, Any]


def make_key_of(
    database: kernel.Database,
    caller: identity.Caller,
    *,
    sections: frozenset[str] = EVERY_SECTION,
    face: identity.Face = identity.Face.FHIR,
    scope: identity.KeyScope = identity.KeyScope.READ,
    binding: identity.KeyBinding = identity.KeyBinding.NETWORKS,
    days: int = 30,
    networks: tuple[str, ...] = NETWORKS,
    public_key: str = "",
) -> identity.MadeKey:
    """Make a key as its owner does, having just proved a factor again."""
    with database.unit_of_work() as uow:
        asked = identity.KeyRequest(
            label="Logiciel du cabinet",
            face=face,
            sections=sections,
            scope=scope,
            binding=binding,
            ends_at=uow.now + timedelta(days=days),
            networks=networks,
            public_key=public_key,
        )
        return identity.make_key(uow, replace(caller, stepped_up_at=uow.now), asked)


def bearer(token: str) -> dict[str, str]:
    """Show a key the way RFC 6750 says."""
    return {"authorization": f"Bearer {token}"}


@dataclass(frozen=True)
class Machine:
    """A program that keeps a private key; `algorithm` is ES256, or Ed25519 under one of its names."""

    algorithm: str = "ES256"
    key: ECKey | OKPKey = field(default_factory=lambda: ECKey.generate_key("P-256"))

    @property
    def jwk(self) -> dict[str, Any]:
        """The public key, as a JWK."""
        return dict(self.key.as_dict(private=False))

    @property
    def public_key(self) -> str:
        """The public key as its owner pastes it."""
        return json.dumps(self.jwk)

    def claims(self, token: str, method: str, address: str, at: datetime) -> Claims:
        """Return what a proof says."""
        ath = urlsafe_b64encode(sha256(token.encode()).digest()).rstrip(b"=").decode()
        return {"jti": str(uuid4()), "htm": method, "htu": address, "iat": int(at.timestamp()), "ath": ath}

    def sign(self, claims: Claims, **header: object) -> str:
        """Sign a proof; `header` replaces members of its header."""
        said = {"typ": "dpop+jwt", "alg": self.algorithm, "jwk": self.jwk, **header}
        return signed(said, claims, self.key)

    def headers(self, token: str, method: str, address: str, *, at: datetime) -> dict[str, str]:
        """Show a key with its proof, the way RFC 9449 says."""
        return {
            "authorization": f"DPoP {token}",
            "dpop": self.sign(self.claims(token, method, address, at)),
        }


def signed(header: object, claims: object, key: ECKey | OKPKey) -> str:
    """Sign any header and any claims, also those that a library would refuse to write."""

    def encoded(value: bytes) -> str:
        return urlsafe_b64encode(value).rstrip(b"=").decode()

    written = f"{encoded(json.dumps(header).encode())}.{encoded(json.dumps(claims).encode())}"
    algorithm = jws.JWSRegistry.algorithms["ES256" if isinstance(key, ECKey) else "Ed25519"]
    return f"{written}.{encoded(algorithm.sign(written.encode(), key))}"


def ed25519_machine(name: str = "Ed25519") -> Machine:
    """Return a program whose private key is of Ed25519."""
    return Machine(name, OKPKey.generate_key("Ed25519"))
