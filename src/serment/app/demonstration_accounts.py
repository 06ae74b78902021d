"""The accounts of a demonstration: enrolled as real people are, and kept in a file so that they can be shown again."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from serment import identity, kernel
from serment.app.console import Voice
from serment.app.errors import OperatorError
from serment.app.passphrase import write_private
from serment.app.wiring import Installation

VISIT = identity.Visit(origin="demonstration", device="demonstration")
_HEAD = "# Accounts of this demonstration. Their codes: serment totp --data DIR LOGIN\n"
_CONSONANTS, _VOWELS = "bdfgjklmnprstvz", "aeiou"
_GROUPS, _SYLLABLES = 3, 3


@dataclass(frozen=True)
class DemonstrationAccount:
    """What it takes to sign in as somebody, and who that is."""

    login: str
    password: str
    quality: str
    name: str
    organisation: str
    account: kernel.AccountId

    def line(self) -> str:
        """Return the line of the accounts file."""
        cells = (self.login, self.password, self.quality, self.name, self.organisation, str(self.account))
        return "\t".join(cells) + "\n"


def draw_password() -> str:
    """Draw a password that can be read aloud and typed: three groups of three syllables, 56 bits."""
    groups = (
        "".join(secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS) for _ in range(_SYLLABLES))
        for _ in range(_GROUPS)
    )
    return "-".join(groups)


def enrol(installation: Installation, login: str, code: str, password: str) -> kernel.AccountId:
    """Take an invitation up: password and authenticator application, at the door that everybody uses."""
    entrance = installation.entrance
    offer = identity.begin_enrolment(entrance, login, code, VISIT)
    now = identity.code_at(offer.totp_seed, installation.clock.now())
    proof = identity.TotpConfirmation(now, "Application de la démonstration")
    done = identity.complete_enrolment(entrance, identity.Enrolment(offer.token, password, proof), VISIT)
    return done.account


def sign_in(
    installation: Installation, login: str, password: str, account: kernel.AccountId
) -> identity.Caller:
    """Sign somebody of the demonstration in, with both factors."""
    entrance = installation.entrance
    pending = identity.begin_sign_in(entrance, identity.Credentials(login, password))
    with installation.rows.reading() as uow:
        code = identity.totp_code_now(uow, account)
    return identity.finish_sign_in(entrance, pending.token, identity.TotpCode(code), VISIT).caller


def write_accounts(file: Path, accounts: list[DemonstrationAccount]) -> None:
    """Keep the accounts; their file says that the demonstration was filled to its end."""
    write_private(file, (_HEAD + "".join(account.line() for account in accounts)).encode())


def read_accounts(file: Path) -> list[DemonstrationAccount]:
    """Return the accounts of a demonstration.

    Raises:
        OperatorError: there is no such file: no demonstration, or one that was cut short.
    """
    try:
        lines = file.read_text().splitlines()
    except OSError:
        raise OperatorError(
            f"{file} is missing: {file.parent} holds no demonstration, or one that was cut short while it was filled. "
            "Take another directory, or remove this one."
        ) from None
    return [_read_line(line) for line in lines if line and not line.startswith("#")]


def show_accounts(voice: Voice, accounts: list[DemonstrationAccount]) -> None:
    """Show who can sign in, with which password."""
    for organisation in dict.fromkeys(each.organisation for each in accounts):
        rows = [
            (each.login, each.password, each.name, each.quality)
            for each in accounts
            if each.organisation == organisation
        ]
        voice.show(organisation, ("login", "password", "name", "quality"), rows)


def _read_line(line: str) -> DemonstrationAccount:
    login, password, quality, name, organisation, account = line.split("\t")
    return DemonstrationAccount(login, password, quality, name, organisation, kernel.AccountId(UUID(account)))
