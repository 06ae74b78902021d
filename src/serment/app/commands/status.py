"""serment status."""

import shutil

from serment import identity
from serment.app.commands.options import DataOption, JsonOption
from serment.app.console import voice_for
from serment.app.directory import DataDirectory
from serment.app.guard import guarded
from serment.app.preparation import insist_up_to_date, read_installed
from serment.app.settings import Settings
from serment.app.wiring import Installation, opened


@guarded
def command(*, data: DataOption = None, json: JsonOption = False) -> None:
    """Say how an installation stands; it names no person."""
    settings = read_installed(data)
    directory = DataDirectory(settings.data)
    revisions = insist_up_to_date(settings)
    with opened(settings) as installation:
        document = {
            "data": str(settings.data),
            "served": directory.is_served(),
            "process": directory.running_pid() if directory.is_served() else None,
            "revisions": revisions,
            "places": places_of(settings),
            "free_bytes": shutil.disk_usage(settings.data).free,
            **_inside(installation),
        }
    voice_for(json=json).result(document)


def places_of(settings: Settings) -> dict[str, str | None]:
    """Return the declared place of each store."""
    return {
        "rows": settings.rows_place or settings.place,
        "keys": settings.keys_place or settings.place,
        "objects": settings.objects_place or settings.place,
        "ledger": settings.ledger_place or settings.place,
    }


def _inside(installation: Installation) -> dict[str, object]:
    checkpoint = installation.log.latest()
    with installation.rows.reading() as uow:
        return {
            "demonstration": identity.is_demonstration(uow),
            "organisations": len(identity.list_organisations(uow)),
            "ledger_leaves": checkpoint.size if checkpoint else 0,
            "epochs_due": len(installation.keyring.organisations_due()),
        }
