"""What a confined child puts between itself and the machine, before it looks at a single foreign byte.

Limits hold on every POSIX system. The rest is Linux's, done as far as the kernel lets us, and each function says
whether it held.

Source: THR-11, WEB-03, WEB-07; setrlimit(2), prctl(2), unshare(2), capset(2), seccomp(2).
"""

import contextlib
import ctypes
import os
import platform
import resource
import signal
import struct
from dataclasses import dataclass
from pathlib import Path

from serment.kernel.confined_filter import filter_program

_SET_PARENT_DEATH_SIGNAL, _SET_DUMPABLE, _SET_SECCOMP, _SET_NO_NEW_PRIVILEGES = 1, 4, 22, 38
_SECCOMP_FILTER = 2
_NEW_IPC, _NEW_USER, _NEW_NETWORK = 0x08000000, 0x10000000, 0x40000000
_CAPABILITY_VERSION_3 = 0x20080522
_FALLBACK_SIZE = 512 * 2**20


@dataclass(frozen=True)
class ChildLimits:
    """What one child may use: address space beyond what it was born with, processor seconds, bytes of output."""

    memory_bytes: int
    cpu_seconds: int
    output_bytes: int


def leave_network() -> bool:
    """Move this process, which must have one thread, into a network and an IPC space of its own, both empty."""
    library = _library()
    if not hasattr(library, "unshare"):
        return False
    if library.unshare(_NEW_USER | _NEW_NETWORK | _NEW_IPC) == 0:
        return True
    return bool(library.unshare(_NEW_NETWORK | _NEW_IPC) == 0)


def die_with_parent() -> bool:
    """Ask the kernel to kill this process when the one that forked it ends."""
    return _control(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def apply_limits(limits: ChildLimits, born_bytes: int, open_files: int) -> None:
    """Bound memory, processor time, files and processes of this process for good; no file can grow or be opened."""
    for kind, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, open_files),
        (resource.RLIMIT_AS, born_bytes + limits.memory_bytes),
    ):
        resource.setrlimit(kind, (value, value))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def drop_privileges() -> bool:
    """Give up every capability, the right to gain any, and being inspected by others."""
    library = _library()
    header = ctypes.create_string_buffer(struct.pack("=Ii", _CAPABILITY_VERSION_3, 0))
    nothing = ctypes.create_string_buffer(bytes(24))
    emptied = hasattr(library, "capset") and library.capset(header, nothing) == 0
    hidden = _control(_SET_DUMPABLE, 0)
    return _control(_SET_NO_NEW_PRIVILEGES, 1) and hidden and emptied


def filter_system_calls() -> bool:
    """Leave this process the few system calls of `confined_filter`; it cannot be undone."""
    program = filter_program(platform.machine(), os.getpid())
    if program is None or platform.system() != "Linux":
        return False
    instructions = ctypes.create_string_buffer(program)
    pointer = struct.pack("@HP", len(program) // 8, ctypes.addressof(instructions))
    header = ctypes.create_string_buffer(pointer)
    return _control(_SET_SECCOMP, _SECCOMP_FILTER, ctypes.addressof(header))


def address_space_bytes() -> int:
    """Return how much address space this process has, or half a gibibyte where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError):
        return _FALLBACK_SIZE
    return pages * resource.getpagesize()


def _control(option: int, *arguments: int) -> bool:
    library = _library()
    if not hasattr(library, "prctl"):
        return False
    padded = (*arguments, 0, 0, 0, 0)[:4]
    return bool(library.prctl(option, *(ctypes.c_ulong(value) for value in padded)) == 0)


def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
