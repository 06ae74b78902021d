"""What is written about the house is true of the house, and speaks of nothing else."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from architecture.house import ROOT, module_named

#: Words that bind the project to one machine or to one registry. Written apart, so that this file stays clean.
FOREIGN = re.compile(
    r"(?<![\w./])/(home|root|Users|work)/\w"  # a folder of one person's machine
    r"|\b(pypi|pythonhosted|npmjs)\.(org|com)\b"  # a lock or a page must not bind to one registry host
)
#: Third-party files kept as they were published.
VENDORED = re.compile(r"(\.min\.js|LICENSE|\.woff2)$")
TEXT = {
    ".cfg",
    ".css",
    ".html",
    ".ini",
    ".js",
    ".json",
    ".md",
    ".po",
    ".py",
    ".sh",
    ".svg",
    ".toml",
    ".txt",
    ".typ",
    ".yml",
    "",
}
PAPERS = ("README.md", "README.fr.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md", "NOTICE")
THREATS = ROOT / "docs" / "threat-model.md"
FRAGMENT = re.compile(r"^[a-z0-9-]+\.(security|feature|fix|removal)\.md$")


def test_tracked_files_name_no_machine_and_no_registry() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in _tracked()
        if path.suffix in TEXT and not VENDORED.search(path.name)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if FOREIGN.search(line)
    ]

    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", PAPERS)
def test_a_project_paper_is_there(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8").strip()


def test_papers_name_files_that_exist() -> None:
    found = [
        f"{paper.relative_to(ROOT)} names {named}"
        for paper in _papers()
        for named in _named_files(paper)
        if not (ROOT / named).exists() and not (paper.parent / named).exists()
    ]

    assert not found, "\n".join(found)


def test_decisions_are_listed_once() -> None:
    folder = ROOT / "docs" / "adr"
    decisions = sorted(path.name for path in folder.glob("[0-9]*.md"))
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8"))

    assert sorted(listed) == decisions
    assert len({name[:4] for name in decisions}) == len(decisions)


def test_change_fragments_have_a_kind() -> None:
    fragments = [path.name for path in (ROOT / "changes").iterdir() if path.name != "README.md"]

    assert [name for name in fragments if not FRAGMENT.match(name)] == []


def test_every_threat_has_its_row() -> None:
    rows = re.findall(r"^\| (THR-\d\d) ", THREATS.read_text(encoding="utf-8"), re.MULTILINE)

    assert rows == [f"THR-{number:02}" for number in range(1, 21)]


def test_every_attack_is_named_by_its_threat() -> None:
    text = THREATS.read_text(encoding="utf-8")
    attacks = [
        path.relative_to(ROOT).as_posix() for path in (ROOT / "tests" / "attacks").glob("test_thr_*.py")
    ]

    assert [attack for attack in attacks if attack not in text] == []


def _tracked() -> list[Path]:
    if not (ROOT / ".git").exists():
        return [path for path in ROOT.rglob("*") if path.is_file() and ".venv" not in path.parts]
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def _papers() -> list[Path]:
    return [*(ROOT / name for name in PAPERS), *sorted((ROOT / "docs").rglob("*.md"))]


def _named_files(paper: Path) -> Iterator[str]:
    """Find link targets, and paths in backticks that begin with a folder of ours."""
    text = paper.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if "://" not in target and not target.startswith("mailto:"):
            yield target
    for named in re.findall(r"`((?:src|tests|docs|requirements|changes|bench)/[\w./-]+)`", text):
        yield named.rstrip("/")


def test_every_setting_is_explained() -> None:
    settings = module_named("serment.app.settings")
    assert settings is not None
    declared = {
        field.target.id
        for node in settings.tree.body
        if isinstance(node, ast.ClassDef) and node.name == "Settings"
        for field in node.body
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
    }
    explained = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")))

    assert declared - explained == set()
