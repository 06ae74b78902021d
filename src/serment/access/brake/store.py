"""The rows of the brake: one a subject, shared by all workers; the dossiers opened today; reasons and freezes.

A subject is an account, or an organisation for what all its accounts look at without a relation. Its row is filled
by one statement that returns it, so that two workers never spend one budget twice. Rows of accounts are written
before those of organisations, and each in the order of their identifiers.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Float,
    Index,
    Integer,
    LargeBinary,
    RowMapping,
    String,
    Table,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from serment.access.brake.model import (
    GAUGES,
    Cost,
    Freeze,
    FreezeId,
    Gauge,
    Hold,
    Lift,
    LiftId,
    LiftReason,
    Measure,
    Reason,
    State,
)
from serment.access.brake.policy import day_of, microseconds
from serment.kernel import (
    AccountId,
    DossierId,
    OrganisationId,
    UnitOfWork,
    UtcDateTime,
    UuidText,
    metadata,
    new_id,
)

brake_gauges = Table(
    "brake_gauges",
    metadata,
    Column("subject", UuidText, primary_key=True),
    Column("organisation", UuidText, nullable=False, index=True),
    *(Column(gauge.column, BigInteger, nullable=False) for gauge in GAUGES),
    Column("held", String(20)),
    Column("lifted_until", BigInteger, nullable=False),
    Column("passes", Integer, nullable=False),
    Column("freeze", UuidText),
    Column("usual", Float, nullable=False),
    Column("active_days", Integer, nullable=False),
    Column("learned_day", Integer, nullable=False),
)

brake_marks = Table(
    "brake_marks",
    metadata,
    Column("account", UuidText, primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("dossier", UuidText, primary_key=True),
    Index(None, "day"),
)

brake_lifts = Table(
    "brake_lifts",
    metadata,
    Column("id", UuidText, primary_key=True),
    Column("account", UuidText, nullable=False),
    Column("organisation", UuidText, nullable=False),
    Column("hold", String(20), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("words_sealed", LargeBinary, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "organisation", "at"),
)

brake_freezes = Table(
    "brake_freezes",
    metadata,
    Column("id", UuidText, primary_key=True),
    Column("account", UuidText, nullable=False),
    Column("organisation", UuidText, nullable=False),
    Column("measure", String(20), nullable=False),
    Column("frozen_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("ended_by", UuidText),
    Column("words_sealed", LargeBinary),
    Index(None, "organisation", "frozen_at"),
)

_AT_ONCE = 500
_STATE = [
    brake_gauges.c[name]
    for name in (
        *(gauge.column for gauge in GAUGES),
        "held",
        "lifted_until",
        "passes",
        "freeze",
        "usual",
        "active_days",
    )
]
_EMPTY = {
    **{gauge.column: 0 for gauge in GAUGES},
    "lifted_until": 0, "passes": 0, "usual": 0.0, "active_days": 0, "learned_day": 0,
}  # fmt: skip
_IS_MARK = and_(
    brake_marks.c.account == brake_gauges.c.subject,
    brake_marks.c.day == bindparam("day"),
    brake_marks.c.dossier == bindparam("dossier", type_=UuidText()),
)
_OF_SUBJECT = brake_gauges.c.subject == bindparam("subject", type_=UuidText())
_LOAD = select(*_STATE).where(_OF_SUBJECT)
_LOAD_WITH_MARK = (
    select(*_STATE, brake_marks.c.dossier.label("mark"))
    .select_from(brake_gauges.outerjoin(brake_marks, _IS_MARK))
    .where(_OF_SUBJECT)
)


def is_frozen(account: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that an account is stopped, as a column of another query."""
    return exists().where(brake_gauges.c.subject == account, brake_gauges.c.freeze.is_not(None))


