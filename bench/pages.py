"""A dossier's page with 500 entries, and the pages around it: p50 and p99 as a browser waits for them.

Run: python -m bench.pages
"""

import http.client
import shutil
import ssl
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench.installation import Measured, prepare, served

ENTRIES = 500
REQUESTS = 100


def main() -> None:
    """Print one line for each page."""
    folder = Path(tempfile.mkdtemp(prefix="serment-bench-"))
    try:
        measured = prepare(folder / "data")
        with served(folder / "data") as (port, _):
            _measure(measured, port)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure(measured: Measured, port: int) -> None:
    browser = http.client.HTTPSConnection("localhost", port, context=ssl._create_unverified_context())  # noqa: S323, SLF001 - a throw-away certificate on loopback
    headers = {
        "Cookie": f"__Host-serment={measured.token}",
        "X-Serment-Csrf": measured.proof,
        "Accept": "text/html",
    }
    for number in range(ENTRIES):
        _ask(browser, "PUT", f"/files/{measured.dossier}/note-{number}.txt", headers, b"note " * 50)
    dossier = f"/dossiers/{measured.dossier}"
    sys.stdout.write(f"{'page':<34}{'p50 ms':>9}{'p99 ms':>9}{'KiB':>7}\n")
    for name, path in (
        ("home", "/"),
        (f"dossier with {ENTRIES} entries", dossier),
        ("who looked", f"{dossier}/trail"),
        ("team and access", f"{dossier}/access"),
    ):
        times, size = [], 0
        for _ in range(REQUESTS):
            begin = time.perf_counter()
            size = len(_ask(browser, "GET", path, headers, None))
            times.append((time.perf_counter() - begin) * 1e3)
        p99 = sorted(times)[int(0.99 * len(times)) - 1]
        sys.stdout.write(f"{name:<34}{statistics.median(times):9.1f}{p99:9.1f}{size / 1024:7.0f}\n")
        sys.stdout.flush()


def _ask(
    browser: http.client.HTTPSConnection, method: str, path: str, headers: dict[str, str], body: bytes | None
) -> bytes:
    browser.request(method, path, body, headers)
    answer = browser.getresponse()
    content = answer.read()
    if answer.status not in (200, 201):
        raise SystemExit(f"{method} {path}: {answer.status}")
    return content


if __name__ == "__main__":
    main()
