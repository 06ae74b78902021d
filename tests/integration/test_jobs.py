from datetime import timedelta

import pytest

from serment import kernel


def ask(database: kernel.Database, kind: str = "preview", **payload: str) -> kernel.JobId:
    with database.unit_of_work() as uow:
        return kernel.enqueue(uow, kind, payload)


def test_lease_takes_the_oldest_job_due(database: kernel.Database, clock: kernel.SettableClock) -> None:
    first = ask(database, entry="1")
    clock.advance(timedelta(seconds=1))
    ask(database, entry="2")

    job = kernel.lease(database, ["preview"], seconds=60)

    assert job is not None
    assert (job.id, job.payload, job.attempts) == (first, {"entry": "1"}, 1)


def test_lease_gives_a_job_to_one_worker_until_it_runs_out(
    database: kernel.Database, clock: kernel.SettableClock
) -> None:
    job = ask(database)
    assert kernel.lease(database, ["preview"], seconds=60) is not None
    assert kernel.lease(database, ["preview"], seconds=60) is None

    clock.advance(timedelta(seconds=61))
    again = kernel.lease(database, ["preview"], seconds=60)

    assert again is not None
    assert (again.id, again.attempts) == (job, 2)


def test_lease_leaves_other_kinds_and_later_jobs(
    database: kernel.Database, clock: kernel.SettableClock
) -> None:
    ask(database, kind="other")
    with database.unit_of_work() as uow:
        kernel.enqueue(uow, "preview", {}, not_before=clock.now() + timedelta(hours=1))

    assert kernel.lease(database, ["preview"], seconds=60) is None


def test_enqueue_goes_with_the_rollback(database: kernel.Database) -> None:
    with pytest.raises(ValueError, match="no"), database.unit_of_work() as uow:
        kernel.enqueue(uow, "preview", {})
        raise ValueError("no")

    assert kernel.lease(database, ["preview"], seconds=60) is None


def test_finish_forgets_the_job(database: kernel.Database, clock: kernel.SettableClock) -> None:
    ask(database)
    job = kernel.lease(database, ["preview"], seconds=60)
    assert job is not None

    kernel.finish(database, job)
    clock.advance(timedelta(days=1))

    assert kernel.lease(database, ["preview"], seconds=60) is None


def test_fail_tries_again_later_then_sets_aside(
    database: kernel.Database, clock: kernel.SettableClock
) -> None:
    ask(database)
    attempts = 0
    while (job := kernel.lease(database, ["preview"], seconds=60)) is not None:
        attempts = job.attempts
        kernel.fail(database, job, "seal-broken")
        assert kernel.lease(database, ["preview"], seconds=60) is None
        clock.advance(timedelta(hours=1))

    assert attempts == 8
