import asyncio
import threading
from collections.abc import Sequence

import pytest

from serment import identity
from serment.edge.pages.entrance.turnstile import Turnstile
from support.apart import run_apart


def test_line_that_is_full_sends_the_next_one_away() -> None:
    assert run_apart(_come(Turnstile(at_once=1, most_waiting=2), [None] * 5)) == 2


def test_one_holder_takes_two_places_and_no_more() -> None:
    assert run_apart(_come(Turnstile(at_once=8, most_waiting=200), ["one"] * 5 + ["another"])) == 3


def test_places_are_free_again_after_a_failure() -> None:
    async def fail_and_come() -> str:
        turnstile = Turnstile(at_once=1, most_waiting=0)
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                await turnstile.run("one", lambda: 1 // 0)
        return await turnstile.run("one", lambda: "in")

    assert run_apart(fail_and_come()) == "in"


async def _come(turnstile: Turnstile, holders: Sequence[str | None]) -> int:
    """Let several come at once; return how many were sent away."""
    gate = threading.Event()
    coming = [asyncio.create_task(turnstile.run(holder, gate.wait, 10)) for holder in holders]
    await asyncio.sleep(0.05)
    gate.set()
    came = await asyncio.gather(*coming, return_exceptions=True)
    return sum(isinstance(each, identity.Throttled) for each in came)
