"""Who can be let in: colleagues, teams, and somebody elsewhere by their exact login."""

from dataclasses import dataclass
from uuid import UUID

from serment import access, identity, kernel
from serment.access import Action, Relation, Section
from serment.edge.pages.vocabulary import PROFESSION_WORDS
from serment.edge.shell import mark

_TEAM = mark("Équipe")


@dataclass(frozen=True)
class Grantee:
    """Somebody, or a team, that can be let in. `code` stands for them in a form, `quality` is a marked sentence.

    `readers` are the professions through which anything is read; `place` is their organisation.
    """

    code: str
    name: str
    quality: str
    readers: frozenset[identity.Profession]
    organisation: kernel.OrganisationId
    place: str
    account: kernel.AccountId | None = None
    team: identity.TeamId | None = None

    def reads(self, sections: frozenset[Section], matrix: access.Matrix) -> bool:
        """Tell whether letting them in opens every one of these sections to somebody."""
        return all(
            any(
                Action.READ in access.reaches(reader, Relation.CARE_TEAM, matrix).get(section, ())
                for reader in self.readers
            )
            for section in sections
        )


def colleagues_of(uow: kernel.UnitOfWork, caller: identity.Caller) -> tuple[Grantee, ...]:
    """Return the teams of the caller's organisation, then its professionals but the caller, by name."""
    place = identity.open_organisation(uow, caller.organisation).name
    found = identity.find_colleagues(uow, caller.organisation, "")
    people = [
        _person(account, place) for account in found if account.id != caller.account and _is_carer(account)
    ]
    return (*(_team(uow, team, place) for team in identity.list_teams(uow, caller.organisation)), *people)


def named_grantee(uow: kernel.UnitOfWork, caller: identity.Caller, code: str) -> Grantee | None:
    """Return whom a form names: "account:<id>" of any organisation here, or "team:<id>" of the caller's own."""
    kind, _, identifier = code.partition(":")
    if kind == "team":
        return next((one for one in colleagues_of(uow, caller) if one.code == code), None)
    try:
        account = identity.open_account(uow, kernel.AccountId(UUID(identifier)))
    except (ValueError, identity.AccountNotFound):
        return None
    return _carer(uow, account)


def grantee_by_login(uow: kernel.UnitOfWork, login: str) -> Grantee | None:
    """Return the professional with exactly this login, in whichever organisation of this installation."""
    wanted = login.strip().casefold()
    for organisation in identity.list_organisations(uow):
        for account in identity.find_colleagues(uow, organisation.id, ""):
            if account.login.casefold() == wanted:
                return _carer(uow, account)
    return None


def _carer(uow: kernel.UnitOfWork, account: identity.Account) -> Grantee | None:
    if not _is_carer(account) or account.status is not identity.AccountStatus.ACTIVE:
        return None
    return _person(account, identity.open_organisation(uow, account.organisation).name)


def _is_carer(account: identity.Account) -> bool:
    return account.role is identity.Role.PROFESSIONAL


def _person(account: identity.Account, place: str) -> Grantee:
    return Grantee(
        code=f"account:{account.id}",
        name=account.name,
        quality=PROFESSION_WORDS[account.profession],
        readers=frozenset({account.profession}),
        organisation=account.organisation,
        place=place,
        account=account.id,
    )


def _team(uow: kernel.UnitOfWork, team: identity.Team, place: str) -> Grantee:
    members = identity.open_accounts(uow, {member.account for member in identity.members_of(uow, team.id)})
    readers = frozenset(member.profession for member in members.values())
    return Grantee(f"team:{team.id}", team.name, _TEAM, readers, team.organisation, place, team=team.id)
