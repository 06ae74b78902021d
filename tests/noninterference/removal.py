"""The other store: the same rows, without those that one person may not see.

What is forbidden is asked of the decision itself, which other tests hold against an oracle; here it is held that no
answer depends on it. Rows are taken out behind the house's back, and sealed pages are sealed again without them.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from noninterference.worlds import Somebody, World
from serment import access, kernel, ledger, vault
from serment.access import Action, Relation, Section
from serment.dossier.catalogue import LINES_IN_A_PAGE
from serment.dossier.line import Line, read_lines
from serment.dossier.sealing import page_context, scope_of
from support.row_images import raw

SEEING = (Action.LIST, Action.READ)
#: Traces of what only the patient, and who acts for them, are told: how they closed their dossier.
OWN_ACTS = ("restriction.",)
WHOLE_TRAIL = {Relation.DATA_PROTECTION, Relation.PATIENT}


@dataclass
class Forbidden:
    """What one person may not see: whole dossiers, documents, and the acts by which patients closed them."""

    dossiers: set[kernel.DossierId] = field(default_factory=set)
    entries: set[UUID] = field(default_factory=set)
    closings: set[kernel.DossierId] = field(default_factory=set)
    #: Whose whole trail is theirs to read, what it speaks of or not: the officer's, and the patient's own.
    told: set[kernel.DossierId] = field(default_factory=set)


def forbidden_to(world: World, one: Somebody) -> Forbidden:
    """Ask of every dossier, and of every document, whether somebody reaches it in any way."""
    found = Forbidden()
    for where in world.dossiers:
        permits = _permits(world, one, where)
        if not permits:
            found.dossiers.add(where)
            continue
        trail = permits.get(Action.READ_TRAIL)
        if trail is not None and trail.relation in WHOLE_TRAIL:
            found.told.add(where)
        elif Action.CONTROL not in permits:
            found.closings.add(where)
        for filed in (filed for filed in world.filed if filed.dossier == where):
            if not any(
                permits[action].covers(filed.section, filed.entry) for action in SEEING if action in permits
            ):
                found.entries.add(filed.entry)
    return found


def _permits(world: World, one: Somebody, where: kernel.DossierId) -> dict[Action, access.Permit]:
    permits = {}
    for action in Action:
        with suppress(access.AccessRefused), world.rows.unit_of_work() as uow:
            permits[action] = access.decide(uow, one.caller, action, where)
    return permits


def remove(world: World, forbidden: Forbidden) -> None:
    """Take what is forbidden out of the rows."""
    traces = _traces_about(world, forbidden)
    pages = _pages_without(world, forbidden)
    with closing(raw(world.rows)) as rows, rows:
        _delete(rows, "ledger_traces", "id", traces)
        for table, columns in _tables(rows).items():
            if "dossier" in columns:
                _delete(rows, table, "dossier", forbidden.dossiers)
            if "entry" in columns:
                _delete(rows, table, "entry", forbidden.entries)
        _delete(rows, "entries", "id", forbidden.entries)
        _delete(rows, "restrictions", "dossier", forbidden.closings)
        _shorten_grants(rows, forbidden)
        for where, sealed_pages in pages.items():
            rows.execute(
                "DELETE FROM catalogue_pages WHERE dossier = ? AND section = ?", (where[0].hex, where[1])
            )
            rows.executemany("INSERT INTO catalogue_pages VALUES (?, ?, ?, ?, ?)", sealed_pages)


def _tables(rows: sqlite3.Connection) -> dict[str, set[str]]:
    names = [row[0] for row in rows.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {name: {row[1] for row in rows.execute(f"PRAGMA table_info({name})")} for name in names}


def _delete(rows: sqlite3.Connection, table: str, column: str, values: Iterable[UUID]) -> None:
    rows.executemany(f"DELETE FROM {table} WHERE {column} = ?", [(value.hex,) for value in values])


def _shorten_grants(rows: sqlite3.Connection, forbidden: Forbidden) -> None:
    """An opening on documents that are not there opens the others, perhaps none."""
    gone = {str(entry) for entry in forbidden.entries}
    told = {where.hex for where in forbidden.told}
    grants = rows.execute("SELECT id, dossier, entries FROM grants WHERE entries IS NOT NULL").fetchall()
    for grant, entries in [(grant, entries) for grant, where, entries in grants if where not in told]:
        left = [entry for entry in json.loads(entries) if entry not in gone]
        rows.execute("UPDATE grants SET entries = ? WHERE id = ?", (json.dumps(left), grant))


def _traces_about(world: World, forbidden: Forbidden) -> list[UUID]:
    """Return the traces of the dossiers that stay which speak of what goes."""
    gone = {str(entry) for entry in forbidden.entries}
    found: list[UUID] = []
    with world.rows.reading() as uow:
        for where in world.dossiers.keys() - forbidden.dossiers - forbidden.told:
            for recorded in _trail(uow, where):
                said = recorded.trace.detail
                own = where in forbidden.closings and recorded.trace.kind.startswith(OWN_ACTS)
                if (
                    own
                    or gone & set(said.get("entry", "").split())
                    or gone & set(said.get("entries", "").split(","))
                ):
                    found.append(recorded.id)
    return found


def _trail(uow: kernel.UnitOfWork, where: kernel.DossierId) -> tuple[ledger.RecordedTrace, ...]:
    house = _house(uow, where)
    warrant = _warrant(uow, house, where, "trace")
    return ledger.read_trail(uow, house, where, warrant, limit=100_000)


def _house(uow: kernel.UnitOfWork, where: kernel.DossierId) -> kernel.OrganisationId:
    found = access.custodian(uow, where)
    assert found is not None
    return found


def _warrant(
    uow: kernel.UnitOfWork, house: kernel.OrganisationId, where: kernel.DossierId, compartment: str
) -> vault.Warrant:
    until = uow.now + timedelta(minutes=5)
    return uow.part(vault.Notary).issue(
        organisation=house, dossier=where, compartments=frozenset({compartment}), until=until
    )


def _pages_without(
    world: World, forbidden: Forbidden
) -> Mapping[tuple[kernel.DossierId, str], list[tuple[object, ...]]]:
    """Return the pages of each catalogue that lists something forbidden, written anew without it."""
    touched = {(filed.dossier, filed.section) for filed in world.filed if filed.entry in forbidden.entries}
    with world.rows.reading() as uow:
        return {
            (where, section.value): _rewritten(uow, where, section, forbidden.entries)
            for where, section in touched
            if where not in forbidden.dossiers
        }


def _rewritten(
    uow: kernel.UnitOfWork, where: kernel.DossierId, section: Section, gone: set[UUID]
) -> list[tuple[object, ...]]:
    house, keyring = _house(uow, where), uow.part(vault.Keyring)
    scope, warrant = scope_of(house, where, section), _warrant(uow, house, where, section.value)
    kept: list[Line] = []
    for page, sealed in _stored(uow, where, section):
        clear = keyring.unseal(sealed, page_context(scope, page), warrant)
        kept += [line for line in read_lines(clear, section) if line.entry not in gone]
    pages: list[tuple[object, ...]] = []
    for page, lines in enumerate(_by_page(kept), 1):
        sealed = keyring.seal(b"".join(line.encode() for line in lines), page_context(scope, page))
        pages.append((where.hex, section.value, page, len(lines), sealed))
    return pages


def _by_page(lines: list[Line]) -> Iterable[list[Line]]:
    """Return lines by as many as a page holds."""
    return (lines[start : start + LINES_IN_A_PAGE] for start in range(0, len(lines), LINES_IN_A_PAGE))


def _stored(uow: kernel.UnitOfWork, where: kernel.DossierId, section: Section) -> list[tuple[int, bytes]]:
    query = "SELECT page, sealed FROM catalogue_pages WHERE dossier = ? AND section = ? ORDER BY page"
    rows = uow.connection.exec_driver_sql(query, (where.hex, section.value))
    return [(row[0], row[1]) for row in rows]