def load_state(uow: UnitOfWork, account: AccountId, dossier: DossierId | None = None) -> State:
    """Return where an account stands, and whether it opened that dossier today, in one query."""
    if dossier is None:
        row = uow.connection.execute(_LOAD, {"subject": account}).mappings().first()
    else:
        asked = {"subject": account, "day": day_of(uow.now), "dossier": dossier}
        row = uow.connection.execute(_LOAD_WITH_MARK, asked).mappings().first()
    return State({}) if row is None else _state(row)


def fill(
    uow: UnitOfWork,
    subject: AccountId | OrganisationId,
    organisation: OrganisationId,
    spent: Collection[Cost],
) -> State:
    """Add to gauges, and hold the row until the transaction ends; return it as it stood before."""
    at = microseconds(uow.now)
    more: dict[str, Any] = {
        cost.gauge.column: _not_before(brake_gauges.c[cost.gauge.column], at) + cost.total for cost in spent
    }
    new = {cost.gauge.column: at + cost.total for cost in spent}
    row = _insert(uow, brake_gauges).values(subject=subject, organisation=organisation, **{**_EMPTY, **new})
    filled = row.on_conflict_do_update(index_elements=["subject"], set_=more or {"subject": subject})
    after = _state(uow.connection.execute(filled.returning(*_STATE)).mappings().one())
    before = {cost.gauge: after.levels[cost.gauge] - cost.total for cost in spent}
    return _with_levels(after, {**after.levels, **before})


def _not_before(gauge: ColumnElement[int], at: int) -> ColumnElement[int]:
    """Return from where a gauge is filled further: its level, or this instant where it ran out before."""
    return case((gauge > at, gauge), else_=at)


def empty(uow: UnitOfWork, subject: AccountId | OrganisationId, spent: Collection[Cost]) -> None:
    """Take out again what an act had filled that was not done."""
    less = {cost.gauge.column: brake_gauges.c[cost.gauge.column] - cost.total for cost in spent}
    uow.connection.execute(update(brake_gauges).where(brake_gauges.c.subject == subject).values(**less))


def mark(uow: UnitOfWork, account: AccountId, dossiers: Collection[DossierId]) -> frozenset[DossierId]:
    """Remember that an account opened dossiers today; return those that were not remembered already."""
    new: set[DossierId] = set()
    for some in _in_turns(dossiers):
        rows = [{"account": account, "day": day_of(uow.now), "dossier": one} for one in some]
        first = _insert(uow, brake_marks).values(rows)
        kept = first.on_conflict_do_nothing(index_elements=["account", "day", "dossier"])
        new.update(uow.connection.execute(kept.returning(brake_marks.c.dossier)).scalars())
    return frozenset(new)


def marked_among(
    uow: UnitOfWork, account: AccountId, dossiers: Collection[DossierId]
) -> frozenset[DossierId]:
    """Return those of these dossiers that an account opened today."""
    found: set[DossierId] = set()
    for some in _in_turns(dossiers):
        query = select(brake_marks.c.dossier).where(_marked_today(uow, account, some))
        found.update(uow.connection.execute(query).scalars())
    return frozenset(found)


def unmark(uow: UnitOfWork, account: AccountId, dossiers: Collection[DossierId]) -> None:
    """Forget that an account opened dossiers today, because it was stopped before."""
    for some in _in_turns(dossiers):
        uow.connection.execute(delete(brake_marks).where(_marked_today(uow, account, some)))


def hold(uow: UnitOfWork, account: AccountId, why: Hold) -> None:
    """Ask a reason of an account; what its own budget asks for is not forgotten for the organisation's."""
    mine = brake_gauges.c.subject == account
    if why is Hold.ORGANISATION:
        mine = and_(mine, brake_gauges.c.held.is_(None))
    uow.connection.execute(update(brake_gauges).where(mine).values(held=why))


def lift(uow: UnitOfWork, account: AccountId, until: int) -> None:
    """Let an account go on to its second limit until an instant, in microseconds."""
    mine = update(brake_gauges).where(brake_gauges.c.subject == account)
    uow.connection.execute(mine.values(held=None, lifted_until=until))


