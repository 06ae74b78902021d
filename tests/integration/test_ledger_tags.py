"""Blind tags: the traces of an account, a session or a browser are found unopened, and no tag changes unseen."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from serment import kernel, ledger, vault
from serment.kernel import AccountId, DossierId, OrganisationId
from serment.ledger import store
from support.ledger import DOSSIER, ORGANISATION, flipped, some_trace

WarrantFor = Callable[[DossierId], vault.Warrant]
ACCOUNT = AccountId(kernel.new_id())
SESSION, BROWSER = kernel.new_id(), kernel.new_id()
TAGS = ["actor_tag", "means_tag", "browser_tag"]


def trace_of(
    number: int,
    *,
    account: AccountId = ACCOUNT,
    means: UUID | None = SESSION,
    browser: UUID | None = BROWSER,
    dossier: DossierId | None = DOSSIER,
    organisation: OrganisationId = ORGANISATION,
) -> ledger.Trace:
    actor = ledger.Actor(account, ORGANISATION, "physician", "web 203.0.113.7", means, browser)
    return replace(some_trace(number, dossier=dossier), actor=actor, organisation=organisation)


def leave(database: kernel.Database, *traces: ledger.Trace) -> None:
    with database.unit_of_work() as uow:
        ledger.record_all(uow, traces)


def window(clock: kernel.SettableClock, hours: int = 1) -> ledger.Window:
    return ledger.Window(clock.now() - timedelta(hours=hours), clock.now() + timedelta(seconds=1))


def found(
    database: kernel.Database, mark: ledger.Mark, subject: UUID, when: ledger.Window, warrant: vault.Warrant
) -> list[str]:
    with database.reading() as uow:
        read = ledger.read_marked(
            uow, ORGANISATION, ledger.Suspect(mark, subject), when, warrants={DOSSIER: warrant}
        )
        return sorted(one.trace.detail["number"] for one in read)


@pytest.mark.parametrize(
    ("mark", "subject", "expected"),
    [
        (ledger.Mark.ACTOR, ACCOUNT, ["0", "1", "2", "3"]),
        (ledger.Mark.MEANS, SESSION, ["0", "1", "3", "4"]),
        (ledger.Mark.BROWSER, BROWSER, ["0", "2", "3", "4"]),
        (ledger.Mark.ACTOR, SESSION, []),
    ],
)
def test_traces_are_found_by_each_mark(
    traced: kernel.Database,
    clock: kernel.SettableClock,
    trail_warrant: WarrantFor,
    mark: ledger.Mark,
    subject: UUID,
    expected: list[str],
) -> None:
    other = AccountId(kernel.new_id())
    leave(
        traced,
        trace_of(0),
        trace_of(1, browser=None),
        trace_of(2, means=kernel.new_id()),
        trace_of(3, dossier=None),
        trace_of(4, account=other),
        trace_of(5, account=other, means=None, browser=None),
    )

    assert found(traced, mark, subject, window(clock), trail_warrant(DOSSIER)) == expected


def test_the_window_has_a_beginning_and_an_end(
    traced: kernel.Database, clock: kernel.SettableClock, trail_warrant: WarrantFor
) -> None:
    begin = clock.now()
    for number in range(4):
        leave(traced, trace_of(number))
        clock.advance(timedelta(minutes=1))
    when = ledger.Window(begin + timedelta(minutes=1), begin + timedelta(minutes=3))

    assert found(traced, ledger.Mark.ACTOR, ACCOUNT, when, trail_warrant(DOSSIER)) == ["1", "2"]


def test_dossiers_are_counted_without_opening_any(
    traced: kernel.Database, clock: kernel.SettableClock
) -> None:
    elsewhere = DossierId(kernel.new_id())
    leave(traced, trace_of(0), trace_of(1), trace_of(2, dossier=elsewhere), trace_of(3, dossier=None))
    suspect = ledger.Suspect(ledger.Mark.ACTOR, ACCOUNT)

    with traced.reading() as uow:
        counted = ledger.dossiers_marked(uow, ORGANISATION, suspect, window(clock))

    assert counted == {DOSSIER: 2, elsewhere: 1, None: 1}


def test_reading_marked_traces_takes_a_warrant_for_each_dossier(
    traced: kernel.Database, clock: kernel.SettableClock
) -> None:
    leave(traced, trace_of(0))
    suspect = ledger.Suspect(ledger.Mark.ACTOR, ACCOUNT)

    with traced.reading() as uow, pytest.raises(vault.WarrantRefused):
        list(ledger.read_marked(uow, ORGANISATION, suspect, window(clock), warrants={}))


def test_one_account_has_another_tag_in_each_organisation(traced: kernel.Database) -> None:
    leave(traced, trace_of(0), trace_of(1, organisation=OrganisationId(kernel.new_id())))

    with traced.reading() as uow:
        rows = uow.connection.execute(store.traces.select()).mappings().all()
    for tag in TAGS:
        assert len({row[tag] for row in rows}) == 2
        assert {len(row[tag]) for row in rows} == {8}


@pytest.mark.parametrize("waiting", [False, True], ids=["integrated", "waiting"])
@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("how", ["changed", "dropped", "of-another"])
def test_no_tag_is_changed_or_dropped_unseen(
    traced_embedded: kernel.Database, log: ledger.Log, tag: str, how: str, *, waiting: bool
) -> None:
    leave(
        traced_embedded,
        trace_of(0),
        trace_of(1, account=AccountId(kernel.new_id()), means=None, browser=None),
    )
    if not waiting:
        ledger.integrate(traced_embedded, log)
    table = store.traces
    with traced_embedded.unit_of_work() as uow:
        first, second = uow.connection.execute(table.select().order_by(table.c.number)).mappings().all()
        new = {"changed": flipped(first[tag]), "dropped": None, "of-another": second[tag]}[how]
        uow.connection.execute(update(table).where(table.c.id == first["id"]).values({tag: new}))

    with traced_embedded.reading() as uow:
        (finding,) = ledger.check_traces(uow, log)

    assert finding.place == f"trace/{first['id']}"


def test_an_added_tag_is_found(traced_embedded: kernel.Database, log: ledger.Log) -> None:
    leave(traced_embedded, trace_of(0, browser=None))
    ledger.integrate(traced_embedded, log)
    with traced_embedded.unit_of_work() as uow:
        uow.connection.execute(update(store.traces).values(browser_tag=bytes(8)))

    with traced_embedded.reading() as uow:
        assert len(list(ledger.check_traces(uow, log))) == 1


def test_tags_are_purged_with_the_detail_and_not_before(
    traced_embedded: kernel.Database, log: ledger.Log, clock: kernel.SettableClock
) -> None:
    leave(traced_embedded, trace_of(0))
    ledger.integrate(traced_embedded, log)
    clock.advance(timedelta(days=3 * 365 + 2))
    with traced_embedded.unit_of_work() as uow:
        assert ledger.purge_trail_details(uow, timedelta(days=3 * 365 + 1)) == 1
        (row,) = uow.connection.execute(store.traces.select()).mappings().all()
    assert [row[tag] for tag in TAGS] == [None, None, None]

    with traced_embedded.reading() as uow:
        assert list(ledger.check_traces(uow, log)) == []
    with traced_embedded.unit_of_work() as uow:
        uow.connection.execute(update(store.traces).values(actor_tag=bytes(8)))
    with traced_embedded.reading() as uow:
        (finding,) = ledger.check_traces(uow, log)
    assert finding.fact == "has tags beside a detail that is gone"
