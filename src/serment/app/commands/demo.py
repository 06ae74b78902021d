"""serment demo."""

from serment import identity
from serment.app import demonstration
from serment.app.commands.options import (
    DataOption,
    HostOption,
    PlaceOption,
    PlainOption,
    PortOption,
    WorkersOption,
)
from serment.app.console import SpokenVoice, Voice
from serment.app.demonstration_accounts import read_accounts, show_accounts
from serment.app.demonstration_loading import load_demonstration
from serment.app.directory import DataDirectory
from serment.app.guard import guarded
from serment.app.server import Listening
from serment.app.serving import Service, run_service
from serment.app.settings import read_settings
from serment.app.wiring import Installation


@guarded
def command(
    *,
    data: DataOption = None,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8443,
    workers: WorkersOption = 1,
    http: PlainOption = False,
    place: PlaceOption = "FR",
) -> None:
    """Fill a demonstration practice and serve it; prints accounts. Invented people only."""
    listening = Listening(host, port, "http" if http else "https")
    run_service(Service(read_settings(data), listening, workers, place), SpokenVoice(), fill_if_new)


def fill_if_new(installation: Installation, voice: Voice) -> None:
    """Fill an empty installation; on one that was filled before, show its accounts again.

    Raises:
        InstallationInUse: real accounts are there.
        OperatorError: an earlier filling was cut short.
    """
    directory = DataDirectory(installation.settings.data)
    with installation.rows.reading() as uow:
        filled = identity.is_demonstration(uow)
    if not filled:
        load_demonstration(installation, demonstration.build_world(now=installation.clock.now()), voice)
    show_accounts(voice, read_accounts(directory.accounts))
    voice.tell(f"Their passwords are also in {directory.accounts}.")
    voice.tell(f"A code for the second factor: serment totp --data {installation.settings.data} LOGIN")
