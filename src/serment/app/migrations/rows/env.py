"""Run by Alembic: the migrations of one history, on the connection that `serment.app.migrations.history` gave."""

from serment.app.migrations.environment import run

run()
