"""Every row that bears on a decision, of whichever package, side by side in one query.

A package whose rows bear on decisions gives one more select to the union here; what its rows mean, `gathering` says.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    CompoundSelect,
    Date,
    Integer,
    LargeBinary,
    RowMapping,
    Select,
    String,
    Table,
    Text,
    bindparam,
    cast,
    exists,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.types import TypeEngine

from serment import identity, kernel
from serment.access.brake.store import is_frozen
from serment.access.delegations.store import delegations, is_unrevoked, mandate_in
from serment.access.emergency.store import is_open, opening_in, openings
from serment.access.matrix.store import newest_version
from serment.access.model import (
    Against,
    Bar,
    EntryId,
    GrantRequest,
    Listener,
    Mandate,
    Opening,
    Relation,
    Section,
)
from serment.access.notices.store import notice_wishes
from serment.access.restrictions.store import filings, holds, is_concerned, is_own, restrictions
from serment.access.store import custody, grants, participations, patients, read_request
from serment.kernel import UtcDateTime, UuidText

#: The columns in which all kinds of tie are read side by side; a table without one of them leaves it empty.
TIE_COLUMNS: Mapping[str, TypeEngine[Any]] = MappingProxyType({
    "organisation": UuidText(), "account": UuidText(), "team": UuidText(),
    "sections": Text(), "entries": Text(), "purpose": String(40), "ends_at": UtcDateTime(), "kept_by": UuidText(),
    "id": UuidText(), "vital": Boolean(), "sealed": LargeBinary(), "matrix": Integer(),
    "relation": String(20), "against": String(20), "section": String(40), "entry": UuidText(), "deceased_on": Date(), "by_delegate": Boolean(), "frozen": Boolean(),
})  # fmt: skip
_NOW = bindparam("now", type_=UtcDateTime())
_ACCOUNT = bindparam("account", type_=UuidText())


@dataclass(frozen=True)
class Tie:
    """One present row that bears on a decision about a dossier; what it says depends on its kind."""

    kind: str
    dossier: kernel.DossierId
    organisation: kernel.OrganisationId | None
    account: kernel.AccountId | None
    team: identity.TeamId | None
    grant: GrantRequest | None
    kept_by: kernel.AccountId | None
    opening: Opening | None = None
    mandate: Mandate | None = None
    matrix: int = 0
    bar: Bar | None = None
    entry: EntryId | None = None
    deceased_on: date | None = None
    by_delegate: bool = False
    listener: Listener | None = None
    frozen: bool = False


def load_ties(
    uow: kernel.UnitOfWork, account: kernel.AccountId, dossiers: Sequence[kernel.DossierId]
) -> list[Tie]:
    """Return, in one query, every row that bears on what an account may do with these dossiers now."""
    given = {"account": account, "now": uow.now}
    if len(dossiers) == 1:
        rows = uow.connection.execute(_TIES_OF_ONE, {**given, "dossier": dossiers[0]})
    else:
        rows = uow.connection.execute(_TIES_OF_MANY, {**given, "dossiers": list(dossiers)})
    return [_read(uow, row) for row in rows.mappings()]


def dossiers_tied_to(
    uow: kernel.UnitOfWork, account: kernel.AccountId, teams: Iterable[identity.TeamId]
) -> tuple[kernel.DossierId, ...]:
    """Return the dossiers with a present tie to this account or one of its teams."""
    mine: BindParameter[Any] = bindparam("teams", expanding=True)
    query = union_all(
        select(patients.c.dossier).where(patients.c.account == _ACCOUNT),
        select(participations.c.dossier).where(
            or_(participations.c.account == _ACCOUNT, participations.c.team.in_(mine)), *_of_care()
        ),
        select(grants.c.dossier).where(
            or_(grants.c.account == _ACCOUNT, grants.c.team.in_(mine)), *_of_grants()
        ),
    )
    found = uow.connection.execute(query, {"account": account, "now": uow.now, "teams": list(teams)})
    return tuple(dict.fromkeys(kernel.DossierId(row) for row in found.scalars()))


def _ties(choose: Callable[[Table], ColumnElement[bool]]) -> CompoundSelect[Any]:
    """Build the query once: it is asked with every request."""
    return union_all(
        _tie(
            "custody", custody, matrix=newest_version(custody.c.organisation), frozen=is_frozen(_ACCOUNT)
        ).where(choose(custody)),
        _tie("patient", patients).where(choose(patients)),
        _tie("care", participations).where(choose(participations), *_of_care()),
        _tie("grant", grants, by_delegate=_is_of_delegate()).where(choose(grants), *_of_grants()),
        _tie("delegate", delegations).where(
            choose(delegations), delegations.c.account == _ACCOUNT, is_unrevoked()
        ),
        _tie("restriction", restrictions).where(choose(restrictions), holds()),
        _tie("filing", filings).where(choose(filings), is_own(_ACCOUNT), is_concerned()),
        _tie("listener", notice_wishes).where(choose(notice_wishes)),
        _tie("emergency", openings).where(choose(openings), openings.c.account == _ACCOUNT, is_open(_NOW)),
    )


def _tie(kind: str, table: Table, **beside: ColumnElement[Any]) -> Select[Any]:
    known = {**table.c, **beside}
    columns = [known.get(name, cast(null(), type_)).label(name) for name, type_ in TIE_COLUMNS.items()]
    return select(literal(kind).label("tie"), table.c.dossier, *columns)


def _of_care() -> tuple[ColumnElement[bool], ...]:
    ended_at = participations.c.ended_at
    return participations.c.started_at <= _NOW, or_(ended_at.is_(None), ended_at > _NOW)


def _of_grants() -> tuple[ColumnElement[bool], ...]:
    return grants.c.revoked_at.is_(None), grants.c.ends_at > _NOW


def _is_of_delegate() -> ColumnElement[bool]:
    """Return the condition that whoever answers for an opening acts, or acted, for the patient."""
    same = delegations.c.dossier == grants.c.dossier
    return exists().where(same, delegations.c.account == grants.c.kept_by)


_TIES_OF_ONE = _ties(lambda table: table.c.dossier == bindparam("dossier", type_=UuidText()))
_TIES_OF_MANY = _ties(lambda table: table.c.dossier.in_(bindparam("dossiers", expanding=True)))


def _read(uow: kernel.UnitOfWork, row: RowMapping) -> Tie:
    granted = read_request(row) if row["tie"] == "grant" else None
    opened = opening_in(row) if row["tie"] == "emergency" else None
    mandate = mandate_in(uow, row) if row["tie"] == "delegate" else None
    bar = _bar(row) if row["tie"] == "restriction" else None
    listener = Listener(row["account"], Relation(row["relation"])) if row["tie"] == "listener" else None
    return Tie(
        row["tie"], row["dossier"], row["organisation"], row["account"], row["team"], granted, row["kept_by"],
        opened, mandate, row["matrix"] or 0, bar, row["entry"], row["deceased_on"],
        bool(row["by_delegate"]), listener, bool(row["frozen"]),
    )  # fmt: skip


def _bar(row: RowMapping) -> Bar:
    section = None if row["section"] is None else Section(row["section"])
    return Bar(Against(row["against"]), section, row["entry"])
