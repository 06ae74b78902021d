"""What forms of these pages name."""

from serment import access
from serment.edge.pages.dossiers.asked import asked_identifier
from serment.edge.shell import Form


def asked_delegation(form: Form) -> access.DelegationId:
    """Return the delegation that a form names.

    Raises:
        DelegationNotFound: it is no identifier of ours.
    """
    named = asked_identifier(form.text("delegation"))
    if named is None:
        raise access.DelegationNotFound("unreadable")
    return access.DelegationId(named)
