"""What waits to be looked at, one's own openings, and how often one opens beside peers."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from serment import access, identity, kernel
from serment.edge.desk import Desk
from serment.edge.pages.emergency.words import REASON_WORDS, VERDICT_WORDS
from serment.edge.pages.frame import enter
from serment.edge.pages.vocabulary import PROFESSION_WORDS

_WHO_COMES = frozenset({identity.Role.PROFESSIONAL, identity.Role.DPO})


@dataclass(frozen=True)
class Listed:
    """What the page shows somebody; names of patients are not among it."""

    pending: tuple[access.EmergencyReview, ...]
    closed: tuple[access.EmergencyReview, ...]
    mine: tuple[access.EmergencyReview, ...]
    rate: access.EmergencyRate | None
    names: dict[kernel.AccountId, str]


class EmergenciesPage:
    """Openings in an emergency, for those who opened, for those who look at them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def show(self, request: Request) -> Response:
        """Show what concerns the caller."""
        caller = enter(self._desk, request)
        if caller.role not in _WHO_COMES:
            raise access.AccessRefused("no-openings-of-theirs")
        with self._desk.database.reading() as uow:
            listed = _listed(uow, caller)
        return self._desk.pages.show(
            request,
            "emergency/list.html",
            here="emergencies" if caller.role is identity.Role.DPO else "home",
            listed=listed,
            officer=caller.role is identity.Role.DPO,
            reasons=REASON_WORDS,
            verdicts=VERDICT_WORDS,
            professions=PROFESSION_WORDS,
            now=self._desk.database.clock.now(),
        )


def _listed(uow: kernel.UnitOfWork, caller: identity.Caller) -> Listed:
    officer = caller.role is identity.Role.DPO
    pending = access.pending_reviews(uow, caller)
    closed = access.closed_reviews(uow, caller) if officer else ()
    mine = () if officer else access.own_openings(uow, caller)
    rate = None if officer else access.emergency_rate(uow, caller)
    named = {one.opening.account for one in (*pending, *closed)}
    named |= {who for one in (*pending, *closed, *mine) for who in (one.reviewer, one.closed_by) if who}
    return Listed(pending, closed, mine, rate, identity.names_of(uow, named))
