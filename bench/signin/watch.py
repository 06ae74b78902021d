"""What the server costs while it is attacked: memory and processor time of it and all that descends from it."""

import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

_TICKS = os.sysconf("SC_CLK_TCK")
_BETWEEN_SECONDS = 1.0


def tree_of(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    found, at = [pid], 0
    while at < len(found):
        for children in Path(f"/proc/{found[at]}/task").glob("*/children"):
            try:
                found += [int(child) for child in children.read_text().split()]
            except OSError:
                continue
        at += 1
    return found


def memory_mib(pid: int) -> float:
    """Return the memory of a process and its children: proportional set size, shared pages shared."""
    total = 0
    for each in tree_of(pid):
        try:
            lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process and its children have used."""
    total = 0
    for each in tree_of(pid):
        try:
            said = Path(f"/proc/{each}/stat").read_text()
        except OSError:
            continue
        fields = said.rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / _TICKS


@dataclass
class Watch:
    """Looks at the memory of a server once a second, for as long as its block lasts."""

    pid: int
    memory: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()

    def _look(self) -> None:
        self.memory.append(memory_mib(self.pid))
        while not self._end.wait(_BETWEEN_SECONDS):
            self.memory.append(memory_mib(self.pid))
