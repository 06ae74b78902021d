"""What may be taken unseen from emergency openings, and from the notices of what others do."""

from collections.abc import Mapping

_NOTICES, _KIND = "access/notices/store.py", "uow.connection.dialect.name == 'postgresql'"

#: By file, function, and what was taken away.
EQUIVALENT: Mapping[tuple[str, str, str], str] = {
    (
        "access/emergency/store.py",
        "read_by",
        "without where openings.c.dossier == dossier",
    ): "it spares rows: what was read is only ever taken from the openings of the one dossier",
    (
        _NOTICES,
        "_new",
        f"{_KIND}: always",
    ): "SQLite is sent the same statement, whichever kind it is built as",
    (
        _NOTICES,
        "_new",
        f"{_KIND}: never",
    ): "PostgreSQL refuses the other kind, and its tests say so; mutants are tried on SQLite",
}