def give_pass(uow: UnitOfWork, account: AccountId) -> None:
    """Let an account take one first look, although the organisation's budget for them is spent."""
    mine = update(brake_gauges).where(brake_gauges.c.subject == account)
    uow.connection.execute(mine.values(held=None, passes=1))


def use_pass(uow: UnitOfWork, account: AccountId) -> bool:
    """Use up the one first look that an account was given; False when it has none."""
    mine = and_(brake_gauges.c.subject == account, brake_gauges.c.passes > 0)
    return uow.connection.execute(update(brake_gauges).where(mine).values(passes=0)).rowcount > 0


def freeze(uow: UnitOfWork, frozen: Freeze) -> None:
    """Stop an account."""
    uow.connection.execute(
        insert(brake_freezes).values(
            id=frozen.id, account=frozen.account, organisation=frozen.organisation,
            measure=frozen.measure, frozen_at=frozen.frozen_at,
        )
    )  # fmt: skip
    mine = update(brake_gauges).where(brake_gauges.c.subject == frozen.account)
    uow.connection.execute(mine.values(freeze=frozen.id))


def end_freeze(uow: UnitOfWork, found: Freeze, by: AccountId, words_sealed: bytes) -> bool:
    """End a freeze and begin the account's budgets anew; False when it was ended meanwhile."""
    one = and_(brake_freezes.c.id == found.id, brake_freezes.c.ended_at.is_(None))
    ended = update(brake_freezes).where(one)
    values = {"ended_at": uow.now, "ended_by": by, "words_sealed": words_sealed}
    if uow.connection.execute(ended.values(**values)).rowcount == 0:
        return False
    anew = {gauge.column: 0 for gauge in GAUGES} | {"held": None, "lifted_until": 0, "freeze": None}
    mine = and_(brake_gauges.c.subject == found.account, brake_gauges.c.freeze == found.id)
    uow.connection.execute(update(brake_gauges).where(mine).values(**anew))
    return True


def load_freezes(
    uow: UnitOfWork, organisation: OrganisationId, limit: int
) -> tuple[tuple[Freeze, bytes | None], ...]:
    """Return the freezes of an organisation with their sealed words: those that hold first, then the newest."""
    theirs = select(brake_freezes).where(brake_freezes.c.organisation == organisation)
    ordered = theirs.order_by(brake_freezes.c.ended_at.is_not(None), brake_freezes.c.frozen_at.desc())
    found = uow.connection.execute(ordered.limit(limit)).mappings()
    return tuple((_freeze(row), row["words_sealed"]) for row in found)


def load_freeze(uow: UnitOfWork, freeze_id: FreezeId) -> Freeze | None:
    """Return one freeze."""
    one = select(brake_freezes).where(brake_freezes.c.id == freeze_id)
    row = uow.connection.execute(one).mappings().first()
    return None if row is None else _freeze(row)


def all_freezes(uow: UnitOfWork) -> Iterator[tuple[Freeze, bytes | None, bool]]:
    """Yield every freeze of every organisation, its sealed words, and whether its account's row is stopped by it."""
    mine = and_(
        brake_gauges.c.subject == brake_freezes.c.account, brake_gauges.c.freeze == brake_freezes.c.id
    )
    stops = exists().where(mine).label("stops")
    rows = uow.connection.execute(select(brake_freezes, stops).execution_options(yield_per=_AT_ONCE))
    for row in rows.mappings():
        yield _freeze(row), row["words_sealed"], bool(row["stops"])


def add_lift(uow: UnitOfWork, given: Lift, organisation: OrganisationId, words_sealed: bytes) -> None:
    """Keep a reason that was given."""
    uow.connection.execute(
        insert(brake_lifts).values(
            id=given.id, account=given.account, organisation=organisation, hold=given.hold,
            reason=given.reason.code, words_sealed=words_sealed, at=given.at,
        )
    )  # fmt: skip


