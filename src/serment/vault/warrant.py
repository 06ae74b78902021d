"""Warrants: proof, for the vault, that a decision to open a dossier's bytes was taken.

`access` holds the one notary; it issues a warrant with each permit, once the decision is taken and traced.
The keyring opens a dossier's bytes against nothing else.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime

from serment import kernel
from serment.vault.context import Scope, encode_fields
from serment.vault.errors import WarrantRefused


@dataclass(frozen=True, slots=True)
class Warrant:
    """Leave to open some compartments of one dossier until an instant; `stamp` shows who issued it.

    It is for this process and never leaves it: another process has another notary.
    """

    organisation: kernel.OrganisationId
    dossier: kernel.DossierId
    compartments: frozenset[str]
    until: datetime
    stamp: bytes


class Notary:
    """The only maker of warrants, by a secret that the keyring draws at each start."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def issue(
        self,
        *,
        organisation: kernel.OrganisationId,
        dossier: kernel.DossierId,
        compartments: frozenset[str],
        until: datetime,
    ) -> Warrant:
        """Issue a warrant; whoever calls has taken the decision and left its trace."""
        stamp = self._stamp(organisation, dossier, compartments, until)
        return Warrant(organisation, dossier, compartments, until, stamp)

    def insist_on(self, warrant: Warrant | None, scope: Scope, now: datetime) -> None:
        """Return if the warrant is genuine, alive and covers the scope; a scope without a dossier needs none.

        Raises:
            WarrantRefused: it is missing, forged, over, or for something else.
        """
        if scope.dossier is None:
            return
        if warrant is None:
            raise WarrantRefused("missing")
        expected = self._stamp(warrant.organisation, warrant.dossier, warrant.compartments, warrant.until)
        if not hmac.compare_digest(expected, warrant.stamp):
            raise WarrantRefused("forged")
        if warrant.until <= now:
            raise WarrantRefused("over")
        if (warrant.organisation, warrant.dossier) != (scope.organisation, scope.dossier):
            raise WarrantRefused("for another dossier")
        if scope.compartment not in warrant.compartments:
            raise WarrantRefused("for other compartments")

    def _stamp(
        self,
        organisation: kernel.OrganisationId,
        dossier: kernel.DossierId,
        compartments: frozenset[str],
        until: datetime,
    ) -> bytes:
        named = (compartment.encode() for compartment in sorted(compartments))
        fields = (organisation.bytes, dossier.bytes, until.isoformat().encode(), *named)
        return hmac.digest(self._secret, encode_fields(b"serment/warrant/1", fields), "sha256")
