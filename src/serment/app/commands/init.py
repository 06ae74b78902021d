"""serment init."""

from typing import Annotated

import typer

from serment import identity
from serment.app.commands.options import DataOption, JsonOption, PlaceOption
from serment.app.console import voice_for
from serment.app.directory import DataDirectory
from serment.app.errors import AlreadyInstalled
from serment.app.founding import Founder, found
from serment.app.guard import guarded
from serment.app.preparation import prepare
from serment.app.settings import read_settings
from serment.app.wiring import opened
from serment.app.worker import integrate_all

DEFAULT_ORIGIN = "https://localhost:8443"


@guarded
def command(
    *,
    data: DataOption = None,
    place: PlaceOption = "FR",
    organisation: Annotated[str, typer.Option(help="The name of the first organisation.")] = "Mon cabinet",
    kind: Annotated[
        identity.OrganisationKind, typer.Option(help="What it is.")
    ] = identity.OrganisationKind.PRACTICE,
    administrator: Annotated[str, typer.Option(help="The first administrator's login.")] = "admin",
    name: Annotated[str, typer.Option(help="The first administrator's name.")] = "Administration",
    json: JsonOption = False,
) -> None:
    """Create keys, database and the first administrator; prints an enrolment code."""
    voice = voice_for(json=json)
    settings = read_settings(data)
    directory = DataDirectory(settings.data)
    directory.make()
    with directory.hold():
        settings = prepare(settings, place, voice)
        with opened(settings, settings.origin or DEFAULT_ORIGIN) as installation:
            founded = found(installation, Founder(organisation, kind, administrator, name))
            integrate_all(installation)
    if founded is None:
        raise AlreadyInstalled(f"{settings.data} already holds an installation. Nothing was changed.")
    founded.tell(voice)
