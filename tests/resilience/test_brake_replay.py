"""The read brake before ordinary work and before scrapers: `make bench-brake` in its short form (THR-04).

Nothing here is a time: how long the brake takes of a decision is measured by the bench.
"""

from typing import Any

import pytest
from bench.brake.__main__ import stage
from bench.brake.scrapers import WITH_FACTOR, WITHOUT_FACTOR


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    """What the plays came to; one run serves every test of this file."""
    return stage(1, short=True)


def test_ordinary_work_freezes_nobody(figures: dict[str, Any]) -> None:
    week = next(value for name, value in figures.items() if name.startswith("a busy day"))

    assert week["dossiers opened"] > 100
    assert week["who"] == []


def test_every_scraper_is_stopped_below_the_stated_number(figures: dict[str, Any]) -> None:
    reached = {title: haul["opened"] for title, haul in figures["scrapers"].items()}
    ended = {title: haul["ended"].partition(" ")[0] for title, haul in figures["scrapers"].items()}

    assert all(count <= WITHOUT_FACTOR for title, count in reached.items() if "stolen session" in title)
    assert all(count <= WITH_FACTOR for title, count in reached.items() if "with a factor" in title)
    assert {ended[title] for title in ended if "with a factor" in title} == {"frozen"}
    assert {ended[title] for title in ended if "with a factor" not in title} == {"asked"}
