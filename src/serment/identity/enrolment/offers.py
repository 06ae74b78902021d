"""What completes an account, once a code given by hand was right: a password and a factor, in one go (AUT-02).

There is no state between: an account has no password before it has a second factor, so that a stolen password
can never add the factor that it lacks. Who uses passkeys only sets no password at all. Enrolment and recovery
complete an account the same way (ASVS 6.4.4).
"""

from dataclasses import dataclass

from serment.identity.ceremonies import store as ceremonies
from serment.identity.ceremonies.store import Ceremony, Purpose
from serment.identity.directory.accounts import open_account
from serment.identity.directory.organisations import open_organisation
from serment.identity.entrance import Entrance
from serment.identity.errors import EnrolmentRefused, PasskeyNeeded
from serment.identity.factors import store as factors
from serment.identity.factors.additions import (
    ConfirmedFactor,
    Factor,
    FactorConfirmation,
    TotpConfirmation,
    add_factor,
    challenge_registration,
    confirm_registration,
    confirm_totp_seed,
)
from serment.identity.factors.demands import uses_passkeys_only
from serment.identity.factors.passkeys import PasskeyChallenge
from serment.identity.factors.proofs import Owner
from serment.identity.factors.recovery_codes import replace_recovery_codes
from serment.identity.factors.totp import draw_seed, provisioning_uri
from serment.identity.logins import tag_of_login
from serment.identity.model import Account, Visit
from serment.identity.sealing import OFFERED_SEED, seal_text, unseal_text
from serment.identity.sources import network_of
from serment.identity.throttling import throttle
from serment.kernel import AccountId, UnitOfWork


@dataclass(frozen=True)
class EnrolmentOffer:
    """What a person with a right code chooses from: a passkey, or an application for codes.

    Who uses passkeys only is offered no application: `totp_seed` and `totp_uri` are empty, and no password is set.
    """

    token: str
    name: str
    totp_seed: str
    totp_uri: str
    passkey: PasskeyChallenge

    @property
    def passkeys_only(self) -> bool:
        """Tell whether a passkey is all that is set."""
        return not self.totp_seed


@dataclass(frozen=True)
class Enrolment:
    """What completes an enrolment; `password` is not looked at where passkeys are all that is used."""

    token: str
    password: str
    factor: FactorConfirmation


@dataclass(frozen=True)
class Enrolled:
    """An account that can sign in, and its recovery codes, shown once; none where passkeys are all that is used."""

    account: AccountId
    recovery_codes: tuple[str, ...]


@dataclass(frozen=True)
class Proved:
    """What was given to complete an account, checked and not stored yet."""

    account: Account
    factor: ConfirmedFactor
    password_hash: str | None


def knock(entrance: Entrance, door: str, login: str, visit: Visit) -> bytes:
    """Count a try at a door that takes codes, and return the tag of the login.

    Tries are counted where they come from: nobody elsewhere keeps the owner of a code from using it.

    Raises:
        Throttled: too many tries from this network, for this login or in all; nothing was compared.
    """
    rules = entrance.rules.throttle
    with entrance.database.reading() as uow:
        login_tag = tag_of_login(uow, login)
        of_login = throttle.bucket(uow, rules.enrolment, door, login_tag, network_of(visit.origin))
        buckets = (of_login, throttle.source_bucket(uow, visit.origin, rules))
    throttle.admit(entrance.database, buckets)
    return login_tag


def make_offer(uow: UnitOfWork, entrance: Entrance, account: Account, purpose: Purpose) -> EnrolmentOffer:
    """Offer what completes an account."""
    seed = "" if uses_passkeys_only(uow, entrance.rules, account.role) else draw_seed()
    sealed = seal_text(uow, account.organisation, OFFERED_SEED, account.id, seed)
    name = entrance.relying_party.name
    return EnrolmentOffer(
        token=ceremonies.begin(uow, Ceremony(purpose, account.id, sealed), entrance.rules.lives.enrolment),
        name=account.name,
        totp_seed=seed,
        totp_uri=provisioning_uri(seed, account.login, name) if seed else "",
        passkey=challenge_registration(uow, entrance.relying_party, account, entrance.rules.lives),
    )


def insist_on_offer(entrance: Entrance, token: str) -> None:
    """Go on when something is on offer under a token: nothing costly is done for who shows none.

    Raises:
        EnrolmentRefused: nothing is, or it ran out, or was completed.
    """
    with entrance.database.reading() as uow:
        offered = (ceremonies.look_at(uow, token, each) for each in (Purpose.ENROLMENT, Purpose.RECOVERY))
        if not any(offered):
            raise EnrolmentRefused("offer")


def prove(entrance: Entrance, enrolment: Enrolment, purpose: Purpose) -> Proved:
    """Check what was given against what was offered; outside any write transaction.

    Raises:
        EnrolmentRefused: the offer ran out, or was completed.
        PasswordRefused: choose another password.
        PasskeyNeeded: an application was given where passkeys are all that is used.
        FactorNotConfirmed: the factor did not prove that it works.
    """
    with entrance.database.reading() as uow:
        account, seed = _offered(uow, enrolment.token, purpose)
        words = (account.login, account.name, open_organisation(uow, account.organisation).name)
        now = uow.now
    if seed:
        entrance.judge.check(enrolment.password, words, entrance.rules.passwords)
    if not isinstance(enrolment.factor, TotpConfirmation):
        confirmed: ConfirmedFactor = confirm_registration(entrance.relying_party, enrolment.factor)
    elif seed:
        confirmed = confirm_totp_seed(seed, enrolment.factor, now)
    else:
        raise PasskeyNeeded(str(account.id))
    return Proved(account, confirmed, entrance.hasher.hash(enrolment.password) if seed else None)


def take_offer(uow: UnitOfWork, enrolment: Enrolment, purpose: Purpose) -> None:
    """Use an offer up: of several answers at once, one goes on.

    Raises:
        EnrolmentRefused: it ran out, or was completed.
    """
    if ceremonies.take(uow, enrolment.token, purpose) is None:
        raise EnrolmentRefused("offer")


def equip(uow: UnitOfWork, proved: Proved) -> tuple[Factor, tuple[str, ...]]:
    """Give an account its password and factor, and return the factor and its recovery codes.

    Raises:
        FactorNotConfirmed: the challenge was taken before, or the passkey is already known.
    """
    account = proved.account
    factor = add_factor(uow, Owner(account.id, account.organisation), proved.factor)
    if proved.password_hash is None:
        return factor, ()
    factors.set_password(uow, account.id, proved.password_hash)
    return factor, replace_recovery_codes(uow, account.id)


def _offered(uow: UnitOfWork, token: str, purpose: Purpose) -> tuple[Account, str]:
    ceremony = ceremonies.look_at(uow, token, purpose)
    if ceremony is None or ceremony.account is None:
        raise EnrolmentRefused("offer")
    account = open_account(uow, ceremony.account)
    seed = unseal_text(uow, account.organisation, OFFERED_SEED, account.id, ceremony.payload)
    return account, seed
