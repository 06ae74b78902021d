import json
import os
import signal
import struct
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from serment.kernel.confined import ConfinedFailure, FailureReason, Limits, Protections, Zygote
from serment.kernel.confined_filter import filter_program

JOBS = "files.confined_jobs"
SMALL = Limits(
    memory_bytes=128 * 2**20, cpu_seconds=10, input_bytes=2**20 * 40, output_bytes=2**20, concurrent=2
)
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the barriers are Linux's")


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote([f"{JOBS}:warm_up"], SMALL) as shared:
        yield shared


def run(zygote: Zygote, name: str, payload: bytes = b"", seconds: float = 20) -> bytes:
    return zygote.run(f"{JOBS}:{name}", payload, timeout_seconds=seconds)


def failure(zygote: Zygote, name: str, payload: bytes = b"", seconds: float = 20) -> FailureReason:
    with pytest.raises(ConfinedFailure) as caught:
        run(zygote, name, payload, seconds)
    return caught.value.reason


@pytest.mark.parametrize("size", [0, 1, 65_537, 1_000_000])
def test_zygote_hands_bytes_in_and_out(zygote: Zygote, size: int) -> None:
    payload = os.urandom(size)

    assert run(zygote, "echo", payload) == payload


def test_zygote_takes_payloads_larger_than_a_socket_holds(zygote: Zygote) -> None:
    assert run(zygote, "length", bytes(40 * 2**20)) == str(40 * 2**20).encode()


def test_zygote_warms_up_once_and_gives_each_job_a_child_of_its_own(zygote: Zygote) -> None:
    assert run(zygote, "warmed") == b'["warm"]'
    assert run(zygote, "whoami") != run(zygote, "whoami")


