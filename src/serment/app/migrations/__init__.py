"""The two histories of tables, of the row database and of the key database, and how a database is brought up to date."""

from serment.app.migrations.history import KEYS, ROWS, History, insist_begun, insist_known, upgrade

__all__ = ["KEYS", "ROWS", "History", "insist_begun", "insist_known", "upgrade"]
