"""Makes the way to the identity provider that the operator declared."""

from datetime import timedelta
from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from serment import identity, kernel
from serment.app.errors import SecretUnavailable
from serment.app.federation_settings import FederationSettings

_LEAST_RSA_BITS = 2048


def make_federation(
    declared: FederationSettings, data: Path, origin: str, entrance: identity.Entrance, clock: kernel.Clock
) -> identity.Federation:
    """Return the way to the declared provider; files are looked for from the data directory.

    Nothing is asked of the provider yet: this service starts whether it answers or not.

    Raises:
        SecretUnavailable: our proof towards the provider cannot be read, or is none.
    """
    minutes = declared.max_age_minutes
    provider = identity.Provider(
        issuer=declared.issuer,
        client_id=declared.client_id,
        proof=_proof(declared, data),
        redirect_uri=f"{origin}{identity.PROVIDER_CALLBACK}",
        after_sign_out=f"{origin}/sign-out",
        name=declared.name,
        scope=declared.scope,
        acr_values=declared.acr_values,
        subject_claim=declared.subject_claim,
        algorithms=frozenset(declared.algorithms),
        authorization_endpoint=declared.authorization_endpoint,
        max_age=None if minutes is None else timedelta(minutes=minutes),
    )
    client = identity.OpenIdClient(provider, identity.HttpCarrier(provider.issuer), clock)
    return identity.Federation(entrance, client)


def _proof(declared: FederationSettings, data: Path) -> identity.ClientProof:
    if declared.private_key_file is not None:
        return identity.SigningKey(_key_in(data / declared.private_key_file))
    secret = _content(data / (declared.client_secret_file or "")).decode("utf-8", "replace").strip()
    if not secret:
        raise SecretUnavailable(
            "The secret of the identity provider is empty (federation.client_secret_file)."
        )
    if declared.client_authentication == "client_secret_post":
        return identity.SecretInForm(secret)
    return identity.SecretInHeader(secret)


def _key_in(file: Path) -> RSAKey | ECKey:
    """Return a private key: RSA of 2048 bits at least, or EC on P-256."""
    content = _content(file)
    kind = ECKey if b"EC PRIVATE" in content else None
    for each in (kind,) if kind else (RSAKey, ECKey):
        try:
            key = each.import_key(content)
        except (JoseError, ValueError, TypeError):
            continue
        strong = (
            key.curve_name == "P-256" if isinstance(key, ECKey) else key.raw_value.key_size >= _LEAST_RSA_BITS
        )
        if key.is_private and strong:
            return key
    raise SecretUnavailable(
        f"{file} holds no private key that serves (federation.private_key_file): RSA of 2048 bits or EC on P-256, in PEM."
    )


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise SecretUnavailable(f"{file} cannot be read: {error.strerror} ([federation]).") from None
