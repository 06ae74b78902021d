"""From rows to facts: what ties one person to each of these dossiers, now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from serment import identity, kernel
from serment.access.delegations import my_delegations
from serment.access.model import Against, Bar, EntryId, GrantRequest, Listener, Mandate, Restricted, Ties
from serment.access.ties import store
from serment.access.ties.store import Tie


@dataclass(frozen=True)
class _Reader:
    """Who asks, with their teams, and which of those who answer for an opening have left."""

    account: kernel.AccountId
    teams: frozenset[identity.TeamId]
    gone: frozenset[kernel.AccountId]
    restrictions: tuple[tuple[Tie, Bar], ...]

    def is_theirs(self, row: Tie) -> bool:
        """Tell whether a row names them, or a team that they are in."""
        return row.account == self.account or row.team in self.teams

    def as_kept(self, row: Tie, granted: GrantRequest) -> GrantRequest:
        """Return an opening without what is hidden from whoever answers for it: nobody lets others further in."""
        bars = [
            bar for one, bar in self.restrictions if one.dossier == row.dossier
            and (one.account == row.kept_by or (row.by_delegate and bar.against is Against.DELEGATES))
        ]  # fmt: skip
        return replace(granted, withheld=Restricted(tuple(bars)).hidden(frozenset(Against)))


def gather(
    uow: kernel.UnitOfWork, caller: identity.Caller, dossiers: Sequence[kernel.DossierId]
) -> Mapping[kernel.DossierId, Ties]:
    """Gather what ties this caller to each of these dossiers, their teams' ties included.

    An opening ends with the account of whoever answers for it, by the date of their departure alone.
    """
    rows = store.load_ties(uow, caller.account, dossiers)
    restrictions = tuple((row, row.bar) for row in rows if row.bar is not None)
    reader = _Reader(caller.account, _teams(uow, caller, rows), _departed(uow, rows), restrictions)
    unbound = Ties(None, stands=identity.stands(uow, caller.account))
    ties: dict[kernel.DossierId, Ties] = {}
    for row in rows:
        ties[row.dossier] = _added(ties.get(row.dossier, unbound), row, reader)
    return ties


def my_dossiers(uow: kernel.UnitOfWork, caller: identity.Caller) -> tuple[kernel.DossierId, ...]:
    """Return the dossiers tied to the caller now; showing anything of them takes a decision each."""
    tied = store.dossiers_tied_to(uow, caller.account, identity.teams_of(uow, caller.account))
    # Those who act for a patient have patients' accounts.
    acts = caller.role is identity.Role.PATIENT
    acted_for = [one.dossier for one in my_delegations(uow, caller)] if acts else []
    return tuple(dict.fromkeys([*tied, *acted_for]))


def _added(known: Ties, row: Tie, reader: _Reader) -> Ties:
    """Return the facts with one more row among them; mandates, emergencies and filings are the caller's by the query."""
    mine = reader.is_theirs(row)
    match row:
        case Tie(kind="custody"):
            known = replace(
                known, organisation=row.organisation, matrix=row.matrix, deceased_on=row.deceased_on,
                frozen=row.frozen,
            )  # fmt: skip
        case Tie(kind="patient") if mine:
            known = replace(known, is_patient=True)
        case Tie(kind="care") if mine:
            known = replace(known, in_care_team=True)
        case Tie(grant=GrantRequest() as granted) if mine and row.kept_by not in reader.gone:
            known = replace(known, grants=(*known.grants, reader.as_kept(row, granted)))
        case Tie(mandate=Mandate() as mandate):
            known = replace(known, delegations=(*known.delegations, mandate))
        case Tie(kind="emergency"):
            known = replace(known, opening=row.opening)
        case Tie(bar=Bar() as bar) if mine or row.account is None:
            known = replace(known, restricted=_barred(known.restricted, bar))
        case Tie(listener=Listener() as listener):
            known = replace(known, listeners=(*known.listeners, listener))
        case Tie(kind="filing", entry=UUID() as entry):
            known = replace(known, restricted=_owning(known.restricted, EntryId(entry)))
        case _:
            pass
    return known


def _barred(known: Restricted | None, bar: Bar) -> Restricted:
    one = known or Restricted()
    return replace(one, bars=(*one.bars, bar))


def _owning(known: Restricted | None, entry: EntryId) -> Restricted:
    one = known or Restricted()
    return replace(one, own=one.own | {entry})


def _teams(
    uow: kernel.UnitOfWork, caller: identity.Caller, rows: Sequence[Tie]
) -> frozenset[identity.TeamId]:
    """Ask for the caller's teams only where some row names one."""
    named = any(row.team is not None for row in rows)
    return identity.teams_of(uow, caller.account) if named else frozenset()


def _departed(uow: kernel.UnitOfWork, rows: Sequence[Tie]) -> frozenset[kernel.AccountId]:
    return identity.departed_among(uow, {row.kept_by for row in rows if row.kept_by is not None})
