"""Where somebody goes once they are in, and the session they go there with."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from serment import identity
from serment.edge.desk import Desk
from serment.edge.shell import read_form, safe_way_back


def way_on(request: Request) -> str:
    """Return the path asked for, from the form or the address; the first page when it is none of ours."""
    return safe_way_back(read_form(request).get("next") or request.query_params.get("next", ""))


def leading_to(address: str, way: str) -> str:
    """Return an address that remembers where to go afterwards."""
    return address if way == "/" else f"{address}?{urlencode({'next': way})}"


def welcome(desk: Desk, request: Request, opened: identity.OpenedSession, way: str | None = None) -> Response:
    """Give the browser its session, always a new one, and lead it on, by the request's own way unless said (ASVS 7.2.4)."""
    end_session_of(desk, request)
    response = desk.pages.go(way_on(request) if way is None else way)
    desk.pages.cookies.put(response, "session", opened.token)
    if opened.device_token is not None:
        desk.pages.cookies.put(response, "device", opened.device_token)
    desk.pages.cookies.drop(response, "pending")
    desk.pages.cookies.drop(response, "form")
    return response


def end_session_of(desk: Desk, request: Request) -> None:
    """End the session that a request came with, if it came with one."""
    try:
        caller = desk.restricted_caller(request, *identity.Restriction)
        with desk.database.unit_of_work() as uow:
            identity.end_session(uow, caller, caller.session)
    except identity.SessionInvalid:
        return


def is_signed_in(desk: Desk, request: Request) -> bool:
    """Tell whether the request comes with a living session."""
    try:
        desk.restricted_caller(request, *identity.Restriction)
    except identity.SessionInvalid:
        return False
    return True


def typed_password(text: str) -> str:
    """Return a password as it was typed: outer spaces belong to it. Beyond 1,000 characters it is none."""
    return text if len(text) <= _MOST_TYPED else ""


_MOST_TYPED = 1000
