"""Teams: create one, put people in, take them out."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from serment import identity, kernel
from serment.edge.desk import Desk
from serment.edge.pages.answers import Answers
from serment.edge.pages.entrance.administration.counter import enter_administration, quality_word, tabs
from serment.edge.pages.entrance.administration.people import account_in
from serment.edge.shell import FieldRefused, mark, read_form

TEAMS = "/administration/teams"


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
            team = identity.create_team(uow, caller, name)
        return self._desk.pages.go(f"{TEAMS}/{team.id}", notice=mark("Équipe créée."))

    def show(self, request: Request) -> Response:
        """Show who is in a team, and who could be."""
        caller = enter_administration(self._desk, request)
        with self._desk.database.reading() as uow:
            team = _team_asked(uow, caller, request)
            members = identity.members_of(uow, team.id)
            colleagues = identity.find_colleagues(uow, caller.organisation, "")
            names = identity.names_of(uow, [member.account for member in members])
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
            options=[
                (str(one.id), f"{one.name} ({words.say(quality_word(one.role, one.profession))})")
                for one in colleagues
                if one.id not in inside
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

    def _show_list(
        self, request: Request, caller: identity.Caller, name: str, errors: dict[str, str]
    ) -> Response:
        with self._desk.database.reading() as uow:
            teams = identity.list_teams(uow, caller.organisation)
            sizes = {team.id: len(identity.members_of(uow, team.id)) for team in teams}
        return self._desk.pages.show(
            request,
            "administration/teams.html",
            status=422 if errors else 200,
            here="people",
            tabs=tabs(self._desk.pages.tongue(request).words, "teams"),
            teams=[(team.name, f"{TEAMS}/{team.id}", sizes[team.id]) for team in teams],
            name=name,
            errors=errors,
        )


def _team_asked(uow: kernel.UnitOfWork, caller: identity.Caller, request: Request) -> identity.Team:
    wanted = request.path_params["team"]
    found = [team for team in identity.list_teams(uow, caller.organisation) if team.id == wanted]
    if not found:
        raise identity.TeamNotFound(str(wanted))
    return found[0]


def _account_chosen(request: Request) -> kernel.AccountId:
    try:
        return kernel.AccountId(UUID(read_form(request).text("account")))
    except ValueError:
        raise FieldRefused("account") from None
