"""The key database: wrapped keys, found from their scope alone. It is apart from the data and its backups.

At the end, the one table of the vault in the row database: the objects.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Select,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from serment import kernel
from serment.vault.context import Scope
from serment.vault.manifest import ObjectDraft, ObjectId, StoredObject

#: The tables of the key database; they are never part of the row database.
key_metadata = MetaData(naming_convention=kernel.metadata.naming_convention)

_secrets = Table(
    "secrets",
    key_metadata,
    Column("name", String(64), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", kernel.UtcDateTime, nullable=False),
)

_organisations = Table(
    "organisation_keys",
    key_metadata,
    Column("organisation", kernel.UuidText, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", kernel.UtcDateTime, nullable=False),
)

_epochs = Table(
    "epoch_keys",
    key_metadata,
    Column("organisation", kernel.UuidText, ForeignKey(_organisations.c.organisation), primary_key=True),
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", kernel.UtcDateTime, nullable=False),
)

_compartments = Table(
    "compartment_keys",
    key_metadata,
    Column("organisation", kernel.UuidText, primary_key=True),
    # 32 hexadecimal digits, or nothing: a key column that may be null is not unique on every database.
    Column("dossier", String(32), primary_key=True),
    Column("compartment", String(63), primary_key=True),
    Column("epoch", Integer, nullable=False, index=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", kernel.UtcDateTime, nullable=False),
    # An epoch key cannot be destroyed while a key is wrapped under it.
    ForeignKeyConstraint(["organisation", "epoch"], [_epochs.c.organisation, _epochs.c.epoch]),
)

_objects = Table(
    "objects",
    kernel.metadata,
    Column("id", kernel.UuidText, primary_key=True),
    Column("organisation", kernel.UuidText, nullable=False),
    Column("dossier", kernel.UuidText, nullable=True, index=True),
    Column("compartment", String(63), nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("manifest", LargeBinary, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("created_at", kernel.UtcDateTime, nullable=False),
)


class KeyTaken(Exception):
    """Someone else made this key at the same time: read theirs."""


@dataclass(frozen=True, slots=True)
class CompartmentChain:
    """A compartment key and all that wraps it, read at one instant."""

    organisation_wrapped: bytes
    epoch: int
    epoch_wrapped: bytes
    compartment_wrapped: bytes


@dataclass(frozen=True, slots=True)
class CompartmentWrap:
    """One wrapped compartment key, and where it belongs."""

    dossier: str
    compartment: str
    epoch: int
    wrapped: bytes


def load_secret(uow: kernel.UnitOfWork, name: str) -> bytes | None:
    """Return a named secret, wrapped."""
    return uow.connection.scalar(select(_secrets.c.wrapped).where(_secrets.c.name == name))


def add_secret(uow: kernel.UnitOfWork, name: str, wrapped: bytes) -> None:
    """Keep a named secret, wrapped; KeyTaken when there is one."""
    _add(uow, _secrets, name=name, wrapped=wrapped)


def load_organisation(uow: kernel.UnitOfWork, organisation: kernel.OrganisationId) -> bytes | None:
    """Return an organisation's key, wrapped, and hold its row until this unit of work ends.

    Whoever makes a key and whoever rotates the epoch take this row first, so that neither builds on an epoch
    that the other is ending. (SQLite has one writer at a time already.)
    """
    chosen = select(_organisations.c.wrapped).where(_organisations.c.organisation == organisation)
    return uow.connection.scalar(chosen.with_for_update())


def add_organisation(uow: kernel.UnitOfWork, organisation: kernel.OrganisationId, wrapped: bytes) -> None:
    """Keep an organisation's key, wrapped; KeyTaken when there is one."""
    _add(uow, _organisations, organisation=organisation, wrapped=wrapped)


def load_epochs(uow: kernel.UnitOfWork, organisation: kernel.OrganisationId) -> dict[int, bytes]:
    """Return the wrapped epoch keys of an organisation that were not destroyed, oldest first."""
    chosen = select(_epochs.c.epoch, _epochs.c.wrapped).where(_epochs.c.organisation == organisation)
    return {row.epoch: row.wrapped for row in uow.connection.execute(chosen.order_by(_epochs.c.epoch))}


def add_epoch(
    uow: kernel.UnitOfWork, organisation: kernel.OrganisationId, epoch: int, wrapped: bytes
) -> None:
    """Keep an epoch key, wrapped; KeyTaken when there is one."""
    _add(uow, _epochs, organisation=organisation, epoch=epoch, wrapped=wrapped)


def destroy_epochs_before(uow: kernel.UnitOfWork, organisation: kernel.OrganisationId, epoch: int) -> None:
    """Delete the older epoch keys; the database overwrites what it deletes (SQLite: secure_delete)."""
    older = (_epochs.c.organisation == organisation) & (_epochs.c.epoch < epoch)
    uow.connection.execute(delete(_epochs).where(older))


