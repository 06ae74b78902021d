"""The helper process: it loads modules once, then forks a fresh, confined child for every job.

It speaks with its parent over one stream socket. A message is a length (4 bytes, big-endian) and JSON; a job brings
two descriptors: the child's own socket, over which payload and answer travel, and one on which the helper says how the
child ended. The helper ends when its parent does.
"""

import gc
import importlib
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

from serment.kernel import confined_barriers as barriers

_LENGTH = struct.Struct(">I")
_CHUNK = 1 << 20
_MOST_FILES = 1024
RESULT, FAILURE = b"R", b"F"


@dataclass
class _Child:
    status: socket.socket
    deadline: float
    timed_out: bool = False


@dataclass
class _Helper:
    control: socket.socket
    wakeup: socket.socket
    modules: frozenset[str]
    born_bytes: int
    children: dict[int, _Child] = field(default_factory=dict)


def main(descriptor: int) -> None:
    """Serve jobs that come over `descriptor` until it closes."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (_MOST_FILES, _MOST_FILES))
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
    sys.stdin = sys.stdout = sys.stderr = None
    control = socket.socket(fileno=descriptor)
    network_left = barriers.leave_network()
    settings, _ = receive(control)
    try:
        modules = _preload(settings["preload"])
    except Exception as cause:  # noqa: BLE001 - whatever a module raises when loaded is told to the parent
        send(control, {"error": f"{type(cause).__name__}: {cause}"})
        return
    helper = _Helper(control, _wake_on_child_end(), modules, barriers.address_space_bytes())
    send(control, {"protections": {"network": network_left, **_probe(helper)}})
    gc.collect()
    gc.freeze()
    _serve(helper)


def send(channel: socket.socket, message: dict[str, object], descriptors: tuple[int, ...] = ()) -> None:
    """Send one message, with descriptors beside its first byte."""
    body = json.dumps(message).encode()
    if descriptors:
        socket.send_fds(channel, [_LENGTH.pack(len(body))], descriptors)
        channel.sendall(body)
    else:
        channel.sendall(_LENGTH.pack(len(body)) + body)


def receive(channel: socket.socket) -> tuple[dict[str, object], tuple[int, ...]]:
    """Return the next message and its descriptors.

    Raises:
        EOFError: the other side has closed.
    """
    head, descriptors, _, _ = socket.recv_fds(channel, _LENGTH.size, 2)
    head += _exactly(channel, _LENGTH.size - len(head))
    message: dict[str, object] = json.loads(_exactly(channel, *_LENGTH.unpack(head)))
    return message, tuple(descriptors)


def _exactly(channel: socket.socket, length: int) -> bytes:
    body = bytearray()
    while len(body) < length:
        piece = channel.recv(length - len(body))
        if not piece:
            raise EOFError
        body += piece
    return bytes(body)


def _preload(names: object) -> frozenset[str]:
    """Import modules; a name with a colon also calls that function, once, to bring what it needs into memory."""
    loaded = set()
    for name in names if isinstance(names, list) else []:
        module_name, _, function = name.partition(":")
        module = importlib.import_module(module_name)
        loaded.add(module_name)
        if function:
            getattr(module, function)()
    return frozenset(loaded)


def _wake_on_child_end() -> socket.socket:
    reading, writing = socket.socketpair()
    reading.settimeout(0)
    writing.settimeout(0)
    signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)
    signal.set_wakeup_fd(writing.detach(), warn_on_full_buffer=False)
    return reading


def _probe(helper: _Helper) -> dict[str, bool]:
    """Return which barriers hold in a child made for that question."""
    here, there = socket.socketpair()
    if os.fork() == 0:
        try:
            held = _confine(barriers.ChildLimits(2**28, 5, 0), helper.born_bytes, there.fileno())
            os.write(0, json.dumps(held).encode())
        finally:
            os._exit(0)
    there.close()
    answer = here.recv(_CHUNK)
    os.wait()
    here.close()
    return {name: bool(value) for name, value in json.loads(answer or b"{}").items()}


def _serve(helper: _Helper) -> None:
    while True:
        soonest = min((child.deadline for child in helper.children.values()), default=None)
        wait = None if soonest is None else max(soonest - time.monotonic(), 0)
        ready, _, _ = select.select([helper.control, helper.wakeup], [], [], wait)
        if helper.wakeup in ready:
            helper.wakeup.recv(_CHUNK)
        _reap(helper)
        _kill_late(helper)
        if helper.control in ready:
            try:
                _start(helper)
            except (EOFError, ConnectionError):
                return


def _reap(helper: _Helper) -> None:
    while helper.children:
        process, status = os.waitpid(-1, os.WNOHANG)
        if process == 0:
            return
        child = helper.children.pop(process)
        _tell(child.status, {"exit": os.waitstatus_to_exitcode(status), "timed_out": child.timed_out})


def _kill_late(helper: _Helper) -> None:
    now = time.monotonic()
    for process, child in helper.children.items():
        if child.deadline <= now and not child.timed_out:
            child.timed_out = True
            child.deadline = now + 3600
            os.kill(process, signal.SIGKILL)


def _tell(status: socket.socket, message: dict[str, object]) -> None:
    try:
        send(status, message)
    except OSError:
        """The caller has gone; nobody is left to be told."""
    finally:
        status.close()


def _start(helper: _Helper) -> None:
    job, descriptors = receive(helper.control)
    data, status = (socket.socket(fileno=descriptor) for descriptor in descriptors)
    entry = _entry(helper, str(job["function"]))
    if entry is None:
        data.close()
        _tell(status, {"refused": True})
        return
    numbers = {name: job[name] for name in ("memory_bytes", "cpu_seconds", "output_bytes")}
    limits = barriers.ChildLimits(**{name: int(str(value)) for name, value in numbers.items()})
    process = os.fork()
    if process == 0:
        size = int(str(job["payload_bytes"]))
        _live(helper.born_bytes, data.fileno(), limits, lambda: entry(_read(size)))
    data.close()
    helper.children[process] = _Child(status, time.monotonic() + float(str(job["timeout_seconds"])))


def _entry(helper: _Helper, function: str) -> Callable[[bytes], bytes] | None:
    module, _, name = function.partition(":")
    if module not in helper.modules:
        return None
    found = getattr(sys.modules[module], name, None)
    return found if callable(found) else None


def _live(born_bytes: int, data: int, limits: barriers.ChildLimits, work: Callable[[], bytes]) -> NoReturn:
    """Do one job and end. Nothing that happens here may return into the helper's own loop."""
    try:
        _confine(limits, born_bytes, data)
        result = work()
        if len(result) > limits.output_bytes:
            _write(FAILURE + b"too-large")
        else:
            _write(RESULT)
            _write(result)
    except MemoryError:
        _write(FAILURE + b"memory")
    except BaseException:  # noqa: BLE001 - the job's errors are the parent's, as a code, and never its text
        _write(FAILURE + b"crashed")
    finally:
        os._exit(0)


def _confine(limits: barriers.ChildLimits, born_bytes: int, data: int) -> dict[str, bool]:
    """Keep one descriptor, as number 0, and put every barrier up."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(data, 0)
    os.closerange(1, _MOST_FILES)
    barriers.die_with_parent()
    barriers.apply_limits(limits, born_bytes, 1)
    return {"privileges": barriers.drop_privileges(), "system_calls": barriers.filter_system_calls()}


def _read(size: int) -> bytes:
    """Return the payload, held once in memory."""
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=0)
    try:
        return channel.recv(size, socket.MSG_WAITALL)
    finally:
        channel.detach()


def _write(answer: bytes) -> None:
    left = memoryview(answer)
    while left:
        left = left[os.write(0, left[:_CHUNK]) :]
