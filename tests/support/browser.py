"""A real Chromium for the tests that look at pages, and what axe and our own rules say of them."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

_AXE = Path(__file__).parent.parent / "files" / "axe" / "axe.min.js"
_PLACES = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
_STANDARD = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
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


#: What axe does not hold: one heading of the page, identifiers that are one thing's, links of a summary of faults that
#: lead to their field, nothing that a finger misses (WCAG 2.5.8) or that a frame cuts off.
_OWN_RULES = """() => {
  const seen = (element) => element.checkVisibility() && !element.closest(".for-readers, .skip, dialog");
  const all = (selector) => [...document.querySelectorAll(selector)].filter(seen);
  const tell = (rule, element) => `${rule}: ${element.outerHTML.slice(0, 160)}`;
  const headings = all("h1").length, found = headings === 1 ? [] : [`own one-h1: ${headings}`];
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  found.push(...ids.filter((id, place) => ids.indexOf(id) !== place).map((id) => `own id-twice: ${id}`));
  for (const link of all("a[href^='#']:not([href='#'])"))
    if (!document.getElementById(link.hash.slice(1))) found.push(tell("own leads-nowhere", link));
  for (const target of all("main :is(a[href], button, summary, select, textarea, input:not([type=checkbox], [type=radio]))")) {
    const { width, height } = target.getBoundingClientRect();
    if (width < 24 || height < 24) found.push(tell(`own small-target ${width}x${height}`, target));
  }
  for (const element of all("main *:not(.table-frame, .chips, input, textarea, select, pre)"))
    if (getComputedStyle(element).overflowX !== "visible" && element.clientWidth > 1 && element.scrollWidth > element.clientWidth + 1)
      found.push(tell("own cut-off", element));
  return found;
}"""


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
    return _violations(page, list(_STANDARD))


def colour_violations(page: Page) -> list[str]:
    """Return what axe finds wrong with colours alone: all that differs in the dark (tests/unit/edge/test_dark.py)."""
    return _violations(page, {"type": "rule", "values": ["color-contrast", "link-in-text-block"]})


def _violations(page: Page, rules: object) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE.read_text("utf-8"))
    # A colour on its way from light to dark is neither.
    page.evaluate(
        "Promise.allSettled(document.getAnimations()"
        ".filter(each => each.effect.getComputedTiming().endTime !== Infinity).map(each => each.finished))"
    )
    found: dict[str, Any] = page.evaluate("rules => axe.run({runOnly: rules})", rules)
    return [
        f"{violation['impact']} {violation['id']}: {node['html'][:160]} -- {node['failureSummary'][:300]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
