"""The rows of matrices: every version that an organisation adopted, never written again."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import (
    Column,
    ColumnElement,
    Integer,
    RowMapping,
    ScalarSelect,
    Select,
    Table,
    Text,
    and_,
    func,
    insert,
    or_,
    select,
)
from sqlalchemy.exc import IntegrityError

from serment import kernel
from serment.access.matrix.errors import MatrixOutdated
from serment.access.matrix.model import MatrixVersion
from serment.access.matrix.wording import read_matrix, write_matrix
from serment.access.model import Grant, Participation
from serment.access.store import custody, grants, participations, patients, read_grant, read_participation
from serment.kernel import UtcDateTime, UuidText, metadata

matrices = Table(
    "matrices",
    metadata,
    Column("organisation", UuidText, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("adopted_by", UuidText, nullable=False),
    Column("adopted_at", UtcDateTime, nullable=False),
)


def newest_version(organisation: "Column[kernel.OrganisationId]") -> ScalarSelect[int]:
    """Return the number of an organisation's newest version as a column of another query; none is 0."""
    newest = select(func.coalesce(func.max(matrices.c.version), 0))
    return newest.where(matrices.c.organisation == organisation).scalar_subquery()


def load_version(uow: kernel.UnitOfWork, organisation: kernel.OrganisationId, version: int) -> MatrixVersion:
    """Return one version that is known to be there."""
    one = _of(organisation).where(matrices.c.version == version)
    return _read(uow.connection.execute(one).mappings().one())


def load_newest(uow: kernel.UnitOfWork, organisation: kernel.OrganisationId) -> MatrixVersion | None:
    """Return the newest version that an organisation adopted."""
    newest = _of(organisation).order_by(matrices.c.version.desc()).limit(1)
    row = uow.connection.execute(newest).mappings().first()
    return None if row is None else _read(row)


def load_all(uow: kernel.UnitOfWork, organisation: kernel.OrganisationId) -> tuple[MatrixVersion, ...]:
    """Return every version that an organisation adopted, newest first."""
    rows = uow.connection.execute(_of(organisation).order_by(matrices.c.version.desc())).mappings()
    return tuple(_read(row) for row in rows)


def insert_version(uow: kernel.UnitOfWork, adopted: MatrixVersion) -> bytes:
    """Write a version; return its text, as it is kept.

    Raises:
        MatrixOutdated: that number is taken.
    """
    text = write_matrix(adopted.matrix)
    row = {"organisation": adopted.organisation, "version": adopted.matrix.version, "text": text}
    try:
        uow.connection.execute(
            insert(matrices).values(**row, adopted_by=adopted.adopted_by, adopted_at=adopted.adopted_at)
        )
    except IntegrityError:
        raise MatrixOutdated(str(adopted.matrix.version)) from None
    return text.encode()


def load_texts(uow: kernel.UnitOfWork) -> Iterator[tuple[kernel.OrganisationId, int, bytes]]:
    """Yield the text of every version of every organisation."""
    for row in uow.connection.execute(select(matrices)).mappings():
        yield row["organisation"], row["version"], row["text"].encode()


def count_dossiers(uow: kernel.UnitOfWork, organisation: kernel.OrganisationId) -> int:
    """Return how many dossiers an organisation keeps."""
    query = select(func.count()).where(custody.c.organisation == organisation)
    return uow.connection.execute(query).scalar_one()


def parts_at(uow: kernel.UnitOfWork, organisation: kernel.OrganisationId) -> tuple[Participation, ...]:
    """Return who takes part in the care of an organisation's patients now."""
    kept = _kept_by(organisation, participations)
    now = and_(participations.c.started_at <= uow.now, _is_to_come(uow, participations.c.ended_at))
    rows = uow.connection.execute(select(participations).where(kept, now)).mappings()
    return tuple(read_participation(row) for row in rows)


def grants_at(uow: kernel.UnitOfWork, organisation: kernel.OrganisationId) -> tuple[Grant, ...]:
    """Return the openings that hold now on an organisation's dossiers."""
    held = and_(grants.c.revoked_at.is_(None), grants.c.ends_at > uow.now)
    rows = uow.connection.execute(select(grants).where(_kept_by(organisation, grants), held)).mappings()
    return tuple(read_grant(row) for row in rows)


def patients_at(
    uow: kernel.UnitOfWork, organisation: kernel.OrganisationId
) -> set[tuple[kernel.AccountId, kernel.DossierId]]:
    """Return the accounts of an organisation's patients, each with its dossier."""
    query = select(patients.c.account, patients.c.dossier).where(_kept_by(organisation, patients))
    return {(row.account, row.dossier) for row in uow.connection.execute(query)}


def _kept_by(organisation: kernel.OrganisationId, table: Table) -> ColumnElement[bool]:
    return table.c.dossier.in_(select(custody.c.dossier).where(custody.c.organisation == organisation))


def _is_to_come(uow: kernel.UnitOfWork, ended_at: ColumnElement[datetime]) -> ColumnElement[bool]:
    return or_(ended_at.is_(None), ended_at > uow.now)


def _of(organisation: kernel.OrganisationId) -> Select[tuple[object, ...]]:
    return select(matrices).where(matrices.c.organisation == organisation)


def _read(row: RowMapping) -> MatrixVersion:
    matrix = read_matrix(row["text"], row["version"])
    return MatrixVersion(matrix, row["organisation"], row["adopted_by"], row["adopted_at"])
