"""Work for later, in the transaction that asks for it: leased, tried again, and set aside when it keeps failing.

A job holds identifiers only, never content. A worker leases it for a while; a worker that dies lets the lease
run out and another takes the job, so a job may run twice and must bear it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NewType
from uuid import UUID

from sqlalchemy import Column, Index, Integer, String, Table, Text, delete, insert, select, update

from serment.kernel.canonical import canonical_json
from serment.kernel.columns import UtcDateTime, UuidText, metadata
from serment.kernel.database import Database, UnitOfWork
from serment.kernel.ids import new_id

JobId = NewType("JobId", UUID)
MOST_ATTEMPTS = 8

jobs = Table(
    "jobs",
    metadata,
    Column("id", UuidText, primary_key=True),
    Column("kind", String(80), nullable=False),
    Column("payload", Text, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("leased_until", UtcDateTime),
    Column("attempts", Integer, nullable=False, default=0),
    Column("set_aside_at", UtcDateTime),
    Column("last_error", String(80)),
    Index(None, "set_aside_at", "due_at"),
)


@dataclass(frozen=True)
class Job:
    """A piece of work, leased to this worker until `leased_until`."""

    id: JobId
    kind: str
    payload: Mapping[str, str]
    attempts: int
    leased_until: datetime


def enqueue(
    uow: UnitOfWork, kind: str, payload: Mapping[str, str], *, not_before: datetime | None = None
) -> JobId:
    """Ask for work once this transaction has committed; a rollback takes the job with it."""
    job = JobId(new_id())
    row = {
        "id": job,
        "kind": kind,
        "payload": canonical_json(dict(payload)).decode(),
        "due_at": not_before or uow.now,
    }
    uow.connection.execute(insert(jobs).values(**row, attempts=0))
    return job


def lease(database: Database, kinds: Sequence[str], *, seconds: int) -> Job | None:
    """Take the job that has been due longest among those kinds, or None when nothing is due."""
    with database.unit_of_work() as uow:
        free = (jobs.c.leased_until.is_(None)) | (jobs.c.leased_until < uow.now)
        due = (jobs.c.due_at <= uow.now) & jobs.c.set_aside_at.is_(None) & jobs.c.kind.in_(kinds)
        oldest = select(jobs).where(due, free).order_by(jobs.c.due_at, jobs.c.id).limit(1)
        row = uow.connection.execute(oldest.with_for_update(skip_locked=True)).mappings().first()
        if row is None:
            return None
        until = uow.now + timedelta(seconds=seconds)
        taken = (
            update(jobs)
            .where(jobs.c.id == row["id"])
            .values(leased_until=until, attempts=row["attempts"] + 1)
        )
        uow.connection.execute(taken)
        return Job(JobId(row["id"]), row["kind"], json.loads(row["payload"]), row["attempts"] + 1, until)


def finish(database: Database, job: Job) -> None:
    """Forget a job that is done."""
    with database.unit_of_work() as uow:
        uow.connection.execute(delete(jobs).where(jobs.c.id == job.id))


def fail(database: Database, job: Job, code: str) -> None:
    """Give a job back to be tried again, later each time; after eight attempts set it aside for a person."""
    with database.unit_of_work() as uow:
        later = uow.now + timedelta(seconds=2**job.attempts)
        aside = uow.now if job.attempts >= MOST_ATTEMPTS else None
        given_back = {"leased_until": None, "due_at": later, "set_aside_at": aside, "last_error": code}
        uow.connection.execute(update(jobs).where(jobs.c.id == job.id).values(**given_back))
