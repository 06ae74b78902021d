"""serment worker."""

import signal

from serment.app.commands.options import DataOption
from serment.app.console import SpokenVoice
from serment.app.guard import guarded
from serment.app.logs import set_up_logs
from serment.app.preparation import read_installed
from serment.app.wiring import opened
from serment.app.worker import Worker


@guarded
def command(*, data: DataOption = None) -> None:
    """Do the work in the background, in a process of its own, beside a server or without one."""
    settings = read_installed(data)
    set_up_logs(settings.log_level)
    with opened(settings) as installation:
        worker = Worker(installation)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: worker.stop())
        SpokenVoice().tell("At work    (stop: Ctrl+C)")
        worker.run()
