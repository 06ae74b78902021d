"""Signing in through an identity provider: the way there, the way back, and the provider's word that it is over."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Literal

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from serment import identity
from serment.edge.desk import Desk
from serment.edge.pages.entrance.sign_in import show_slower
from serment.edge.pages.entrance.ways import way_on, welcome
from serment.edge.shell import FieldRefused, mark, read_form, safe_way_back

HERE = "/sign-in/federated"
CALLBACK = identity.PROVIDER_CALLBACK
#: Somebody else's server posts here, without session and without our token: its proof is the token it signed.
LOGOUT = f"{HERE}/logout"
IDENTITIES = "/account/security/identities"

_MOST_TOKEN = 16_384
_MOST_STATE = 200

#: What somebody left for the provider for.
Errand = Literal["in", "link"]


def routes(desk: Desk, federation: identity.Federation) -> list[BaseRoute]:
    """Return the routes of federated sign-in, for an installation that has a provider."""
    pages = FederationPages(desk, federation)
    return [
        Route(HERE, pages.begin, methods=["POST"]),
        Route(CALLBACK, pages.come_back, methods=["GET"]),
        Route(LOGOUT, pages.logout, methods=["POST"]),
    ]


class FederationPages:
    """The way to the provider and back. Every question to it is asked in the thread pool, with a deadline."""

    def __init__(self, desk: Desk, federation: identity.Federation) -> None:
        self._desk, self._federation = desk, federation

    def begin(self, request: Request) -> Response:
        """Send somebody to the provider, to come in by it."""
        try:
            detour = identity.begin_federated_sign_in(self._federation, self._desk.visit(request))
        except identity.Throttled as slower:
            return show_slower(self._desk, request, slower)
        return lead_away(self._desk, request, detour, errand="in", way=way_on(request))

    def come_back(self, request: Request) -> Response:
        """Take the provider's answer: it opens a session, or links an identity, as its departure had said."""
        kept = self._desk.pages.cookies.read(request, "federation") or ""
        errand, token, way = _read(kept)
        answer = _answer_in(request)
        if errand == "link":
            response = self._link(request, token, answer)
        else:
            response = self._sign_in(request, token, answer, way)
        self._desk.pages.cookies.drop(response, "federation")
        return response

    def logout(self, request: Request) -> Response:
        """Take the provider's word that sessions are over. Source: Back-Channel Logout 1.0, sections 2.5 and 2.8."""
        try:
            token = read_form(request).text("logout_token", longest=_MOST_TOKEN)
            identity.receive_logout(self._federation, token, self._desk.visit(request))
        except (identity.TokenRefused, FieldRefused):
            return JSONResponse({"error": "invalid_request"}, 400)
        return Response(status_code=200)

    def _sign_in(self, request: Request, token: str, answer: identity.ProviderAnswer, way: str) -> Response:
        try:
            opened = identity.finish_federated_sign_in(
                self._federation, token, answer, self._desk.visit(request)
            )
        except identity.SignInRefused:
            return self._refuse(request)
        return welcome(self._desk, request, opened, way)

    def _link(self, request: Request, token: str, answer: identity.ProviderAnswer) -> Response:
        # Nobody is led away and back to this very address: it holds a code.
        try:
            identity.finish_link(self._federation, self._desk.caller(request), token, answer)
        except identity.SessionInvalid:
            return self._desk.pages.go("/sign-in")
        except (identity.StepUpNeeded, identity.SessionRestricted):
            return self._desk.pages.go(IDENTITIES)
        return self._desk.pages.go(IDENTITIES, notice=mark("Identité liée à votre compte."))

    def _refuse(self, request: Request) -> Response:
        """One refusal for every cause, which says how to link."""
        return self._desk.pages.show(
            request, "sign-in/federated-refused.html", status=401, provider=self._federation.name
        )


def lead_away(
    desk: Desk, request: Request, detour: identity.Detour, *, errand: Errand, way: str = "/"
) -> Response:
    """Show the way to the provider, which the browser follows by itself, and have it keep the way back.

    A page rather than a redirect: what a form leads to is bounded to ourselves by the content policy, for every page.
    """
    response = desk.pages.show(
        request,
        "sign-in/leaving.html",
        headers={"refresh": f"0;url={detour.address}"},
        address=detour.address,
        host=detour.host,
    )
    desk.pages.cookies.put(response, "federation", f"{errand}.{detour.token}.{_packed(way)}")
    return response


def provider_sign_out(federation: identity.Federation | None) -> str | None:
    """Return where to end the session at the provider too; None when there is nowhere, or it does not answer."""
    if federation is None:
        return None
    try:
        return federation.client.sign_out_address()
    except identity.ProviderUnavailable:
        return None


def came_by_provider(desk: Desk, request: Request) -> bool:
    """Tell whether the session of a request was opened by the provider's word."""
    if desk.federation is None:
        return False
    try:
        caller = desk.restricted_caller(request, *identity.Restriction)
    except identity.SessionInvalid:
        return False
    with desk.database.reading() as uow:
        return identity.came_by_provider(uow, caller)


def _answer_in(request: Request) -> identity.ProviderAnswer:
    """Return what is in the address; what is said twice is said by nobody, and an error is no code."""
    said = request.query_params
    once = {name: said[name] for name in said if len(said.getlist(name)) == 1}
    code = None if "error" in said else once.get("code")
    return identity.ProviderAnswer(once.get("state", "")[:_MOST_STATE], code, _issuer(said.getlist("iss")))


def _issuer(said: list[str]) -> str | None:
    return None if not said else said[0] if len(said) == 1 else ""


def _read(kept: str) -> tuple[str, str, str]:
    errand, _, rest = kept.partition(".")
    token, _, packed = rest.partition(".")
    try:
        way = urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode()
    except ValueError:
        way = "/"
    return errand, token, safe_way_back(way)


def _packed(way: str) -> str:
    return urlsafe_b64encode(way.encode()).rstrip(b"=").decode()
