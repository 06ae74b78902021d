"""THR-16: somebody replaces what we install, or what a page loads."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PAGES = ROOT / "src" / "serment" / "edge"
REQUIREMENT = re.compile(r"^([A-Za-z0-9][\w.-]*)(\[[\w,-]+\])?==\S+", re.MULTILINE)
#: What makes a browser ask: attributes that load, and their forms in style sheets.
LOADED_FROM_ELSEWHERE = re.compile(
    r"(?:src|srcset|href|action|poster|data)\s*=\s*[\"']?\s*(?:https?:)?//|url\(\s*[\"']?(?:https?:)?//|@import",
    re.IGNORECASE,
)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_each_requirement_has_one_version_and_its_digests(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))

    assert [entry[:60] for entry in entries if entry.strip() and not REQUIREMENT.match(entry)] == []
    assert [entry[:60] for entry in entries if entry.strip() and "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_lock_names_no_place_to_install_from(lock: Path) -> None:
    assert (
        re.findall(r"(?:--(?:extra-)?index-url|--find-links|://| @ )\S*", lock.read_text(encoding="utf-8"))
        == []
    )


def test_what_runs_is_what_the_tests_ran() -> None:
    runtime, everything = (
        set(re.findall(r"^([\w.-]+==\S+)", (ROOT / "requirements" / name).read_text("utf-8"), re.MULTILINE))
        for name in ("runtime.txt", "everything.txt")
    )

    assert runtime - everything == set()


def test_pages_load_nothing_from_elsewhere() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match}"
        for path in sorted(PAGES.rglob("*"))
        if path.suffix in {".html", ".css", ".svg"}
        for match in LOADED_FROM_ELSEWHERE.findall(path.read_text(encoding="utf-8"))
    ]

    assert found == []
