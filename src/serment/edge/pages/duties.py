"""What somebody is asked to do: look through their teams, look at emergency openings, explain their own."""

from dataclasses import dataclass, replace
from datetime import datetime

from serment import access, identity, kernel


@dataclass(frozen=True)
class Duties:
    """The reviews of the teams that somebody heads, and their own places that will end unless confirmed.

    `openings` wait for them to be looked at, `overdue` of them for too long; of their own, `unexplained` have no words
    yet or a question without answer.
    """

    reviews: tuple[identity.TeamReview, ...]
    ending: tuple[tuple[str, datetime], ...]
    openings: int = 0
    overdue: int = 0
    unexplained: tuple[access.EmergencyReview, ...] = ()


def duties_of(uow: kernel.UnitOfWork, caller: identity.Caller) -> Duties:
    """Return what concerns somebody: three queries for whoever is in no team."""
    waiting = access.pending_reviews(uow, caller)
    duties = Duties(
        reviews=(),
        ending=(),
        openings=len(waiting),
        overdue=sum(one.is_overdue(uow.now) for one in waiting),
        unexplained=tuple(one for one in access.own_openings(uow, caller) if _wants_words(one)),
    )
    mine = identity.own_memberships(uow, caller)
    if not mine:
        return duties
    names = {team.id: team.name for team in identity.list_teams(uow, caller.organisation)}
    ending = tuple((names[one.team], one.lapses_at) for one in mine if one.due_at <= uow.now)
    heads = any(one.quality is identity.Quality.HEAD for one in mine)
    return replace(duties, reviews=identity.reviews_of_mine(uow, caller) if heads else (), ending=ending)


def _wants_words(review: access.EmergencyReview) -> bool:
    return review.closed_at is None and (review.awaits_answer or not review.has_words)
