"""Traces as they are left, survive, fail, are read and expire."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from serment import kernel, ledger, vault
from serment.kernel import DossierId, OrganisationId
from serment.ledger import store
from support.ledger import DOSSIER, ORGANISATION, flipped, leave_traces, some_trace

WarrantFor = Callable[..., vault.Warrant]


class Refusal(Exception):
    """What a decision raises after it has left its trace."""


def count_of(database: kernel.Database) -> int:
    with database.reading() as uow:
        return uow.connection.scalar(select(func.count()).select_from(store.traces)) or 0


def test_read_trail_gives_back_what_was_recorded(
    traced: kernel.Database, clock: kernel.SettableClock, trail_warrant: WarrantFor
) -> None:
    trace = some_trace(7)
    with traced.unit_of_work() as uow:
        trace_id = ledger.record(uow, trace)

    with traced.reading() as uow:
        trail = ledger.read_trail(uow, ORGANISATION, DOSSIER, trail_warrant(), limit=10)

    assert trail == (ledger.RecordedTrace(trace_id, clock.now(), trace, None),)


def test_record_all_keeps_the_order_and_read_trail_turns_it_round(
    traced: kernel.Database, trail_warrant: WarrantFor
) -> None:
    leave_traces(traced, 5)

    with traced.reading() as uow:
        newest = ledger.read_trail(uow, ORGANISATION, DOSSIER, trail_warrant(), limit=3)
        rest = ledger.read_trail(uow, ORGANISATION, DOSSIER, trail_warrant(), limit=3, before=newest[-1].id)

    assert [found.trace.detail["number"] for found in newest] == ["4", "3", "2"]
    assert [found.trace.detail["number"] for found in rest] == ["1", "0"]


def test_read_trail_keeps_dossiers_and_organisations_apart(
    traced: kernel.Database, trail_warrant: WarrantFor
) -> None:
    other = DossierId(kernel.new_id())
    with traced.unit_of_work() as uow:
        ledger.record(uow, some_trace(dossier=other))
        ledger.record(uow, some_trace(dossier=None))
        ledger.record(uow, replace(some_trace(), organisation=OrganisationId(kernel.new_id())))

    with traced.reading() as uow:
        assert ledger.read_trail(uow, ORGANISATION, DOSSIER, trail_warrant(), limit=10) == ()
        assert len(ledger.read_trail(uow, ORGANISATION, other, trail_warrant(other), limit=10)) == 1
        assert len(ledger.read_security_log(uow, ORGANISATION, limit=10)) == 1


def test_record_all_of_nothing_leaves_nothing(traced: kernel.Database) -> None:
    with traced.unit_of_work() as uow:
        assert ledger.record_all(uow, ()) == ()

    assert count_of(traced) == 0


def test_record_all_takes_one_statement(traced: kernel.Database) -> None:
    with traced.unit_of_work() as uow:
        ledger.record_all(uow, [some_trace(number) for number in range(20)])
        assert len(uow.insisted) == 1

    assert count_of(traced) == 20


def test_a_trace_survives_the_rollback_of_what_it_tells(
    traced: kernel.Database, trail_warrant: WarrantFor
) -> None:
    refused = some_trace(outcome=ledger.Outcome.REFUSED)
    with pytest.raises(Refusal), traced.unit_of_work() as uow:
        trace_id = ledger.record(uow, refused)
        ledger.anchor(uow, "entry/1/1", b"digest", organisation=ORGANISATION)
        raise Refusal

    with traced.reading() as uow:
        trail = ledger.read_trail(uow, ORGANISATION, DOSSIER, trail_warrant(), limit=10)
        anchors = list(ledger.current_anchors(uow))

    assert [(found.id, found.trace) for found in trail] == [(trace_id, refused)]
    assert anchors == []


def test_nothing_goes_on_when_the_trace_cannot_be_stored(traced: kernel.Database) -> None:
    """O2: fail closed. The caller's answer is never reached."""
    with traced.unit_of_work() as uow:
        uow.connection.execute(text("DROP TABLE ledger_traces"))

    served = False
    with pytest.raises((DBAPIError, kernel.StoreUnavailable)), traced.unit_of_work() as uow:
        ledger.record(uow, some_trace())
        served = True

    assert not served


def test_a_full_disk_stops_the_trace_and_what_waits_for_it(traced_embedded: kernel.Database) -> None:
    served = False
    with pytest.raises(kernel.StoreUnavailable), traced_embedded.unit_of_work() as uow:
        pages = uow.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        uow.connection.exec_driver_sql(f"PRAGMA max_page_count={pages}").close()
        ledger.record_all(uow, [some_trace(number) for number in range(500)])
        served = True

    assert not served


def test_record_demands_a_keyring(database: kernel.Database) -> None:
    with pytest.raises(kernel.PartMissing), database.unit_of_work() as uow:
        ledger.record(uow, some_trace())


def test_a_row_shows_nothing_of_the_detail(traced: kernel.Database) -> None:
    with traced.unit_of_work() as uow:
        ledger.record(uow, replace(some_trace(), kind="canary.kind", detail={"code": "canary"}))
        row = uow.connection.execute(select(store.traces)).mappings().one()

    assert b"canary" not in b"".join(value for value in row.values() if isinstance(value, bytes))
    assert {name for name, value in row.items() if not isinstance(value, bytes)} == {
        "number",
        "id",
        "organisation",
        "dossier",
        "recorded_at",
        "leaf",
        "means_tag",
        "browser_tag",
    }


