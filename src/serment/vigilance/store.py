"""The rows of incidents; what people said in them is sealed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    Index,
    LargeBinary,
    RowMapping,
    Select,
    String,
    Table,
    func,
    insert,
    select,
    update,
)

from serment.kernel import AccountId, DossierId, OrganisationId, UnitOfWork, UtcDateTime, UuidText, metadata
from serment.vigilance.model import IncidentId, InquiryId

incidents = Table(
    "incidents",
    metadata,
    Column("id", UuidText, primary_key=True),
    Column("organisation", UuidText, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("account", UuidText),
    Column("dossier", UuidText, index=True),
    Column("reference", UuidText),
    Column("words", LargeBinary, nullable=False),
    Column("opened_by", UuidText),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_by", UuidText),
    Column("closed_at", UtcDateTime),
    Column("answer", LargeBinary),
    Index(None, "organisation", "closed_at", "opened_at"),
)


inquiries = Table(
    "inquiries",
    metadata,
    Column("id", UuidText, primary_key=True),
    Column("organisation", UuidText, nullable=False),
    Column("asked_by", UuidText, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("question", LargeBinary, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Index(None, "organisation", "asked_at"),
)


@dataclass(frozen=True)
class InquiryRow:
    """An inquiry as it lies in the database: question and answer are sealed, each by itself."""

    id: InquiryId
    organisation: OrganisationId
    asked_by: AccountId
    asked_at: datetime
    question: bytes
    answer: bytes


def insert_inquiry(uow: UnitOfWork, row: InquiryRow) -> None:
    """Write an inquiry with its answer."""
    uow.connection.execute(insert(inquiries).values(**vars(row)))


def load_inquiry(uow: UnitOfWork, inquiry: InquiryId) -> InquiryRow | None:
    """Return one inquiry."""
    row = uow.connection.execute(select(inquiries).where(inquiries.c.id == inquiry)).mappings().first()
    return None if row is None else InquiryRow(**dict(row))


def load_questions(uow: UnitOfWork, organisation: OrganisationId, limit: int) -> list[InquiryRow]:
    """Return the inquiries of an organisation without their answers, newest first."""
    columns = [column for column in inquiries.c if column.name != "answer"]
    query = select(*columns).where(inquiries.c.organisation == organisation)
    rows = uow.connection.execute(query.order_by(inquiries.c.asked_at.desc()).limit(limit)).mappings()
    return [InquiryRow(**dict(row), answer=b"") for row in rows]


def load_every_inquiry(uow: UnitOfWork) -> Iterator[InquiryRow]:
    """Yield every inquiry with its answer, a few at a time."""
    rows = uow.connection.execute(select(inquiries).execution_options(yield_per=20)).mappings()
    return (InquiryRow(**dict(row)) for row in rows)


@dataclass(frozen=True)
class IncidentRow:
    """An incident as it lies in the database."""

    id: IncidentId
    organisation: OrganisationId
    kind: str
    account: AccountId | None
    dossier: DossierId | None
    reference: UUID | None
    words: bytes
    opened_by: AccountId | None
    opened_at: datetime
    closed_by: AccountId | None = None
    closed_at: datetime | None = None
    answer: bytes | None = None


def insert_incident(uow: UnitOfWork, row: IncidentRow) -> None:
    """Write a new incident."""
    uow.connection.execute(insert(incidents).values(**vars(row)))


def load_incident(uow: UnitOfWork, incident: IncidentId) -> IncidentRow | None:
    """Return one incident."""
    row = uow.connection.execute(select(incidents).where(incidents.c.id == incident)).mappings().first()
    return None if row is None else _row(row)


def load_every_incident(uow: UnitOfWork) -> Iterator[IncidentRow]:
    """Yield every incident of every organisation."""
    rows = uow.connection.execute(select(incidents).execution_options(yield_per=500)).mappings()
    return map(_row, rows)


def load_incidents(uow: UnitOfWork, organisation: OrganisationId, limit: int) -> list[IncidentRow]:
    """Return the incidents of an organisation: the open ones first, then the newest."""
    query = select(incidents).where(incidents.c.organisation == organisation)
    order = (incidents.c.closed_at.is_not(None), incidents.c.opened_at.desc(), incidents.c.id)
    return _all(uow, query.order_by(*order).limit(limit))


def load_reported_by(uow: UnitOfWork, dossier: DossierId, account: AccountId) -> list[IncidentRow]:
    """Return what somebody reported about one dossier, newest first."""
    query = select(incidents).where(incidents.c.dossier == dossier, incidents.c.opened_by == account)
    return _all(uow, query.order_by(incidents.c.opened_at.desc(), incidents.c.id))


def count_open(uow: UnitOfWork, organisation: OrganisationId) -> int:
    """Return how many incidents of an organisation nobody closed."""
    theirs = select(func.count()).where(
        incidents.c.organisation == organisation, incidents.c.closed_at.is_(None)
    )
    return uow.connection.execute(theirs).scalar() or 0


def close_incident(uow: UnitOfWork, incident: IncidentId, account: AccountId, answer: bytes) -> bool:
    """Write what came of an incident; False when it was closed before."""
    still_open = update(incidents).where(incidents.c.id == incident, incidents.c.closed_at.is_(None))
    said = {"closed_at": uow.now, "closed_by": account, "answer": answer}
    return uow.connection.execute(still_open.values(**said)).rowcount == 1


def _all(uow: UnitOfWork, query: Select[Any]) -> list[IncidentRow]:
    return [_row(row) for row in uow.connection.execute(query).mappings()]


def _row(row: RowMapping) -> IncidentRow:
    return IncidentRow(**dict(row))
