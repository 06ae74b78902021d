"""Invite a person: an account without any way in, and a code that is given to them by hand (AUT-02)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from serment import ledger, vault
from serment.identity.ceremonies import store as ceremonies
from serment.identity.directory.accounts import account_in_reach, add_account, fits
from serment.identity.directory.organisations import NewOrganisation, found_organisation, operator_of
from serment.identity.enrolment import store
from serment.identity.errors import NotPermitted
from serment.identity.events.trail import Event, leave_trace
from serment.identity.logins import check_login, tag_of_login
from serment.identity.model import Account, AccountStatus, Caller, Profession, Role
from serment.identity.tokens import draw_code, keyed_digest, tidy_code
from serment.identity.vocabulary import EventKind
from serment.kernel import AccountId, OrganisationId, UnitOfWork, new_id

CODE_LIFE = timedelta(days=7)
_GROUPS = 3


@dataclass(frozen=True)
class Invitation:
    """Whom to invite, and in what quality."""

    login: str
    name: str
    role: Role
    profession: Profession = Profession.NONE


@dataclass(frozen=True)
class EnrolmentCode:
    """The code that opens an enrolment, shown once: "K7QF-2MZA-PT5D", 60 bits, seven days."""

    account: AccountId
    code: str
    expires_at: datetime


@dataclass(frozen=True)
class FirstAdministrator:
    """What a new installation begins with."""

    organisation: OrganisationId
    enrolment: EnrolmentCode


def invite(uow: UnitOfWork, caller: Caller, invitation: Invitation) -> EnrolmentCode:
    """Add an account to the caller's organisation and return the code to give to its owner by hand.

    Administrators invite anybody; professionals invite patients.

    Raises:
        NotPermitted: the caller's role does not invite that role, or role and profession do not go together.
        LoginMalformed, LoginTaken: another login is needed.
    """
    if not _may_invite(caller.role, invitation.role):
        raise NotPermitted(invitation.role)
    return _invite(uow, caller.actor, caller.organisation, invitation)


def renew_enrolment_code(uow: UnitOfWork, caller: Caller, account: AccountId) -> EnrolmentCode:
    """Return a new code for an account that was never enrolled; the former one is worth nothing any more.

    Raises:
        AccountNotFound: no such account in the caller's organisation.
        NotPermitted: the account is enrolled, or the caller's role does not renew codes of that role.
    """
    invited = account_in_reach(uow, caller, account)
    if invited.status is not AccountStatus.INVITED or not _may_renew(caller.role, invited.role):
        raise NotPermitted(invited.status)
    return _give_code(uow, caller.actor, invited)


def first_administrator(
    uow: UnitOfWork, organisation: NewOrganisation, *, login: str, name: str
) -> FirstAdministrator:
    """Found an organisation from the console, with the code that enrols its first administrator.

    Raises:
        LoginMalformed, LoginTaken: another login is needed.
    """
    founded = found_organisation(uow, organisation).id
    invitation = Invitation(login, name, Role.ADMINISTRATOR)
    return FirstAdministrator(founded, _invite(uow, operator_of(founded), founded, invitation))


def digest_of_code(uow: UnitOfWork, account: AccountId, code: str) -> bytes:
    """Return what the database keeps of an enrolment code."""
    key = uow.part(vault.Keyring).secret("identity-codes")
    return keyed_digest(key, "enrolment", account.bytes, tidy_code(code))


def _may_invite(inviting: Role, invited: Role) -> bool:
    return inviting is Role.ADMINISTRATOR or (inviting is Role.PROFESSIONAL and invited is Role.PATIENT)


def _may_renew(renewing: Role, invited: Role) -> bool:
    """A patient's account may be tied to a dossier by now: its code opens what administrators never read (THR-07)."""
    if invited is Role.PATIENT:
        return renewing is Role.PROFESSIONAL
    return _may_invite(renewing, invited)


def _invite(
    uow: UnitOfWork, actor: ledger.Actor, organisation: OrganisationId, invitation: Invitation
) -> EnrolmentCode:
    if not fits(invitation.role, invitation.profession):
        raise NotPermitted(f"{invitation.role} with profession {invitation.profession}")
    login = check_login(invitation.login)
    account = Account(
        id=AccountId(new_id()),
        organisation=organisation,
        login=login,
        name=invitation.name,
        role=invitation.role,
        profession=invitation.profession,
        status=AccountStatus.INVITED,
        created_at=uow.now,
    )
    add_account(uow, account, tag_of_login(uow, login))
    return _give_code(uow, actor, account)


def _give_code(uow: UnitOfWork, actor: ledger.Actor, account: Account) -> EnrolmentCode:
    code, expires_at = draw_code(_GROUPS), uow.now + CODE_LIFE
    row = store.CodeRow(account.id, digest_of_code(uow, account.id, code), expires_at, actor.account)
    store.replace_code(uow, row)
    ceremonies.end_all_of(uow, account.id)
    detail = {"role": account.role.value}
    leave_trace(uow, Event(EventKind.ACCOUNT_INVITED, account.organisation, actor, account.id, detail=detail))
    return EnrolmentCode(account.id, code, expires_at)
