"""What ends with an account: every way in, and every way that its owner opened to others.

This is the one place to add to when accounts get another thing that opens something.
"""

from dataclasses import dataclass, replace

from serment.identity.access_keys import keys as access_keys
from serment.identity.ceremonies import store as ceremonies
from serment.identity.devices import store as devices
from serment.identity.directory import store as directory
from serment.identity.enrolment import store as enrolment
from serment.identity.errors import AccountNotFound
from serment.identity.federation import links
from serment.identity.sessions import store as sessions
from serment.identity.teams import store as teams
from serment.identity.teams.memberships import end_membership_now
from serment.kernel import AccountId, UnitOfWork


@dataclass(frozen=True)
class Ended:
    """How many of each were ended."""

    sessions: int
    devices: int
    keys: int
    codes: int
    memberships: int = 0
    links: int = 0

    @property
    def detail(self) -> dict[str, str]:
        """The figures, as a trace carries them."""
        return {name: str(count) for name, count in vars(self).items()}


def close_every_door(uow: UnitOfWork, account: AccountId) -> Ended:
    """End sessions, known browsers, access keys, unfinished steps and enrolment codes of an account.

    The codes that its owner gave to others end too: whoever noted one down could else come back as the person
    invited (AUT-02). Those persons are given another.

    Raises:
        AccountNotFound: there is no such account.
    """
    directory.hold_account(uow, account)
    ceremonies.end_all_of(uow, account)
    enrolment.end_code(uow, account)
    invited = enrolment.end_codes_given_by(uow, account)
    for somebody in invited:
        ceremonies.end_all_of(uow, somebody)
    return Ended(
        sessions=sessions.end_all(uow, account),
        devices=devices.end_all(uow, account),
        keys=access_keys.end_all(uow, account),
        codes=len(invited),
    )


def end_everything_of(uow: UnitOfWork, account: AccountId) -> Ended:
    """Close every door of an account, unlink its identities elsewhere and end its memberships of teams.

    Whoever calls leaves the trace of why. What ties it to dossiers is ended by `access`, which knows of them.

    Raises:
        AccountNotFound: there is no such account.
    """
    closed = close_every_door(uow, account)
    owner = directory.load_account(uow, account)
    if owner is None:
        raise AccountNotFound(str(account))
    lasting = teams.memberships_of(uow, account)
    for membership in lasting:
        end_membership_now(uow, owner.organisation, membership)
    unlinked = links.end_all(uow, account, owner.organisation)
    return replace(closed, memberships=len(lasting), links=unlinked)
