"""Who may stand behind the counter, and what its pages have in common."""

from collections.abc import Collection

from starlette.requests import Request

from serment import access, identity
from serment.edge.desk import Desk
from serment.edge.pages.frame import enter
from serment.edge.pages.vocabulary import PROFESSION_WORDS, ROLE_WORDS
from serment.edge.shell import Link, Words, mark

STATUS_WORDS: dict[identity.AccountStatus, str] = {
    identity.AccountStatus.INVITED: mark("Inscription attendue"),
    identity.AccountStatus.ACTIVE: mark("Compte ouvert"),
    identity.AccountStatus.SUSPENDED: mark("Compte suspendu"),
    identity.AccountStatus.DORMANT: mark("Compte en sommeil"),
    identity.AccountStatus.DEPARTED: mark("Parti"),
}
STATUS_TONES: dict[identity.AccountStatus, str] = {
    identity.AccountStatus.INVITED: "amber",
    identity.AccountStatus.ACTIVE: "deep",
    identity.AccountStatus.SUSPENDED: "red",
    identity.AccountStatus.DORMANT: "amber",
    identity.AccountStatus.DEPARTED: "",
}


def enter_administration(desk: Desk, request: Request) -> identity.Caller:
    """Return the administrator who is asking; for anybody else there is no such page.

    Raises: as `enter_office`.
    """
    return enter_office(desk, request, frozenset({identity.Role.ADMINISTRATOR}))


def enter_office(desk: Desk, request: Request, offices: Collection[identity.Role]) -> identity.Caller:
    """Return who is asking and holds one of these offices; for anybody else there is no such page.

    Raises:
        SessionUnknown, SessionExpired: nobody is signed in, or no longer.
        NotPermitted: the caller has another role.
        AccountFrozen: the caller's account was stopped.
    """
    caller = enter(desk, request)
    with desk.database.reading() as uow:
        access.insist_on_office(uow, caller, offices)
    return caller


def quality_word(role: identity.Role, profession: identity.Profession) -> str:
    """Return in what quality an account acts: the profession of professionals, the role of the others."""
    return PROFESSION_WORDS[profession] if role is identity.Role.PROFESSIONAL else ROLE_WORDS[role]


def tabs(words: Words, current: str) -> list[Link]:
    """Return the parts of the administration."""
    return [
        Link(words.say("Personnes"), "/administration/people", current == "people", sign="user-check"),
        Link(words.say("Équipes"), "/administration/teams", current == "teams", sign="users"),
        Link(
            words.say("Récupérations"),
            "/administration/recoveries",
            current == "recoveries",
            sign="key-round",
        ),
        Link(words.say("En sommeil"), "/administration/sleeping", current == "sleeping", sign="moon"),
        Link(words.say("Comptes arrêtés"), "/brake/accounts", current == "stopped", sign="ban"),
        Link(words.say("Droits"), "/administration/matrix", current == "matrix", sign="lock"),
    ]
