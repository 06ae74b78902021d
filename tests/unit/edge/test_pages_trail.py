from datetime import UTC, datetime, timedelta

import pytest

from serment import access, dossier, kernel, ledger
from serment.edge.pages.trail.lines import all_of, others_of
from serment.edge.pages.trail.telling import deed_of

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
WHO = kernel.AccountId(kernel.new_id())
ORGANISATION = kernel.OrganisationId(kernel.new_id())
ENTRY = str(kernel.new_id())


def trace(
    kind: str,
    *,
    category: str = "clinical",
    outcome: ledger.Outcome = ledger.Outcome.ALLOWED,
    account: kernel.AccountId = WHO,
    **detail: str,
) -> ledger.Trace:
    actor = ledger.Actor(account, ORGANISATION, "physician", "web 203.0.113.7")
    return ledger.Trace(kind, actor, ORGANISATION, None, category, "care", outcome, detail)


def recorded(one: ledger.Trace, minutes_ago: float = 0) -> ledger.RecordedTrace:
    at = NOW - timedelta(minutes=minutes_ago)
    return ledger.RecordedTrace(ledger.TraceId(kernel.new_id()), at, one, None)


def told(*some: ledger.RecordedTrace) -> list[tuple[list[tuple[str, int, int]], bool]]:
    """The visits: of each its acts, how often and on how many documents; and whether it was refused."""
    return [
        ([(deed.trace.kind, deed.times, len(deed.entries)) for deed in visit.deeds], visit.is_refused)
        for visit in all_of(some).visits
    ]


def test_acts_within_a_while_are_one_visit() -> None:
    read, other = trace("dossier.read", entry=ENTRY), trace("dossier.read", entry=str(kernel.new_id()))
    opened = trace("dossier.list", category="dossier")

    (visit,) = all_of([recorded(read), recorded(other, 1), recorded(read, 29), recorded(opened, 40)]).visits

    assert [(deed.trace.kind, deed.times, len(deed.entries)) for deed in visit.deeds] == [
        ("dossier.read", 3, 2), ("dossier.list", 1, 0),
    ]  # fmt: skip
    assert (visit.last_at, visit.first_at) == (NOW, NOW - timedelta(minutes=40))
    assert len(visit.traces) == 4


def test_visits_apart_stay_apart() -> None:
    read = trace("dossier.read", entry=ENTRY)

    assert told(recorded(read), recorded(read, 31)) == [([("dossier.read", 1, 1)], False)] * 2


def test_visits_of_others_and_refused_ones_stay_apart() -> None:
    colleague = kernel.AccountId(kernel.new_id())
    refused = trace("dossier.read", entry=ENTRY, outcome=ledger.Outcome.REFUSED, because="no-care-relation")
    traces = [
        trace("dossier.read", entry=ENTRY),
        trace("dossier.read", entry=ENTRY, account=colleague),
        refused,
    ]

    assert [bad for _, bad in told(*(recorded(one) for one in traces))] == [False, False, True]


def test_a_visit_goes_on_beside_that_of_somebody_else() -> None:
    colleague = kernel.AccountId(kernel.new_id())
    mine, theirs = trace("dossier.read", entry=ENTRY), trace("dossier.list", account=colleague)

    assert len(all_of([recorded(mine), recorded(theirs, 1), recorded(mine, 2)]).visits) == 2


def test_decision_beside_its_act_is_told_once_and_refused_ones_are_kept() -> None:
    share, given = trace("dossier.share"), trace("grant.given")
    refused = trace("dossier.share", outcome=ledger.Outcome.REFUSED)

    assert told(recorded(given), recorded(share), recorded(refused, 40), recorded(share, 80)) == [
        ([("grant.given", 1, 0)], False),
        ([("dossier.share", 1, 0)], True),
        ([("dossier.share", 1, 0)], False),
    ]


def test_what_goes_with_reading_a_trail_is_not_told() -> None:
    traces = [trace("dossier.read-trail", category="dossier"), trace("dossier.list", category="dossier")]

    assert told(*(recorded(one) for one in traces)) == [([("dossier.read-trail", 1, 0)], False)]


def test_the_counting_of_bytes_is_not_told() -> None:
    assert told(recorded(trace(dossier.CONTENT_OPENED, entry=ENTRY))) == []


def test_own_acts_and_lists_are_counted_and_not_told() -> None:
    colleague = kernel.AccountId(kernel.new_id())
    traces = [
        trace("dossier.list", category="dossier"),
        trace("dossier.list", category="identity", account=colleague),
        trace("dossier.read", entry=ENTRY, account=colleague),
    ]

    shown = others_of([recorded(one) for one in traces], WHO)

    assert [visit.trace.kind for visit in shown.visits] == ["dossier.read"]
    assert (shown.own, shown.listed) == (1, 1)


def test_appearance_in_a_list_is_light() -> None:
    (visit,) = all_of([recorded(trace("dossier.list", category="identity"))]).visits

    assert visit.is_light


@pytest.mark.parametrize(
    ("one", "deed"),
    [
        (trace("dossier.read", category="identity"), "a consulté l'identité"),
        (trace("dossier.read"), "a lu un document"),
        (trace("dossier.control"), "a ouvert la page qui règle qui peut voir"),
        (trace("dossier.share"), "a préparé un partage"),
        (
            trace("dossier.share", category="identity"),
            "a ouvert la page des comptes du patient et de ses proches",
        ),
        (trace("care-team.joined", reason="declared-taking-part"), "a déclaré participer aux soins"),
        (trace("care-team.joined"), "a agi sur ce dossier ({kind})"),
        (trace("dossier.unheard-of"), "a agi sur ce dossier ({kind})"),
    ],
)
def test_deed_says_what_was_done(one: ledger.Trace, deed: str) -> None:
    assert deed_of(one) == deed


@pytest.mark.parametrize(
    ("kind", "deed"),
    [("dossier.read", "a voulu lire un document"), ("dossier.control", "a voulu régler qui peut voir")],
)
def test_what_was_refused_is_told_as_an_attempt(kind: str, deed: str) -> None:
    assert deed_of(trace(kind, outcome=ledger.Outcome.REFUSED), 3) == deed


def test_every_action_and_outcome_has_its_words() -> None:
    told = {
        deed_of(trace(f"dossier.{action}", outcome=outcome))
        for action in access.Action
        for outcome in ledger.Outcome
    }

    assert "a agi sur ce dossier ({kind})" not in told


def test_several_documents_are_counted_and_identities_are_not() -> None:
    assert deed_of(trace("dossier.read"), 3) == "a lu {n} documents"
    assert deed_of(trace("dossier.read", category="identity"), 3) == "a consulté l'identité"
