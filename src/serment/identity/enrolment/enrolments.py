"""Enrol: with the code, a person sets a password and a first second factor, in one go (AUT-02).

There is no state between: an account has no password before it has a second factor, so that a stolen password
can never add the factor that it lacks.
"""

import hmac
from dataclasses import dataclass

from serment import ledger
from serment.identity.ceremonies import store as ceremonies
from serment.identity.ceremonies.store import Ceremony, Purpose
from serment.identity.directory import store as directory
from serment.identity.directory.accounts import in_clear, open_account
from serment.identity.directory.anchors import change_status
from serment.identity.directory.organisations import open_organisation
from serment.identity.enrolment import store
from serment.identity.enrolment.invitations import TRIES, digest_of_code
from serment.identity.entrance import Entrance
from serment.identity.errors import EnrolmentRefused
from serment.identity.events.trail import Event, leave_trace
from serment.identity.factors import store as factors
from serment.identity.factors.additions import (
    ConfirmedFactor,
    FactorConfirmation,
    TotpConfirmation,
    add_factor,
    challenge_registration,
    confirm_registration,
    confirm_totp_seed,
)
from serment.identity.factors.passkeys import PasskeyChallenge
from serment.identity.factors.password_policy import check_password
from serment.identity.factors.proofs import Owner
from serment.identity.factors.recovery_codes import replace_recovery_codes
from serment.identity.factors.totp import draw_seed, provisioning_uri
from serment.identity.logins import tag_of_login
from serment.identity.model import Account, AccountStatus, Visit
from serment.identity.sealing import OFFERED_SEED, seal_text, unseal_text
from serment.identity.throttling import throttle
from serment.identity.vocabulary import EventKind
from serment.kernel import AccountId, UnitOfWork, new_id


@dataclass(frozen=True)
class EnrolmentOffer:
    """What a person with a right code chooses from: an application for codes, or a passkey."""

    token: str
    name: str
    totp_seed: str
    totp_uri: str
    passkey: PasskeyChallenge


@dataclass(frozen=True)
class Enrolment:
    """What completes an enrolment."""

    token: str
    password: str
    factor: FactorConfirmation


@dataclass(frozen=True)
class Enrolled:
    """An account that can sign in, and its recovery codes, shown once."""

    account: AccountId
    recovery_codes: tuple[str, ...]


def begin_enrolment(entrance: Entrance, login: str, code: str, visit: Visit) -> EnrolmentOffer:
    """Take the code that was given by hand, and offer what is needed to complete the account.

    Raises:
        Throttled: too many tries for this login or from this network.
        EnrolmentRefused: no such invitation, wrong code, expired, or tried too often.
    """
    rules = entrance.rules.throttle
    with entrance.database.reading() as uow:
        login_tag = tag_of_login(uow, login)
        of_login = throttle.bucket(uow, rules.enrolment, "enrolment", login_tag)
        buckets = (of_login, throttle.source_bucket(uow, visit.origin, rules))
    throttle.admit(entrance.database, buckets)
    with entrance.database.unit_of_work() as uow:
        account = _invited(uow, login_tag, code, visit)
        offer = None if account is None else _offer(uow, entrance, account)
    # Raised after the commit: the try stays spent.
    if offer is None:
        raise EnrolmentRefused("enrolment")
    return offer


def complete_enrolment(entrance: Entrance, enrolment: Enrolment, visit: Visit) -> Enrolled:
    """Set the password and the first second factor, and make the account active.

    A refused password or factor leaves the offer open for another answer.

    Raises:
        EnrolmentRefused: the offer ran out, or was completed.
        PasswordTooShort, PasswordTooLong, PasswordTooGuessable: choose another password.
        FactorNotConfirmed: the factor did not prove that it works.
    """
    with entrance.database.reading() as uow:
        account, seed = _offered(uow, enrolment.token)
        words = (account.login, account.name, open_organisation(uow, account.organisation).name)
        now = uow.now
    check_password(enrolment.password, words, entrance.rules.passwords)
    if isinstance(enrolment.factor, TotpConfirmation):
        confirmed: ConfirmedFactor = confirm_totp_seed(seed, enrolment.factor, now)
    else:
        confirmed = confirm_registration(entrance.relying_party, enrolment.factor)
    password_hash = entrance.hasher.hash(enrolment.password)
    with entrance.database.unit_of_work() as uow:
        directory.hold_account(uow, account.id)
        if ceremonies.take(uow, enrolment.token, Purpose.ENROLMENT) is None:
            raise EnrolmentRefused("offer")
        return _enrol(uow, account, confirmed, password_hash, visit)


