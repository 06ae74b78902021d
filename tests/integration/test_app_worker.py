"""The work in the background, on a real installation."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from serment import access, dossier, identity, kernel, ledger
from serment.app.settings import read_settings
from serment.app.wiring import Installation, open_installation
from serment.app.worker import JobWork, Worker, WorkerThread
from support.identity import make_administrator, make_organisation, make_professional, signed_in
from support.installation import ORIGIN, make_installed, physician_of


class _Refused(kernel.SermentError):
    code = "test.refused"


@pytest.fixture
def installation(tmp_path: Path, clock: kernel.SettableClock) -> Iterator[Installation]:
    make_installed(tmp_path / "data")
    opened = open_installation(read_settings(tmp_path / "data"), ORIGIN, clock=clock)
    yield opened
    opened.close()


def _size(installation: Installation) -> int:
    checkpoint = installation.log.latest()
    return checkpoint.size if checkpoint else 0


def test_the_thread_signs_what_is_left_when_it_ends(installation: Installation) -> None:
    with WorkerThread(installation):
        physician_of(installation)

    with installation.rows.reading() as uow:
        assert list(ledger.check_traces(uow, installation.log)) == []
    assert _size(installation) > 0


def test_jobs_of_a_known_kind_are_run_once(installation: Installation) -> None:
    run: list[str] = []
    jobs: dict[str, JobWork] = {"count": lambda _installation, job: run.append(job.payload["number"])}
    with installation.rows.unit_of_work() as uow:
        kernel.enqueue(uow, "count", {"number": "1"})
        kernel.enqueue(uow, "unknown", {"number": "2"})

    Worker(installation, jobs).run_jobs()
    Worker(installation, jobs).run_jobs()

    assert run == ["1"]


def test_a_job_that_fails_is_given_back_with_its_code(
    installation: Installation, clock: kernel.SettableClock
) -> None:
    attempts: list[int] = []

    def refuse(_installation: Installation, job: kernel.Job) -> None:
        attempts.append(job.attempts)
        raise _Refused

    with installation.rows.unit_of_work() as uow:
        kernel.enqueue(uow, "refuse", {})

    Worker(installation, {"refuse": refuse}).run_jobs()
    clock.advance(timedelta(days=1))
    Worker(installation, {"refuse": refuse}).run_jobs()

    assert attempts == [1, 2]


def test_a_task_that_fails_does_not_end_the_others(installation: Installation) -> None:
    """The ledger's key file is another's: it is not signed, and jobs are run all the same."""
    run: list[str] = []

    def stop(_installation: Installation, job: kernel.Job) -> None:
        run.append(job.kind)
        working.stop()

    working = Worker(installation, {"stop": stop})
    physician_of(installation)
    (installation.settings.ledger_folder / "public-key").write_text("another")
    with installation.rows.unit_of_work() as uow:
        kernel.enqueue(uow, "stop", {})

    working.run()

    assert run == ["stop"]
    assert _size(installation) == 0


def test_epochs_that_are_over_are_begun_anew(installation: Installation, clock: kernel.SettableClock) -> None:
    physician_of(installation)
    clock.advance(timedelta(days=31))
    assert installation.keyring.organisations_due()

    Worker(installation).rotate_epochs()

    assert installation.keyring.organisations_due() == ()


def test_what_has_expired_is_forgotten(installation: Installation, clock: kernel.SettableClock) -> None:
    physician_of(installation)
    clock.advance(timedelta(days=2))
    with installation.rows.reading() as uow:
        before = uow.connection.exec_driver_sql("SELECT count(*) FROM sessions").scalar()

    Worker(installation).forget_expired()

    with installation.rows.reading() as uow:
        after = uow.connection.exec_driver_sql("SELECT count(*) FROM sessions").scalar()
    assert (before, after) == (2, 0)


def test_unfinished_uploads_are_taken_away(installation: Installation, clock: kernel.SettableClock) -> None:
    physician_of(installation)
    clock.advance(timedelta(days=8))

    Worker(installation).expire_uploads()

    assert dossier.discard_expired(installation.rows) == 0


def test_departures_reviews_and_sleep_are_carried_out(
    installation: Installation, clock: kernel.SettableClock
) -> None:
    with installation.rows.unit_of_work() as uow:
        practice = make_organisation(uow)
        administrator = replace(signed_in(uow, make_administrator(uow, practice)), stepped_up_at=uow.now)
        team = identity.create_team(uow, administrator, "Cardiologie")
        leaver, sleeper = (make_professional(uow, practice) for _ in range(2))
        identity.add_member(uow, administrator, team.id, sleeper.id)
        access.let_go(uow, administrator, leaver.id, uow.now + timedelta(days=1))
    clock.advance(timedelta(days=210))
    working = Worker(installation)

    working.carry_out_departures()
    working.look_through_memberships()
    working.put_to_sleep()

    with installation.rows.reading() as uow:
        stored = uow.connection.exec_driver_sql("SELECT status FROM accounts ORDER BY status").scalars().all()
        ended = uow.connection.exec_driver_sql("SELECT count(ended_at) FROM memberships").scalar()
    assert (stored, ended) == (["active", "departed", "dormant"], 1)
