"""What every handler has at hand: the database, the pages, the entrance, and who is asking."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address

from starlette.requests import HTTPConnection

from serment import access, identity, kernel
from serment.edge.shell import Pages

Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Desk:
    """Where requests arrive. app makes one; handlers are given it.

    `trusted_proxies` are the networks whose `X-Forwarded-For` is believed (ASVS 15.3.4); of it, the last address
    that no trusted proxy bears is the client's.
    """

    database: kernel.Database
    pages: Pages
    entrance: identity.Entrance
    most_upload_bytes: int
    trusted_proxies: tuple[Network, ...] = ()
    federation: identity.Federation | None = None
    emergencies: access.EmergencyRules = access.EmergencyRules()  # noqa: RUF009 - frozen, so that sharing it harms nobody

    def visit(self, connection: HTTPConnection) -> identity.Visit:
        """Return where a request comes from."""
        return identity.Visit(
            origin=f"web {self._address(connection)}",
            device=connection.headers.get("user-agent", ""),
            device_token=self.pages.cookies.read(connection, "device"),
        )

    def caller(self, connection: HTTPConnection) -> identity.Caller:
        """Return who is asking. Call it outside any transaction.

        Raises:
            SessionUnknown: nobody is signed in, or the session was ended.
            SessionExpired: it stayed idle too long, or reached its absolute limit.
            SessionRestricted: it must do something else first.
        """
        return self.restricted_caller(connection)

    def restricted_caller(
        self, connection: HTTPConnection, *lifting: identity.Restriction
    ) -> identity.Caller:
        """Return who is asking, also from a session that is restricted to the very act at hand.

        Only what lifts those restrictions, steps up or signs out may name them; every other route is closed to a
        restricted session, those not written yet included.

        Raises: as `caller`.
        """
        caller = self._resumed(connection)
        identity.require_unrestricted(caller, lifting=lifting)
        return caller

    def caller_again(self, connection: HTTPConnection) -> identity.Caller:
        """Return who is asking, looked up anew: for what lasts longer than a moment.

        Raises: as `caller`.
        """
        connection.scope.pop("serment.caller", None)
        return self.caller(connection)

    def _resumed(self, connection: HTTPConnection) -> identity.Caller:
        known = connection.scope.get("serment.caller")
        if isinstance(known, identity.Caller):
            return known
        token = self.pages.cookies.read(connection, "session")
        if token is None:
            raise identity.SessionUnknown("session")
        caller = identity.resume_session(self.database, token, self.visit(connection).origin)
        connection.scope["serment.caller"] = caller
        return caller

    def _address(self, connection: HTTPConnection) -> str:
        address = connection.client.host if connection.client is not None else "unknown"
        # Some proxies add a line of their own below the one that the client wrote: all lines are one list (RFC 9110, 5.3).
        said = ",".join(connection.headers.getlist("x-forwarded-for"))
        hops = [hop.strip() for hop in said.split(",") if hop.strip()]
        while hops and self._is_trusted(address):
            address = hops.pop()
        return address if _is_address(address) else "unknown"

    def _is_trusted(self, address: str) -> bool:
        return _is_address(address) and any(
            ip_address(address) in network for network in self.trusted_proxies
        )


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
