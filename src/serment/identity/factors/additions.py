"""Add a second factor that has just proved that it works, and list those of an account."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from serment.identity.ceremonies import store as ceremonies
from serment.identity.ceremonies.store import Ceremony, Purpose
from serment.identity.errors import FactorNotConfirmed
from serment.identity.factors import store
from serment.identity.factors.anchors import anchor_factor
from serment.identity.factors.passkeys import (
    NewPasskey,
    PasskeyChallenge,
    registration_options,
    verify_registration,
)
from serment.identity.factors.proofs import Owner
from serment.identity.factors.totp import matching_step
from serment.identity.model import Account, FactorId, RelyingParty
from serment.identity.rules import Lives
from serment.identity.sealing import LABEL, SEED, seal_text, unseal_text
from serment.kernel import UnitOfWork, new_id

_MOST_LABEL_CHARACTERS = 80


class FactorKind(StrEnum):
    """The kinds of second factor."""

    TOTP = "totp"
    PASSKEY = "passkey"


@dataclass(frozen=True)
class Factor:
    """A second factor as its owner sees it; `backed_up` says that a passkey is copied to other devices."""

    id: FactorId
    kind: FactorKind
    label: str
    added_at: datetime
    last_used_at: datetime | None
    backed_up: bool = False


@dataclass(frozen=True)
class TotpConfirmation:
    """The code that shows that the application took the seed."""

    code: str
    label: str = ""


@dataclass(frozen=True)
class PasskeyRegistration:
    """What navigator.credentials.create() answered, as JSON, to the challenge with that token."""

    challenge: str
    response_json: str
    label: str = ""


#: What shows that a new factor works: its first code, or its registration.
FactorConfirmation = TotpConfirmation | PasskeyRegistration


@dataclass(frozen=True)
class ConfirmedTotp:
    """A seed whose code was given: that step is used."""

    seed: str
    step: int
    label: str


@dataclass(frozen=True)
class ConfirmedPasskey:
    """A passkey whose registration verified; its challenge is still to be taken."""

    passkey: NewPasskey
    challenge: str
    label: str


#: A factor that has shown that it works.
ConfirmedFactor = ConfirmedTotp | ConfirmedPasskey


def confirm_totp_seed(seed: str, confirmation: TotpConfirmation, at: datetime) -> ConfirmedTotp:
    """Check the first code of a seed.

    Raises:
        FactorNotConfirmed: it is not the code of that moment.
    """
    step = matching_step(seed, confirmation.code, at)
    if step is None:
        raise FactorNotConfirmed("totp")
    return ConfirmedTotp(seed, step, confirmation.label)


def confirm_registration(party: RelyingParty, registration: PasskeyRegistration) -> ConfirmedPasskey:
    """Check the registration of a passkey; outside any write transaction.

    Raises:
        FactorNotConfirmed: it does not answer its challenge, here, with user verification.
    """
    passkey = verify_registration(party, registration.challenge, registration.response_json)
    if passkey is None:
        raise FactorNotConfirmed("passkey")
    return ConfirmedPasskey(passkey, registration.challenge, registration.label)


def challenge_registration(
    uow: UnitOfWork,
    party: RelyingParty,
    account: Account,
    lives: Lives,
    *,
    known: tuple[store.PasskeyRow, ...] = (),
) -> PasskeyChallenge:
    """Return a challenge to register a passkey of that account; devices that hold a `known` one decline."""
    token = ceremonies.begin(uow, Ceremony(Purpose.PASSKEY_REGISTRATION, account.id), lives.factor_offer)
    return PasskeyChallenge(token, registration_options(party, account, token, known))


def add_factor(uow: UnitOfWork, owner: Owner, confirmed: ConfirmedFactor) -> Factor:
    """Store a confirmed factor.

    Raises:
        FactorNotConfirmed: the challenge of a passkey was taken before or was another account's, or the
            passkey is already known.
    """
    if isinstance(confirmed, ConfirmedTotp):
        return _add_totp(uow, owner, confirmed)
    return _add_passkey(uow, owner, confirmed)


def factors_of(uow: UnitOfWork, owner: Owner) -> tuple[Factor, ...]:
    """Return the second factors of an account, oldest first."""
    totp = (_totp_factor(uow, owner, row) for row in store.totp_of(uow, owner.account))
    passkeys = (_passkey_factor(uow, owner, row) for row in store.passkeys_of(uow, owner.account))
    return tuple(sorted([*totp, *passkeys], key=lambda factor: factor.added_at))


def _add_totp(uow: UnitOfWork, owner: Owner, confirmed: ConfirmedTotp) -> Factor:
    factor = FactorId(new_id())
    row = store.TotpRow(
        id=factor,
        account=owner.account,
        label_sealed=_sealed_label(uow, owner, factor, confirmed.label),
        seed_sealed=seal_text(uow, owner.organisation, SEED, factor, confirmed.seed),
        last_step=confirmed.step,
        added_at=uow.now,
    )
    store.add_totp(uow, row)
    anchor_factor(uow, owner.organisation, row)
    return _totp_factor(uow, owner, row)


def _add_passkey(uow: UnitOfWork, owner: Owner, confirmed: ConfirmedPasskey) -> Factor:
    ceremony = ceremonies.take(uow, confirmed.challenge, Purpose.PASSKEY_REGISTRATION)
    if ceremony is None or ceremony.account != owner.account:
        raise FactorNotConfirmed("challenge")
    factor = FactorId(new_id())
    row = store.PasskeyRow(
        id=factor,
        account=owner.account,
        label_sealed=_sealed_label(uow, owner, factor, confirmed.label),
        **vars(confirmed.passkey),
        added_at=uow.now,
    )
    store.add_passkey(uow, row)
    anchor_factor(uow, owner.organisation, row)
    return _passkey_factor(uow, owner, row)


def _sealed_label(uow: UnitOfWork, owner: Owner, factor: FactorId, label: str) -> bytes:
    return seal_text(uow, owner.organisation, LABEL, factor, label.strip()[:_MOST_LABEL_CHARACTERS])


def _label(uow: UnitOfWork, owner: Owner, row: store.TotpRow | store.PasskeyRow) -> str:
    return unseal_text(uow, owner.organisation, LABEL, row.id, row.label_sealed)


def _totp_factor(uow: UnitOfWork, owner: Owner, row: store.TotpRow) -> Factor:
    return Factor(row.id, FactorKind.TOTP, _label(uow, owner, row), row.added_at, row.last_used_at)


def _passkey_factor(uow: UnitOfWork, owner: Owner, row: store.PasskeyRow) -> Factor:
    return Factor(
        id=row.id,
        kind=FactorKind.PASSKEY,
        label=_label(uow, owner, row),
        added_at=row.added_at,
        last_used_at=row.last_used_at,
        backed_up=row.backed_up,
    )
