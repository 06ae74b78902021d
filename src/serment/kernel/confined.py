"""Work on foreign bytes, done in a process that owns nothing: no file, no network, no key, little memory, little time.

A helper process (`confined_child`), started with an empty environment, keeps the needed modules in memory and forks a
fresh child per job in a few milliseconds. Payload and answer pass through a socket: plaintext never touches a disk.
Whatever happens to the child, the caller gets bytes or `ConfinedFailure`.

Source: THR-11, WEB-03, WEB-07, ASVS 15.2.5; docs/adr/0009.
"""

import json
import math
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Self

from serment.kernel.confined_child import FAILURE, RESULT, receive, send
from serment.kernel.errors import SermentError

_BOOTSTRAP = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]); "
    "from serment.kernel.confined_child import main; main(int(sys.argv[2]))"
)
_START_SECONDS = 60
_GRACE_SECONDS = 2.0
_CHUNK = 1 << 20
_CPU_SIGNAL_EXIT = -signal.SIGXCPU


class FailureReason(StrEnum):
    """Why a job gave no answer."""

    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASHED = "crashed"
    REFUSED = "refused"
    TOO_LARGE = "too-large"
    BUSY = "busy"


class ConfinedFailure(SermentError):
    """A job in a confined child gave no answer; `reason` says why."""

    code = "confined.failure"

    def __init__(self, reason: FailureReason, detail: str = "") -> None:
        super().__init__(f"{reason.value} {detail}".rstrip())
        self.reason = reason


class _HelperGone(Exception):
    """The helper ended before it said how the child did."""


@dataclass(frozen=True)
class Limits:
    """What one job may use, and how many jobs run at once.

    `memory_bytes` counts beyond what the helper already holds, payload included. `cpu_seconds` is a ceiling: a
    job's own timeout lowers it.
    """

    memory_bytes: int = 1 << 30
    cpu_seconds: int = 60
    input_bytes: int = 512 * 2**20
    output_bytes: int = 64 * 2**20
    concurrent: int = 2


@dataclass(frozen=True)
class Protections:
    """Which barriers the kernel granted: an empty network, no privilege, a short list of system calls.

    Limits of memory, time, files and processes hold in any case.
    """

    network: bool
    privileges: bool
    system_calls: bool


@dataclass
class _Helper:
    process: subprocess.Popen[bytes]
    control: socket.socket
    protections: Protections
    lock: threading.Lock = field(default_factory=threading.Lock)


class Zygote:
    """Runs functions of preloaded modules in confined children; safe to share between threads.

    `preload` names modules ("package.module"), or functions to call once after loading
    ("package.module:warm_up"); jobs may name any function of these modules. The helper starts with the first
    job, and again after it died.
    """

    def __init__(self, preload: Sequence[str], limits: Limits) -> None:
        self._preload = tuple(preload)
        self._limits = limits
        self._slots = threading.BoundedSemaphore(limits.concurrent)
        self._lock = threading.Lock()
        self._helper: _Helper | None = None
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def protections(self) -> Protections:
        """What the kernel granted; starts the helper if need be.

        Raises:
            ConfinedFailure: the helper cannot start.
        """
        return self._living_helper().protections

    def run(self, function: str, payload: bytes, *, timeout_seconds: float) -> bytes:
        """Return what `function` ("package.module:name", bytes to bytes) makes of `payload` in a child of its own.

        Waiting for a free place counts as time.

        Raises:
            ConfinedFailure: the child was stopped (timeout, memory), died (crashed), gave too much (too-large);
                every place stayed taken (busy); the function is not of a preloaded module, the payload is too
                long, or this object is closed (refused).
        """
        if len(payload) > self._limits.input_bytes:
            raise ConfinedFailure(FailureReason.REFUSED, "payload")
        deadline = time.monotonic() + timeout_seconds
        if not self._slots.acquire(timeout=timeout_seconds):
            raise ConfinedFailure(FailureReason.BUSY)
        try:
            return self._run(function, payload, deadline)
        finally:
            self._slots.release()

    def close(self) -> None:
        """End the helper and its children; later jobs are refused."""
        with self._lock:
            self._closed = True
            helper, self._helper = self._helper, None
        if helper is not None:
            _end(helper)

    def _run(self, function: str, payload: bytes, deadline: float) -> bytes:
        """Have the job done; a second time, by a new helper, when the first one vanished: jobs change nothing."""
        try:
            return self._attempt(function, payload, deadline)
        except _HelperGone:
            pass
        try:
            return self._attempt(function, payload, deadline)
        except _HelperGone as cause:
            raise ConfinedFailure(FailureReason.CRASHED, "helper") from cause

    def _attempt(self, function: str, payload: bytes, deadline: float) -> bytes:
        helper = self._living_helper()
        job = self._job(function, len(payload), max(deadline - time.monotonic(), 0.01))
        data, child_data = socket.socketpair()
        status, child_status = socket.socketpair()
        try:
            with data, status:
                with child_data, child_status, helper.lock:
                    send(helper.control, job, (child_data.fileno(), child_status.fileno()))
                answer = _converse(data, payload, self._limits.output_bytes + 2, deadline + _GRACE_SECONDS)
                data.close()
                status.settimeout(_left(deadline + _GRACE_SECONDS))
                end, _ = receive(status)
        except TimeoutError as cause:
            _kill(helper)
            raise ConfinedFailure(FailureReason.TIMEOUT) from cause
        except (OSError, EOFError) as cause:
            _kill(helper)
            raise _HelperGone from cause
        return _judge(answer, end, self._limits.output_bytes)

    def _job(self, function: str, payload_bytes: int, timeout_seconds: float) -> dict[str, object]:
        return {
            "function": function,
            "payload_bytes": payload_bytes,
            "timeout_seconds": timeout_seconds,
            "memory_bytes": self._limits.memory_bytes,
            "cpu_seconds": min(self._limits.cpu_seconds, math.ceil(timeout_seconds) + 1),
            "output_bytes": self._limits.output_bytes,
        }

    def _living_helper(self) -> _Helper:
        with self._lock:
            if self._closed:
                raise ConfinedFailure(FailureReason.REFUSED, "closed")
            if self._helper is not None and self._helper.process.poll() is not None:
                _end(self._helper)
                self._helper = None
            if self._helper is None:
                self._helper = _start(self._preload)
            return self._helper


