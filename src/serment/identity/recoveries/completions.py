"""Use the code of a recovery: new factors as at an enrolment, and the end of everything that opened the account."""

from serment import ledger
from serment.identity.ceremonies.store import Purpose
from serment.identity.directory import store as directory
from serment.identity.enrolment import store
from serment.identity.enrolment.codes import CodeDoor, Shown, whose_code
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
from serment.identity.factors import store as factors
from serment.identity.factors.anchors import anchor_factor_gone
from serment.identity.federation import links
from serment.identity.leaving.ending import close_every_door
from serment.identity.model import Account, AccountStatus, Visit
from serment.identity.recoveries.recoveries import digest_of_recovery
from serment.identity.vocabulary import EventKind
from serment.kernel import UnitOfWork

DOOR = CodeDoor(
    "recovery",
    AccountStatus.ACTIVE,
    store.living_recovery_code,
    digest_of_recovery,
    EventKind.RECOVERY_REFUSED,
)


def begin_recovery(entrance: Entrance, login: str, code: str, visit: Visit) -> EnrolmentOffer:
    """Take the code of a recovery, given by hand, and offer what completes the account anew.

    Raises:
        Throttled: too many tries from this network, for this login or in all.
        EnrolmentRefused: no such recovery, stopped, not approved, too early, wrong code, expired.
    """
    login_tag = knock(entrance, DOOR.name, login, visit)
    with entrance.database.unit_of_work() as uow:
        account = whose_code(uow, entrance, DOOR, Shown(login_tag, code), visit)
        offer = None if account is None else make_offer(uow, entrance, account, Purpose.RECOVERY)
    # Raised after the commit: the trace of the refusal stays.
    if offer is None:
        raise EnrolmentRefused("recovery")
    return offer


def complete_recovery(entrance: Entrance, enrolment: Enrolment, visit: Visit) -> Enrolled:
    """End every way into the account that there was, and set the new ones.

    Ended are factors, password, recovery codes, sessions, known browsers, access keys, linked identities and
    unfinished steps. A refused password or factor leaves the offer open for another answer.

    Raises:
        EnrolmentRefused: the offer ran out or was completed, or the recovery was stopped meanwhile.
        PasswordTooShort, PasswordTooLong, PasswordBreached, PasswordTooGuessable: choose another password.
        PasskeyNeeded: an application was given where passkeys are all that is used.
        FactorNotConfirmed: the factor did not prove that it works.
    """
    proved = prove(entrance, enrolment, Purpose.RECOVERY)
    with entrance.database.unit_of_work() as uow:
        held = directory.hold_account(uow, proved.account.id)
        take_offer(uow, enrolment, Purpose.RECOVERY)
        stopped = store.take_recovery(uow, proved.account.id) is None
        if stopped or held is None or held.status is not AccountStatus.ACTIVE:
            raise EnrolmentRefused("stopped")
        return _recover(uow, proved, visit)


def _recover(uow: UnitOfWork, proved: Proved, visit: Visit) -> Enrolled:
    account = proved.account
    former = _former_factors(uow, account)
    factor, codes = equip(uow, proved)
    ended = close_every_door(uow, account.id)
    unlinked = links.end_all(uow, account.id, account.organisation)
    owner = ledger.Actor(account.id, account.organisation, account.role.value, visit.origin)
    figures = {**ended.detail, "links": str(unlinked), "factors": str(former)}
    detail = {"factor": str(factor.id), "kind": factor.kind.value, **figures}
    leave_trace(
        uow, Event(EventKind.RECOVERY_COMPLETED, account.organisation, owner, account.id, detail=detail)
    )
    return Enrolled(account.id, codes)


def _former_factors(uow: UnitOfWork, account: Account) -> int:
    """End every factor there was, with the password and the recovery codes; return how many."""
    totp, passkeys = factors.totp_of(uow, account.id), factors.passkeys_of(uow, account.id)
    former: list[factors.TotpRow | factors.PasskeyRow] = [*totp, *passkeys]
    for row in former:
        factors.remove_factor(uow, account.id, row.id)
        anchor_factor_gone(uow, account.organisation, row.id)
    factors.remove_password(uow, account.id)
    factors.remove_recovery_codes(uow, account.id)
    return len(former)
