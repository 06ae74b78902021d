"""The rows of access: whose a dossier is, who takes part in care, who was let in, who the patient is."""

import json
from collections.abc import Iterable, Iterator
from datetime import date
from uuid import UUID

from sqlalchemy import (
    Column,
    Date,
    Index,
    Insert,
    RowMapping,
    String,
    Table,
    Text,
    Update,
    insert,
    or_,
    select,
    update,
)

from serment import identity, kernel, ledger
from serment.access.model import (
    EntryId,
    Grant,
    GrantId,
    GrantRequest,
    Participation,
    Purpose,
    Section,
)
from serment.access.vouching import TieKind, checked_tie, vouch
from serment.kernel import UtcDateTime, UuidText, metadata

custody = Table(
    "custody",
    metadata,
    Column("dossier", UuidText, primary_key=True),
    Column("organisation", UuidText, nullable=False, index=True),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("deceased_on", Date),
)

participations = Table(
    "participations",
    metadata,
    Column("id", UuidText, primary_key=True),
    Column("dossier", UuidText, nullable=False),
    Column("account", UuidText, index=True),
    Column("team", UuidText, index=True),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("reason", String(80), nullable=False),
    Column("episode", UuidText, index=True),
    Index(None, "dossier", "started_at"),
)

grants = Table(
    "grants",
    metadata,
    Column("id", UuidText, primary_key=True),
    Column("dossier", UuidText, nullable=False, index=True),
    Column("account", UuidText, index=True),
    Column("team", UuidText, index=True),
    Column("sections", Text, nullable=False),
    Column("entries", Text),
    Column("purpose", String(40), nullable=False),
    Column("given_by", UuidText, nullable=False),
    Column("kept_by", UuidText, nullable=False, index=True),
    Column("given_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
)

patients = Table(
    "patients",
    metadata,
    Column("dossier", UuidText, primary_key=True),
    Column("account", UuidText, primary_key=True),
    Column("linked_at", UtcDateTime, nullable=False),
    Index(None, "account"),
)


_TIES = (
    (TieKind.CUSTODY, custody),
    (TieKind.PARTICIPATION, participations),
    (TieKind.GRANT, grants),
    (TieKind.PATIENT, patients),
)


def write_vouched(uow: kernel.UnitOfWork, kind: TieKind, change: Insert | Update) -> int:
    """Add or change rows that open or close a dossier, and anchor them as they are by now; return how many."""
    written = uow.connection.execute(change.returning(*change.table.c)).mappings().all()
    return vouch(uow, kind, [dict(row) for row in written])


def load_ties_to_check(uow: kernel.UnitOfWork) -> Iterator[ledger.CheckedRow]:
    """Yield every row that opens a dossier as it is stored, to be held against the ledger."""
    for kind, table in _TIES:
        for row in uow.connection.execute(select(table)).mappings():
            yield checked_tie(kind, dict(row))


def insert_custody(
    uow: kernel.UnitOfWork, dossier: kernel.DossierId, organisation: kernel.OrganisationId
) -> None:
    """Write whose dossier it is."""
    new = insert(custody).values(dossier=dossier, organisation=organisation, opened_at=uow.now)
    write_vouched(uow, TieKind.CUSTODY, new)


def load_custodian(uow: kernel.UnitOfWork, dossier: kernel.DossierId) -> kernel.OrganisationId | None:
    """Return whose dossier it is."""
    return uow.connection.execute(select(custody.c.organisation).where(custody.c.dossier == dossier)).scalar()


def load_death(uow: kernel.UnitOfWork, dossier: kernel.DossierId) -> date | None:
    """Return the day on which the patient died, as it was declared."""
    return uow.connection.execute(select(custody.c.deceased_on).where(custody.c.dossier == dossier)).scalar()


def write_death(uow: kernel.UnitOfWork, dossier: kernel.DossierId, on: date | None) -> None:
    """Write the day on which the patient died; None: they did not."""
    change = update(custody).where(custody.c.dossier == dossier).values(deceased_on=on)
    write_vouched(uow, TieKind.CUSTODY, change)


def insert_participation(uow: kernel.UnitOfWork, part: Participation) -> None:
    """Write somebody's part in the care."""
    new = insert(participations).values(
        id=kernel.new_id(), dossier=part.dossier, account=part.account, team=part.team,
        started_at=part.started_at, ended_at=part.ended_at, reason=part.reason, episode=part.episode,
    )  # fmt: skip
    write_vouched(uow, TieKind.PARTICIPATION, new)


def end_participation(
    uow: kernel.UnitOfWork,
    dossier: kernel.DossierId,
    account: kernel.AccountId | None,
    team: identity.TeamId | None,
) -> bool:
    """End every present part that one takes in the care; False when there is none."""
    who = participations.c.account == account if account is not None else participations.c.team == team
    present = update(participations).where(
        participations.c.dossier == dossier,
        who,
        or_(participations.c.ended_at.is_(None), participations.c.ended_at > uow.now),
    )
    return write_vouched(uow, TieKind.PARTICIPATION, present.values(ended_at=uow.now)) > 0


def load_participations(uow: kernel.UnitOfWork, dossier: kernel.DossierId) -> tuple[Participation, ...]:
    """Return every part ever taken in this care, oldest first."""
    query = (
        select(participations)
        .where(participations.c.dossier == dossier)
        .order_by(participations.c.started_at)
    )
    return tuple(read_participation(row) for row in uow.connection.execute(query).mappings())


def read_participation(row: RowMapping) -> Participation:
    """Return somebody's part in the care, from the columns of its row."""
    return Participation(
        row["dossier"],
        row["account"],
        row["team"],
        row["started_at"],
        row["ended_at"],
        row["reason"],
        row["episode"],
    )


def insert_grant(uow: kernel.UnitOfWork, grant: Grant) -> None:
    """Write an opening."""
    asked = grant.request
    entries = None if asked.entries is None else json.dumps(sorted(str(entry) for entry in asked.entries))
    new = insert(grants).values(
        id=grant.id, dossier=grant.dossier, account=asked.account, team=asked.team,
        sections=json.dumps(sorted(asked.sections)), entries=entries, purpose=asked.purpose,
        given_by=grant.given_by, kept_by=grant.keeper, given_at=grant.given_at, ends_at=asked.ends_at,
    )  # fmt: skip
    write_vouched(uow, TieKind.GRANT, new)


def revoke_grant(uow: kernel.UnitOfWork, dossier: kernel.DossierId, grant: GrantId) -> bool:
    """End an opening now; False when there is none to end: it is over, or was ended."""
    live = update(grants).where(
        grants.c.id == grant,
        grants.c.dossier == dossier,
        grants.c.revoked_at.is_(None),
        grants.c.ends_at > uow.now,
    )
    return write_vouched(uow, TieKind.GRANT, live.values(revoked_at=uow.now)) > 0


def keep_grant(uow: kernel.UnitOfWork, grant: GrantId, keeper: kernel.AccountId) -> None:
    """Write who answers for an opening from now on."""
    change = update(grants).where(grants.c.id == grant).values(kept_by=keeper)
    write_vouched(uow, TieKind.GRANT, change)


def grants_around(uow: kernel.UnitOfWork, account: kernel.AccountId) -> tuple[Grant, ...]:
    """Return the openings that hold now and that somebody has, or answers for."""
    theirs = or_(grants.c.account == account, grants.c.kept_by == account)
    query = select(grants).where(theirs, grants.c.revoked_at.is_(None), grants.c.ends_at > uow.now)
    return tuple(read_grant(row) for row in uow.connection.execute(query.order_by(grants.c.id)).mappings())


def cared_for_by(uow: kernel.UnitOfWork, account: kernel.AccountId) -> tuple[kernel.DossierId, ...]:
    """Return the dossiers in whose care somebody takes part by name, not by a team."""
    query = select(participations.c.dossier).where(
        participations.c.account == account,
        or_(participations.c.ended_at.is_(None), participations.c.ended_at > uow.now),
    )
    return tuple(kernel.DossierId(row) for row in uow.connection.execute(query.distinct()).scalars())


def custodians(
    uow: kernel.UnitOfWork, dossiers: Iterable[kernel.DossierId]
) -> dict[kernel.DossierId, kernel.OrganisationId]:
    """Return whose each of these dossiers is."""
    query = select(custody).where(custody.c.dossier.in_(list(dossiers)))
    return {row.dossier: row.organisation for row in uow.connection.execute(query)}


def load_grants(uow: kernel.UnitOfWork, dossier: kernel.DossierId) -> tuple[Grant, ...]:
    """Return every opening ever given on this dossier, newest first."""
    query = select(grants).where(grants.c.dossier == dossier).order_by(grants.c.given_at.desc(), grants.c.id)
    return tuple(read_grant(row) for row in uow.connection.execute(query).mappings())


def find_grant(uow: kernel.UnitOfWork, grant: GrantId) -> Grant | None:
    """Return one opening, whoever gave it and whether it is over or not."""
    row = uow.connection.execute(select(grants).where(grants.c.id == grant)).mappings().first()
    return None if row is None else read_grant(row)


def read_grant(row: RowMapping) -> Grant:
    """Return an opening, from the columns of its row."""
    return Grant(
        GrantId(row["id"]), row["dossier"], row["given_by"], row["given_at"], read_request(row), row["revoked_at"],
        row["kept_by"],
    )  # fmt: skip


def read_request(row: RowMapping) -> GrantRequest:
    """Return what an opening opens, from the columns of its row."""
    sections = frozenset(Section(name) for name in json.loads(row["sections"]))
    entries = None if row["entries"] is None else frozenset(map(_entry, json.loads(row["entries"])))
    return GrantRequest(
        row["account"], row["team"], sections, entries, Purpose(row["purpose"]), row["ends_at"]
    )


def _entry(text: str) -> EntryId:
    return EntryId(UUID(text))


def insert_patient(uow: kernel.UnitOfWork, dossier: kernel.DossierId, account: kernel.AccountId) -> None:
    """Write that this account is the patient's own."""
    new = insert(patients).values(dossier=dossier, account=account, linked_at=uow.now)
    write_vouched(uow, TieKind.PATIENT, new)


def hold_patient_accounts(uow: kernel.UnitOfWork, dossier: kernel.DossierId) -> tuple[kernel.AccountId, ...]:
    """Return the accounts of the person whose dossier it is, and keep others from adding one meanwhile."""
    uow.connection.execute(select(custody.c.dossier).where(custody.c.dossier == dossier).with_for_update())
    return load_patient_accounts(uow, dossier)


def load_patient_accounts(uow: kernel.UnitOfWork, dossier: kernel.DossierId) -> tuple[kernel.AccountId, ...]:
    """Return the accounts of the person whose dossier it is."""
    query = select(patients.c.account).where(patients.c.dossier == dossier)
    return tuple(kernel.AccountId(row) for row in uow.connection.execute(query).scalars())
