"""What the operator declares of an identity provider: the table `[federation]` of `serment.toml`."""

from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from serment import identity

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_LONGEST_HOUR = 24 * 60


def _split(value: object) -> object:
    return value.replace(",", " ").split() if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_split)]


class FederationSettings(BaseModel):
    """One OpenID provider. What is not said is as Pro Santé Connect has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str = Field(max_length=400)
    client_id: str = Field(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")
    client_authentication: Literal["client_secret_basic", "client_secret_post", "private_key_jwt"] = (
        "client_secret_basic"
    )
    client_secret_file: Path | None = None
    private_key_file: Path | None = None
    name: str = Field(default="Pro Santé Connect", min_length=1, max_length=60)
    scope: str = Field(default="openid scope_all", pattern=r"^[\x21-\x7e]+( [\x21-\x7e]+)*$")
    acr_values: Names = Field(default=("eidas1",), min_length=1)
    subject_claim: str = Field(default="SubjectNameID", min_length=1, max_length=100)
    algorithms: Names = Field(default=("RS256", "PS256", "ES256"), min_length=1)
    logout_types: Names = Field(default=("logout+jwt",), min_length=1)
    authorization_endpoint: str | None = None
    max_age_minutes: int | None = Field(default=None, ge=0, le=_LONGEST_HOUR)

    @field_validator("issuer", "authorization_endpoint")
    @classmethod
    def _know_the_address(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "https://localhost")
        whole = parts.hostname and not (parts.query or parts.fragment or parts.username or parts.port == 0)
        if not whole or parts.scheme not in {"https", "http"}:
            raise ValueError("is not an address, such as https://auth.example.org/realms/sante")
        if parts.scheme == "http" and parts.hostname not in _LOCAL:
            raise ValueError("must be https, but for this machine itself")
        return value

    @field_validator("scope")
    @classmethod
    def _know_openid(cls, value: str) -> str:
        if "openid" not in value.split():
            raise ValueError("must hold openid")
        return value

    @field_validator("algorithms")
    @classmethod
    def _know_the_algorithms(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not identity.SIGNATURES.issuperset(value):
            raise ValueError(f"may be of {', '.join(sorted(identity.SIGNATURES))}")
        return value

    @field_validator("logout_types")
    @classmethod
    def _know_the_types(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not {"logout+jwt", "JWT"}.issuperset(value):
            raise ValueError("may be of logout+jwt, JWT")
        return value

    @model_validator(mode="after")
    def _one_proof(self) -> Self:
        wanted, other = self.client_secret_file, self.private_key_file
        if self.client_authentication == "private_key_jwt":
            wanted, other = other, wanted
        if wanted is None or other is not None:
            raise ValueError(
                "client_secret_file goes with client_secret_basic and client_secret_post, "
                "private_key_file with private_key_jwt"
            )
        return self
