"""What `serment verify` asks of vigilance: each incident and inquiry, its place in the ledger, and whether its seals hold."""

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

from serment import kernel, ledger, vault
from serment.vigilance import store
from serment.vigilance.sealing import ANSWER, INQUIRY_ANSWER, QUESTION, WORDS, context_of
from serment.vigilance.store import IncidentRow, InquiryRow


def check_rows(uow: kernel.UnitOfWork) -> Iterator[ledger.CheckedRow]:
    """Authenticate every incident and every inquiry, and give nothing of them back."""
    for incident in store.load_every_incident(uow):
        seals = [
            (WORDS, incident.words),
            *([(ANSWER, incident.answer)] if incident.answer is not None else []),
        ]
        yield _checked(uow, incident, seals)
    for inquiry in store.load_every_inquiry(uow):
        yield _checked(uow, inquiry, [(QUESTION, inquiry.question), (INQUIRY_ANSWER, inquiry.answer)])


def anchor_row(uow: kernel.UnitOfWork, row: IncidentRow | InquiryRow) -> None:
    """Commit the ledger to an incident or an inquiry as it stands."""
    ledger.anchor(uow, _place_of(row), digest_of(row), organisation=row.organisation)


def digest_of(row: IncidentRow | InquiryRow) -> bytes:
    """Return the digest of the whole row. Source: docs/formats/rows.md, section 8."""
    said = {name: _plain(value) for name, value in vars(row).items() if name != "id"}
    return sha256(kernel.canonical_json(said)).digest()


def _plain(value: object) -> str | None:
    match value:
        case None:
            return None
        case bytes():
            return sha256(value).hexdigest()
        case datetime():
            return value.isoformat()
        case _:
            return str(value)


def _place_of(row: IncidentRow | InquiryRow) -> str:
    return f"{'incident' if isinstance(row, IncidentRow) else 'inquiry'}/{row.id}"


def _checked(
    uow: kernel.UnitOfWork, row: IncidentRow | InquiryRow, seals: list[tuple[str, bytes]]
) -> ledger.CheckedRow:
    sound = all(_holds(uow, context_of(row.organisation, row.id, kind), sealed) for kind, sealed in seals)
    return ledger.CheckedRow(_place_of(row), digest_of(row), sound)


def _holds(uow: kernel.UnitOfWork, context: vault.SealContext, sealed: bytes) -> bool:
    try:
        uow.part(vault.Keyring).check(sealed, context)
    except (vault.SealBroken, vault.KeyMissing):
        return False
    return True
