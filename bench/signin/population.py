"""Make an installation with thousands of accounts: as an operator makes one, then written to its stores.

Passwords are drawn from a few, each hashed once: what an attack costs does not depend on how many differ.
"""

import secrets
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.signin.passkeys import Device
from bench.signin.scene import ORIGIN, WARD, Person, Scene
from serment import identity, kernel
from serment.app.settings import read_settings
from serment.app.wiring import Installation, opened
from serment.identity.directory.accounts import add_account
from serment.identity.factors import store as factors
from serment.identity.factors.additions import (
    ConfirmedTotp,
    add_factor,
    challenge_registration,
    confirm_registration,
)
from serment.identity.factors.proofs import Owner
from serment.identity.factors.totp import draw_seed
from serment.identity.logins import tag_of_login

_PASSWORDS = 16
_BATCH = 200
_SETTINGS = 'trusted_proxies = ["127.0.0.1/32"]\norigin = "{origin}"\n'


@dataclass(frozen=True)
class Cast:
    """How many of each there are."""

    accounts: int = 4000
    leaked: int = 1500
    invited: int = 100
    #: How many times the people below.
    crowd: float = 1.0
    #: People by kind; whoever is "attacked" owns an account that many aim at.
    people: tuple[tuple[str, int], ...] = (
        ("known", 80),
        ("known, attacked account", 40),
        ("known, attacked network", 40),
        ("unknown", 60),
        ("unknown, attacked account", 30),
        ("passkey", 30),
        ("passkey, attacked account", 20),
    )


@dataclass(frozen=True)
class _Keys:
    """Passwords with their hashes, and the organisation that everybody belongs to."""

    organisation: kernel.OrganisationId
    passwords: tuple[tuple[str, str], ...]

    def of(self, number: int) -> tuple[str, str]:
        return self.passwords[number % len(self.passwords)]


def build(data: Path, cast: Cast) -> Scene:
    """Make the installation and return the scene, without the server's port."""
    command = [sys.executable, "-m", "serment.app", "init", "--data", str(data), "--json"]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own command
    with (data / "serment.toml").open("a") as settings:
        settings.write(_SETTINGS.format(origin=ORIGIN))
    with opened(read_settings(data), ORIGIN) as installation:
        return _populate(installation, cast)


def _populate(installation: Installation, cast: Cast) -> Scene:
    with installation.rows.reading() as uow:
        organisation = identity.list_organisations(uow)[0].id
    drawn = [secrets.token_urlsafe(15) for _ in range(_PASSWORDS)]
    keys = _Keys(organisation, tuple((each, installation.entrance.hasher.hash(each)) for each in drawn))
    scene = Scene(people=list(_people(cast, keys)))
    scene.known = [f"soignant{number}@example.test" for number in range(cast.accounts)]
    scene.leaked = [(login, keys.of(number)[0]) for number, login in enumerate(scene.known[: cast.leaked])]
    scene.victims = [person.login for person in scene.people if "attacked account" in person.kind]
    # Attackers have the right password of every other chosen victim, too.
    scene.leaked += [
        (person.login, person.password) for person in scene.people if person.login in scene.victims
    ][::2]
    scene.invited = [f"invite{number}@example.test" for number in range(cast.invited)]
    for batch in _batches(list(enumerate(scene.known))):
        with installation.rows.unit_of_work() as uow:
            for number, login in batch:
                _add(uow, keys, login, keys.of(number)[1], draw_seed())
    with installation.rows.unit_of_work() as uow:
        for login in scene.invited:
            _add(uow, keys, login, None, None)
    for number, person in enumerate(scene.people):
        _settle(installation, keys, person, number)
    return scene


def _people(cast: Cast, keys: _Keys) -> Iterator[Person]:
    """Draw the people; those of the ward share its network, the others have one each."""
    number = 0
    for kind, count in cast.people:
        for _ in range(max(1, round(count * cast.crowd))):
            home = f"198.18.{number % 256}.{10 + number // 256}"
            address = f"{WARD}.{1 + number % 250}" if "network" in kind else home
            seed = "" if "passkey" in kind else draw_seed()
            yield Person(f"personne{number}@example.test", keys.of(number)[0], address, kind, seed)
            number += 1


def _settle(installation: Installation, keys: _Keys, person: Person, number: int) -> None:
    """Give a person an account, and a passkey if that is how they come in."""
    with installation.rows.unit_of_work() as uow:
        account = _add(uow, keys, person.login, keys.of(number)[1], person.seed or None)
    if person.seed:
        return
    device = Device()
    entrance = installation.entrance
    with installation.rows.unit_of_work() as uow:
        challenge = challenge_registration(uow, entrance.relying_party, account, entrance.rules.lives)
    answer = device.register(challenge.options_json)
    confirmed = confirm_registration(
        entrance.relying_party, identity.PasskeyRegistration(challenge.token, answer)
    )
    with installation.rows.unit_of_work() as uow:
        add_factor(uow, Owner(account.id, account.organisation), confirmed)
    person.credential = device.credential.hex()
    person.passkey = device.secret
    person.handle = device.handle


def _add(
    uow: kernel.UnitOfWork, keys: _Keys, login: str, password_hash: str | None, seed: str | None
) -> identity.Account:
    """Write an account: active with a password, else invited; with a source of codes when there is a seed."""
    status = identity.AccountStatus.INVITED if password_hash is None else identity.AccountStatus.ACTIVE
    account = identity.Account(
        id=kernel.AccountId(kernel.new_id()),
        organisation=keys.organisation,
        login=login,
        name="Camille Essai",
        role=identity.Role.PROFESSIONAL,
        profession=identity.Profession.PHYSICIAN,
        status=status,
        created_at=uow.now,
    )
    add_account(uow, account, tag_of_login(uow, login))
    if password_hash is not None:
        factors.set_password(uow, account.id, password_hash)
    if seed is not None:
        add_factor(uow, Owner(account.id, account.organisation), ConfirmedTotp(seed, 0, "Application"))
    return account


def _batches(logins: list[tuple[int, str]]) -> Iterable[list[tuple[int, str]]]:
    return (logins[begin : begin + _BATCH] for begin in range(0, len(logins), _BATCH))


@dataclass(frozen=True)
class Rows:
    """What the installation's own rows say of the attack, which no player of the scene can embellish."""

    sessions: int
    looked_at: int


def count_rows(data: Path) -> Rows:
    """Count sessions, and tries whose password was hashed and refused; open it only when no server does."""
    refused = f"SELECT count(*) FROM security_events WHERE kind = '{identity.EventKind.SIGN_IN_REFUSED}'"  # noqa: S608 - a word of ours
    with opened(read_settings(data), ORIGIN) as installation, installation.rows.reading() as uow:
        counts = [
            int(uow.connection.exec_driver_sql(query).scalar_one())
            for query in ("SELECT count(*) FROM sessions", refused)
        ]
    return Rows(*counts)
