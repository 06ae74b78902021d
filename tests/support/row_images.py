"""Images of a SQLite row database: taken in memory, and put back, in a few milliseconds."""

import sqlite3
from contextlib import closing

from serment import kernel


def image_of(rows: kernel.Database) -> sqlite3.Connection:
    """Return an image of the row database."""
    kept = sqlite3.connect(":memory:", check_same_thread=False)
    with closing(raw(rows)) as connection:
        connection.backup(kept)
    return kept


def put_back(rows: kernel.Database, image: sqlite3.Connection) -> None:
    """Put every row back to what it was."""
    with closing(raw(rows)) as connection:
        image.backup(connection)


def raw(rows: kernel.Database) -> sqlite3.Connection:
    """Open the rows behind the house's back."""
    connection = sqlite3.connect(rows.url.removeprefix("sqlite:///"), check_same_thread=False)
    connection.execute("PRAGMA synchronous=OFF")
    return connection
