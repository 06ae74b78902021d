"""The digest of a row that opens a dossier, as docs/formats/rows.md tells it to whoever checks without our code."""

from datetime import date, datetime, timedelta, timezone
from hashlib import sha256
from uuid import UUID

from serment.access.vouching import TieKind, checked_tie


def test_digest_is_that_of_every_column_as_text_instants_in_utc() -> None:
    row = {
        "dossier": UUID(int=2),
        "ended_at": None,
        "id": UUID(int=1),
        "on": date(2026, 3, 12),
        "started_at": datetime(2026, 3, 12, 10, tzinfo=timezone(timedelta(hours=1))),
        "team": 3,
    }
    said = (
        b'{"dossier":"00000000-0000-0000-0000-000000000002","ended_at":null,'
        b'"id":"00000000-0000-0000-0000-000000000001","on":"2026-03-12",'
        b'"started_at":"2026-03-12T09:00:00+00:00","team":"3"}'
    )

    checked = checked_tie(TieKind.PARTICIPATION, row)

    assert checked.digest == sha256(said).digest()
    assert checked.place == "participation/00000000-0000-0000-0000-000000000001"


def test_custody_and_patients_are_named_by_whom_they_tie() -> None:
    row = {"dossier": UUID(int=2), "account": UUID(int=4), "id": UUID(int=1)}

    assert checked_tie(TieKind.CUSTODY, row).place == f"custody/{UUID(int=2)}"
    assert checked_tie(TieKind.PATIENT, row).place == f"patient/{UUID(int=2)}/{UUID(int=4)}"
