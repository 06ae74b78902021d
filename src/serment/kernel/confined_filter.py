"""The system calls left to a confined child, as a seccomp program; what is not in the table does not exist for it.

A child computes: it may manage its memory, read and write the one socket it was given, tell the time and end. It may
not open, create, connect, start, trace or signal anything. Calls that are not in the table fail with EPERM.

Source: seccomp(2); linux/seccomp.h, linux/bpf_common.h, linux/audit.h; THR-11, WEB-03.
"""

import struct
from dataclasses import dataclass

_LOAD_WORD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_KILL_PROCESS, _ALLOW, _REFUSE = 0x80000000, 0x7FFF0000, 0x00050001
"""Refusal is SECCOMP_RET_ERRNO with EPERM (1)."""
_NUMBER_OFFSET, _ARCHITECTURE_OFFSET, _FIRST_ARGUMENT_OFFSET = 0, 4, 16
_INSTRUCTION = struct.Struct("=HBBI")


@dataclass(frozen=True)
class _Architecture:
    audit: int
    tgkill: int
    allowed: tuple[int, ...]


# In both rows, in order: read write recvfrom close fstat newfstatat lseek pread64 | mmap mprotect munmap brk mremap madvise |
# rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack | sched_yield nanosleep clock_gettime clock_getres
# clock_nanosleep gettimeofday restart_syscall | getpid gettid getuid geteuid getgid getegid uname | getrusage sysinfo
# times sched_getaffinity getcpu | futex set_robust_list membarrier rseq | getrandom | exit exit_group
_ARCHITECTURES = {
    "x86_64": _Architecture(
        audit=0xC000003E,
        tgkill=234,
        allowed=(
            *(0, 1, 45, 3, 5, 262, 8, 17, 9, 10, 11, 12, 25, 28, 13, 14, 15, 131),
            *(24, 35, 228, 229, 230, 96, 219, 39, 186, 102, 107, 104, 108, 63),
            *(98, 99, 100, 204, 309, 202, 273, 324, 334, 318, 60, 231),
        ),
    ),
    "aarch64": _Architecture(
        audit=0xC00000B7,
        tgkill=131,
        allowed=(
            *(63, 64, 207, 57, 80, 79, 62, 67, 222, 226, 215, 214, 216, 233, 134, 135, 139, 132),
            *(124, 101, 113, 114, 115, 169, 128, 172, 178, 174, 175, 176, 177, 160),
            *(165, 179, 153, 123, 168, 98, 99, 283, 293, 278, 93, 94),
        ),
    ),
}


def filter_program(machine: str, process_id: int) -> bytes | None:
    """Return the seccomp program for a machine (as `uname -m` names it), None for one we have no table of.

    The process may signal itself, which is how the C library aborts, and nobody else.

    Layout (bytes), repeated:  code 2 | jump if true 1 | jump if false 1 | operand 4
    """
    architecture = _ARCHITECTURES.get(machine)
    if architecture is None:
        return None
    count = len(architecture.allowed)
    program = [
        (_LOAD_WORD, 0, 0, _ARCHITECTURE_OFFSET),
        (_JUMP_IF_EQUAL, 1, 0, architecture.audit),
        (_RETURN, 0, 0, _KILL_PROCESS),
        (_LOAD_WORD, 0, 0, _NUMBER_OFFSET),
        *(
            (_JUMP_IF_EQUAL, count + 3 - place, 0, number)
            for place, number in enumerate(architecture.allowed)
        ),
        (_JUMP_IF_EQUAL, 1, 0, architecture.tgkill),
        (_RETURN, 0, 0, _REFUSE),
        (_LOAD_WORD, 0, 0, _FIRST_ARGUMENT_OFFSET),
        (_JUMP_IF_EQUAL, 0, 1, process_id),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(_INSTRUCTION.pack(*instruction) for instruction in program)
