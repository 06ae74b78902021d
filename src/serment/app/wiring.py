"""Puts the domains together: one installation, opened."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from serment import access, dossier, identity, kernel, ledger, vault
from serment.app.confined_workbench import ConfinedWorkbench, open_zygote
from serment.app.directory import DataDirectory
from serment.app.federation import make_federation
from serment.app.passphrase import read_passphrase
from serment.app.settings import Settings

#: The names of the installation's secrets; the vault draws each at its first use.
LEDGER_SIGNING, PEPPER, COOKIES = "ledger-signing", "pepper", "cookies"


@dataclass(frozen=True)
class Installation:
    """Everything that one process needs of an installation, open."""

    settings: Settings
    origin: str
    clock: kernel.Clock
    rows: kernel.Database
    keys: kernel.Database
    keyring: vault.Keyring
    log: ledger.Log
    entrance: identity.Entrance
    zygote: kernel.Zygote
    federation: identity.Federation | None = None

    def close(self) -> None:
        """Give everything back."""
        self.zygote.close()
        self.rows.close()
        self.keys.close()


def open_installation(settings: Settings, origin: str, *, clock: kernel.Clock | None = None) -> Installation:
    """Open an installation whose databases are up to date; `origin` is where browsers find it.

    Raises:
        NotInstalled: there is none in that directory.
        PlaceRefused: a store's place is not declared or not allowed.
        SecretUnavailable, PassphraseWrong, RootKeyDamaged: the keys cannot be opened.
        StoreUnavailable: a database cannot be reached.
    """
    DataDirectory(settings.data).insist_installed()
    settings.insist_on_places()
    clock = clock or kernel.SystemClock()
    keys = kernel.Database(settings.keys_database_url, clock=clock)
    rows = kernel.Database(settings.rows_url, clock=clock)
    zygote = open_zygote()
    try:
        keyring = _open_keyring(settings, keys, clock)
        log = _open_log(settings, keyring)
        entrance = _entrance(settings, origin, rows, keyring)
        federation = _federation(settings, origin, entrance, clock)
    except BaseException:
        zygote.close()
        rows.close()
        keys.close()
        raise
    _put_beside(settings, rows, keyring, zygote)
    rows.put_beside(log)
    return Installation(
        settings, origin, clock, rows, keys, keyring, log, entrance, zygote, federation=federation
    )


@contextmanager
def opened(settings: Settings, origin: str = "https://localhost:8443") -> Iterator[Installation]:
    """Open an installation for the length of a command.

    Raises: as `open_installation`.
    """
    installation = open_installation(settings, origin)
    try:
        yield installation
    finally:
        installation.close()


def _open_keyring(settings: Settings, keys: kernel.Database, clock: kernel.Clock) -> vault.Keyring:
    root = vault.SealedKeyFile.open(DataDirectory(settings.data).root_key, read_passphrase(settings))
    return vault.open_keyring(keys, root, clock)


def _open_log(settings: Settings, keyring: vault.Keyring) -> ledger.Log:
    seed = keyring.secret(LEDGER_SIGNING)
    name = hashlib.sha256(b"serment/log-name\0" + seed).hexdigest()[:16]
    return ledger.open_log(settings.ledger_folder, f"serment.log/{name}", seed)


def _entrance(
    settings: Settings, origin: str, rows: kernel.Database, keyring: vault.Keyring
) -> identity.Entrance:
    party = identity.RelyingParty(id=urlsplit(origin).hostname or "localhost", origin=origin)
    hasher = identity.PasswordHasher(identity.HashingCost(), pepper=keyring.secret(PEPPER))
    judge = identity.PasswordJudge(identity.WatchedList(DataDirectory(settings.data).breached))
    return identity.Entrance(rows, keyring, hasher, party, _rules(settings), judge)


def _rules(settings: Settings) -> identity.Rules:
    return identity.Rules(
        passwords=identity.PasswordRules(longest_age=_longest_ages(settings)),
        sessions=identity.SessionLimits(
            idle_professional=timedelta(minutes=settings.session_idle_minutes),
            idle_patient=timedelta(minutes=settings.patient_idle_minutes),
            absolute=timedelta(hours=settings.session_hours),
        ),
        sleep=identity.SleepRules(
            professional=timedelta(days=settings.sleep_professional_days),
            administrator=timedelta(days=settings.sleep_administrator_days),
            patient=timedelta(days=settings.sleep_patient_days),
        ),
        reviews=identity.ReviewRules(
            rhythm=timedelta(days=settings.team_review_days),
            grace=timedelta(days=settings.team_grace_days),
        ),
        recovery=identity.RecoveryRules(
            with_second_person=timedelta(minutes=settings.recovery_minutes),
            alone=timedelta(hours=settings.recovery_alone_hours),
            patient=timedelta(hours=settings.recovery_patient_hours),
        ),
        administrators_use_passkeys=settings.administrator_passkeys,
    )


def _longest_ages(settings: Settings) -> dict[identity.Role, timedelta]:
    """Return after how long the passwords of a role are changed; those set to 0 never for their age (LAW-71)."""
    days = {
        identity.Role.ADMINISTRATOR: settings.administrator_password_days,
        identity.Role.PROFESSIONAL: settings.professional_password_days,
        identity.Role.DPO: settings.dpo_password_days,
        identity.Role.PATIENT: settings.patient_password_days,
    }
    return {role: timedelta(days=count) for role, count in days.items() if count}


def _federation(
    settings: Settings, origin: str, entrance: identity.Entrance, clock: kernel.Clock
) -> identity.Federation | None:
    declared = settings.federation
    return None if declared is None else make_federation(declared, settings.data, origin, entrance, clock)


def _put_beside(
    settings: Settings, rows: kernel.Database, keyring: vault.Keyring, zygote: kernel.Zygote
) -> None:
    """Give units of work the parts they ask for, by type."""
    rows.put_beside(keyring)
    rows.put_beside(keyring.take_notary())
    rows.put_beside(vault.ObjectStore(keyring, vault.DirectoryStore(settings.objects_folder)))
    rows.put_beside(zygote)
    rows.put_beside(access.Majority(settings.time_zone))
    rows.put_beside(ConfinedWorkbench(zygote), dossier.Workbench)
