"""Confirm that it is still you, before an act that could give the account away (ASVS 7.5)."""

from starlette.requests import Request
from starlette.responses import Response

from serment import identity
from serment.edge.desk import Desk
from serment.edge.pages.entrance.passkeys import challenge_as_json
from serment.edge.pages.entrance.passwords import reason_for_change
from serment.edge.pages.entrance.proofs import read_proof
from serment.edge.pages.entrance.sign_in import SLOWER
from serment.edge.pages.entrance.ways import way_on
from serment.edge.pages.frame import enter_restricted
from serment.edge.shell import mark, read_form

_REFUSED = mark("Votre identité n'est pas confirmée.")
_AFTERWARDS = "/account/security"


class StepUpPage:
    """Asks for one of the caller's own factors again."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def ask(self, request: Request) -> Response:
        """Ask for a factor."""
        return self._show(request, self._enter(request))

    def challenge(self, request: Request) -> Response:
        """Answer a challenge for the caller's passkeys, as JSON."""
        return challenge_as_json(
            identity.begin_passkey_step_up(
                self._desk.entrance, self._desk.restricted_caller(request, *identity.Restriction)
            )
        )

    def confirm(self, request: Request) -> Response:
        """Take the factor and lead on to the act."""
        caller = self._enter(request)
        proof = read_proof(read_form(request))
        try:
            raised = identity.step_up(self._desk.entrance, caller, proof, self._token(request))
        except identity.StepUpRefused:
            return self._show(request, caller, error=_REFUSED, status=403)
        except identity.Throttled as slower:
            wait = slower.retry_after_seconds
            return self._show(request, caller, error=SLOWER, wait=wait, status=429)
        response = self._desk.pages.go(_onward(request))
        self._desk.pages.cookies.put(response, "session", raised.token)
        return response

    def _token(self, request: Request) -> str:
        return self._desk.pages.cookies.read(request, "session") or ""

    def _enter(self, request: Request) -> identity.Caller:
        return enter_restricted(self._desk, request, *identity.Restriction)

    def _show(
        self,
        request: Request,
        caller: identity.Caller,
        *,
        error: str | None = None,
        wait: int = 0,
        status: int = 200,
    ) -> Response:
        with self._desk.database.reading() as uow:
            kinds = {factor.kind for factor in identity.list_factors(uow, caller)}
            bare = identity.uses_passkeys_only(uow, self._desk.entrance.rules, caller.role)
        asked = request.query_params.get("with")
        return self._desk.pages.show(
            request,
            "account/step-up.html",
            status=status,
            headers={"retry-after": str(wait)} if wait else None,
            passkey=identity.FactorKind.PASSKEY in kinds,
            passkeys_only=bare,
            application=identity.FactorKind.TOTP in kinds,
            recovery=asked == "recovery" or identity.FactorKind.TOTP not in kinds,
            error=error,
            wait=wait,
            reason=reason_for_change(self._desk, caller),
            next=_onward(request),
        )


def _onward(request: Request) -> str:
    way = way_on(request)
    return _AFTERWARDS if way == "/" else way
