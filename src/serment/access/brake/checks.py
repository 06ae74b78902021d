"""Every stop and every reason around the brake, held against the ledger, and their words against their seals.

A stop that was lifted in the rows, or a reason put there, is named by `serment verify` (THR-08). The gauges move with
every act and are vouched for by nobody, but for one thing: that a stop which holds still stops its account.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256

from serment import kernel, ledger
from serment.access.brake import store
from serment.access.brake.model import Freeze, Lift
from serment.access.brake.sealing import FREEZE_WORDS, LIFT_WORDS, words_hold


def anchor_freeze(uow: kernel.UnitOfWork, freeze: Freeze, words_sealed: bytes | None = None) -> None:
    """Let the ledger vouch for a stop: that it holds, or who ended it and when."""
    digest = _digest_of_freeze(freeze, words_sealed, stops=freeze.ended_at is None)
    ledger.anchor(uow, _place_of_freeze(freeze), digest, organisation=freeze.organisation)


def anchor_lift(
    uow: kernel.UnitOfWork, given: Lift, organisation: kernel.OrganisationId, words_sealed: bytes
) -> None:
    """Let the ledger vouch for a reason that was given."""
    digest = _digest_of_lift(given, organisation, words_sealed)
    ledger.anchor(uow, _place_of_lift(given), digest, organisation=organisation)


def check_stops(uow: kernel.UnitOfWork) -> Iterator[ledger.CheckedRow]:
    """Reckon the digest of every stop and reason, and authenticate their words; give nothing back of them."""
    for freeze, sealed, stops in store.all_freezes(uow):
        sound = sealed is None or words_hold(uow, freeze.organisation, FREEZE_WORDS, freeze.id, sealed)
        yield ledger.CheckedRow(
            _place_of_freeze(freeze), _digest_of_freeze(freeze, sealed, stops=stops), sound
        )
    for given, organisation, sealed in store.all_lifts(uow):
        sound = words_hold(uow, organisation, LIFT_WORDS, given.id, sealed)
        yield ledger.CheckedRow(_place_of_lift(given), _digest_of_lift(given, organisation, sealed), sound)


def _place_of_freeze(freeze: Freeze) -> str:
    return f"brake-freeze/{freeze.id}"


def _place_of_lift(given: Lift) -> str:
    return f"brake-lift/{given.id}"


def _digest_of_freeze(freeze: Freeze, words_sealed: bytes | None, *, stops: bool) -> bytes:
    """Reckon over the whole row, and over whether the account's gauges say that it is this one that stops it."""
    return _digest({
        "account": str(freeze.account),
        "ended": _instant(freeze.ended_at),
        "ended_by": "" if freeze.ended_by is None else str(freeze.ended_by),
        "frozen": _instant(freeze.frozen_at),
        "measure": freeze.measure.value,
        "organisation": str(freeze.organisation),
        "stops": "yes" if stops else "no",
        "words": "" if words_sealed is None else sha256(words_sealed).hexdigest(),
    })  # fmt: skip


def _digest_of_lift(given: Lift, organisation: kernel.OrganisationId, words_sealed: bytes) -> bytes:
    return _digest({
        "account": str(given.account),
        "at": _instant(given.at),
        "hold": given.hold.value,
        "organisation": str(organisation),
        "reason": given.reason.code.value,
        "words": sha256(words_sealed).hexdigest(),
    })  # fmt: skip


def _digest(said: dict[str, str]) -> bytes:
    return sha256(kernel.canonical_json(said)).digest()


def _instant(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(UTC).isoformat()
