"""The work in the background: the ledger's tree, jobs, what has expired, key epochs that are over."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import structlog

from serment import access, dossier, identity, kernel, ledger, vigilance
from serment.app.wiring import Installation

PAUSE_SECONDS = 0.4
#: After a fault, so that a broken ledger does not fill the log.
PAUSE_AFTER_FAULT_SECONDS = 10.0
JOB_LEASE_SECONDS = 60

JobWork = Callable[[Installation, kernel.Job], None]
#: The kinds of job and what does each; a kind without its line here stays in the queue.
JOBS: Mapping[str, JobWork] = {
    access.ALARM_JOB: lambda installation, job: vigilance.open_from_alarm(
        installation.rows, dict(job.payload)
    ),
}


@dataclass
class _Task:
    """Something to do again and again."""

    name: str
    every_seconds: float
    work: Callable[[], None]
    due_at: float = field(default=0.0)


class Worker:
    """Does what is due, one thing after another; several workers, in any process, may run beside each other."""

    def __init__(self, installation: Installation, jobs: Mapping[str, JobWork] = JOBS) -> None:
        self._installation = installation
        self._jobs = jobs
        self._stop = threading.Event()
        self._tasks = (
            _Task("ledger", PAUSE_SECONDS, self.integrate),
            _Task("jobs", PAUSE_SECONDS, self.run_jobs),
            _Task("uploads", 60, self.expire_uploads),
            _Task("expired", 600, self.forget_expired),
            _Task("epochs", 3600, self.rotate_epochs),
            _Task("departures", 60, self.carry_out_departures),
            _Task("emergencies", 600, self.look_for_overdue_reviews),
            _Task("memberships", 3600, self.look_through_memberships),
            _Task("sleep", 3600, self.put_to_sleep),
            _Task("habits", 3600, self.learn_habits),
        )

    def run(self) -> None:
        """Work until `stop`; a fault is logged by its code and never ends the others' work."""
        while not self._stop.is_set():
            for task in self._tasks:
                if not self._stop.is_set():
                    self._attempt(task)
            self._stop.wait(PAUSE_SECONDS)

    def stop(self) -> None:
        """End after what is being done now."""
        self._stop.set()

    def integrate(self) -> None:
        """Give recorded traces their place in the tree, and sign."""
        integrate_all(self._installation)

    def finish(self) -> None:
        """Integrate what the last answers left, so that nothing waits for the next start."""
        self._attempt(_Task("ledger", 0, lambda: integrate_all(self._installation)))

    def run_jobs(self) -> None:
        """Run the jobs that are due."""
        rows = self._installation.rows
        while self._jobs and not self._stop.is_set():
            job = kernel.lease(rows, tuple(self._jobs), seconds=JOB_LEASE_SECONDS)
            if job is None:
                return
            self._run(job)

    def expire_uploads(self) -> None:
        """Take away uploads that nobody finished in time."""
        while dossier.discard_expired(self._installation.rows):
            pass

    def forget_expired(self) -> None:
        """Delete what has run out: unfinished steps, ended sessions, old security events, notices seen long ago."""
        with self._installation.rows.unit_of_work() as uow:
            identity.forget_expired(uow, self._installation.entrance.rules)
            access.forget_seen_notices(uow)

    def carry_out_departures(self) -> None:
        """End what departures end whose day has come; they hold by their date alone meanwhile."""
        while access.carry_out_departures(self._installation.rows):
            pass

    def look_for_overdue_reviews(self) -> None:
        """Raise an alarm for each emergency opening that nobody looked at in time."""
        with self._installation.rows.unit_of_work() as uow:
            access.alarm_overdue(uow)

    def look_through_memberships(self) -> None:
        """Tell of memberships that nobody confirmed and of keys about to end; end those memberships that are over."""
        with self._installation.rows.unit_of_work() as uow:
            identity.tell_of_lapsing(uow)
            identity.remind_of_ends(uow)
            identity.end_lapsed_memberships(uow)

    def put_to_sleep(self) -> None:
        """Put the accounts to sleep that nobody uses."""
        with self._installation.rows.unit_of_work() as uow:
            identity.put_to_sleep(uow, self._installation.entrance.rules.sleep)

    def learn_habits(self) -> None:
        """Learn from the days that are over how many dossiers each account opens; which they were is forgotten."""
        while access.learn_habits(self._installation.rows):
            pass

    def rotate_epochs(self) -> None:
        """Begin a new epoch for the organisations whose own is over."""
        for organisation in self._installation.keyring.organisations_due():
            self._installation.keyring.rotate_epoch(organisation)

    def _run(self, job: kernel.Job) -> None:
        try:
            self._jobs[job.kind](self._installation, job)
        except Exception as error:  # noqa: BLE001 -- a job that fails is given back, whatever it failed of
            code = error.code if isinstance(error, kernel.SermentError) else type(error).__name__
            structlog.get_logger().error("job.failed", job=str(job.id), job_kind=job.kind, code=code)
            kernel.fail(self._installation.rows, job, code)
        else:
            kernel.finish(self._installation.rows, job)

    def _attempt(self, task: _Task) -> None:
        now = time.monotonic()
        if now < task.due_at:
            return
        task.due_at = now + task.every_seconds
        try:
            task.work()
        except Exception as error:  # noqa: BLE001 -- the other tasks go on, whatever stopped this one
            code = error.code if isinstance(error, kernel.SermentError) else ""
            structlog.get_logger().error(
                "worker.task-failed", job_kind=task.name, kind=type(error).__name__, code=code
            )
            task.due_at = now + max(task.every_seconds, PAUSE_AFTER_FAULT_SECONDS)


def integrate_all(installation: Installation) -> None:
    """Bring everything recorded so far under a signed checkpoint.

    Raises:
        LogInconsistent, LogDamaged, NoteRefused: rows or files are not what they were; nothing was signed.
    """
    while ledger.integrate(installation.rows, installation.log):
        pass


class WorkerThread:
    """A worker in a thread of this process."""

    def __init__(self, installation: Installation) -> None:
        self._worker = Worker(installation)
        self._thread = threading.Thread(target=self._worker.run, name="serment-worker", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self) -> None:
        """End after what is being done now, and integrate what was left."""
        self._worker.stop()
        self._thread.join()
        self._worker.finish()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
