"""What the operator decides: `serment.toml` in the data directory, or `SERMENT_*` variables, which go before it.

This is the only reader of the environment.
"""

import tomllib
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from typing_extensions import override

from serment.app.errors import SettingWrong
from serment.app.federation_settings import FederationSettings
from serment.app.places import insist_on_places

SETTINGS_FILE = "serment.toml"
GIB = 1024**3
_LOCAL = frozenset({"", "localhost", "127.0.0.1", "::1"})


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
Place = Annotated[str | None, Field(min_length=2, max_length=2)]


class Settings(BaseSettings):
    """Everything an operator may set; the defaults serve one machine from one directory."""

    model_config = SettingsConfigDict(env_prefix="SERMENT_", extra="forbid", frozen=True)

    data: Path
    database_url: SecretStr | None = None
    keys_url: SecretStr | None = None
    objects: Path | None = None
    ledger: Path | None = None
    passphrase: SecretStr | None = None
    passphrase_file: Path | None = None

    place: Place = None
    rows_place: Place = None
    keys_place: Place = None
    objects_place: Place = None
    ledger_place: Place = None

    origin: str | None = None
    hosts: Names = ()
    trusted_proxies: Names = ()
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    security_contact: str | None = None

    federation: FederationSettings | None = None

    session_idle_minutes: int = Field(default=15, ge=1, le=60)
    patient_idle_minutes: int = Field(default=30, ge=1, le=60)
    session_hours: int = Field(default=12, ge=1, le=24)
    sleep_professional_days: int = Field(default=90, ge=15, le=400)
    sleep_administrator_days: int = Field(default=30, ge=15, le=400)
    sleep_patient_days: int = Field(default=400, ge=15, le=1500)
    team_review_days: int = Field(default=180, ge=30, le=365)
    team_grace_days: int = Field(default=30, ge=7, le=90)
    emergency_review_days: int = Field(default=7, ge=1, le=30)
    emergency_delay_hours: int = Field(default=72, ge=1, le=336)
    administrator_passkeys: bool = True
    recovery_minutes: int = Field(default=15, ge=5, le=1440)
    recovery_alone_hours: int = Field(default=24, ge=1, le=336)
    recovery_patient_hours: int = Field(default=24, ge=1, le=336)
    administrator_password_days: int = Field(default=180, ge=0, le=3650)
    professional_password_days: int = Field(default=0, ge=0, le=3650)
    dpo_password_days: int = Field(default=0, ge=0, le=3650)
    patient_password_days: int = Field(default=0, ge=0, le=3650)
    time_zone: str = "Europe/Paris"
    upload_limit_bytes: int = Field(default=64 * GIB, ge=1)
    stop_seconds: int = Field(default=30, ge=1, le=3600)
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what is given in code, then the environment, then the file of that very directory."""
        given = init_settings.init_kwargs if isinstance(init_settings, InitSettingsSource) else {}
        file = Path(given["data"]) / SETTINGS_FILE
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, file)

    @field_validator("time_zone")
    @classmethod
    def _know_the_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError("is not a time zone, such as Europe/Paris") from None
        return value

    @field_validator("origin")
    @classmethod
    def _know_the_origin(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "https://localhost")
        if parts.scheme not in {"https", "http"} or not parts.hostname or parts.path.strip("/"):
            raise ValueError("is not an origin, such as https://sante.example.org")
        if parts.port == 0:  # what is no number is refused in the asking
            raise ValueError("names no port that can be reached")
        if parts.scheme == "http" and parts.hostname not in _LOCAL:
            raise ValueError("must be https, but for this machine itself")
        return value.rstrip("/").lower() if value else None

    @field_validator("trusted_proxies")
    @classmethod
    def _know_the_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        try:
            return tuple(str(ip_network(network)) for network in value)
        except ValueError:
            raise ValueError("is not a list of addresses or networks, such as 10.0.0.0/8") from None

    @field_validator("database_url", "keys_url")
    @classmethod
    def _know_the_database(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(
            ("sqlite:///", "postgresql+psycopg://")
        ):
            raise ValueError("must begin with sqlite:/// or postgresql+psycopg://")
        return value

    @model_validator(mode="after")
    def _both_halves_of_tls(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key go together")
        return self

    @model_validator(mode="after")
    def _told_before_the_look_is_overdue(self) -> Self:
        if self.emergency_review_days * 24 < self.emergency_delay_hours:
            raise ValueError(
                "emergency_review_days must not end before emergency_delay_hours: the patient would be told of an opening"
                " after the look at it was due"
            )
        return self

    @property
    def rows_url(self) -> str:
        """Where the row database is."""
        return (
            self.database_url.get_secret_value()
            if self.database_url
            else f"sqlite:///{self.data / 'rows' / 'serment.sqlite'}"
        )

    @property
    def keys_database_url(self) -> str:
        """Where the key database is: never the row database."""
        return (
            self.keys_url.get_secret_value()
            if self.keys_url
            else f"sqlite:///{self.data / 'keys' / 'keys.sqlite'}"
        )

    @property
    def objects_folder(self) -> Path:
        """Where the parts of objects are."""
        return self.objects or self.data / "objects"

    @property
    def ledger_folder(self) -> Path:
        """Where the static files of the ledger are."""
        return self.ledger or self.data / "ledger"

    def insist_on_places(self) -> None:
        """Return if every store's place is declared and allowed; a store of this machine lies where it does.

        Raises:
            PlaceRefused: one is missing or not allowed.
        """
        insist_on_places(
            {
                "place": self.place,
                "rows_place": self.rows_place or (self.place if _is_local(self.rows_url) else None),
                "keys_place": self.keys_place or (self.place if _is_local(self.keys_database_url) else None),
                "objects_place": self.objects_place or self.place,
                "ledger_place": self.ledger_place or self.place,
            }
        )


class _Where(BaseSettings):
    """Which directory, when the command line does not say."""

    model_config = SettingsConfigDict(env_prefix="SERMENT_", extra="ignore")

    data: Path | None = None


def read_settings(data: Path | None) -> Settings:
    """Read the settings of a directory, which may not exist yet.

    Raises:
        SettingWrong: one is missing, unknown or has a value that it cannot have.
    """
    folder = data or _Where().data
    if folder is None:
        raise SettingWrong("Which directory? Give --data DIR, or set SERMENT_DATA.")
    if (folder / SETTINGS_FILE).is_dir():
        raise SettingWrong(f"{folder / SETTINGS_FILE} cannot be read: it is a folder.")
    try:
        return Settings(data=folder.absolute())
    except ValidationError as error:
        raise SettingWrong(
            "\n".join(_sentence(problem["loc"], problem["msg"]) for problem in error.errors())
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingWrong(f"{folder / SETTINGS_FILE} cannot be read as TOML: {error}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingWrong(f"{folder / SETTINGS_FILE} cannot be read: {type(error).__name__}.") from None


def _sentence(place: tuple[int | str, ...], fact: str) -> str:
    """Name the setting and what is wrong with it; never its value, which may be a secret."""
    fact = fact.removeprefix("Value error, ")
    if not place:
        return f"The settings do not hold together: {fact}."
    name, variable = ".".join(str(part) for part in place), str(place[0]).upper()
    return f'The setting "{name}" (SERMENT_{variable}): {fact[:1].lower()}{fact[1:]}.'


def _is_local(url: str) -> bool:
    return url.startswith("sqlite") or (urlsplit(url).hostname or "") in _LOCAL
