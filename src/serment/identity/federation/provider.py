"""The OpenID provider as the operator declares it, and how this installation proves itself to it."""

from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

#: Where the provider sends people back to, below this installation's origin; declared to it to the letter.
PROVIDER_CALLBACK = "/sign-in/federated/callback"
_LEAST_RSA_BITS = 2048
#: What a provider may sign with. Neither `none` nor a shared secret (HS*) is ever among them (ASVS 9.1.2).
SIGNATURES = frozenset(
    {
        "RS256",
        "RS384",
        "RS512",
        "PS256",
        "PS384",
        "PS512",
        "ES256",
        "ES384",
        "ES512",
        "Ed25519",
    }
)


@dataclass(frozen=True)
class SecretInHeader:
    """`client_secret_basic`: the secret travels in the Authorization header."""

    secret: str = field(repr=False)


@dataclass(frozen=True)
class SecretInForm:
    """`client_secret_post`: the secret travels in the form."""

    secret: str = field(repr=False)


@dataclass(frozen=True)
class SigningKey:
    """`private_key_jwt`: the key stays here, a statement signed with it travels."""

    key: RSAKey | ECKey = field(repr=False)


#: How this installation proves to the provider who it is.
ClientProof = SecretInHeader | SecretInForm | SigningKey


def signing_key_of(pem: bytes) -> SigningKey | None:
    """Return the private key in a PEM file: RSA of 2048 bits at least, or EC on P-256; None when it holds neither."""
    for kind in (RSAKey, ECKey):
        try:
            key = kind.import_key(pem)
        except (JoseError, ValueError, TypeError):
            continue
        if key.is_private and _is_strong(key):
            return SigningKey(key)
    return None


def _is_strong(key: RSAKey | ECKey) -> bool:
    if isinstance(key, ECKey):
        return key.curve_name == "P-256"
    return key.raw_value.key_size >= _LEAST_RSA_BITS


@dataclass(frozen=True)
class Provider:
    """What was agreed with the provider.

    `subject_claim` names the claim that says who somebody is: for Pro Santé Connect the national identifier
    (RPPS). `authorization_endpoint` goes before the one that the provider publishes; Pro Santé Connect shows
    its own on another host. `logout_types` are the `typ` that its logout tokens may bear: older providers send "JWT".
    """

    issuer: str
    client_id: str
    proof: ClientProof
    redirect_uri: str
    after_sign_out: str
    name: str = "Pro Santé Connect"
    scope: str = "openid scope_all"
    acr_values: tuple[str, ...] = ("eidas1",)
    subject_claim: str = "SubjectNameID"
    algorithms: frozenset[str] = frozenset({"RS256", "PS256", "ES256"})
    logout_types: frozenset[str] = frozenset({"logout+jwt"})
    authorization_endpoint: str | None = None
    max_age: timedelta | None = None


def origin_of(address: str) -> str:
    """Return scheme, host and port of an address, as one compares them: "https://auth.example.org:443"."""
    parts = urlsplit(address)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"
