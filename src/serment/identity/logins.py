"""Logins: what a person types to say who they are; personal data, so found by a keyed tag only."""

import unicodedata

from serment import vault
from serment.identity.errors import LoginMalformed
from serment.identity.tokens import keyed_digest
from serment.kernel import UnitOfWork

_LEAST_CHARACTERS = 3
_MOST_CHARACTERS = 254


def tidy_login(login: str) -> str:
    """Return a login as it is compared: NFKC, case folded, without space around it."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


def check_login(login: str) -> str:
    """Return a login fit to be given to a new account.

    Raises:
        LoginMalformed: too short, too long, or with a space or a character that does not print.
    """
    tidy = tidy_login(login)
    if not _LEAST_CHARACTERS <= len(tidy) <= _MOST_CHARACTERS:
        raise LoginMalformed(f"{len(tidy)} characters")
    if not tidy.isprintable() or any(character.isspace() for character in tidy):
        raise LoginMalformed("characters")
    return tidy


def tag_of_login(uow: UnitOfWork, login: str) -> bytes:
    """Return the keyed tag under which the account of a login is found, one per installation."""
    return login_tag(uow.part(vault.Keyring), login)


def login_tag(keyring: vault.Keyring, login: str) -> bytes:
    """Return the keyed tag of a login, without a transaction."""
    return keyed_digest(keyring.secret("identity-logins"), "login", tidy_login(login))
