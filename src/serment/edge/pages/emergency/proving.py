"""A second factor proved on the very page of the act, so that nothing typed is lost on a detour."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from serment import identity
from serment.edge.desk import Desk
from serment.edge.pages.confirming import is_confirmed
from serment.edge.pages.entrance.proofs import read_proof
from serment.edge.shell import FieldRefused, Form


@dataclass(frozen=True)
class Proved:
    """Whoever acts, a factor proved within the last minutes; `token` is their session's new one, if it was just now."""

    caller: identity.Caller
    token: str | None = None

    def carry(self, desk: Desk, response: Response) -> Response:
        """Give the browser the token that goes on: one that was stolen before is not raised along with the session."""
        if self.token is not None:
            desk.pages.cookies.put(response, "session", self.token)
        return response


def prove_here(desk: Desk, request: Request, caller: identity.Caller, form: Form) -> Proved:
    """Take the factor that a form brings, unless one was proved within the last minutes. Call it outside any transaction.

    Raises:
        StepUpRefused: none came, or it does not hold.
        Throttled: too many tries.
    """
    if is_confirmed(desk, caller):
        return Proved(caller)
    try:
        proof = read_proof(form)
    except FieldRefused:
        raise identity.StepUpRefused("none") from None
    token = desk.pages.cookies.read(request, "session") or ""
    raised = identity.step_up(desk.entrance, caller, proof, token)
    return Proved(raised.caller, raised.token)


def ways_to_prove(desk: Desk, caller: identity.Caller) -> dict[str, bool]:
    """Return what the form offers: nothing to prove, a passkey, codes."""
    with desk.database.reading() as uow:
        kinds = {factor.kind for factor in identity.list_factors(uow, caller)}
        bare = identity.uses_passkeys_only(uow, desk.entrance.rules, caller.role)
    return {
        "confirmed": is_confirmed(desk, caller),
        "passkey": identity.FactorKind.PASSKEY in kinds,
        "codes": not bare,
    }
