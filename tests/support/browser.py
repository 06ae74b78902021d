"""A real Chromium for the tests that look at pages, and what axe says of them."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

_AXE = Path(__file__).parent.parent / "files" / "axe" / "axe.min.js"
_PLACES = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium_place() -> str | None:
    """Return where Chromium is on this machine, None when there is none."""
    named = os.environ.get("SERMENT_CHROMIUM")
    return next((place for place in (named, *_PLACES) if place and Path(place).exists()), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the whole run; each test opens a context of its own, with `bypass_csp` for axe."""
    place = chromium_place()
    if place is None:
        if os.environ.get("SERMENT_REQUIRE_ALL") == "1":
            pytest.fail("no Chromium on this machine, and SERMENT_REQUIRE_ALL=1")
        pytest.skip("no Chromium on this machine; install it or name it in SERMENT_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=place, args=list(ARGUMENTS))
        yield browser
        browser.close()


def axe_violations(page: Page) -> list[str]:
    """Return what axe finds wrong by WCAG 2.2 A and AA, one line per element; the context bypasses the CSP."""
    page.evaluate(_AXE.read_text("utf-8"))
    # A colour on its way from light to dark is neither.
    page.evaluate(
        "Promise.allSettled(document.getAnimations()"
        ".filter(each => each.effect.getComputedTiming().endTime !== Infinity).map(each => each.finished))"
    )
    found: dict[str, Any] = page.evaluate(
        "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
    )
    return [
        f"{violation['impact']} {violation['id']}: {node['html'][:160]} -- {node['failureSummary'][:300]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
