"""Enrol: with the code, a person sets a password and a first second factor, in one go (AUT-02)."""

import hmac

from serment import ledger
from serment.identity.ceremonies import store as ceremonies
from serment.identity.ceremonies.store import Purpose
from serment.identity.directory import store as directory
from serment.identity.directory.accounts import in_clear
from serment.identity.directory.anchors import change_status
from serment.identity.enrolment import store
from serment.identity.enrolment.invitations import TRIES, digest_of_code
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
from serment.identity.model import Account, AccountStatus, Visit
from serment.identity.unproved import trace_refused_code
from serment.identity.vocabulary import EventKind
from serment.kernel import AccountId, UnitOfWork, new_id


def begin_enrolment(entrance: Entrance, login: str, code: str, visit: Visit) -> EnrolmentOffer:
    """Take the code that was given by hand, and offer what is needed to complete the account.

    Raises:
        Throttled: too many tries for this login or from this network.
        EnrolmentRefused: no such invitation, wrong code, expired, or tried too often.
    """
    login_tag = knock(entrance, "enrolment", login, visit)
    with entrance.database.unit_of_work() as uow:
        account = _invited(uow, entrance, login_tag, code, visit)
        offer = None if account is None else make_offer(uow, entrance, account, Purpose.ENROLMENT)
    # Raised after the commit: the try stays spent.
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


def _invited(
    uow: UnitOfWork, entrance: Entrance, login_tag: bytes, code: str, visit: Visit
) -> Account | None:
    found = directory.find_by_login_tag(uow, login_tag)
    looked_up = AccountId(new_id()) if found is None else found.id
    stored = store.spend_try(uow, looked_up)
    given = digest_of_code(uow, looked_up, code)
    right = hmac.compare_digest(stored or bytes(len(given)), given)
    if found is None or not right or found.status is not AccountStatus.INVITED:
        trace_refused_code(uow, EventKind.ENROLMENT_REFUSED, found, visit, entrance.rules.throttle)
        return None
    store.restore_tries(uow, found.id, TRIES)
    return in_clear(uow, found)


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
