"""Coming in and going out: signing in, enrolling, one's own account, and the people of an organisation."""

from starlette.routing import BaseRoute, Route

from serment.edge.desk import Desk
from serment.edge.pages.entrance import account, administration, federation
from serment.edge.pages.entrance.enrolment import ENROLMENT, RECOVERY, CodeDoor, CodePages
from serment.edge.pages.entrance.leaving import LeavingPage
from serment.edge.pages.entrance.passkeys import PasskeySignIn
from serment.edge.pages.entrance.sign_in import SignInPages

__all__ = ["routes"]


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of the entrance, of one's own account and of the administration."""
    provider = [] if desk.federation is None else federation.routes(desk, desk.federation)
    return [*_doors(desk), *provider, *account.routes(desk), *administration.routes(desk)]


def _doors(desk: Desk) -> list[BaseRoute]:
    sign_in, passkeys = SignInPages(desk), PasskeySignIn(desk)
    leaving = LeavingPage(desk)
    return [
        Route("/sign-in", sign_in.first, methods=["GET"]),
        Route("/sign-in", sign_in.begin, methods=["POST"]),
        Route("/sign-in/second", sign_in.second, methods=["GET"]),
        Route("/sign-in/second", sign_in.finish, methods=["POST"]),
        Route("/sign-in/passkey", sign_in.first, methods=["GET"]),
        Route("/sign-in/passkey", passkeys.finish, methods=["POST"]),
        Route("/sign-in/passkey/options", passkeys.begin, methods=["POST"]),
        Route("/sign-out", leaving.show, methods=["GET"]),
        Route("/sign-out", leaving.leave, methods=["POST"]),
        *_codes(desk, ENROLMENT),
        *_codes(desk, RECOVERY),
    ]


def _codes(desk: Desk, door: CodeDoor) -> list[BaseRoute]:
    pages = CodePages(desk, door)
    return [
        Route(door.address, pages.form, methods=["GET"]),
        Route(door.address, pages.begin, methods=["POST"]),
        Route(f"{door.address}/complete", pages.form, methods=["GET"]),
        Route(f"{door.address}/complete", pages.complete, methods=["POST"]),
    ]
