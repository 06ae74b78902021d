"""The mutation run: takes each check of `access` away, one at a time, and looks whether some test notices.

`make mutants` prints, for each file, how many mutants there are, how many were caught, and each that nobody missed.
It works on a copy of what is committed, so that nothing that is edited meanwhile counts. What it found is kept in a
folder, by file: what was caught is asked again only when the file has changed, or `--afresh`.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from architecture.house import ROOT, SOURCE
from matrix.equivalents import reason_of
from matrix.mutant_runs import OUT_OF_TIME, Results, Runs, say
from matrix.mutations import Mutant, mutants_in

#: What is mutated: the rules and the door first, then what they stand on.
TARGETS = (
    "access/policy.py", "access/decision.py", "access/acts.py", "access/store.py", "access/care_team.py",
    "access/grants.py", "access/ties", "access/trail.py", "access/departures.py", "access/matrix",
    "access/restrictions", "access/delegations", "access/episodes", "access/emergency", "access/brake",
    "access/notices", "access/model.py", "access/deaths.py", "access/explanation.py", "access/vouching.py",
    "access/alarms.py", "access/inquiries.py", "access/trail_export.py", "access/checks.py",
)  # fmt: skip
#: Who looks: those that a function is known to be entered by, the quickest first.
TESTS = (
    "tests/unit/access", "tests/matrix/test_oracle.py", "tests/integration/test_access_*.py",
    "tests/integration/test_dossier_rights.py",
)  # fmt: skip
#: Who looks when all these saw nothing.
LAST = ("tests/integration/test_pages_*.py", "tests/matrix/test_ordinary.py", "tests/matrix/test_states.py")
_WIDTHS = (7, 7, 10, 8, 10)
KEPT = ROOT / "build" / "mutants"


def main() -> int:
    """Run the mutants of the places named, or of all, and print what became of them."""
    asked = _arguments().parse_args()
    if asked.here:
        return _run(asked)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        return _elsewhere(Path(folder) / "copy", asked.results)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("places", nargs="*", default=TARGETS, help="files or folders below src/serment")
    parser.add_argument("--here", action="store_true", help="in this checkout, also what is not committed")
    parser.add_argument("--results", type=Path, default=KEPT, help="the folder where results are kept")
    parser.add_argument("--afresh", action="store_true", help="ask again what was caught before")
    parser.add_argument("--quick", action="store_true", help="leave pages and the matrix out for what lives")
    parser.add_argument("--longest", type=float, default=300, help="seconds for one mutant, at most")
    return parser


def _elsewhere(copy: Path, results: Path) -> int:
    """Run the same in a copy of what is committed."""
    git = shutil.which("git") or "git"
    subprocess.run([git, "clone", "--quiet", str(ROOT), str(copy)], check=True)
    (copy / ".venv").symlink_to(ROOT / ".venv")
    paths = os.pathsep.join(str(copy / name) for name in ("src", "tests", "."))
    command = [
        sys.executable,
        "-m",
        "matrix.mutants",
        *sys.argv[1:],
        "--here",
        "--results",
        str(results.resolve()),
    ]
    return subprocess.run(command, cwd=copy, env={**os.environ, "PYTHONPATH": paths}, check=False).returncode


def _run(asked: argparse.Namespace) -> int:
    files = [path for place in asked.places for path in _files(SOURCE / place)]
    mutants = [mutant for path in files for mutant in mutants_in(path)]
    results = Results(asked.results, afresh=asked.afresh)
    runs = Runs([one for one in mutants if not reason_of(one)], results, longest=asked.longest)
    runs.look(_paths(TESTS), [] if asked.quick else _paths(LAST))
    _print_table(mutants, results)
    return 0


def _paths(patterns: Sequence[str]) -> list[Path]:
    return [path for pattern in patterns for path in sorted(ROOT.glob(pattern))]


def _files(place: Path) -> list[Path]:
    return [place] if place.is_file() else sorted(place.rglob("*.py"))


def _print_table(mutants: Iterable[Mutant], results: Results) -> None:
    """Print each file: what there was to catch, what was caught, what nobody missed, what changes nothing."""
    rows: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        rows.setdefault(mutant.place, []).append(mutant)
    say(
        f"{'file':<40} {'mutants':>7} {'caught':>7} {'missed':>7} {'equivalent':>10} {'no time':>8} {'not tried':>10}"
    )
    for place, theirs in [*rows.items(), ("in all", [one for row in rows.values() for one in row])]:
        said = [_word(mutant, results) for mutant in theirs]
        figures = [said.count(word) for word in ("caught", "missed", "equivalent", OUT_OF_TIME, "not tried")]
        say(
            f"{place:<40} {len(theirs):>7} "
            + " ".join(f"{one:>{width}}" for one, width in zip(figures, _WIDTHS, strict=True))
        )
    for theirs in rows.values():
        for mutant in theirs:
            if _word(mutant, results) == "missed":
                say(f"MISSED  {mutant}")


def _word(mutant: Mutant, results: Results) -> str:
    return "equivalent" if reason_of(mutant) else results.word_for(mutant)


if __name__ == "__main__":
    sys.exit(main())
