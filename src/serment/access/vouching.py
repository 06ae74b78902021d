"""What the ledger vouches for of the rows that open dossiers: whoever writes the database lets nobody in unseen.

A decision reads these rows as they are. Each is anchored whole, in the transaction that writes it and at every change,
so that `serment verify` names one that was added, widened, or brought back to life behind everybody's back.
Source: docs/formats/rows.md, "Ties".
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from serment import kernel, ledger


class TieKind(StrEnum):
    """A kind of row that opens or closes a dossier, by the name that its places begin with."""

    CUSTODY = "custody"
    PARTICIPATION = "participation"
    GRANT = "grant"
    PATIENT = "patient"
    RESTRICTION = "restriction"


#: By which columns the rows of a kind are told apart, where it is not by `id`.
_NAMED_BY: Mapping[TieKind, tuple[str, ...]] = {
    TieKind.CUSTODY: ("dossier",), TieKind.PATIENT: ("dossier", "account"),
}  # fmt: skip


def vouch(uow: kernel.UnitOfWork, kind: TieKind, rows: Iterable[Mapping[str, Any]]) -> int:
    """Anchor rows as they stand; return how many there were."""
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007 - the last count is the answer
        checked = checked_tie(kind, row)
        ledger.anchor(uow, checked.place, checked.digest)
    return count


def checked_tie(kind: TieKind, row: Mapping[str, Any]) -> ledger.CheckedRow:
    """Return the place of a row, and the digest of all that it says."""
    said = {name: _text(value) for name, value in row.items()}
    names = [str(said[column]) for column in _NAMED_BY.get(kind, ("id",))]
    return ledger.CheckedRow("/".join([kind.value, *names]), sha256(kernel.canonical_json(said)).digest())


def _text(value: object) -> str | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return None if value is None else str(value)
