"""What a page of the trail is made from: its traces, and the names of everybody and everything in them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from serment import access, dossier, identity, kernel, ledger, vigilance
from serment.edge.pages.circle import Circle, circle_of
from serment.edge.pages.trail.lines import Told, all_of, others_of

#: Of how many traces a page is made, and how often it is gone on with while it would stay empty.
PAGE = 200
_PAGES_AT_MOST = 5
_OWN = frozenset({access.Relation.PATIENT, access.Relation.DELEGATE})


@dataclass(frozen=True)
class Names:
    """The names that traces speak of: accounts and teams, organisations, the documents that the reader lists."""

    people: dict[str, str]
    places: dict[kernel.OrganisationId, str]
    titles: dict[str, str]


@dataclass(frozen=True)
class Read:
    """A page of the trail as somebody may read it; `older` is the trace to go on from, None at the end."""

    patient: dossier.Patient
    circle: Circle
    told: Told
    names: Names
    older: ledger.TraceId | None
    contests: tuple[vigilance.Incident, ...]
    wish: access.Wish
    own: bool


def acts_for_the_patient(permit: access.Permit) -> bool:
    """Tell whether a permit is the patient's, or of somebody who acts for them."""
    return permit.relation in _OWN


@dataclass(frozen=True)
class Wanted:
    """Which page: after a trace, with the reader's own acts or without; or the one line `at` alone."""

    before: ledger.TraceId | None
    at: ledger.TraceId | None
    whole: bool


def read_page(uow: kernel.UnitOfWork, permit: access.Permit, wanted: Wanted) -> Read:
    """Read a page of the trail; unless the whole of it is wanted, until somebody else is in it."""
    own, whole = acts_for_the_patient(permit), wanted.whole or wanted.at is not None
    recorded, older = _recorded(uow, permit, wanted)
    circle = circle_of(uow, permit)
    return Read(
        patient=dossier.identity_of(uow, permit),
        circle=circle,
        told=all_of(recorded) if whole else others_of(recorded, permit.caller.account),
        names=names_in(uow, permit, recorded, circle),
        older=older,
        contests=vigilance.contests_of(uow, permit),
        wish=access.wish_of(uow, permit),
        own=own,
    )


def names_in(
    uow: kernel.UnitOfWork, permit: access.Permit, recorded: Sequence[ledger.RecordedTrace], circle: Circle
) -> Names:
    """Return the names that some traces speak of."""
    return Names(
        _people(uow, recorded, circle),
        _places(uow, recorded),
        _titles(uow, circle, permit.dossier),
    )


def _recorded(
    uow: kernel.UnitOfWork, permit: access.Permit, wanted: Wanted
) -> tuple[tuple[ledger.RecordedTrace, ...], ledger.TraceId | None]:
    if wanted.at is not None:
        return (access.open_line(uow, permit, wanted.at),), None
    found: tuple[ledger.RecordedTrace, ...] = ()
    for _ in range(_PAGES_AT_MOST):
        more = access.read_trail(uow, permit, limit=PAGE, before=found[-1].id if found else wanted.before)
        found += more
        if len(more) < PAGE:
            return found, None
        if wanted.whole or others_of(found, permit.caller.account).visits:
            break
    return found, found[-1].id


def _people(
    uow: kernel.UnitOfWork, recorded: Sequence[ledger.RecordedTrace], circle: Circle
) -> dict[str, str]:
    """Return the names of the accounts and teams that these traces speak of, by identifier."""
    ids = {one.trace.actor.account for one in recorded if one.trace.actor.account is not None}
    ids |= set(_accounts(one.trace.detail.get("account", "") for one in recorded))
    names = {str(account): name for account, name in identity.names_of(uow, ids).items()}
    homes = {one.trace.actor.organisation for one in recorded} | {
        account.organisation for account in circle.accounts.values()
    }
    for home in homes:
        if home is not None:
            names |= {str(team.id): team.name for team in identity.list_teams(uow, home)}
    return names


def _titles(uow: kernel.UnitOfWork, circle: Circle, asked: kernel.DossierId) -> dict[str, str]:
    """Return the titles of the documents by entry, by a decision to list; none for whoever does not list them."""
    if not circle.may(access.Action.LIST, access.Section.CLINICAL):
        return {}
    permit = access.decide(uow, circle.caller, access.Action.LIST, asked)
    lines = dossier.list_documents(uow, permit, dossier.Filter())
    return {str(line.entry): line.title for line in lines}


def _accounts(texts: Iterable[str]) -> Iterable[kernel.AccountId]:
    return (kernel.AccountId(UUID(text)) for text in texts if text)


def _places(
    uow: kernel.UnitOfWork, recorded: Sequence[ledger.RecordedTrace]
) -> dict[kernel.OrganisationId, str]:
    homes = {one.trace.actor.organisation for one in recorded}
    return {home: identity.open_organisation(uow, home).name for home in homes if home is not None}
