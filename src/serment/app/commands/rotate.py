"""serment rotate."""

from typing import Annotated

import typer

from serment import identity, kernel
from serment.app.commands.options import DataOption, JsonOption
from serment.app.console import voice_for
from serment.app.guard import guarded
from serment.app.preparation import read_installed
from serment.app.wiring import Installation, opened


@guarded
def command(
    *,
    data: DataOption = None,
    now: Annotated[bool, typer.Option("--now", help="Every organisation, due or not.")] = False,
    json: JsonOption = False,
) -> None:
    """Begin a new key epoch for the organisations whose epoch is over; the older keys are destroyed."""
    voice = voice_for(json=json)
    settings = read_installed(data)
    with opened(settings) as installation:
        due = _every(installation) if now else installation.keyring.organisations_due()
        epochs: dict[str, int] = {}
        with voice.steps("Wrapping keys anew", len(due)) as advance:
            for organisation in due:
                epochs[str(organisation)] = installation.keyring.rotate_epoch(organisation)
                advance(1)
    sentences = [f"{organisation}: epoch {epoch}" for organisation, epoch in epochs.items()]
    voice.result({"epochs": epochs}, sentences or ["No organisation's epoch is over."])


def _every(installation: Installation) -> tuple[kernel.OrganisationId, ...]:
    with installation.rows.reading() as uow:
        return tuple(organisation.id for organisation in identity.list_organisations(uow))
