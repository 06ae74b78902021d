from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.dialects import postgresql, sqlite

from serment import kernel

PARIS = datetime(2026, 3, 12, 10, 0, tzinfo=timezone(timedelta(hours=1)))


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()])  # type: ignore[no-untyped-call] # SQLAlchemy leaves dialects untyped
def test_utc_date_time_comes_back_as_the_same_instant(dialect: sqlite.dialect) -> None:  # type: ignore[valid-type] # likewise
    column = kernel.UtcDateTime()

    back = column.process_result_value(column.process_bind_param(PARIS, dialect), dialect)

    assert back == PARIS
    assert back is not None
    assert back.tzinfo is UTC


def test_utc_date_time_refuses_an_hour_without_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        kernel.UtcDateTime().process_bind_param(PARIS.replace(tzinfo=None), sqlite.dialect())