def test_zygote_gives_no_environment(zygote: Zygote, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERMENT_CANARY", "secret")
    allowed = {"LC_CTYPE", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"}

    with Zygote([JOBS], SMALL) as fresh:
        assert set(json.loads(run(fresh, "environment"))) <= allowed


def test_zygote_says_which_barriers_hold(zygote: Zygote) -> None:
    assert isinstance(zygote.protections, Protections)


def test_zygote_stops_a_job_that_rests_too_long(zygote: Zygote) -> None:
    start = time.monotonic()

    assert failure(zygote, "sleep", b"30", seconds=0.3) is FailureReason.TIMEOUT
    assert time.monotonic() - start < 2


def test_zygote_stops_a_job_that_computes_too_long(zygote: Zygote) -> None:
    assert failure(zygote, "loop", seconds=0.5) is FailureReason.TIMEOUT


def test_zygote_bounds_processor_time() -> None:
    with Zygote([JOBS], Limits(cpu_seconds=1)) as brief:
        assert failure(brief, "loop", seconds=30) is FailureReason.TIMEOUT


def test_zygote_bounds_memory(zygote: Zygote) -> None:
    assert failure(zygote, "eat_memory") is FailureReason.MEMORY


def test_zygote_bounds_output(zygote: Zygote) -> None:
    assert run(zygote, "huge_output", b"1048576") == bytes(2**20)
    assert failure(zygote, "huge_output", b"1048577") is FailureReason.TOO_LARGE


def test_zygote_bounds_what_a_hostile_child_pours_out(zygote: Zygote) -> None:
    assert failure(zygote, "flood", seconds=2) in {FailureReason.TOO_LARGE, FailureReason.CRASHED}


def test_zygote_bounds_input(zygote: Zygote) -> None:
    assert failure(zygote, "length", bytes(40 * 2**20 + 1)) is FailureReason.REFUSED


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
def test_zygote_survives_a_child_that_dies(zygote: Zygote, number: int) -> None:
    assert failure(zygote, "crash", str(int(number)).encode()) is FailureReason.CRASHED
    assert run(zygote, "echo", b"still here") == b"still here"


@pytest.mark.parametrize("name", ["segfault", "fail", "leave", "quit_silently", "not_bytes"])
def test_zygote_calls_any_other_end_a_crash(zygote: Zygote, name: str) -> None:
    assert failure(zygote, name, bytes(300_000)) is FailureReason.CRASHED


def test_failure_text_holds_a_code_alone(zygote: Zygote) -> None:
    with pytest.raises(ConfinedFailure) as caught:
        run(zygote, "fail")

    assert str(caught.value) == "crashed"
    assert caught.value.code == "confined.failure"


@pytest.mark.parametrize(
    "function", ["os:getcwd", "files.confined_jobs:absent", "files.confined_jobs:WARMED", "", "os"]
)
def test_zygote_refuses_functions_it_was_not_given(zygote: Zygote, function: str) -> None:
    with pytest.raises(ConfinedFailure) as caught:
        zygote.run(function, b"", timeout_seconds=5)

    assert caught.value.reason is FailureReason.REFUSED


ALWAYS = [
    "write a file",
    "read a file",
    "list a folder",
    "open a socket",
    "duplicate",
    "pipe",
    "other descriptors",
]
FILTERED = [
    "remove a file",
    "open a local socket",
    "execute",
    "start a program",
    "fork",
    "fork bomb",
    "kill the helper",
    "kill the caller",
]


@pytest.mark.parametrize("deed", ALWAYS)
def test_child_may_not(zygote: Zygote, deed: str) -> None:
    assert run(zygote, "attempt", deed.encode()).startswith(b"refused")


@on_linux
@pytest.mark.parametrize("deed", FILTERED)
def test_child_may_not_by_its_filter(zygote: Zygote, deed: str) -> None:
    if not zygote.protections.system_calls:
        pytest.skip("this kernel grants no seccomp filter")

    assert run(zygote, "attempt", deed.encode()).startswith(b"refused")


def test_child_leaves_no_file(zygote: Zygote) -> None:
    run(zygote, "attempt", b"write a file")

    assert not Path("/tmp/confined-canary").exists()


def test_zygote_runs_several_jobs_at_once(zygote: Zygote) -> None:
    start = time.monotonic()
    threads = [threading.Thread(target=run, args=(zygote, "sleep", b"1.5")) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert time.monotonic() - start < 2.9


def test_zygote_says_when_every_place_is_taken() -> None:
    with Zygote([JOBS], Limits(concurrent=1)) as narrow:
        run(narrow, "echo")
        busy = threading.Thread(target=run, args=(narrow, "sleep", b"1"))
        busy.start()
        time.sleep(0.3)
        assert failure(narrow, "echo", seconds=0.2) is FailureReason.BUSY
        busy.join()


def test_zygote_answers_many_threads() -> None:
    answers: list[bytes] = []
    with Zygote([JOBS], Limits(concurrent=4)) as wide:
        threads = [
            threading.Thread(target=lambda n=n: answers.append(run(wide, "echo", b"%d" % n)))
            for n in range(40)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(map(int, answers)) == list(range(40))


def helper_of(zygote: Zygote) -> int:
    assert zygote._helper is not None
    return zygote._helper.process.pid


def test_zygote_restarts_its_helper() -> None:
    with Zygote([JOBS], SMALL) as mortal:
        run(mortal, "echo")
        first = helper_of(mortal)
        os.kill(first, signal.SIGKILL)
        assert run(mortal, "echo", b"again") == b"again"
        assert helper_of(mortal) != first


def test_zygote_does_a_job_again_when_its_helper_was_killed() -> None:
    with Zygote([JOBS], SMALL) as mortal:
        run(mortal, "echo")
        threading.Timer(0.2, os.kill, (helper_of(mortal), signal.SIGKILL)).start()
        assert run(mortal, "sleep", b"0.5") == b"rested"


def test_zygote_gives_a_job_up_when_a_second_helper_was_killed() -> None:
    with Zygote([JOBS], SMALL) as mortal:
        run(mortal, "echo")
        killer = threading.Thread(target=kill_helpers, args=(mortal, 2))
        killer.start()
        assert failure(mortal, "sleep", b"10") is FailureReason.CRASHED
        killer.join()
        assert run(mortal, "echo", b"again") == b"again"


def kill_helpers(zygote: Zygote, count: int) -> None:
    killed: set[int] = set()
    while len(killed) < count:
        time.sleep(0.3)
        helper = zygote._helper
        if helper is not None and helper.process.pid not in killed:
            killed.add(helper.process.pid)
            os.kill(helper.process.pid, signal.SIGKILL)


def test_zygote_hands_the_job_to_a_new_helper_when_the_old_one_hung_up() -> None:
    with Zygote([JOBS], SMALL) as mortal:
        run(mortal, "echo")
        assert mortal._helper is not None
        mortal._helper.control.shutdown(1)
        mortal._helper.control.close()
        assert run(mortal, "echo", b"again") == b"again"


def test_zygote_kills_a_helper_that_no_longer_answers() -> None:
    with Zygote([JOBS], SMALL) as stuck:
        run(stuck, "echo")
        os.kill(helper_of(stuck), signal.SIGSTOP)
        assert failure(stuck, "echo", seconds=0.2) is FailureReason.TIMEOUT
        assert run(stuck, "echo", b"again") == b"again"


def test_closing_ends_the_helper_even_when_it_is_stuck() -> None:
    stuck = Zygote([JOBS], SMALL)
    run(stuck, "echo")
    helper = helper_of(stuck)
    os.kill(helper, signal.SIGSTOP)
    stuck.close()

    with pytest.raises(ProcessLookupError):
        os.kill(helper, 0)


def test_zygote_refuses_jobs_once_closed() -> None:
    closed = Zygote([JOBS], SMALL)
    closed.close()

    assert failure(closed, "echo") is FailureReason.REFUSED


@pytest.mark.parametrize("preload", ["files.no_such_module", f"{JOBS}:no_such_function"])
def test_zygote_that_cannot_load_says_so(preload: str) -> None:
    with Zygote([preload], SMALL) as broken:
        assert failure(broken, "echo") is FailureReason.REFUSED


def test_filter_knows_only_its_machines() -> None:
    assert filter_program("sparc", 1) is None
    for machine in ("x86_64", "aarch64"):
        program = filter_program(machine, 4242)
        assert program is not None
        assert len(program) % 8 == 0


@pytest.mark.parametrize(
    ("machine", "audit", "read", "openat", "tgkill"),
    [("x86_64", 0xC000003E, 0, 257, 234), ("aarch64", 0xC00000B7, 63, 56, 131)],
)
def test_filter_allows_what_it_lists_and_nothing_else(
    machine: str, audit: int, read: int, openat: int, tgkill: int
) -> None:
    program = filter_program(machine, 4242)
    assert program is not None

    assert verdict(program, audit, read, 0) == 0x7FFF0000
    assert verdict(program, audit, openat, 0) == 0x00050001
    assert verdict(program, audit, 0x40000000, 0) == 0x00050001
    assert verdict(program, audit, tgkill, 4242) == 0x7FFF0000
    assert verdict(program, audit, tgkill, 1) == 0x00050001
    assert verdict(program, 0x40000003, read, 0) == 0x80000000


def verdict(program: bytes, architecture: int, number: int, argument: int) -> int:
    """Interpret the filter as the kernel would."""
    instructions = list(struct.iter_unpack("=HBBI", program))
    data = {0: number, 4: architecture, 16: argument}
    place, value = 0, 0
    while True:
        code, if_true, if_false, operand = instructions[place]
        place += 1
        if code == 0x20:
            value = data[operand]
        elif code == 0x15:
            place += if_true if value == operand else if_false
        else:
            return int(operand)
