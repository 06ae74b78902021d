"""What the ledger needs from where its files lie."""

from contextlib import AbstractContextManager
from typing import Protocol


class Storage(Protocol):
    """A folder of static files that grows: tiles are created once, and only the checkpoint is replaced.

    Paths are relative and use `/`. Everything written is durable when the call returns.
    """

    def read(self, path: str) -> bytes:
        """Return a file's bytes. Raises FileNotFoundError."""

    def create(self, path: str, data: bytes) -> None:
        """Write a file that is then complete or absent; the same bytes again change nothing.

        Raises:
            LogDamaged: the path holds other bytes.
        """

    def append(self, path: str, data: bytes, *, behind: bytes) -> None:
        """Lengthen a file behind the last place where it holds `behind`; what a crash left there is cut off.

        Raises:
            LogDamaged: the end of the file does not hold it.
        """

    def replace(self, path: str, data: bytes) -> None:
        """Put a file in the place of the one there, at once."""

    def drop_partials(self, path: str) -> None:
        """Remove the partial forms (`<path>.p/`) of a tile that is there in full."""

    def hold(self) -> AbstractContextManager[bool]:
        """Keep other writers out, in every process; gives False, at once, when another one holds it."""
