"""No answer depends on what its reader may not see (O4, F5, LAW-41): the same store without those rows answers alike.

For each person of some random worlds, every question is put to the whole store and to one from which what is
forbidden to them was taken out; the answers are compared byte by byte. Each world is printed with its seed.
"""

from collections import Counter
from contextlib import closing
from difflib import unified_diff
from pathlib import Path

import pytest

from matrix.wire import Request, ask
from noninterference.questions import Seen, questions_of, seen
from noninterference.removal import forbidden_to, remove
from noninterference.worlds import Somebody, World, opened_world
from support.apart import run_apart
from support.row_images import image_of, put_back

SEEDS = (1, 2, 3)
LEAST_A_WORLD = 3_400


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", SEEDS)
def test_answers_are_those_of_a_store_without_the_forbidden_rows(tmp_path: Path, seed: int) -> None:
    with opened_world(tmp_path, seed) as world:
        faults: list[str] = []
        compared: Counter[int] = Counter()
        for one in world.people:
            faults += _compare(world, one, compared)

    print(f"seed {seed}: {compared.total()} comparisons, by status {dict(compared)}, world {world.done}")  # noqa: T201 - read with -s
    assert not faults, "\n\n".join(faults[:12])
    assert compared.total() >= LEAST_A_WORLD
    assert compared[200] > 0
    assert compared[404] > 0


def _compare(world: World, one: Somebody, compared: Counter[int]) -> list[str]:
    """Put every question twice, each time to the same beginning; return what is told apart."""
    questions = list(questions_of(world, one))
    with closing(image_of(world.rows)) as image:
        whole = _answers(world, questions)
        put_back(world.rows, image)
        forbidden = forbidden_to(world, one)
        put_back(world.rows, image)
        remove(world, forbidden)
        without = _answers(world, questions)
        put_back(world.rows, image)
    compared.update(status for status, _, _ in whole)
    return [
        f"{one.name}: {question.method} {question.address}\n{_difference(before, after)}"
        for question, before, after in zip(questions, whole, without, strict=True)
        if before != after
    ]


def _answers(world: World, questions: list[Request]) -> list[Seen]:
    async def answers() -> list[Seen]:
        return [seen(world, await ask(world.app, question)) for question in questions]

    return run_apart(answers())


def _difference(before: Seen, after: Seen) -> str:
    if before[:2] != after[:2]:
        return f"{before[:2]} / {after[:2]}"
    mine, theirs = (one.decode(errors="replace").splitlines() for one in (before[2], after[2]))
    return "\n".join(list(unified_diff(mine, theirs, lineterm="", n=0))[:12])
