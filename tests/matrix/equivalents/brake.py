"""What may be taken away from the read brake unseen."""

from collections.abc import Mapping

_POSTGRESQL = "uow.connection.dialect.name == 'postgresql'"
_STORE, _INSERT = "access/brake/store.py", "_insert"

#: By file, function, and what was taken away.
EQUIVALENT: Mapping[tuple[str, str, str], str] = {
    (_STORE, _INSERT, f"{_POSTGRESQL}: always"): "on SQLite, where the run is, both forms give one statement",
    (
        _STORE,
        _INSERT,
        f"{_POSTGRESQL}: never",
    ): "on SQLite it never is; on PostgreSQL no mark is then written",
}
