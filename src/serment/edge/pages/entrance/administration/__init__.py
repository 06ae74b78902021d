"""The people and the teams of an organisation; never their dossiers."""

from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from serment.edge.desk import Desk
from serment.edge.pages.confirming import Handler, confirmed
from serment.edge.pages.entrance.administration.counter import enter_administration
from serment.edge.pages.entrance.administration.departures import DeparturePages
from serment.edge.pages.entrance.administration.invitations import InvitationPages
from serment.edge.pages.entrance.administration.password_demands import PasswordDemandPages
from serment.edge.pages.entrance.administration.people import PeoplePages
from serment.edge.pages.entrance.administration.recoveries import RECOVERIES, RecoveryPages
from serment.edge.pages.entrance.administration.sleeping import SleepingPages
from serment.edge.pages.entrance.administration.teams import TeamPages

__all__ = ["routes"]

_PEOPLE = "/administration/people"
_TEAMS = "/administration/teams"


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of the administration."""
    people, sleeping = PeoplePages(desk), SleepingPages(desk)
    person = f"{_PEOPLE}/{{account:uuid}}"
    return [
        Route("/administration", people.first, methods=["GET"]),
        *_people(desk, people, person),
        *_leaving(desk, sleeping, person),
        *_recoveries(desk, person),
        Route("/administration/sleeping", sleeping.list, methods=["GET"]),
        *_teams(desk),
    ]


def _people(desk: Desk, people: PeoplePages, person: str) -> list[BaseRoute]:
    invitations, demands = InvitationPages(desk), PasswordDemandPages(desk)
    return [
        Route(_PEOPLE, people.list, methods=["GET"]),
        Route(f"{_PEOPLE}/new", invitations.form, methods=["GET"]),
        Route(f"{_PEOPLE}/new", invitations.invite, methods=["POST"]),
        Route(person, people.show, methods=["GET"]),
        Route(f"{person}/code", people.show, methods=["GET"]),
        Route(f"{person}/code", _sure(desk, invitations.renew), methods=["POST"]),
        Route(f"{person}/password", demands.ask, methods=["GET"]),
        Route(f"{person}/password", _sure(desk, demands.demand), methods=["POST"]),
        Route(f"{person}/suspend", people.ask_suspension, methods=["GET"]),
        Route(f"{person}/suspend", people.suspend, methods=["POST"]),
        Route(f"{person}/reinstate", _sure(desk, people.reinstate), methods=["POST"]),
    ]


def _leaving(desk: Desk, sleeping: SleepingPages, person: str) -> list[BaseRoute]:
    departures = DeparturePages(desk)
    return [
        Route(f"{person}/departure", departures.ask, methods=["GET"]),
        Route(f"{person}/departure", departures.declare, methods=["POST"]),
        Route(f"{person}/departure/withdraw", departures.withdraw, methods=["POST"]),
        Route(f"{person}/wake", sleeping.ask, methods=["GET"]),
        Route(f"{person}/wake", sleeping.wake, methods=["POST"]),
    ]


def _teams(desk: Desk) -> list[BaseRoute]:
    teams, team = TeamPages(desk), f"{_TEAMS}/{{team:uuid}}"
    member = f"{team}/members/{{account:uuid}}"
    return [
        Route(_TEAMS, teams.list, methods=["GET"]),
        Route(_TEAMS, teams.create, methods=["POST"]),
        Route(team, teams.show, methods=["GET"]),
        Route(f"{team}/members", teams.show, methods=["GET"]),
        Route(f"{team}/members", _sure(desk, teams.add), methods=["POST"]),
        Route(f"{member}/end", teams.end, methods=["POST"]),
        Route(f"{member}/head", _sure(desk, teams.name_head), methods=["POST"]),
        Route(f"{member}/head/end", teams.end_headship, methods=["POST"]),
        Route(f"{team}/rhythm", teams.set_rhythm, methods=["POST"]),
    ]


def _recoveries(desk: Desk, person: str) -> list[BaseRoute]:
    recoveries = RecoveryPages(desk)
    one = f"{RECOVERIES}/{{account:uuid}}"
    return [
        Route(RECOVERIES, recoveries.list, methods=["GET"]),
        Route(f"{person}/recovery", recoveries.ask, methods=["GET"]),
        Route(f"{person}/recovery", recoveries.open, methods=["POST"]),
        Route(f"{one}/approve", recoveries.ask_approval, methods=["GET"]),
        Route(f"{one}/approve", recoveries.approve, methods=["POST"]),
        Route(f"{one}/stop", recoveries.list, methods=["GET"]),
        Route(f"{one}/stop", recoveries.stop, methods=["POST"]),
    ]


def _sure(desk: Desk, act: Handler) -> Handler:
    """Ask who it is once more before an act that gives rights, or that shuts somebody out."""
    return confirmed(desk, enter_administration, act, _at_hand)


def _at_hand(request: Request) -> str:
    """Return the page of the person or of the team that an act is about: the button is there."""
    kind = "account" if request.url.path.startswith(_PEOPLE) else "team"
    return f"{_PEOPLE if kind == 'account' else _TEAMS}/{request.path_params[kind]}"