def organisations_to_rotate(uow: kernel.UnitOfWork, before: datetime) -> tuple[kernel.OrganisationId, ...]:
    """Return whose newest epoch began before that instant, or whose last rotation was interrupted."""
    by_organisation = select(_epochs.c.organisation).group_by(_epochs.c.organisation)
    due = by_organisation.having((func.max(_epochs.c.created_at) < before) | (func.count() > 1))
    found = uow.connection.scalars(due.order_by(_epochs.c.organisation))
    return tuple(kernel.OrganisationId(organisation) for organisation in found)


def load_chain(uow: kernel.UnitOfWork, scope: Scope) -> CompartmentChain | None:
    """Return a scope's key with all that wraps it, in one statement: all of one instant."""
    row = uow.connection.execute(_chain_of(scope)).one_or_none()
    return None if row is None else CompartmentChain(*row)


def load_scopes(uow: kernel.UnitOfWork) -> tuple[Scope, ...]:
    """Return every scope that has a key, for whoever checks them all.

    Raises:
        ValueError: a row names no scope.
    """
    columns = (_compartments.c.organisation, _compartments.c.dossier, _compartments.c.compartment)
    rows = uow.connection.execute(select(*columns).order_by(*columns))
    return tuple(Scope(row[0], kernel.DossierId(UUID(row[1])) if row[1] else None, row[2]) for row in rows)


def add_compartment(uow: kernel.UnitOfWork, scope: Scope, epoch: int, wrapped: bytes) -> None:
    """Keep a scope's key, wrapped under an epoch key; KeyTaken when there is one."""
    _add(
        uow,
        _compartments,
        organisation=scope.organisation,
        dossier=_dossier_column(scope),
        compartment=scope.compartment,
        epoch=epoch,
        wrapped=wrapped,
    )


def compartments_before(
    uow: kernel.UnitOfWork, organisation: kernel.OrganisationId, epoch: int, *, limit: int
) -> tuple[CompartmentWrap, ...]:
    """Return some of the keys that are still wrapped under an older epoch."""
    table = _compartments
    chosen = select(table.c.dossier, table.c.compartment, table.c.epoch, table.c.wrapped).where(
        table.c.organisation == organisation, table.c.epoch < epoch
    )
    return tuple(CompartmentWrap(*row) for row in uow.connection.execute(chosen.limit(limit)))


def replace_wrap(uow: kernel.UnitOfWork, organisation: kernel.OrganisationId, key: CompartmentWrap) -> None:
    """Put a key's new wrap in the place of its old one."""
    table = _compartments
    here = (
        (table.c.organisation == organisation)
        & (table.c.dossier == key.dossier)
        & (table.c.compartment == key.compartment)
    )
    uow.connection.execute(update(table).where(here).values(epoch=key.epoch, wrapped=key.wrapped))


def add_object(uow: kernel.UnitOfWork, stored: StoredObject) -> None:
    """Keep an object."""
    draft = stored.draft
    row = insert(_objects).values(
        id=draft.id,
        organisation=draft.scope.organisation,
        dossier=draft.scope.dossier,
        compartment=draft.scope.compartment,
        wrapped_key=draft.wrapped_key,
        manifest=stored.sealed_manifest,
        size=stored.size,
        created_at=uow.now,
    )
    uow.connection.execute(row)


def load_object(uow: kernel.UnitOfWork, object_id: ObjectId) -> StoredObject | None:
    """Return an object."""
    row = uow.connection.execute(select(_objects).where(_objects.c.id == object_id)).one_or_none()
    return None if row is None else _object_from(row)


def list_objects(uow: kernel.UnitOfWork, after: ObjectId | None, limit: int) -> tuple[StoredObject, ...]:
    """Return some objects in the order of their identifiers, from the one after `after`."""
    chosen = select(_objects).order_by(_objects.c.id).limit(limit)
    if after is not None:
        chosen = chosen.where(_objects.c.id > after)
    return tuple(_object_from(row) for row in uow.connection.execute(chosen))


def _object_from(row: Row[Any]) -> StoredObject:
    draft = ObjectDraft(
        ObjectId(row.id), Scope(row.organisation, row.dossier, row.compartment), row.wrapped_key
    )
    return StoredObject(draft, row.manifest, row.size)


def _chain_of(scope: Scope) -> Select[bytes, int, bytes, bytes]:
    table = _compartments
    return (
        select(_organisations.c.wrapped, table.c.epoch, _epochs.c.wrapped, table.c.wrapped)
        .select_from(table.join(_epochs).join(_organisations))
        .where(
            table.c.organisation == scope.organisation,
            table.c.dossier == _dossier_column(scope),
            table.c.compartment == scope.compartment,
        )
    )


def _dossier_column(scope: Scope) -> str:
    return "" if scope.dossier is None else scope.dossier.hex


def _add(uow: kernel.UnitOfWork, table: Table, **values: object) -> None:
    try:
        uow.connection.execute(insert(table).values(created_at=uow.now, **values))
    except IntegrityError:
        raise KeyTaken(table.name) from None
