"""What a restriction takes out of a trail: acts on what is hidden from its reader, and the closing itself (LAW-41)."""

from collections.abc import Callable
from dataclasses import dataclass

from serment import kernel, ledger
from serment.access.model import ABSENT, RESTRICTED, Action, Against, Permit, Relation
from serment.access.restrictions import store
from serment.access.restrictions.model import Filing

#: The patient, and whoever answers for data protection, read what was closed and to whom.
_READ_ALL = frozenset({Relation.PATIENT, Relation.DATA_PROTECTION})
_CONTROL = f"dossier.{Action.CONTROL}"


@dataclass(frozen=True)
class _Reader:
    """Somebody from whom things are hidden, and the entries of the dossier: all, and those absent for them."""

    account: kernel.AccountId
    relation: Relation | None
    known: frozenset[str]
    absent: frozenset[str]

    def is_withheld(self, trace: ledger.Trace) -> bool:
        """Tell whether a trace would show this reader that something is closed."""
        own = trace.actor.account == self.account
        if trace.kind.startswith("restriction."):
            return self.relation is not Relation.DELEGATE or self._is_kept_from_them(trace)
        if trace.kind == _CONTROL:
            return not own
        if RESTRICTED in trace.detail:
            return True
        named = _entries_in(trace)
        if trace.detail.get("because") == ABSENT:
            # Their own attempt reads as it would if the entry were not there; another's would tell who was kept away.
            return not own and bool(named & self.known)
        return bool(named & self.absent)

    def _is_kept_from_them(self, trace: ledger.Trace) -> bool:
        # What is closed to a person may be closed to the other parent: it is for whoever closed it to read.
        against = trace.detail.get("against")
        personal = against == Against.PERSON and trace.actor.account != self.account
        return personal or against == Against.DELEGATES or bool(_entries_in(trace) & self.absent)


def concealment(uow: kernel.UnitOfWork, permit: Permit) -> Callable[[ledger.Trace], bool] | None:
    """Return what says of each trace whether it is kept from the reader of a trail; None: nothing is."""
    if permit.relation in _READ_ALL:
        return None
    filed = store.load_all_filings(uow, permit.dossier)
    absent = frozenset(str(one.entry) for one in filed if _is_absent(permit, one))
    known = frozenset(str(one.entry) for one in filed)
    return _Reader(permit.caller.account, permit.relation, known, absent).is_withheld


def _is_absent(permit: Permit, filed: Filing) -> bool:
    return permit.hidden.hides(filed.section, filed.entry)


def _entries_in(trace: ledger.Trace) -> frozenset[str]:
    named = f"{trace.detail.get('entry', '')},{trace.detail.get('entries', '')}"
    return frozenset(named.split(","))
