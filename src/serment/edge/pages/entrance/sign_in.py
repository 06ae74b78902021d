"""Signing in: two steps that look the same whatever was typed in the first (AUT-09)."""

from starlette.requests import Request
from starlette.responses import Response

from serment import identity
from serment.edge.desk import Desk
from serment.edge.pages.entrance.proofs import read_proof
from serment.edge.pages.entrance.ways import is_signed_in, leading_to, typed_password, way_on, welcome
from serment.edge.shell import FieldRefused, mark, read_form

SLOWER = mark("Trop d'essais en peu de temps.")
_UNFILLED = mark("Donnez votre identifiant et votre mot de passe.")
REFUSED = mark("La connexion n'a pas abouti.")


class SignInPages:
    """The two steps. Passwords are hashed in the thread pool, outside any transaction."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def first(self, request: Request) -> Response:
        """Show the first step, or lead on whoever is signed in already."""
        if is_signed_in(self._desk, request):
            return self._desk.pages.go(way_on(request))
        return show_first_step(self._desk, request)

    def begin(self, request: Request) -> Response:
        """Take login and password, and lead to the second step whatever they are worth."""
        form = read_form(request)
        try:
            credentials = identity.Credentials(
                form.text("login", longest=254), typed_password(form.get("password"))
            )
            pending = identity.begin_sign_in(self._desk.entrance, credentials, self._desk.visit(request))
        except FieldRefused:
            return show_first_step(self._desk, request, error=_UNFILLED, status=422)
        except identity.Throttled as slower:
            return show_slower(self._desk, request, slower)
        response = self._desk.pages.go(leading_to("/sign-in/second", way_on(request)))
        self._desk.pages.cookies.put(response, "pending", pending.token)
        return response

    def second(self, request: Request) -> Response:
        """Show the second step to whoever took the first."""
        if self._desk.pages.cookies.read(request, "pending") is None:
            return self._desk.pages.go(leading_to("/sign-in", way_on(request)))
        return self._show_second(request)

    def finish(self, request: Request) -> Response:
        """Take the second factor and open a session; one refusal for every cause."""
        token = self._desk.pages.cookies.read(request, "pending")
        if token is None:
            return self._desk.pages.go(leading_to("/sign-in", way_on(request)))
        proof = read_proof(read_form(request))
        try:
            opened = identity.finish_sign_in(self._desk.entrance, token, proof, self._desk.visit(request))
        except identity.SignInRefused:
            return self._show_second(request, error=REFUSED, status=401)
        return welcome(self._desk, request, opened)

    def _show_second(self, request: Request, *, error: str | None = None, status: int = 200) -> Response:
        way = way_on(request)
        return self._desk.pages.show(
            request,
            "sign-in/second-step.html",
            status=status,
            recovery=request.query_params.get("with") == "recovery",
            error=error,
            next=way,
            again=leading_to("/sign-in", way),
        )


def show_first_step(
    desk: Desk, request: Request, *, error: str | None = None, wait: int = 0, status: int = 200
) -> Response:
    """Show login and password; what was typed as login is kept, the password never."""
    return desk.pages.show(
        request,
        "sign-in/sign-in.html",
        status=status,
        headers={"retry-after": str(wait)} if wait else None,
        login=read_form(request).get("login"),
        error=error,
        wait=wait,
        next=way_on(request),
    )


def show_slower(desk: Desk, request: Request, slower: identity.Throttled) -> Response:
    """Say when the next attempt counts; nothing was looked at."""
    return show_first_step(desk, request, error=SLOWER, wait=slower.retry_after_seconds, status=429)
