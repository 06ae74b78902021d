"""Makes the way to the identity provider that the operator declared."""

from datetime import timedelta
from pathlib import Path

from serment import identity, kernel
from serment.app.errors import SecretUnavailable
from serment.app.federation_settings import FederationSettings

_WANTED = "federation.private_key_file: RSA of 2048 bits or EC on P-256, in PEM"


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
        logout_types=frozenset(declared.logout_types),
        authorization_endpoint=declared.authorization_endpoint,
        max_age=None if minutes is None else timedelta(minutes=minutes),
    )
    client = identity.OpenIdClient(provider, identity.HttpCarrier(provider.issuer), clock)
    return identity.Federation(entrance, client)


def _proof(declared: FederationSettings, data: Path) -> identity.ClientProof:
    if declared.private_key_file is not None:
        file = data / declared.private_key_file
        key = identity.signing_key_of(_content(file))
        if key is None:
            raise SecretUnavailable(f"{file} holds no private key that serves ({_WANTED}).")
        return key
    secret = _content(data / (declared.client_secret_file or "")).decode("utf-8", "replace").strip()
    if not secret:
        raise SecretUnavailable(
            "The secret of the identity provider is empty (federation.client_secret_file)."
        )
    if declared.client_authentication == "client_secret_post":
        return identity.SecretInForm(secret)
    return identity.SecretInHeader(secret)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise SecretUnavailable(f"{file} cannot be read: {error.strerror} ([federation]).") from None
