"""Write the next revision of a history from what the tables became: `python -m serment.app.migrations.revise rows "words"`.

For developers. It compares the tables with a database built from the revisions so far, in memory of a passing SQLite file.
"""

import sys
from pathlib import Path

from alembic import command

from serment import kernel
from serment.app.migrations.history import KEYS, ROWS

_HISTORIES = {history.name: history for history in (ROWS, KEYS)}


def main(name: str, message: str, scratch: Path) -> None:
    """Write one revision; `scratch` is a file that does not exist yet and is taken away."""
    history = _HISTORIES[name]
    database = kernel.Database(f"sqlite:///{scratch}", clock=kernel.SystemClock())
    try:
        with database.unit_of_work() as uow:
            configuration = history.configuration(uow.connection)
            if history.newest() is not None:
                command.upgrade(configuration, "head")
            number = f"{len(list((Path(__file__).parent / name / 'versions').glob('r*.py'))) + 1:04}"
            command.revision(configuration, message, autogenerate=True, rev_id=number)
    finally:
        database.close()
        for left in scratch.parent.glob(f"{scratch.name}*"):
            left.unlink()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
