"""serment serve."""

from serment.app.commands.options import (
    DataOption,
    HostOption,
    PlaceOption,
    PlainOption,
    PortOption,
    WorkersOption,
)
from serment.app.console import SpokenVoice, Voice
from serment.app.founding import Founder, found
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
    """Serve pages; on an empty directory, init first."""
    listening = Listening(host, port, "http" if http else "https")
    run_service(Service(read_settings(data), listening, workers, place), SpokenVoice(), _found_if_new)


def _found_if_new(installation: Installation, voice: Voice) -> None:
    founded = found(installation, Founder())
    if founded is not None:
        founded.tell(voice)
