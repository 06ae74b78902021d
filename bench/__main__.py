"""Every bench of the house, one after the other: `make bench`; `make bench-signin` attacks for ten minutes more.

What a machine lacks (a peer, the harness) is left out and said.
"""

import sys
from collections.abc import Callable

from bench import documents, hidden, ledger, pages, sealing, touched
from bench.brake import __main__ as brake

BENCHES: tuple[tuple[str, Callable[[], None]], ...] = (
    ("sealing and opening 64 MiB in memory", sealing.main),
    ("the ledger", ledger.main),
    ("pages", pages.main),
    ("documents over HTTPS", documents.main),
    ("who was touched, over a million traces", touched.main),
    ("the read brake: a busy week, and scrapers", brake.main),
    ("documents that are hidden, beside documents that never were", hidden.main),
)


def main() -> None:
    """Run them all."""
    for title, bench in BENCHES:
        sys.stdout.write(f"\n== {title}\n")
        sys.stdout.flush()
        try:
            bench()
        except SystemExit as left_out:
            sys.stdout.write(f"left out: {left_out}\n")


if __name__ == "__main__":
    main()
