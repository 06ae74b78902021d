"""Accounts in clear: open one, list them for an administrator, find a colleague, suspend and reinstate."""

import unicodedata
from collections.abc import Collection

from serment.identity.directory import store
from serment.identity.directory.anchors import anchor_account
from serment.identity.errors import AccountNotFound, NotPermitted
from serment.identity.events.trail import Event, leave_trace
from serment.identity.logins import tag_of_login
from serment.identity.model import Account, Caller, Profession, Role
from serment.identity.sealing import LOGIN, NAME, seal_text, unseal_text
from serment.identity.vocabulary import EventKind
from serment.kernel import AccountId, OrganisationId, UnitOfWork


def require_administrator(caller: Caller) -> None:
    """Let an administrator pass.

    Raises:
        NotPermitted: the caller has another role.
    """
    if caller.role is not Role.ADMINISTRATOR:
        raise NotPermitted(caller.role)


def add_account(uow: UnitOfWork, account: Account, login_tag: bytes) -> None:
    """Store a new account, its login and name sealed."""
    organisation = account.organisation
    sealed = store.SealedAccount(
        id=account.id,
        organisation=organisation,
        login_tag=login_tag,
        login_sealed=seal_text(uow, organisation, LOGIN, account.id, account.login),
        name_sealed=seal_text(uow, organisation, NAME, account.id, account.name),
        role=account.role,
        profession=account.profession,
        status=account.status,
        created_at=account.created_at,
    )
    store.add_account(uow, sealed)
    anchor_account(uow, sealed)


def open_account(uow: UnitOfWork, account: AccountId) -> Account:
    """Return an account of this installation.

    Raises:
        AccountNotFound: there is none with that identifier.
    """
    found = store.load_account(uow, account)
    if found is None:
        raise AccountNotFound(str(account))
    return in_clear(uow, found)


def open_accounts(uow: UnitOfWork, accounts: Collection[AccountId]) -> dict[AccountId, Account]:
    """Return accounts of this installation, whatever their number in one query.

    Raises:
        AccountNotFound: there is none with one of the identifiers.
    """
    found = {row.id: in_clear(uow, row) for row in store.load_accounts(uow, frozenset(accounts))}
    for account in accounts:
        if account not in found:
            raise AccountNotFound(str(account))
    return found


def account_in_reach(uow: UnitOfWork, caller: Caller, account: AccountId) -> Account:
    """Return an account of the caller's own organisation; another organisation's does not exist for them.

    Raises:
        AccountNotFound: no such account there.
    """
    found = open_account(uow, account)
    if found.organisation != caller.organisation:
        raise AccountNotFound(str(account))
    return found


def list_accounts(uow: UnitOfWork, caller: Caller) -> tuple[Account, ...]:
    """Return every account of the administrator's organisation, by name; listing leaves a trace.

    Raises:
        NotPermitted: the caller is no administrator.
    """
    require_administrator(caller)
    leave_trace(uow, Event(EventKind.ACCOUNTS_LISTED, caller.organisation, caller.actor))
    found = (in_clear(uow, row) for row in store.accounts_of(uow, caller.organisation))
    return tuple(sorted(found, key=lambda account: _plain(account.name)))


def find_colleagues(uow: UnitOfWork, organisation: OrganisationId, text: str) -> tuple[Account, ...]:
    """Return the active accounts, patients excepted, with a name in which each word of `text` begins a word.

    Case and accents do not count. Names are unsealed and compared in memory; an empty text finds everybody.
    """
    wanted = _plain(text).split()
    found = (in_clear(uow, row) for row in store.colleagues_of(uow, organisation))
    matching = (account for account in found if _answers(account.name, wanted))
    return tuple(sorted(matching, key=lambda account: _plain(account.name)))


def peers_of(uow: UnitOfWork, caller: Caller) -> frozenset[AccountId]:
    """Return the active accounts of the caller's profession in their organisation, without their own; no name is opened."""
    found = store.colleagues_of(uow, caller.organisation)
    return frozenset(row.id for row in found if row.profession is caller.profession) - {caller.account}


def names_of(
    uow: UnitOfWork, accounts: Collection[AccountId], *, within: OrganisationId | None = None
) -> dict[AccountId, str]:
    """Return the display names of accounts; unknown identifiers, and those not `within` it, are absent alike."""
    found = store.load_accounts(uow, frozenset(accounts)) if accounts else ()
    return {
        row.id: unseal_text(uow, row.organisation, NAME, row.id, row.name_sealed)
        for row in found
        if within is None or row.organisation == within
    }


def in_clear(uow: UnitOfWork, row: store.SealedAccount) -> Account:
    """Return a stored account with its login and name unsealed."""
    return Account(
        id=row.id,
        organisation=row.organisation,
        login=unseal_text(uow, row.organisation, LOGIN, row.id, row.login_sealed),
        name=unseal_text(uow, row.organisation, NAME, row.id, row.name_sealed),
        role=row.role,
        profession=row.profession,
        status=row.status,
        created_at=row.created_at,
        leaves_at=row.leaves_at,
    )


def fits(role: Role, profession: Profession) -> bool:
    """Tell whether a profession goes with a role: professionals have one, the others none."""
    return (role is Role.PROFESSIONAL) == (profession is not Profession.NONE)


def _answers(name: str, wanted: list[str]) -> bool:
    words = _plain(name).replace("-", " ").split()
    return all(any(word.startswith(start) for word in words) for start in wanted)


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in apart if not unicodedata.combining(character))


def account_of_login(uow: UnitOfWork, login: str) -> AccountId:
    """Return whose account a login is; for whoever operates the machine, or looks into an incident.

    Raises:
        AccountNotFound: no account has that login.
    """
    found = store.find_by_login_tag(uow, tag_of_login(uow, login))
    if found is None:
        raise AccountNotFound("login")
    return found.id
