"""Jobs for a confined child: honest ones, and those that an attacker inside a parser would try."""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

WARMED: list[str] = []


def warm_up() -> None:
    WARMED.append("warm")


def warmed(_payload: bytes) -> bytes:
    return json.dumps(WARMED).encode()


def echo(payload: bytes) -> bytes:
    return payload


def length(payload: bytes) -> bytes:
    return str(len(payload)).encode()


def whoami(_payload: bytes) -> bytes:
    return str(os.getpid()).encode()


def environment(_payload: bytes) -> bytes:
    return json.dumps(sorted(os.environ)).encode()


def sleep(payload: bytes) -> bytes:
    time.sleep(float(payload))
    return b"rested"


def loop(_payload: bytes) -> bytes:
    while True:
        pass


def eat_memory(_payload: bytes) -> bytes:
    hoard = []
    while True:
        hoard.append(bytearray(64 * 2**20))


def huge_output(payload: bytes) -> bytes:
    return bytes(int(payload))


def flood(_payload: bytes) -> bytes:
    while True:
        os.write(0, bytes(1 << 20))


def crash(payload: bytes) -> bytes:
    os.kill(os.getpid(), int(payload))
    os.abort()


def segfault(_payload: bytes) -> bytes:
    ctypes.string_at(1)
    return b""


def fail(_payload: bytes) -> bytes:
    secret = "a name that must not leave"
    raise ValueError(secret)


def leave(_payload: bytes) -> bytes:
    sys.exit(0)


def quit_silently(_payload: bytes) -> bytes:
    os._exit(0)


def not_bytes(_payload: bytes) -> object:
    return 3


def attempt(payload: bytes) -> bytes:
    """Try what no child may do, and say whether it was let."""
    try:
        _ATTEMPTS[payload.decode()]()
    except (OSError, subprocess.SubprocessError) as cause:
        return f"refused {type(cause).__name__}".encode()
    return b"done"


def _write_file() -> None:
    Path("/tmp/confined-canary").write_bytes(b"x")


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def _fork_bomb() -> None:
    for _ in range(10_000):
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)


def _raw_descriptors() -> None:
    for descriptor in range(1, 256):
        try:
            os.write(descriptor, b"x")
        except OSError:
            continue
        return
    raise OSError


_ATTEMPTS: dict[str, Callable[[], object]] = {
    "write a file": _write_file,
    "read a file": lambda: Path("/etc/passwd").read_bytes(),
    "list a folder": lambda: list(Path("/").iterdir()),
    "remove a file": lambda: Path("/tmp/confined-victim").unlink(),
    "open a socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
    "open a local socket": socket.socketpair,
    "execute": lambda: os.execv("/bin/true", ["true"]),
    "start a program": lambda: subprocess.run(["/bin/true"], check=True),
    "fork": _fork,
    "fork bomb": _fork_bomb,
    "kill the helper": lambda: os.kill(os.getppid(), signal.SIGKILL),
    "kill the caller": lambda: os.kill(-1, 0),
    "other descriptors": _raw_descriptors,
    "duplicate": lambda: os.dup(0),
    "pipe": os.pipe,
}
