"""To whom something can be closed, and what: the choices of a form, by codes."""

from collections.abc import Iterable
from dataclasses import dataclass

from serment import access, identity, kernel
from serment.access import Against, EntryId, Permit, Relation, Section
from serment.edge.pages.circle import Circle
from serment.edge.pages.vocabulary import PROFESSION_WORDS
from serment.edge.shell import mark

PROFESSIONALS, DELEGATES, EVERYTHING = "professionals", "delegates", "all"
#: What can be closed as a whole; the identity stays, for whoever treats somebody must know who they are.
CLOSABLE = tuple(section for section in Section if section is not Section.IDENTITY)
_RELATIVE = mark("agit pour vous")


@dataclass(frozen=True)
class Person:
    """Somebody to whom something can be closed; `quality` is a marked sentence."""

    account: kernel.AccountId
    name: str
    quality: str

    @property
    def code(self) -> str:
        """What stands for them in a form."""
        return f"account:{self.account}"


@dataclass(frozen=True)
class Choices:
    """Who is offered: those around the dossier, the other professionals of the house, those who act for the patient."""

    around: tuple[Person, ...]
    others: tuple[Person, ...]
    relatives: tuple[Person, ...]
    all_relatives: bool

    def person(self, code: str) -> Person | None:
        """Return whom a code stands for."""
        return next((one for one in (*self.around, *self.others, *self.relatives) if one.code == code), None)


def choices_of(uow: kernel.UnitOfWork, permit: Permit, circle: Circle) -> Choices:
    """Return who can be kept away by the holder of a permit to control.

    Those who act for a patient keep professionals away, and not each other: both parents have the same.
    """
    guests = {one.request.account for one in circle.open_grants} - {None}
    near = circle.carers | {account for account in guests if account is not None}
    around = [_professional(circle.accounts[account]) for account in near]
    house = identity.find_colleagues(uow, permit.organisation, "")
    others = [
        _professional(one) for one in house if one.role is identity.Role.PROFESSIONAL and one.id not in near
    ]
    themself = permit.relation is Relation.PATIENT
    return Choices(
        _sorted(around), tuple(others), _relatives(uow, permit) if themself else (), all_relatives=themself
    )


def asked_restriction(
    choices: Choices, who: str, what: str, entry: EntryId | None
) -> access.RestrictionRequest | None:
    """Return what a form asks to close; None when it names nobody, or nothing, that is offered."""
    section = Section(what) if what in CLOSABLE else None
    if section is None and what != EVERYTHING:
        return None
    if who == PROFESSIONALS:
        return access.RestrictionRequest(Against.PROFESSIONALS, None, section, entry)
    if who == DELEGATES and choices.all_relatives:
        return access.RestrictionRequest(Against.DELEGATES, None, section, entry)
    person = choices.person(who)
    return (
        None if person is None else access.RestrictionRequest(Against.PERSON, person.account, section, entry)
    )


def _relatives(uow: kernel.UnitOfWork, permit: Permit) -> tuple[Person, ...]:
    present = [one.account for one in access.delegations_of(uow, permit) if one.holds(uow.now)]
    names = identity.names_of(uow, {account for account in present if account is not None})
    return _sorted(Person(account, name, _RELATIVE) for account, name in names.items())


def _professional(account: identity.Account) -> Person:
    return Person(account.id, account.name, PROFESSION_WORDS[account.profession])


def _sorted(people: Iterable[Person]) -> tuple[Person, ...]:
    return tuple(sorted(people, key=lambda one: (one.name.casefold(), str(one.account))))
