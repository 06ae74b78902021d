"""The rows of contests; what people wrote lies sealed under the trail of their dossier."""

from dataclasses import dataclass

from sqlalchemy import (
    Column,
    Index,
    LargeBinary,
    RowMapping,
    String,
    Table,
    UniqueConstraint,
    func,
    insert,
    select,
    update,
)

from serment import kernel, ledger
from serment.access.contests.model import ContestFinding, ContestHead, ContestId
from serment.kernel import UtcDateTime, UuidText, metadata

contests = Table(
    "contests",
    metadata,
    Column("id", UuidText, primary_key=True),
    Column("organisation", UuidText, nullable=False),
    Column("dossier", UuidText, nullable=False, index=True),
    Column("trace", UuidText, nullable=False),
    Column("account", UuidText, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("words", LargeBinary, nullable=False),
    Column("answered_at", UtcDateTime),
    Column("answered_by", UuidText),
    Column("finding", String(20)),
    Column("answer", LargeBinary),
    UniqueConstraint("trace", "account"),
    Index(None, "organisation", "answered_at"),
)


@dataclass(frozen=True)
class ContestRow:
    """A contest as it is stored: its words and its answer are sealed."""

    head: ContestHead
    words: bytes
    answered_by: kernel.AccountId | None = None
    finding: ContestFinding | None = None
    answer: bytes | None = None


def insert_contest(uow: kernel.UnitOfWork, row: ContestRow) -> None:
    """Write a contest."""
    uow.connection.execute(insert(contests).values(**vars(row.head), words=row.words))


def answer_contest(uow: kernel.UnitOfWork, row: ContestRow) -> bool:
    """Write the answer to a contest that has none; False when it was answered meanwhile."""
    waiting = update(contests).where(contests.c.id == row.head.id, contests.c.answered_at.is_(None))
    values = {
        "answered_at": uow.now,
        "answered_by": row.answered_by,
        "finding": row.finding,
        "answer": row.answer,
    }
    return uow.connection.execute(waiting.values(**values)).rowcount > 0


def load_contests(uow: kernel.UnitOfWork, dossier: kernel.DossierId) -> tuple[ContestRow, ...]:
    """Return the contests about one dossier, newest first."""
    query = select(contests).where(contests.c.dossier == dossier)
    rows = uow.connection.execute(query.order_by(contests.c.opened_at.desc(), contests.c.id))
    return tuple(_row(row) for row in rows.mappings())


def load_heads(uow: kernel.UnitOfWork, organisation: kernel.OrganisationId) -> tuple[ContestHead, ...]:
    """Return every contest at an organisation without its words, oldest first."""
    query = select(contests).where(contests.c.organisation == organisation)
    rows = uow.connection.execute(query.order_by(contests.c.opened_at, contests.c.id))
    return tuple(_head(row) for row in rows.mappings())


def count_waiting(uow: kernel.UnitOfWork, organisation: kernel.OrganisationId) -> int:
    """Return how many contests at an organisation have no answer."""
    waiting = (contests.c.organisation == organisation) & contests.c.answered_at.is_(None)
    return uow.connection.execute(select(func.count()).select_from(contests).where(waiting)).scalar_one()


def _row(row: RowMapping) -> ContestRow:
    finding = None if row["finding"] is None else ContestFinding(row["finding"])
    return ContestRow(_head(row), row["words"], row["answered_by"], finding, row["answer"])


def _head(row: RowMapping) -> ContestHead:
    return ContestHead(
        ContestId(row["id"]), row["organisation"], row["dossier"], ledger.TraceId(row["trace"]), row["account"],
        row["opened_at"], row["due_at"], row["answered_at"],
    )  # fmt: skip
