"""Who asks, by the key in the Authorization header; cookies, passwords and addresses are never looked at here (O8)."""

from urllib.parse import urlsplit

from starlette.requests import Request

from serment import identity
from serment.edge.desk import Desk


def enter(desk: Desk, request: Request, face: identity.Face = identity.Face.FHIR) -> identity.Caller:
    """Return the owner of the key that a request shows, limited to what the key opens.

    Raises:
        KeyRefused: no key, another kind of credential, or one that opens nothing here.
    """
    token, proof = _shown(request)
    scheme = urlsplit(desk.entrance.relying_party.origin).scheme
    address = f"{scheme}://{request.headers.get('host', '')}{request.url.path}"
    network_address = desk.visit(request).origin.rpartition(" ")[2]
    shown = identity.PresentedKey(token, proof, face, request.method, address, f"{face} {network_address}")
    return identity.enter_by_key(desk.database, shown)


def _shown(request: Request) -> tuple[str, str | None]:
    """Return the key, and the proof beside it for the scheme that asks for one (RFC 6750, RFC 9449 section 7.1)."""
    headers = request.headers.getlist("authorization")
    scheme, _, token = headers[0].partition(" ") if len(headers) == 1 else ("", "", "")
    proofs = request.headers.getlist("dpop")
    match scheme.lower(), len(proofs):
        case "bearer", 0:
            return token.strip(), None
        case "dpop", 1:
            return token.strip(), proofs[0]
        case _:
            raise identity.KeyRefused("no key")