def _invited(uow: UnitOfWork, login_tag: bytes, code: str, visit: Visit) -> Account | None:
    found = directory.find_by_login_tag(uow, login_tag)
    looked_up = AccountId(new_id()) if found is None else found.id
    stored = store.spend_try(uow, looked_up)
    given = digest_of_code(uow, looked_up, code)
    right = hmac.compare_digest(stored or bytes(len(given)), given) and not _giver_has_gone(uow, looked_up)
    if found is None:
        return None
    if not right or found.status is not AccountStatus.INVITED:
        somebody = ledger.Actor(account=None, organisation=None, role="visitor", origin=visit.origin)
        refused = Event(
            EventKind.ENROLMENT_REFUSED,
            found.organisation,
            somebody,
            found.id,
            outcome=ledger.Outcome.REFUSED,
        )
        leave_trace(uow, refused)
        return None
    store.restore_tries(uow, found.id, TRIES)
    return in_clear(uow, found)


def _giver_has_gone(uow: UnitOfWork, invited: AccountId) -> bool:
    """Tell whether whoever gave the code may give none any more: it might have been noted down."""
    giver = directory.load_account(uow, store.giver_of(uow, invited) or AccountId(new_id()))
    return giver is not None and giver.status in {AccountStatus.SUSPENDED, AccountStatus.DEPARTED}


def _offer(uow: UnitOfWork, entrance: Entrance, account: Account) -> EnrolmentOffer:
    seed = draw_seed()
    sealed = seal_text(uow, account.organisation, OFFERED_SEED, account.id, seed)
    ceremony = Ceremony(Purpose.ENROLMENT, account.id, sealed)
    return EnrolmentOffer(
        token=ceremonies.begin(uow, ceremony, entrance.rules.lives.enrolment),
        name=account.name,
        totp_seed=seed,
        totp_uri=provisioning_uri(seed, account.login, entrance.relying_party.name),
        passkey=challenge_registration(uow, entrance.relying_party, account, entrance.rules.lives),
    )


def _offered(uow: UnitOfWork, token: str) -> tuple[Account, str]:
    ceremony = ceremonies.look_at(uow, token, Purpose.ENROLMENT)
    if ceremony is None or ceremony.account is None:
        raise EnrolmentRefused("offer")
    account = open_account(uow, ceremony.account)
    seed = unseal_text(uow, account.organisation, OFFERED_SEED, account.id, ceremony.payload)
    return account, seed


def _enrol(
    uow: UnitOfWork, account: Account, confirmed: ConfirmedFactor, password_hash: str, visit: Visit
) -> Enrolled:
    factors.set_password(uow, account.id, password_hash)
    factor = add_factor(uow, Owner(account.id, account.organisation), confirmed)
    codes = replace_recovery_codes(uow, account.id)
    change_status(uow, account.id, AccountStatus.ACTIVE)
    store.end_code(uow, account.id)
    ceremonies.end_all_of(uow, account.id)
    owner = ledger.Actor(account.id, account.organisation, account.role.value, visit.origin)
    detail = {"factor": str(factor.id), "kind": factor.kind.value}
    enrolled = Event(EventKind.ACCOUNT_ENROLLED, account.organisation, owner, account.id, detail=detail)
    leave_trace(uow, enrolled)
    return Enrolled(account.id, codes)
