"""Acts that give rights ask who it is once more (ASVS 7.5.3): the way there, and back to where the act is."""

from collections.abc import Callable
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from serment import identity
from serment.edge.desk import Desk

Handler = Callable[[Request], Response]
Enter = Callable[[Desk, Request], identity.Caller]


def is_confirmed(desk: Desk, caller: identity.Caller) -> bool:
    """Tell whether a factor was proved again within the last minutes."""
    try:
        identity.require_step_up(caller, desk.database.clock.now())
    except identity.StepUpNeeded:
        return False
    return True


def lead_to_confirming(desk: Desk, back: str) -> Response:
    """Lead to the confirmation of identity, and from there to a page of ours."""
    return desk.pages.go(f"/account/step-up?{urlencode({'next': back})}")


def confirmed(desk: Desk, enter: Enter, act: Handler, back: Callable[[Request], str]) -> Handler:
    """Let an act of one button run for whoever confirmed; lead the others to do so, then `back` to the button.

    `enter` says who may come here at all: to anybody else the page does not exist, confirmed or not.
    """

    def asking(request: Request) -> Response:
        if not is_confirmed(desk, enter(desk, request)):
            return lead_to_confirming(desk, back(request))
        return act(request)

    return asking
