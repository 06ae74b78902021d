"""Teams: create one, put people in, take them out."""

from collections.abc import Callable
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from serment import identity, kernel
from serment.edge.desk import Desk
from serment.edge.pages.answers import Answers
from serment.edge.pages.entrance.administration.counter import enter_administration, quality_word, tabs
from serment.edge.pages.entrance.administration.people import account_in
from serment.edge.shell import FieldRefused, Words, mark, read_form

TEAMS = "/administration/teams"
#: Every how many days a team may be looked through.
RHYTHMS = ("90", "180", "365")
_MemberAct = Callable[[kernel.UnitOfWork, identity.Caller, identity.TeamId, kernel.AccountId], None]


class TeamPages:
    """What administrators do with teams; it holds from the next request of each member on."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def list(self, request: Request) -> Response:
        """Show the teams."""
        caller = enter_administration(self._desk, request)
        return self._show_list(request, caller, "", {})

    def create(self, request: Request) -> Response:
        """Create a team and open it."""
        caller = enter_administration(self._desk, request)
        answers = Answers(read_form(request), self._desk.pages.tongue(request).words)
        name = answers.text("name", longest=200)
        if answers.errors:
            return self._show_list(request, caller, answers.form.get("name"), answers.errors)
        with self._desk.database.unit_of_work() as uow:
            team = identity.create_team(uow, caller, name, reviews=self._desk.entrance.rules.reviews)
        return self._desk.pages.go(f"{TEAMS}/{team.id}", notice=mark("Équipe créée."))

    def show(self, request: Request) -> Response:
        """Show who is in a team, and who could be."""
        caller = enter_administration(self._desk, request)
        with self._desk.database.reading() as uow:
            team = _team_asked(uow, caller, request)
            members = identity.members_of(uow, team.id)
            colleagues = identity.find_colleagues(uow, caller.organisation, "")
            names = identity.names_of(uow, [member.account for member in members])
            reviews = identity.reviews_in(uow, caller.organisation)
        inside = {member.account for member in members}
        words = self._desk.pages.tongue(request).words
        return self._desk.pages.show(
            request,
            "administration/team.html",
            here="people",
            team=team,
            address=f"{TEAMS}/{team.id}",
            back=TEAMS,
            members=[(names[member.account], member) for member in members],
            review=f"/teams/{team.id}/review",
            state=next(one for one in reviews if one.team.id == team.id),
            rhythms=_rhythms(words, team.review_days),
            options=[
                (str(one.id), f"{one.name} ({words.say(quality_word(one.role, one.profession))})")
                for one in colleagues
                if one.role is identity.Role.PROFESSIONAL and one.id not in inside
            ],
        )

    def add(self, request: Request) -> Response:
        """Put somebody in the team."""
        caller = enter_administration(self._desk, request)
        account = _account_chosen(request)
        with self._desk.database.unit_of_work() as uow:
            team = _team_asked(uow, caller, request)
            identity.add_member(uow, caller, team.id, account)
        return self._desk.pages.go(f"{TEAMS}/{team.id}", notice=mark("Personne ajoutée à l'équipe."))

    def end(self, request: Request) -> Response:
        """Take somebody out of the team."""
        caller = enter_administration(self._desk, request)
        with self._desk.database.unit_of_work() as uow:
            team = _team_asked(uow, caller, request)
            identity.end_membership(uow, caller, team.id, account_in(request))
        return self._desk.pages.go(f"{TEAMS}/{team.id}", notice=mark("Personne retirée de l'équipe."))

    def name_head(self, request: Request) -> Response:
        """Make a member a head of the team."""
        return self._act(request, identity.name_head, mark("Responsable nommé."))

    def end_headship(self, request: Request) -> Response:
        """Make a head of the team an ordinary member again."""
        return self._act(request, identity.end_headship, mark("Cette personne n'est plus responsable."))

    def set_rhythm(self, request: Request) -> Response:
        """Say how often the team is looked through."""
        caller = enter_administration(self._desk, request)
        team, days = identity.TeamId(request.path_params["team"]), read_form(request).choice("days", RHYTHMS)
        with self._desk.database.unit_of_work() as uow:
            identity.set_review_rhythm(uow, caller, team, int(days))
        return self._desk.pages.go(f"{TEAMS}/{team}", notice=mark("Rythme de revue changé."))

    def _act(self, request: Request, act: _MemberAct, notice: str) -> Response:
        caller, team = enter_administration(self._desk, request), request.path_params["team"]
        with self._desk.database.unit_of_work() as uow:
            act(uow, caller, identity.TeamId(team), account_in(request))
        return self._desk.pages.go(f"{TEAMS}/{team}", notice=notice)

    def _show_list(
        self, request: Request, caller: identity.Caller, name: str, errors: dict[str, str]
    ) -> Response:
        with self._desk.database.reading() as uow:
            reviews = identity.reviews_in(uow, caller.organisation)
        return self._desk.pages.show(
            request,
            "administration/teams.html",
            status=422 if errors else 200,
            here="people",
            tabs=tabs(self._desk.pages.tongue(request).words, "teams"),
            teams=[(one, f"{TEAMS}/{one.team.id}") for one in reviews],
            name=name,
            errors=errors,
        )


def _team_asked(uow: kernel.UnitOfWork, caller: identity.Caller, request: Request) -> identity.Team:
    wanted = request.path_params["team"]
    found = [team for team in identity.list_teams(uow, caller.organisation) if team.id == wanted]
    if not found:
        raise identity.TeamNotFound(str(wanted))
    return found[0]


def _rhythms(words: Words, present: int) -> "list[tuple[str, str]]":
    days = sorted({*map(int, RHYTHMS), present})
    return [(str(one), words.say_many("{n} jour", "{n} jours", one)) for one in days]


def _account_chosen(request: Request) -> kernel.AccountId:
    try:
        return kernel.AccountId(UUID(read_form(request).text("account")))
    except ValueError:
        raise FieldRefused("account") from None