def load_lifts(uow: UnitOfWork, organisation: OrganisationId, limit: int) -> tuple[tuple[Lift, bytes], ...]:
    """Return the reasons given in an organisation with their sealed words, newest first; the words are empty."""
    theirs = select(brake_lifts).where(brake_lifts.c.organisation == organisation)
    found = uow.connection.execute(theirs.order_by(brake_lifts.c.at.desc()).limit(limit)).mappings()
    return tuple((_lift(row), row["words_sealed"]) for row in found)


def all_lifts(uow: UnitOfWork) -> Iterator[tuple[Lift, OrganisationId, bytes]]:
    """Yield every reason given in every organisation, with its sealed words."""
    rows = uow.connection.execute(select(brake_lifts).execution_options(yield_per=_AT_ONCE))
    for row in rows.mappings():
        yield _lift(row), row["organisation"], row["words_sealed"]


def finished_days(uow: UnitOfWork, limit: int) -> Sequence[tuple[AccountId, int, int]]:
    """Return account, day and count of dossiers of days that are over and not learned yet, by account and day."""
    marks = brake_marks.c
    counted = select(marks.account, marks.day, func.count().label("opened")).where(
        marks.day < day_of(uow.now)
    )
    found = counted.group_by(marks.account, marks.day).order_by(marks.account, marks.day).limit(limit)
    return [(AccountId(row.account), row.day, row.opened) for row in uow.connection.execute(found)]


def learn(uow: UnitOfWork, account: AccountId, day: int, state: Mapping[str, float]) -> None:
    """Write what is usual for an account once a day is known, and forget the dossiers of that day.

    Of two workers that learn one day, one writes.
    """
    unlearned = and_(brake_gauges.c.subject == account, brake_gauges.c.learned_day < day)
    uow.connection.execute(update(brake_gauges).where(unlearned).values(**state, learned_day=day))
    marks = brake_marks.c
    uow.connection.execute(delete(brake_marks).where(and_(marks.account == account, marks.day == day)))


def _state(row: RowMapping) -> State:
    return State(
        levels={gauge: row[gauge.column] for gauge in GAUGES},
        held=None if row["held"] is None else Hold(row["held"]),
        lifted_until=row["lifted_until"],
        passes=row["passes"],
        freeze=row["freeze"],
        usual=row["usual"],
        active_days=row["active_days"],
        marked="mark" in row and row["mark"] is not None,
    )


def _with_levels(state: State, levels: dict[Gauge, int]) -> State:
    return State(
        levels, state.held, state.lifted_until, state.passes, state.freeze, state.usual, state.active_days
    )


def _freeze(row: RowMapping) -> Freeze:
    return Freeze(
        FreezeId(row["id"]), row["account"], row["organisation"], Measure(row["measure"]), row["frozen_at"],
        row["ended_at"], row["ended_by"],
    )  # fmt: skip


def _lift(row: RowMapping) -> Lift:
    said = Reason(LiftReason(row["reason"]), "")
    return Lift(LiftId(row["id"]), row["account"], Hold(row["hold"]), row["at"], said)


def new_freeze_id() -> FreezeId:
    """Draw the identifier of a freeze."""
    return FreezeId(new_id())


def _marked_today(uow: UnitOfWork, account: AccountId, dossiers: Sequence[DossierId]) -> ColumnElement[bool]:
    marks = brake_marks.c
    return and_(marks.account == account, marks.day == day_of(uow.now), marks.dossier.in_(dossiers))


def _in_turns(dossiers: Collection[DossierId]) -> Iterator[list[DossierId]]:
    """Yield them in their order, as many at once as one statement takes: two workers never wait in a ring."""
    every = sorted(dossiers)
    for begin in range(0, len(every), _AT_ONCE):
        yield every[begin : begin + _AT_ONCE]


def _insert(uow: UnitOfWork, table: Table) -> Any:  # noqa: ANN401 -- the two dialects share the form, not the type
    dialect = postgresql if uow.connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)
