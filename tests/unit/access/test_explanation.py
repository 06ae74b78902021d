import re
from pathlib import Path

from serment import kernel, ledger
from serment.access import explanation, policy
from serment.access.explanation import Ask, explain, explain_trace
from serment.access.model import Relation


def trace(kind: str = "dossier.read", **detail: str) -> ledger.Trace:
    organisation = kernel.OrganisationId(kernel.new_id())
    actor = ledger.Actor(None, organisation, "physician", "web 203.0.113.7")
    return ledger.Trace(kind, actor, organisation, None, "clinical", "care", ledger.Outcome.ALLOWED, detail)


def test_every_reason_of_the_judge_is_explained() -> None:
    said = Path(policy.__file__).read_text("utf-8")
    reasons = set(re.findall(r'_refused\("([a-z-]+)"\)', said)) | set(re.findall(r'return "([a-z-]+)"', said))

    assert len(reasons) > 10
    assert {reason for reason in reasons if explain(reason).code == "refused"} == set()
    assert {one for one in Relation if explain(one.value).code == "refused"} == set()


def test_what_is_hidden_is_explained_as_what_is_not_there() -> None:
    assert explain("no-such-entry") == explanation.Explanation("not-there", Ask.CARE_TEAM, "no-such-entry")


def test_unforeseen_reason_sends_to_data_protection() -> None:
    assert (explain("something-new").code, explain("something-new").ask) == ("refused", Ask.DATA_PROTECTION)


def test_trace_of_a_decision_is_explained_in_full() -> None:
    full = explain_trace(trace(because="care-team", relation="care-team", matrix="3"))

    assert full is not None
    assert (full.code, full.rule, full.relation, full.matrix) == (
        "takes-part-in-care", "care-team", Relation.CARE_TEAM, 3,
    )  # fmt: skip


def test_trace_of_a_refusal_names_no_relation() -> None:
    full = explain_trace(trace(because="no-care-relation", matrix="0"))

    assert full is not None
    assert (full.relation, full.matrix, full.ask) == (None, 0, Ask.CARE_TEAM)


def test_trace_of_something_else_is_not_explained() -> None:
    assert explain_trace(trace(grant="x")) is None


def test_why_an_incident_was_opened_is_no_decision() -> None:
    assert explain_trace(trace("vigilance.incident.opened", because="access-contested")) is None


def test_inquiry_made_on_the_machine_is_explained() -> None:
    full = explain_trace(trace("dossier.read-trail", because="inquiry-from-console"))

    assert full is not None
    assert (full.code, full.ask, full.matrix) == ("inquiry-from-console", Ask.NOBODY, None)
