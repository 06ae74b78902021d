"""The proof bundle of a trail: downloaded with one button, checked by anybody, without us."""

from starlette.requests import Request
from starlette.responses import Response

from serment import access, kernel
from serment.edge.desk import Desk
from serment.edge.pages.circle import circle_of
from serment.edge.pages.dossiers.asked import asked_dossier
from serment.edge.pages.frame import enter
from serment.edge.pages.trail.plainly import INSTRUCTIONS, trail_in_words
from serment.edge.pages.trail.reading import names_in
from serment.edge.shell import Tongue, mark

_ALL_OF_IT = 1_000_000
_BUNDLE = mark("qui-a-regarde-{day}.zip")
_IN_WORDS = mark("qui-a-regarde.txt")


class TakingOut:
    """Hands out a trail with its proofs."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def download(self, request: Request) -> Response:
        """Return the bundle; taking it out is itself traced."""
        caller, tongue = enter(self._desk, request), self._desk.pages.tongue(request)
        with self._desk.database.recorded_reading() as uow:
            permit = access.decide(uow, caller, access.Action.READ_TRAIL, asked_dossier(request))
            told = {tongue.words.say(_IN_WORDS): _in_words(uow, permit, tongue)}
            bundle = access.export_trail(uow, permit, INSTRUCTIONS | told)
            name = tongue.words.say(_BUNDLE, day=tongue.speech.local_day(uow.now).isoformat())
        headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
        return Response(bundle, headers=headers, media_type="application/zip")


def _in_words(uow: kernel.UnitOfWork, permit: access.Permit, tongue: Tongue) -> bytes:
    recorded = access.read_trail(uow, permit, limit=_ALL_OF_IT)
    names = names_in(uow, permit, recorded, circle_of(uow, permit))
    return trail_in_words(tongue, recorded, names).encode()
