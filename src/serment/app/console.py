"""How commands speak: in sentences to a person, in JSON to a script."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

#: The first columns of a table hold what is typed again; later ones may be broken into lines.
_NEVER_CUT = 2

Advance = Callable[[int], None]


class Voice(Protocol):
    """What a command says and to whom."""

    def tell(self, sentence: str) -> None:
        """Say what is going on; a script does not need it."""
        ...

    def show(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show a table; a script finds its content in the result."""
        ...

    def result(self, document: Mapping[str, object], sentences: Sequence[str] = ()) -> None:
        """Say what came out: the document to a script, the sentences to a person."""
        ...

    def steps(self, label: str, total: int | None) -> AbstractContextManager[Advance]:
        """Show the progress of long work, where a terminal is there; call what it gives as steps are done."""
        ...


class SpokenVoice:
    """Speaks to a person: results on standard output, the rest beside it on standard error."""

    def __init__(self) -> None:
        self._out = Console(highlight=False, soft_wrap=True)
        self._beside = Console(stderr=True, highlight=False, soft_wrap=True)

    def tell(self, sentence: str) -> None:
        """Say what is going on."""
        self._beside.print(sentence, markup=False)

    def show(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show a table."""
        table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
        for number, column in enumerate(columns):
            table.add_column(column, no_wrap=number < _NEVER_CUT)
        for row in rows:
            table.add_row(*row)
        self._out.print(table)

    def result(self, document: Mapping[str, object], sentences: Sequence[str] = ()) -> None:
        """Say what came out, in sentences."""
        for sentence in sentences or [f"{name}: {value}" for name, value in document.items()]:
            self._out.print(sentence, markup=False)

    @contextmanager
    def steps(self, label: str, total: int | None) -> Iterator[Advance]:
        """Draw a bar on a terminal; elsewhere say the label once."""
        if not self._beside.is_terminal:
            self.tell(label)
            yield _silent
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=self._beside) as progress:
            task = progress.add_task(label, total=total)
            yield lambda done: progress.advance(task, done)


class JsonVoice:
    """Speaks to a script: one JSON document on standard output, and nothing else."""

    def tell(self, sentence: str) -> None:
        """Say nothing."""

    def show(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show nothing."""

    def result(self, document: Mapping[str, object], sentences: Sequence[str] = ()) -> None:  # noqa: ARG002 -- for persons
        """Write the document."""
        sys.stdout.write(json.dumps(document, ensure_ascii=False, default=str) + "\n")
        sys.stdout.flush()

    @contextmanager
    def steps(self, label: str, total: int | None) -> Iterator[Advance]:  # noqa: ARG002 -- for persons
        """Show nothing."""
        yield _silent


def voice_for(*, json: bool) -> Voice:
    """Return the voice that was asked for."""
    return JsonVoice() if json else SpokenVoice()


def _silent(_done: int) -> None:
    return