def _start(preload: tuple[str, ...]) -> _Helper:
    control, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own module
            [sys.executable, "-I", "-c", _BOOTSTRAP, json.dumps(sys.path), str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(theirs.fileno(),),
            env={},
            cwd="/",
            start_new_session=True,
        )
    control.settimeout(_START_SECONDS)
    try:
        send(control, {"preload": list(preload)})
        hello, _ = receive(control)
        granted = hello["protections"]
    except (OSError, EOFError, KeyError) as cause:
        control.close()
        process.kill()
        process.wait()
        raise ConfinedFailure(FailureReason.REFUSED, "helper did not start") from cause
    control.settimeout(_GRACE_SECONDS)
    return _Helper(process, control, _protections(granted))


def _protections(granted: object) -> Protections:
    names = granted if isinstance(granted, dict) else {}
    return Protections(*(names.get(name) is True for name in ("network", "privileges", "system_calls")))


def _end(helper: _Helper) -> None:
    helper.control.close()
    try:
        helper.process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        _kill(helper)


def _left(deadline: float) -> float:
    return max(deadline - time.monotonic(), 0.001)


def _kill(helper: _Helper) -> None:
    helper.process.kill()
    helper.process.wait()


def _converse(data: socket.socket, payload: bytes, most_bytes: int, deadline: float) -> bytes:
    """Hand the payload to the child and return what it says, `most_bytes` of it or a little more."""
    data.settimeout(_left(deadline))
    try:
        data.sendall(payload)
    except (BrokenPipeError, ConnectionResetError):
        """The child ended before it had read all; its status says why."""
    answer = bytearray()
    try:
        while len(answer) < most_bytes and (piece := data.recv(_CHUNK)):
            answer += piece
            data.settimeout(_left(deadline))
    except ConnectionResetError:
        """The child ended with payload unread."""
    return bytes(answer)


def _judge(answer: bytes, end: dict[str, object], output_bytes: int) -> bytes:
    if end.get("refused"):
        raise ConfinedFailure(FailureReason.REFUSED, "function")
    if end.get("timed_out") or end.get("exit") == _CPU_SIGNAL_EXIT:
        raise ConfinedFailure(FailureReason.TIMEOUT)
    if len(answer) > output_bytes + 1:
        raise ConfinedFailure(FailureReason.TOO_LARGE)
    if end.get("exit") == 0 and answer.startswith(RESULT):
        return answer[1:]
    named = answer[1:].decode("ascii", "replace") if answer.startswith(FAILURE) else ""
    raise ConfinedFailure(FailureReason(named) if named in set(FailureReason) else FailureReason.CRASHED)
