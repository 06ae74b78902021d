"""What forms of these pages name."""

from uuid import UUID

from serment import access
from serment.edge.shell import Form


def asked_delegation(form: Form) -> access.DelegationId:
    """Return the delegation that a form names.

    Raises:
        DelegationNotFound: it is no identifier of ours.
    """
    try:
        return access.DelegationId(UUID(form.text("delegation")))
    except ValueError:
        raise access.DelegationNotFound("unreadable") from None
