"""Organisations, and the flag of a demonstration installation."""

from dataclasses import dataclass

from serment import ledger
from serment.identity.directory import store
from serment.identity.errors import InstallationInUse, OrganisationNotFound
from serment.identity.events.trail import Event, leave_trace
from serment.identity.model import Organisation, OrganisationKind
from serment.identity.vocabulary import EventKind
from serment.kernel import OrganisationId, UnitOfWork, new_id

_DEMONSTRATION = "demonstration"


@dataclass(frozen=True)
class NewOrganisation:
    """What is said of an organisation when it is founded."""

    name: str
    kind: OrganisationKind


def operator_of(organisation: OrganisationId) -> ledger.Actor:
    """Return the actor of what is done from the machine itself, before anybody can sign in."""
    return ledger.Actor(account=None, organisation=organisation, role="operator", origin="console")


def worker_of(organisation: OrganisationId) -> ledger.Actor:
    """Return the actor of what happens by itself when its time has come."""
    return ledger.Actor(account=None, organisation=organisation, role="operator", origin="worker")


def found_organisation(uow: UnitOfWork, new: NewOrganisation) -> Organisation:
    """Add an organisation, from the machine's console."""
    organisation = Organisation(OrganisationId(new_id()), new.name, new.kind, uow.now)
    store.add_organisation(uow, organisation)
    leave_trace(uow, Event(EventKind.ORGANISATION_FOUNDED, organisation.id, operator_of(organisation.id)))
    return organisation


def open_organisation(uow: UnitOfWork, organisation: OrganisationId) -> Organisation:
    """Return an organisation.

    Raises:
        OrganisationNotFound: there is none with that identifier.
    """
    found = store.load_organisation(uow, organisation)
    if found is None:
        raise OrganisationNotFound(str(organisation))
    return found


def list_organisations(uow: UnitOfWork) -> tuple[Organisation, ...]:
    """Return the organisations of this installation, oldest first."""
    return store.load_organisations(uow)


def declare_demonstration(uow: UnitOfWork) -> None:
    """Flag this installation as a demonstration, for ever, before it has its first account.

    Raises:
        InstallationInUse: it already has accounts, whose codes must never be shown.
    """
    if store.count_accounts(uow):
        raise InstallationInUse("accounts exist")
    store.declare_installation(uow, _DEMONSTRATION)


def is_demonstration(uow: UnitOfWork) -> bool:
    """Tell whether this installation was flagged as a demonstration."""
    return store.installation_is(uow, _DEMONSTRATION)
