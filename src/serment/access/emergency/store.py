"""The rows of emergency openings, of what was done through them, and of the looks at them. Words lie there sealed."""

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    RowMapping,
    String,
    Table,
    Text,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from serment import identity, kernel
from serment.access.emergency.model import (
    DelayReason,
    EmergencyOpening,
    EmergencyReason,
    EmergencyReview,
    EmergencyUse,
    ReviewVerdict,
)
from serment.access.model import Action, Opening, OpeningId, Section
from serment.kernel import UtcDateTime, UuidText, metadata

openings = Table(
    "emergency_openings",
    metadata,
    Column("id", UuidText, primary_key=True),
    Column("dossier", UuidText, nullable=False, index=True),
    Column("organisation", UuidText, nullable=False),
    Column("account", UuidText, nullable=False),
    Column("profession", String(40), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("vital", Boolean, nullable=False),
    Column("sections", Text, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("tell_at", UtcDateTime, nullable=False),
    Column("delay", String(40)),
    Index(None, "account", "opened_at"),
    Index(None, "organisation", "profession", "opened_at"),
)

uses = Table(
    "emergency_uses",
    metadata,
    Column("id", UuidText, primary_key=True),
    Column("opening", UuidText, nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("action", String(40), nullable=False),
    Column("section", String(40)),
    Column("entry", UuidText),
)

readings = Table(
    "emergency_notices_read",
    metadata,
    Column("opening", UuidText, primary_key=True),
    Column("account", UuidText, primary_key=True),
    Column("read_at", UtcDateTime, nullable=False),
)

reviews = Table(
    "emergency_reviews",
    metadata,
    Column("opening", UuidText, primary_key=True),
    Column("organisation", UuidText, nullable=False),
    Column("reviewer", UuidText),
    Column("due_at", UtcDateTime, nullable=False),
    Column("alarmed_at", UtcDateTime),
    Column("asked_at", UtcDateTime),
    Column("answered_at", UtcDateTime),
    Column("verdict", String(40)),
    Column("closed_by", UuidText),
    Column("closed_at", UtcDateTime),
    Column("reason_sealed", LargeBinary),
    Column("question_sealed", LargeBinary),
    Column("answer_sealed", LargeBinary),
    Column("finding_sealed", LargeBinary),
    ForeignKeyConstraint(["opening"], ["emergency_openings.id"]),
    Index(None, "organisation", "closed_at", "due_at"),
    Index(None, "closed_at", "due_at"),
)


def insert_opening(uow: kernel.UnitOfWork, opening: EmergencyOpening, *, vital: bool) -> None:
    """Write an opening."""
    row = {name: value for name, value in vars(opening).items() if name != "sections"}
    sections = json.dumps(sorted(opening.sections))
    uow.connection.execute(insert(openings).values(**row, sections=sections, vital=vital))


def insert_review(uow: kernel.UnitOfWork, review: EmergencyReview) -> None:
    """Write that an opening waits to be looked at."""
    opening = review.opening
    uow.connection.execute(
        insert(reviews).values(
            opening=opening.id, organisation=opening.organisation, reviewer=review.reviewer, due_at=review.due_at
        )
    )  # fmt: skip


def insert_use(uow: kernel.UnitOfWork, opening: OpeningId, identifier: object, use: EmergencyUse) -> None:
    """Write one thing that was done through an opening."""
    uow.connection.execute(insert(uses).values(id=identifier, opening=opening, **vars(use)))


def is_open(now: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition under which an opening opens anything at an instant."""
    return (openings.c.opened_at <= now) & (openings.c.ends_at > now) & openings.c.ended_at.is_(None)


def opening_in(row: RowMapping) -> Opening:
    """Return the fact that a decision takes from a row of an opening."""
    return Opening(OpeningId(row["id"]), sections_in(row), row["ends_at"], vital=bool(row["vital"]))


def sections_in(row: RowMapping) -> frozenset[Section]:
    """Return the sections that a row names."""
    return frozenset(Section(name) for name in json.loads(row["sections"]))


def end_openings(uow: kernel.UnitOfWork, dossier: kernel.DossierId, account: kernel.AccountId) -> bool:
    """End what somebody holds open of a dossier; False when nothing was open."""
    mine = update(openings).where(openings.c.dossier == dossier, openings.c.account == account, _live(uow))
    return uow.connection.execute(mine.values(ended_at=uow.now)).rowcount > 0


def tell_now(uow: kernel.UnitOfWork, opening: OpeningId) -> None:
    """Let the patient be told from now on, if they were to be told later."""
    later = update(openings).where(openings.c.id == opening, openings.c.tell_at > uow.now)
    uow.connection.execute(later.values(tell_at=uow.now))


def tell_again(uow: kernel.UnitOfWork, opening: OpeningId) -> None:
    """Bring an opening back to the first page of everybody who had read of it: there is something new to read."""
    uow.connection.execute(delete(readings).where(readings.c.opening == opening))


def mark_read(uow: kernel.UnitOfWork, opening: OpeningId, account: kernel.AccountId) -> None:
    """Write that somebody has read of an opening; the first time counts."""
    mine = (readings.c.opening == opening) & (readings.c.account == account)
    if uow.connection.execute(select(readings.c.opening).where(mine)).first() is None:
        uow.connection.execute(insert(readings).values(opening=opening, account=account, read_at=uow.now))


def read_by(
    uow: kernel.UnitOfWork, dossier: kernel.DossierId, account: kernel.AccountId
) -> frozenset[OpeningId]:
    """Return the openings of a dossier of which somebody has read."""
    query = select(readings.c.opening).join(openings, openings.c.id == readings.c.opening)
    mine = query.where(openings.c.dossier == dossier, readings.c.account == account)
    return frozenset(OpeningId(row) for row in uow.connection.execute(mine).scalars())


def load_openings(uow: kernel.UnitOfWork, dossier: kernel.DossierId) -> tuple[EmergencyOpening, ...]:
    """Return every opening of a dossier, newest first."""
    query = select(openings).where(openings.c.dossier == dossier)
    return tuple(map(_opening, _rows(uow, query.order_by(openings.c.opened_at.desc(), openings.c.id))))


def live_openings(uow: kernel.UnitOfWork, account: kernel.AccountId) -> tuple[EmergencyOpening, ...]:
    """Return what somebody holds open now, what ends first before the others."""
    found = uow.connection.execute(_MINE, {"account": account, "now": uow.now}).mappings()
    return tuple(map(_opening, found))


#: What every page asks is put into words once.
_MINE = (
    select(openings)
    .where(
        openings.c.account == bindparam("account", type_=UuidText()),
        is_open(bindparam("now", type_=UtcDateTime())),
    )
    .order_by(openings.c.ends_at, openings.c.id)
)


def untold(
    uow: kernel.UnitOfWork, dossier: kernel.DossierId
) -> tuple[tuple[OpeningId, kernel.AccountId], ...]:
    """Return the openings of a dossier of which its patient is to be told later than now, and who opened."""
    query = select(openings.c.id, openings.c.account)
    later = query.where(openings.c.dossier == dossier, openings.c.tell_at > uow.now)
    return tuple((OpeningId(row[0]), kernel.AccountId(row[1])) for row in uow.connection.execute(later))


def count_openings(
    uow: kernel.UnitOfWork,
    organisation: kernel.OrganisationId,
    profession: identity.Profession,
    since: datetime,
) -> Mapping[kernel.AccountId, int]:
    """Return how often each of a profession opened in an emergency since an instant; who never did is absent."""
    query = (
        select(openings.c.account, func.count())
        .where(
            openings.c.organisation == organisation,
            openings.c.profession == profession,
            openings.c.opened_at >= since,
        )
        .group_by(openings.c.account)
    )
    return {kernel.AccountId(row[0]): row[1] for row in uow.connection.execute(query)}


def load_uses(uow: kernel.UnitOfWork, opening: OpeningId) -> tuple[EmergencyUse, ...]:
    """Return what was done through an opening, first things first."""
    query = select(uses).where(uses.c.opening == opening).order_by(uses.c.at, uses.c.id)
    return tuple(
        EmergencyUse(
            row["at"],
            Action(row["action"]),
            None if row["section"] is None else Section(row["section"]),
            row["entry"],
        )
        for row in _rows(uow, query)
    )


def load_review(uow: kernel.UnitOfWork, opening: OpeningId) -> EmergencyReview | None:
    """Return how the look at an opening stands."""
    found = _rows(uow, _reviews().where(openings.c.id == opening))
    return _review(found[0]) if found else None


def pending_in(
    uow: kernel.UnitOfWork, organisation: kernel.OrganisationId, openers: Collection[kernel.AccountId] | None
) -> tuple[EmergencyReview, ...]:
    """Return what waits to be looked at in an organisation, of these openers or of all (None), the first due first."""
    query = _reviews().where(reviews.c.organisation == organisation, reviews.c.closed_at.is_(None))
    if openers is not None:
        query = query.where(openings.c.account.in_(list(openers)))
    return tuple(map(_review, _rows(uow, query.order_by(reviews.c.due_at, openings.c.id))))


def closed_in(
    uow: kernel.UnitOfWork, organisation: kernel.OrganisationId, limit: int
) -> tuple[EmergencyReview, ...]:
    """Return what was looked at in an organisation, the last first."""
    query = _reviews().where(reviews.c.organisation == organisation, reviews.c.closed_at.is_not(None))
    return tuple(map(_review, _rows(uow, query.order_by(reviews.c.closed_at.desc()).limit(limit))))


def reviews_of(
    uow: kernel.UnitOfWork, account: kernel.AccountId, since: datetime
) -> tuple[EmergencyReview, ...]:
    """Return how the looks at somebody's own openings stand, the newest first."""
    query = _reviews().where(openings.c.account == account, openings.c.opened_at >= since)
    return tuple(map(_review, _rows(uow, query.order_by(openings.c.opened_at.desc(), openings.c.id))))


def overdue(uow: kernel.UnitOfWork, limit: int) -> tuple[EmergencyReview, ...]:
    """Return the looks that are overdue and of which no alarm was given, held until the transaction ends."""
    late = _reviews().where(
        reviews.c.closed_at.is_(None), reviews.c.due_at <= uow.now, reviews.c.alarmed_at.is_(None)
    )
    return tuple(
        map(
            _review,
            _rows(
                uow,
                late.order_by(reviews.c.due_at).limit(limit).with_for_update(of=reviews, skip_locked=True),
            ),
        )
    )


def mark_alarmed(uow: kernel.UnitOfWork, found: Collection[OpeningId]) -> None:
    """Write that the alarm was given."""
    uow.connection.execute(
        update(reviews).where(reviews.c.opening.in_(list(found))).values(alarmed_at=uow.now)
    )


def write_review(uow: kernel.UnitOfWork, opening: OpeningId, **values: object) -> bool:
    """Write what became of an open look; False when it is closed."""
    still = update(reviews).where(reviews.c.opening == opening, reviews.c.closed_at.is_(None))
    return uow.connection.execute(still.values(**values)).rowcount == 1


def find_words(uow: kernel.UnitOfWork, opening: OpeningId) -> Mapping[str, bytes | None]:
    """Return the words around an opening, sealed; none where the row of its look is gone."""
    known = select(reviews.c.opening).where(reviews.c.opening == opening)
    return load_words(uow, opening) if uow.connection.execute(known).first() is not None else {}


def all_openings(uow: kernel.UnitOfWork) -> Iterator[tuple[EmergencyOpening, bool]]:
    """Yield every opening there ever was, and whether its row says that it was for a life."""
    for row in _rows(uow, select(openings).order_by(openings.c.id)):
        yield _opening(row), bool(row["vital"])


def load_words(uow: kernel.UnitOfWork, opening: OpeningId) -> Mapping[str, bytes | None]:
    """Return the words around an opening, sealed, by what they are."""
    names = ("reason", "question", "answer", "finding")
    columns = [reviews.c[f"{name}_sealed"].label(name) for name in names]
    row = uow.connection.execute(select(*columns).where(reviews.c.opening == opening)).mappings().one()
    return dict(row)


def _reviews() -> Any:  # noqa: ANN401 - a select over two tables has no type of its own
    said = reviews.c.reason_sealed.is_not(None).label("has_words")
    return select(openings, *reviews.c, said).join(reviews, reviews.c.opening == openings.c.id)


def _live(uow: kernel.UnitOfWork) -> ColumnElement[bool]:
    return is_open(bindparam("now", uow.now, type_=UtcDateTime()))


def _rows(uow: kernel.UnitOfWork, query: Any) -> list[RowMapping]:  # noqa: ANN401 - any select
    return list(uow.connection.execute(query).mappings())


def _opening(row: RowMapping) -> EmergencyOpening:
    return EmergencyOpening(
        id=OpeningId(row["id"]),
        dossier=row["dossier"],
        organisation=row["organisation"],
        account=row["account"],
        profession=identity.Profession(row["profession"]),
        reason=EmergencyReason(row["reason"]),
        sections=sections_in(row),
        opened_at=row["opened_at"],
        ends_at=row["ends_at"],
        tell_at=row["tell_at"],
        delay=None if row["delay"] is None else DelayReason(row["delay"]),
        ended_at=row["ended_at"],
    )


def _review(row: RowMapping) -> EmergencyReview:
    return EmergencyReview(
        opening=_opening(row),
        reviewer=row["reviewer"],
        due_at=row["due_at"],
        alarmed_at=row["alarmed_at"],
        asked_at=row["asked_at"],
        answered_at=row["answered_at"],
        verdict=None if row["verdict"] is None else ReviewVerdict(row["verdict"]),
        closed_by=row["closed_by"],
        closed_at=row["closed_at"],
        has_words=row["has_words"],
    )
