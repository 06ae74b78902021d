"""Documents over HTTPS beside nginx and rclone crypt, in one session: files up and down, a list of 200.

Run: python -m bench.documents [--rounds N]

The harness, which starts the peers and drives all of them alike, is read from SERMENT_BENCH (by default
../shared/bench). Each round asks every target in turn; the ratios are medians of the ratios within a round.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from bench.installation import prepare, served, target

HARNESS = Path(os.environ.get("SERMENT_BENCH", "../shared/bench")).resolve()
#: The list is asked of a server of its own, so that it lists 200 documents and no more.
WORKLOADS = ("upload-large,download-large,upload-small,download-small", "list")
PEERS = {"nginx": "nginx", "rclone": "rclone"}
#: What the issue asks: workload -> (peer, at least this ratio).
ASKED = {
    "upload-large": {"nginx": 0.60, "rclone": 2.3},
    "download-large": {"nginx": 0.80, "rclone": 1.3},
    "upload-small": {"nginx": 0.45},
    "download-small": {"nginx": 0.70},
    "list": {"rclone": 4.0},
}

Figures = dict[str, dict[str, list[dict[str, float]]]]


def main() -> None:
    """Print our figures, the peers' and the ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    if not (HARNESS / "run.py").exists():
        raise SystemExit(f"the harness is not at {HARNESS}: name its folder in SERMENT_BENCH")
    folder = Path(tempfile.mkdtemp(prefix="serment-bench-"))
    try:
        show(measure(folder, rounds))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(folder: Path, rounds: int) -> Figures:
    """Ask every target in turn, as often as there are rounds."""
    figures: Figures = defaultdict(lambda: defaultdict(list))
    for _ in range(rounds):
        for workloads in WORKLOADS:
            _ask_serment(folder, workloads, figures)
            for name, module in PEERS.items():
                if shutil.which(name) is not None:
                    _ask(folder, name, module, workloads, figures)
    return figures


def _ask_serment(folder: Path, workloads: str, figures: Figures) -> None:
    data = Path(tempfile.mkdtemp(dir=folder)) / "data"
    measured = prepare(data)
    with served(data) as (port, pid):
        described = folder / "serment.json"
        described.write_text(target(measured, port, pid))
        _ask(folder, "serment", str(described), workloads, figures)
    shutil.rmtree(data)


def _ask(folder: Path, name: str, asked: str, workloads: str, figures: Figures) -> None:
    command = [sys.executable, str(HARNESS / "run.py"), asked, workloads, "-r", "3", "--tmp", str(folder)]
    if asked in PEERS.values():
        command += ["-t", "tls=1"]
    said = subprocess.run(command, cwd=HARNESS, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    if said.returncode:
        sys.stderr.write(f"{name}: {said.stderr[-800:]}\n")
    for line in said.stdout.splitlines():
        found = json.loads(line)
        figures[found["workload"]][name].append(found)
        unit = f"{found['mb_s']:7.0f} MB/s" if found["workload"] != "list" else f"{found['req_s']:7.0f} req/s"
        sys.stdout.write(
            f"  {name:<8} {found['workload']:<15} {unit}  {found['req_s']:7.1f}/s  p50 {found['p50_ms']:7.1f} ms"
            f"  p99 {found['p99_ms']:7.1f} ms  CPU {found['cpu_ms_per_req']:7.2f} ms  peak {found['peak_mib']:4.0f} MiB"
            f"  errors {found['errors']:.0f} {found['error_examples'] or ''}\n"
        )
        sys.stdout.flush()


def show(figures: Figures) -> None:
    """Print the ratio to each peer beside what is asked."""
    sys.stdout.write("\nratio to the peer, median of the rounds (lowest-highest); asked; met\n")
    for workload, by_name in figures.items():
        for peer in PEERS:
            pairs = list(zip(by_name["serment"], by_name.get(peer, []), strict=False))
            if not pairs:
                continue
            ratios = [ours["req_s"] / theirs["req_s"] for ours, theirs in pairs]
            asked = ASKED.get(workload, {}).get(peer)
            met = "" if asked is None else ("yes" if statistics.median(ratios) >= asked else "NO")
            sys.stdout.write(
                f"  {workload:<15} {peer:<7} {statistics.median(ratios):6.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
                f"  asked {asked or '-'}  {met}\n"
            )


if __name__ == "__main__":
    main()
