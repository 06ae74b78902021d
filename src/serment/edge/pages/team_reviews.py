"""The head of a team says who stays and who leaves; an administrator may too."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from serment import access, identity, kernel
from serment.edge.desk import Desk
from serment.edge.pages.frame import enter
from serment.edge.pages.vocabulary import PROFESSION_WORDS, ROLE_WORDS
from serment.edge.shell import FieldRefused, Form, mark, read_form

_FIELD = "verdict-"
_NOTED = mark("Équipe revue : c'est enregistré, et chacun en est informé.")
_NOTHING = mark("Rien n'est changé : vous n'avez rien coché.")


@dataclass(frozen=True)
class Row:
    """One member as the head sees them."""

    account: kernel.AccountId
    name: str
    quality: str
    head: bool
    since: datetime
    used_at: datetime | None
    due_at: datetime
    lapses_at: datetime
    overdue: bool
    own: bool


class TeamReviewPages:
    """The review of one team: every member, and two answers for each."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def show(self, request: Request) -> Response:
        """Show every member with what is known of them: role, since when, last use by the day."""
        caller, asked = enter(self._desk, request), identity.TeamId(request.path_params["team"])
        with self._desk.database.reading() as uow:
            access.insist_on_standing(uow, caller)
            team = identity.reviewed_team(uow, caller, asked)
            rows = _rows(uow, caller, asked)
        administers = caller.role is identity.Role.ADMINISTRATOR
        return self._desk.pages.show(
            request,
            "teams/review.html",
            here="people" if administers else "home",
            team=team,
            rows=rows,
            administers=administers,
            back=f"/administration/teams/{team.id}" if administers else "/",
        )

    def review(self, request: Request) -> Response:
        """Confirm those who stay, and end the membership of those who leave."""
        caller, asked = enter(self._desk, request), identity.TeamId(request.path_params["team"])
        verdicts = _verdicts(read_form(request))
        with self._desk.database.unit_of_work() as uow:
            access.insist_on_standing(uow, caller)
            identity.review_team(uow, caller, asked, verdicts)
        return self._desk.pages.go(f"/teams/{asked}/review", notice=_NOTED if verdicts else _NOTHING)


def _rows(uow: kernel.UnitOfWork, caller: identity.Caller, team: identity.TeamId) -> list[Row]:
    members = identity.members_to_review(uow, caller, team)
    found = [(member, identity.open_account(uow, member.membership.account)) for member in members]
    rows = [_row(uow, caller, member, account) for member, account in found]
    return sorted(rows, key=lambda row: (not row.overdue, row.name))


def _row(
    uow: kernel.UnitOfWork,
    caller: identity.Caller,
    member: identity.ReviewedMember,
    account: identity.Account,
) -> Row:
    professional = account.role is identity.Role.PROFESSIONAL
    membership = member.membership
    return Row(
        account=account.id,
        name=account.name,
        quality=PROFESSION_WORDS[account.profession] if professional else ROLE_WORDS[account.role],
        head=membership.quality is identity.Quality.HEAD,
        since=membership.started_at,
        used_at=member.last_used_at,
        due_at=membership.due_at,
        lapses_at=membership.lapses_at,
        overdue=membership.due_at <= uow.now,
        own=account.id == caller.account,
    )


def _verdicts(form: Form) -> dict[kernel.AccountId, identity.Verdict]:
    verdicts: dict[kernel.AccountId, identity.Verdict] = {}
    for name in form.names():
        if name.startswith(_FIELD):
            said = form.choice(name, tuple(identity.Verdict))
            try:
                account = kernel.AccountId(UUID(name.removeprefix(_FIELD)))
            except ValueError:
                raise FieldRefused(name) from None
            verdicts[account] = identity.Verdict(said)
    return verdicts


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of the review of a team."""
    pages = TeamReviewPages(desk)
    return [
        Route("/teams/{team:uuid}/review", pages.show, methods=["GET"]),
        Route("/teams/{team:uuid}/review", pages.review, methods=["POST"]),
    ]
