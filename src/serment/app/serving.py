"""What `serve` and `demo` share: the directory held, made ready, brought up to date, then served."""

from collections.abc import Callable
from dataclasses import dataclass

from serment.app.asgi import ServedApplication
from serment.app.console import Voice
from serment.app.directory import DataDirectory
from serment.app.logs import set_up_logs
from serment.app.preparation import prepare
from serment.app.server import Listening, bind, origin_of, serve
from serment.app.settings import Settings
from serment.app.wiring import Installation, opened

#: What is done with the installation before the first request: found it, fill it.
Before = Callable[[Installation, Voice], None]


@dataclass(frozen=True)
class Service:
    """What to serve and how."""

    settings: Settings
    listening: Listening
    workers: int
    place: str


def run_service(service: Service, voice: Voice, before: Before) -> None:
    """Serve a directory until asked to stop; on an empty one, init first.

    Raises:
        DirectoryBusy: another server works on it.
        OperatorError: as `make_ready`, `bind` and `open_installation` say.
    """
    service.listening.insist_on_loopback()
    directory = DataDirectory(service.settings.data)
    directory.make()
    with directory.hold():
        settings = prepare(service.settings, service.place, voice)
        set_up_logs(settings.log_level)
        with bind(service.listening) as taken:
            origin = origin_of(settings, service.listening, taken)
            with opened(settings, origin) as installation:
                before(installation, voice)
            voice.tell(f"Serment listens on {origin}    (stop: Ctrl+C)")
            serve(ServedApplication(settings, origin), service.listening, taken, service.workers)
    voice.tell("Stopped.")
