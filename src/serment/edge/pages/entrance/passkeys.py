"""Signing in with a passkey alone: possession and user verification are two factors in one (AUT-01)."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from serment import identity
from serment.edge.desk import Desk
from serment.edge.pages.entrance.proofs import read_assertion
from serment.edge.pages.entrance.sign_in import show_first_step
from serment.edge.pages.entrance.ways import welcome
from serment.edge.shell import mark, read_form

_REFUSED = mark(
    "La connexion n'a pas abouti : cette clé d'accès n'ouvre rien ici, ou la page est restée ouverte trop longtemps."
)


class PasskeySignIn:
    """The challenge, asked for by the page's script, and the answer, sent by its form."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def begin(self, _request: Request) -> Response:
        """Answer the challenge as JSON; it is arithmetic, and takes no thread."""
        return challenge_as_json(identity.begin_passkey_sign_in(self._desk.entrance))

    def finish(self, request: Request) -> Response:
        """Open a session for the owner of the passkey."""
        assertion = read_assertion(read_form(request))
        try:
            opened = identity.finish_passkey_sign_in(
                self._desk.entrance, assertion, self._desk.visit(request)
            )
        except identity.SignInRefused:
            return show_first_step(self._desk, request, error=_REFUSED, status=401)
        return welcome(self._desk, request, opened)


def challenge_as_json(challenge: identity.PasskeyChallenge) -> Response:
    """Return what the script hands to the device: `challenge` comes back with its answer."""
    return JSONResponse({"challenge": challenge.token, "options": challenge.options_json})
