"""An answer as a table: one line a deed, for a spreadsheet. Identifiers, codes, hours and numbers; no names."""

import csv
import io
from collections.abc import Iterable

from serment.vigilance.touched import Answer, Deed

COLUMNS = (
    "organisation", "patient", "what", "section", "purpose", "account", "role", "origin", "outcome", "first_at",
    "last_at", "times", "entry", "version", "object", "size_bytes", "sent_bytes", "distinct_bytes", "drawings",
)  # fmt: skip
#: What a spreadsheet would read as the beginning of a formula (ASVS 1.2.10).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_table(answers: Iterable[Answer]) -> str:
    """Return the deeds of some answers as CSV (RFC 4180), with a line of column names; hours are UTC, ISO 8601."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for answer in answers:
        for deed in answer.deeds:
            writer.writerow([_harmless(cell) for cell in _cells(answer, deed)])
    return text.getvalue()


def _cells(answer: Answer, deed: Deed) -> list[object]:
    return [
        answer.organisation, deed.dossier, deed.kind, deed.category, deed.purpose, deed.account or "", deed.role,
        deed.origin, "refused" if deed.refused else "allowed", deed.first_at.isoformat(), deed.last_at.isoformat(),
        deed.times, deed.entry or "", deed.version or "", deed.object or "", deed.size_bytes, deed.sent_bytes,
        sum(end - begin for begin, end in deed.spans), deed.drawings,
    ]  # fmt: skip


def _harmless(cell: object) -> str:
    text = str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text
