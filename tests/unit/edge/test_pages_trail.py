from datetime import UTC, datetime, timedelta

import pytest

from serment import kernel, ledger
from serment.edge.pages.trail.lines import lines_of
from serment.edge.pages.trail.telling import deed_of

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
WHO = kernel.AccountId(kernel.new_id())
ENTRY = str(kernel.new_id())


def trace(
    kind: str,
    *,
    category: str = "clinical",
    outcome: ledger.Outcome = ledger.Outcome.ALLOWED,
    account: kernel.AccountId = WHO,
    **detail: str,
) -> ledger.Trace:
    organisation = kernel.OrganisationId(kernel.new_id())
    actor = ledger.Actor(account, organisation, "physician", "web 203.0.113.7")
    return ledger.Trace(kind, actor, organisation, None, category, "care", outcome, detail)


def recorded(one: ledger.Trace, minutes_ago: float = 0) -> ledger.RecordedTrace:
    at = NOW - timedelta(minutes=minutes_ago)
    return ledger.RecordedTrace(ledger.TraceId(kernel.new_id()), at, one, None)


def test_readings_of_one_document_within_minutes_are_one_line() -> None:
    read, other = trace("dossier.read", entry=ENTRY), trace("dossier.list", category="identity")

    lines = lines_of([recorded(read), recorded(other, 1), recorded(read, 2), recorded(read, 9)])

    assert [(line.trace.kind, line.times) for line in lines] == [("dossier.read", 3), ("dossier.list", 1)]
    assert (lines[0].last_at, lines[0].first_at) == (NOW, NOW - timedelta(minutes=9))


def test_readings_apart_stay_apart() -> None:
    read = trace("dossier.read", entry=ENTRY)

    assert [line.times for line in lines_of([recorded(read), recorded(read, 11)])] == [1, 1]


def test_readings_of_others_or_of_other_documents_stay_apart() -> None:
    colleague = kernel.AccountId(kernel.new_id())
    traces = [
        trace("dossier.read", entry=ENTRY),
        trace("dossier.read", entry=str(kernel.new_id())),
        trace("dossier.read", entry=ENTRY, account=colleague),
        trace("dossier.read", entry=ENTRY, outcome=ledger.Outcome.REFUSED),
    ]

    lines = lines_of([recorded(one) for one in traces])

    assert [line.times for line in lines] == [1, 1, 1, 1]
    assert [line.is_refused for line in lines] == [False, False, False, True]


def test_decision_beside_its_act_is_told_once_and_refused_ones_are_kept() -> None:
    share, given = trace("dossier.share"), trace("grant.given", account=WHO)
    refused = trace("dossier.share", outcome=ledger.Outcome.REFUSED)

    told = lines_of([recorded(given), recorded(share), recorded(refused, 30), recorded(share, 60)])

    assert [(line.trace.kind, line.is_refused) for line in told] == [
        ("grant.given", False),
        ("dossier.share", True),
        ("dossier.share", False),
    ]


def test_appearance_in_a_list_is_light() -> None:
    (line,) = lines_of([recorded(trace("dossier.list", category="identity"))])

    assert line.is_light


@pytest.mark.parametrize(
    ("one", "deed"),
    [
        (trace("dossier.read", category="identity"), "a consulté l'identité"),
        (trace("dossier.read"), "a lu un document"),
        (trace("care-team.joined", reason="declared-taking-part"), "a déclaré participer aux soins"),
        (trace("care-team.joined"), "a agi sur ce dossier ({kind})"),
        (trace("dossier.unheard-of"), "a agi sur ce dossier ({kind})"),
    ],
)
def test_deed_says_what_was_done(one: ledger.Trace, deed: str) -> None:
    assert deed_of(one) == deed
