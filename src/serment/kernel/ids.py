"""The identifiers that cross domains: the controller, the person acting, the dossier."""

from typing import NewType
from uuid import UUID, uuid4

OrganisationId = NewType("OrganisationId", UUID)
AccountId = NewType("AccountId", UUID)
DossierId = NewType("DossierId", UUID)


def new_id() -> UUID:
    """Draw a random identifier (UUID version 4); it tells nothing of when or for whom it was made.

    An identifier is not a secret (ASVS 11.5.1): knowing one gives no access.
    """
    return uuid4()
