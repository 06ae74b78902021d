"""Enrol: with the code, a person sets a password and a first second factor, in one go (AUT-02)."""

from serment import ledger
from serment.identity.ceremonies import store as ceremonies
from serment.identity.ceremonies.store import Purpose
from serment.identity.directory import store as directory
from serment.identity.directory.anchors import change_status
from serment.identity.enrolment import store
from serment.identity.enrolment.codes import CodeDoor, Shown, whose_code
from serment.identity.enrolment.invitations import digest_of_code
from serment.identity.enrolment.offers import (
    Enrolled,
    Enrolment,
    EnrolmentOffer,
    Proved,
    equip,
    knock,
    make_offer,
    prove,
    take_offer,
)
from serment.identity.entrance import Entrance
from serment.identity.errors import EnrolmentRefused
from serment.identity.events.trail import Event, leave_trace
from serment.identity.model import AccountStatus, Visit
from serment.identity.vocabulary import EventKind
from serment.kernel import UnitOfWork

DOOR = CodeDoor(
    "enrolment", AccountStatus.INVITED, store.living_code, digest_of_code, EventKind.ENROLMENT_REFUSED
)


def begin_enrolment(entrance: Entrance, login: str, code: str, visit: Visit) -> EnrolmentOffer:
    """Take the code that was given by hand, and offer what is needed to complete the account.

    Raises:
        Throttled: too many tries from this network, for this login or in all.
        EnrolmentRefused: no such invitation, wrong code, expired, or its giver has left.
    """
    login_tag = knock(entrance, DOOR.name, login, visit)
    with entrance.database.unit_of_work() as uow:
        account = whose_code(uow, entrance, DOOR, Shown(login_tag, code), visit)
        offer = None if account is None else make_offer(uow, entrance, account, Purpose.ENROLMENT)
    # Raised after the commit: the trace of the refusal stays.
    if offer is None:
        raise EnrolmentRefused("enrolment")
    return offer


def complete_enrolment(entrance: Entrance, enrolment: Enrolment, visit: Visit) -> Enrolled:
    """Set the password and the first second factor, and make the account active.

    A refused password or factor leaves the offer open for another answer.

    Raises:
        EnrolmentRefused: the offer ran out, or was completed.
        PasswordTooShort, PasswordTooLong, PasswordBreached, PasswordTooGuessable: choose another password.
        PasskeyNeeded: an application was given where passkeys are all that is used.
        FactorNotConfirmed: the factor did not prove that it works.
    """
    proved = prove(entrance, enrolment, Purpose.ENROLMENT)
    with entrance.database.unit_of_work() as uow:
        directory.hold_account(uow, proved.account.id)
        take_offer(uow, enrolment, Purpose.ENROLMENT)
        return _enrol(uow, proved, visit)


def _enrol(uow: UnitOfWork, proved: Proved, visit: Visit) -> Enrolled:
    account = proved.account
    factor, codes = equip(uow, proved)
    change_status(uow, account.id, AccountStatus.ACTIVE)
    store.end_code(uow, account.id)
    ceremonies.end_all_of(uow, account.id)
    owner = ledger.Actor(account.id, account.organisation, account.role.value, visit.origin)
    detail = {"factor": str(factor.id), "kind": factor.kind.value}
    enrolled = Event(EventKind.ACCOUNT_ENROLLED, account.organisation, owner, account.id, detail=detail)
    leave_trace(uow, enrolled)
    return Enrolled(account.id, codes)
