"""Makes a directory ready: folders, settings, passphrase, root key, certificate, tables. What is there stays.

Cut short anywhere, the next run goes on where it stood.
"""

from pathlib import Path
from urllib.parse import urlsplit

from serment import kernel, vault
from serment.app import migrations
from serment.app.console import Voice
from serment.app.directory import DataDirectory
from serment.app.errors import OperatorError
from serment.app.passphrase import PLAIN_WARNING, draw_passphrase, read_passphrase, write_private
from serment.app.places import insist_on_places
from serment.app.settings import Settings, read_settings
from serment.app.tls import make_certificate, tls_files

_SETTINGS_TEXT = """\
# Settings of this installation; SERMENT_* variables go before what is written here. See docs/operating.md.

# The country where this directory lies. Health data stays in the European Economic Area: other places are refused.
place = "{place}"
"""


def prepare(settings: Settings, place: str, voice: Voice) -> Settings:
    """Make a directory ready and its databases up to date, and say what a new one means.

    Raises: as `make_ready` and `upgrade_databases`.
    """
    directory = DataDirectory(settings.data)
    is_new = not directory.holds_installation()
    settings = make_ready(settings, place)
    upgrade_databases(settings)
    if is_new:
        voice.tell(
            f"New installation in {settings.data}; its stores are declared to lie in {settings.place}."
        )
        if directory.passphrase.exists():
            voice.tell(PLAIN_WARNING.format(file=directory.passphrase))
    return settings


def make_ready(settings: Settings, place: str) -> Settings:
    """Make what a new installation needs and return its settings; nothing that exists is changed.

    Raises:
        OperatorError: the disk refuses, or the place is not allowed.
    """
    directory = DataDirectory(settings.data)
    if not directory.settings.exists() and settings.place is None:
        insist_on_places({"place": place})
        directory.make()
        write_private(directory.settings, _SETTINGS_TEXT.format(place=place.upper()).encode())
        settings = read_settings(settings.data)
    settings.insist_on_places()
    directory.make()
    draw_passphrase(settings)
    if not directory.holds_installation():
        vault.SealedKeyFile.create(directory.root_key, read_passphrase(settings))
    if settings.tls_certificate is None:
        make_certificate(tls_files(settings), _names(settings))
    return settings


def upgrade_databases(settings: Settings) -> None:
    """Bring both databases up to date; they are made where they do not exist.

    Raises:
        SchemaNewer: a later release wrote one of them.
        DatabaseGone: one is empty, though the ledger was signed before.
        StoreUnavailable: one cannot be reached.
        OperatorError: both settings name the same database.
    """
    if settings.rows_url == settings.keys_database_url:
        raise OperatorError(
            'The settings "database_url" and "keys_url" name the same database: keys lie apart from data.'
        )
    for url, history in (
        (settings.keys_database_url, migrations.KEYS),
        (settings.rows_url, migrations.ROWS),
    ):
        database = kernel.Database(url, clock=kernel.SystemClock())
        try:
            if (settings.ledger_folder / "checkpoint").exists():
                migrations.insist_begun(database, history)
            migrations.upgrade(database, history)
        finally:
            database.close()


def read_installed(data: Path | None) -> Settings:
    """Read the settings of an installation that is there and up to date, for commands that never change its tables.

    Raises:
        SettingWrong: a setting is missing or wrong.
        NotInstalled: there is no installation in that directory.
        SchemaNewer: a database is of another release.
    """
    settings = read_settings(data)
    DataDirectory(settings.data).insist_installed()
    insist_up_to_date(settings)
    return settings


def insist_up_to_date(settings: Settings) -> dict[str, str]:
    """Return the revisions of both databases, which this release must know.

    Raises:
        SchemaNewer: one is of another release.
    """
    revisions = {}
    for url, history in ((settings.keys_database_url, migrations.KEYS), (settings.rows_url, migrations.ROWS)):
        database = kernel.Database(url, clock=kernel.SystemClock())
        try:
            revisions[history.name] = migrations.insist_known(database, history)
        finally:
            database.close()
    return revisions


def _names(settings: Settings) -> list[str]:
    own = urlsplit(settings.origin).hostname if settings.origin else None
    return [*([own] if own else []), *settings.hosts]
