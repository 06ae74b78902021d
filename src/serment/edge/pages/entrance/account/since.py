"""One line after signing in: what happened to the account since the time before, with the way to the whole list."""

from dataclasses import dataclass

from starlette.requests import Request

from serment import identity, kernel
from serment.edge.desk import Desk
from serment.edge.pages.entrance.account.words import event_word, place_word

_PLACES_SHOWN = 2


@dataclass(frozen=True)
class Since:
    """What the line says; `changes` are already in words."""

    refused: int
    places: str
    changes: tuple[str, ...]


def tell_since(uow: kernel.UnitOfWork, desk: Desk, request: Request, caller: identity.Caller) -> Since | None:
    """Return what to say on the first page, None when nothing happened."""
    found = identity.since_last_sign_in(uow, caller)
    if found.is_quiet:
        return None
    say = desk.pages.tongue(request).words.say
    places = [say(place_word(origin)) for origin in found.origins]
    shown = ", ".join(places[:_PLACES_SHOWN])
    return Since(
        refused=found.refused,
        places=f"{shown}…" if len(places) > _PLACES_SHOWN else shown,
        changes=tuple(say(event_word(kind)) for kind in found.changes),
    )
