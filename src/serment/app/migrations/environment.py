"""What Alembic needs to know of ours, for running migrations and for comparing tables with them."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Uuid

from serment import kernel


def run() -> None:
    """Run the migrations inside the transaction that the caller opened."""
    given = context.config.attributes
    context.configure(
        connection=given["connection"],
        target_metadata=given["tables"],
        render_as_batch=True,
        compare_type=True,
        render_item=render_item,
    )
    with context.begin_transaction():
        context.run_migrations()


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:  # noqa: ANN401 -- Alembic's own
    """Write our column types in revisions as what they are in the database: a revision must not follow our code."""
    if kind == "type" and isinstance(item, kernel.UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Uuid):
        return "sa.Uuid()"
    return False
