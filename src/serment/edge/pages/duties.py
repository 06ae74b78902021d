"""What the teams of somebody ask of them: a review to do, or a place of their own that nobody confirmed yet."""

from dataclasses import dataclass
from datetime import datetime

from serment import identity, kernel


@dataclass(frozen=True)
class Duties:
    """The reviews of the teams that somebody heads, and their own places that will end unless confirmed."""

    reviews: tuple[identity.TeamReview, ...]
    ending: tuple[tuple[str, datetime], ...]


def duties_of(uow: kernel.UnitOfWork, caller: identity.Caller) -> Duties:
    """Return what concerns somebody of their teams: one query for whoever is in none."""
    mine = identity.own_memberships(uow, caller)
    if not mine:
        return Duties((), ())
    names = {team.id: team.name for team in identity.list_teams(uow, caller.organisation)}
    ending = tuple((names[one.team], one.lapses_at) for one in mine if one.due_at <= uow.now)
    heads = any(one.quality is identity.Quality.HEAD for one in mine)
    return Duties(identity.reviews_of_mine(uow, caller) if heads else (), ending)
