"""From where somebody came, kept so that the owner of the account reads it and nobody else does."""

import json
from dataclasses import dataclass
from uuid import UUID

from serment.identity.model import Visit
from serment.identity.sealing import seal_text, unseal_text
from serment.kernel import OrganisationId, UnitOfWork

_MOST_DEVICE_CHARACTERS = 300


@dataclass(frozen=True)
class Place:
    """What a browser called itself, and the face and address that it came from."""

    device: str
    origin: str


def seal_place(
    uow: UnitOfWork, organisation: OrganisationId, kind: str, subject: UUID, visit: Visit
) -> bytes:
    """Seal from where a visit came, for the session or the browser that it belongs to."""
    place = {"device": visit.device[:_MOST_DEVICE_CHARACTERS], "origin": visit.origin}
    return seal_text(uow, organisation, kind, subject, json.dumps(place))


def unseal_place(
    uow: UnitOfWork, organisation: OrganisationId, kind: str, subject: UUID, sealed: bytes
) -> Place:
    """Return what was sealed for that session or browser.

    Raises:
        SealBroken: the stored bytes are not what was sealed for this place.
    """
    return Place(**json.loads(unseal_text(uow, organisation, kind, subject, sealed)))
