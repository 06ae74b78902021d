"""Databases in haste: every statement is compiled once for all databases of a kind, and no disk is waited for."""

from functools import cache
from typing import Any

from sqlalchemy import Engine, create_engine, event

from serment import kernel


def hasten(database: kernel.Database) -> kernel.Database:
    """Make a database quick that one test uses: what a crash leaves is told by other tests."""
    for engine in (database._writer, database._reader):
        spare_the_disk(engine)
        model = _model_of(engine)
        engine.dialect = model.dialect
        engine._compiled_cache = model._compiled_cache
    return database


def spare_the_disk(engine: Engine) -> None:
    """Let SQLite return from a commit before the disk has it; connections that are open are opened anew."""
    if engine.dialect.name == "sqlite":
        engine.dispose()
        event.listen(engine, "connect", _let_go)


def _let_go(made: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own object
    made.execute("PRAGMA synchronous=OFF").close()


def _model_of(engine: Engine) -> Engine:
    """Return the engine whose knowledge all of its kind share: what its server can do, and statements compiled."""
    models, kind = _models(), engine.dialect.name
    if kind not in models:
        models[kind] = create_engine("sqlite://" if kind == "sqlite" else engine.url)
        models[kind].connect().close()
        models[kind].dispose()
    return models[kind]


@cache
def _models() -> dict[str, Engine]:
    return {}
