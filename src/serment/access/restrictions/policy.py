"""Who may place, see and lift which restriction. Pure; no I/O, no clock."""

from serment.access.model import Action, Against, Permit, Relation
from serment.access.restrictions.errors import RestrictionInvalid
from serment.access.restrictions.model import Restriction, RestrictionRequest


def check_request(permit: Permit, request: RestrictionRequest) -> None:
    """Refuse a restriction that somebody cannot place, or that would keep nobody away.

    Patients close what they will. Whoever acts for them closes it to professionals or to a person. A professional
    reserves an entry to the patient, against those who act for them, and nothing else (CSP L.1111-5).

    Raises:
        RestrictionInvalid: it is so; `field` says of what.
    """
    if (request.against is Against.PERSON) != (request.account is not None):
        raise RestrictionInvalid("account")
    if request.account == permit.caller.account:
        raise RestrictionInvalid("account")
    if permit.action is Action.CONTROL:
        reserved = request.against is Against.DELEGATES
        if reserved and permit.relation is not Relation.PATIENT:
            raise RestrictionInvalid("against")
    elif request.against is not Against.DELEGATES or request.entry is None:
        raise RestrictionInvalid("against")


def sees(permit: Permit, placed: Restriction) -> bool:
    """Tell whether a restriction is shown to the bearer of a permit, who may then lift it.

    Nobody is told what is kept from them: not those who act for the patient, nor a professional. A professional sees
    what is reserved to the patient among the entries that they may share.
    """
    if permit.action is Action.CONTROL:
        return permit.relation is Relation.PATIENT or not _is_kept_from(permit, placed)
    reserved = placed.against is Against.DELEGATES and placed.entry is not None
    return reserved and placed.section is not None and permit.covers(placed.section, placed.entry)


def _is_kept_from(permit: Permit, placed: Restriction) -> bool:
    if placed.against is Against.DELEGATES or placed.account == permit.caller.account:
        return True
    if placed.section is None or placed.entry is None:
        return False
    return permit.hidden.hides(placed.section, placed.entry)