def test_read_trail_refuses_a_warrant_for_another_compartment(
    traced: kernel.Database, trail_warrant: WarrantFor
) -> None:
    leave_traces(traced, 1)
    with traced.reading() as uow, pytest.raises(vault.WarrantRefused):
        ledger.read_trail(uow, ORGANISATION, DOSSIER, trail_warrant(compartment="clinical"), limit=10)


def test_read_trail_refuses_a_warrant_for_another_dossier(
    traced: kernel.Database, trail_warrant: WarrantFor
) -> None:
    leave_traces(traced, 1)
    other = trail_warrant(DossierId(kernel.new_id()))
    with traced.reading() as uow, pytest.raises(vault.WarrantRefused):
        ledger.read_trail(uow, ORGANISATION, DOSSIER, other, limit=10)


@pytest.mark.parametrize("column", ["commitment", "seal_digest"])
def test_read_trail_refuses_a_trace_that_left_its_commitment(
    traced: kernel.Database, trail_warrant: WarrantFor, column: str
) -> None:
    with traced.unit_of_work() as uow:
        trace_id = ledger.record(uow, some_trace())
        uow.connection.execute(update(store.traces).values({column: bytes(32)}))

    with traced.reading() as uow, pytest.raises(ledger.TraceBroken, match=str(trace_id)):
        ledger.read_trail(uow, ORGANISATION, DOSSIER, trail_warrant(), limit=10)


def test_read_trail_refuses_a_broken_seal(traced: kernel.Database, trail_warrant: WarrantFor) -> None:
    leave_traces(traced, 1)
    with traced.unit_of_work() as uow:
        sealed = uow.connection.scalar(select(store.traces.c.sealed)) or b""
        uow.connection.execute(update(store.traces).values(sealed=flipped(sealed, -1)))

    with traced.reading() as uow, pytest.raises(vault.SealBroken):
        ledger.read_trail(uow, ORGANISATION, DOSSIER, trail_warrant(), limit=10)


def test_the_newest_anchor_of_a_place_is_the_current_one(traced: kernel.Database, log: ledger.Log) -> None:
    other = OrganisationId(kernel.new_id())
    with traced.unit_of_work() as uow:
        ledger.anchor(uow, "object/1", b"first", organisation=ORGANISATION)
        ledger.anchor(uow, "object/2", b"other", organisation=other)
        ledger.anchor(uow, "object/1", b"second", organisation=ORGANISATION)
        assert ledger.current_anchor(uow, "object/1") == b"second"
    assert ledger.integrate(traced, log) is not None
    with traced.unit_of_work() as uow:
        assert ledger.current_anchor(uow, "object/1") == b"second"
        ledger.anchor(uow, "object/1", b"third", organisation=ORGANISATION)
        ledger.anchor_gone(uow, "object/2", organisation=other)

    with traced.reading() as uow:
        assert sorted(ledger.current_anchors(uow)) == [("object/1", b"third"), ("object/2", b"")]
        assert list(ledger.current_anchors(uow, ORGANISATION)) == [("object/1", b"third")]
        assert ledger.current_anchor(uow, "object/1") == b"third"
        assert ledger.current_anchor(uow, "object/3") is None


def test_current_anchors_follow_the_leaves_and_not_a_number_that_may_be_edited(
    traced: kernel.Database, log: ledger.Log
) -> None:
    with traced.unit_of_work() as uow:
        ledger.anchor(uow, "object/1", b"first")
        ledger.anchor(uow, "object/1", b"second")
    assert ledger.integrate(traced, log) is not None
    with traced.unit_of_work() as uow:
        rolled_back = store.anchors.c.digest == b"first"
        uow.connection.execute(update(store.anchors).where(rolled_back).values(number=99))

    with traced.reading() as uow:
        assert ledger.current_anchor(uow, "object/1") == b"second"


def test_details_are_purged_by_two_clocks_and_the_tree_still_verifies(
    traced: kernel.Database,
    clock: kernel.SettableClock,
    log: ledger.Log,
    trail_warrant: WarrantFor,
) -> None:
    """LED-08 and LED-09."""
    with traced.unit_of_work() as uow:
        ledger.record_all(uow, [some_trace(), some_trace(dossier=None)])
    assert ledger.integrate(traced, log) is not None
    kept = (timedelta(days=1096), timedelta(days=365))

    clock.advance(timedelta(days=365))
    assert purge(traced, *kept) == (0, 0)
    clock.advance(timedelta(days=1))
    assert purge(traced, *kept) == (0, 1)
    clock.advance(timedelta(days=729))
    with traced.reading() as uow:
        assert len(ledger.read_trail(uow, ORGANISATION, DOSSIER, trail_warrant(), limit=10)) == 1
        assert ledger.read_security_log(uow, ORGANISATION, limit=10) == ()
    clock.advance(timedelta(days=2))
    assert purge(traced, *kept) == (1, 0)

    with traced.reading() as uow:
        assert ledger.read_trail(uow, ORGANISATION, DOSSIER, trail_warrant(), limit=10) == ()
        assert list(ledger.check_traces(uow, log)) == []


def purge(database: kernel.Database, trail: timedelta, security: timedelta) -> tuple[int, int]:
    with database.unit_of_work() as uow:
        return ledger.purge_trail_details(uow, trail), ledger.purge_security_details(uow, security)


def test_details_are_not_purged_before_the_law_allows(traced_embedded: kernel.Database) -> None:
    with traced_embedded.unit_of_work() as uow:
        with pytest.raises(ledger.RetentionTooShort):
            ledger.purge_trail_details(uow, timedelta(days=1095))
        with pytest.raises(ledger.RetentionTooShort):
            ledger.purge_security_details(uow, timedelta(days=182))
