"""How many hash at once, and who waits for whom (AUT-07, AUT-08)."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from threading import Event, Lock
from time import monotonic, sleep

import pytest

from serment.identity import HashingCapacity, Throttled
from serment.identity.factors.lanes import HashingLanes, Lane

BRIEF, LONG = timedelta(milliseconds=50), timedelta(seconds=20)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(24) as pool:
        yield pool


def capacity(at_once: int = 2, waiting: int = 16, patience: timedelta = BRIEF) -> HashingCapacity:
    return HashingCapacity(
        at_once=at_once, most_unknown_waiting=waiting, patience_unknown=patience, patience_known=patience
    )


def test_unknown_browsers_never_take_the_last_place() -> None:
    lanes = HashingLanes(capacity())

    with lanes.turn(Lane.UNKNOWN):
        with pytest.raises(Throttled), lanes.turn(Lane.UNKNOWN):
            pass
        with lanes.turn(Lane.KNOWN):
            pass


def test_no_more_hash_at_once_than_there_is_room_for(threads: ThreadPoolExecutor) -> None:
    lanes, lock, running, most = HashingLanes(capacity(3, patience=LONG)), Lock(), [0], [0]

    def hashes(lane: Lane) -> None:
        with lanes.turn(lane):
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            sleep(0.01)
            with lock:
                running[0] -= 1

    for done in [threads.submit(hashes, lane) for lane in [Lane.UNKNOWN, Lane.KNOWN] * 8]:
        done.result(20)
    assert most == [3]


def test_full_place_keeps_known_browsers_waiting_only_so_long() -> None:
    lanes = HashingLanes(capacity())

    with ExitStack() as held:
        for _ in range(2):
            held.enter_context(lanes.turn(Lane.KNOWN))
        with pytest.raises(Throttled) as shed, lanes.turn(Lane.KNOWN):
            pass
    assert shed.value.retry_after_seconds == 1
    with lanes.turn(Lane.KNOWN):
        pass


def waiting(threads: ThreadPoolExecutor, lanes: HashingLanes, lane: Lane, leave: Event) -> Future[None]:
    """Have somebody wait in a lane, and stay there once they had their turn until `leave`."""
    before = lanes._waiting[lane]

    def turn() -> None:
        with lanes.turn(lane):
            leave.wait(20)

    coming = threads.submit(turn)
    until = monotonic() + 10
    while lanes._waiting[lane] == before and not coming.done() and monotonic() < until:
        sleep(0.001)
    return coming


def test_unknown_browsers_beyond_the_queue_are_sent_away_at_once(threads: ThreadPoolExecutor) -> None:
    lanes, leave = HashingLanes(capacity(waiting=2, patience=LONG)), Event()

    with lanes.turn(Lane.UNKNOWN):
        queue = [waiting(threads, lanes, Lane.UNKNOWN, leave) for _ in range(2)]
        began = monotonic()
        with pytest.raises(Throttled), lanes.turn(Lane.UNKNOWN):
            pass
        assert monotonic() - began < 1
        with lanes.turn(Lane.KNOWN):
            pass
    leave.set()
    for each in queue:
        each.result(20)


def test_known_browser_goes_before_unknown_ones_that_came_first(threads: ThreadPoolExecutor) -> None:
    lanes, leave_known, leave_unknown = HashingLanes(capacity(patience=LONG)), Event(), Event()

    with ExitStack() as held:
        held.enter_context(lanes.turn(Lane.KNOWN))
        with lanes.turn(Lane.KNOWN):
            unknown = waiting(threads, lanes, Lane.UNKNOWN, leave_unknown)
            known = waiting(threads, lanes, Lane.KNOWN, leave_known)
        until = monotonic() + 10
        while lanes._waiting[Lane.KNOWN] and monotonic() < until:
            sleep(0.001)
        assert (lanes._running[Lane.KNOWN], lanes._waiting[Lane.UNKNOWN]) == (2, 1)
    leave_known.set()
    leave_unknown.set()
    assert [each.result(20) for each in (known, unknown)] == [None, None]


def test_place_is_free_again_after_an_error() -> None:
    lanes = HashingLanes(capacity())

    for _ in range(5):
        with pytest.raises(ZeroDivisionError), lanes.turn(Lane.UNKNOWN):
            raise ZeroDivisionError
    with lanes.turn(Lane.UNKNOWN):
        pass


def test_default_leaves_room_for_known_browsers_on_any_machine() -> None:
    assert HashingCapacity().at_once >= 2
