"""What is asked and what it leaves: a verdict is kept for what it reaches, and its trace says all of it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from serment import identity, kernel
from serment.access.acts import Act, judged, trace_of, used
from serment.access.emergency.uses import OPENING
from serment.access.matrix import SHIPPED
from serment.access.model import (
    ABSENT,
    RESTRICTED,
    Action,
    Against,
    Bar,
    EntryId,
    GrantRequest,
    Opening,
    OpeningId,
    Purpose,
    Relation,
    Restricted,
    Section,
    Ties,
    Verdict,
)
from serment.identity import Caller, Profession, Role

HERE = kernel.OrganisationId(kernel.new_id())
DOSSIER = kernel.DossierId(kernel.new_id())
ENTRY, OTHER = (EntryId(kernel.new_id()) for _ in range(2))
NURSE = Caller(
    kernel.AccountId(kernel.new_id()), HERE, Role.PROFESSIONAL, Profession.NURSE,
    identity.SessionId(kernel.new_id()), "Camille Essai", "web 203.0.113.7",
)  # fmt: skip
KEY = identity.KeyLimits(
    identity.AccessKeyId(kernel.new_id()),
    identity.Face.FHIR,
    frozenset({"clinical"}),
    identity.KeyScope.READ_AND_FILE,
)
CARES = Ties(HERE, in_care_team=True)
CLOSED = replace(CARES, restricted=Restricted((Bar(Against.PERSON, Section.CLINICAL, ENTRY),)))
OPENED = Opening(
    OpeningId(kernel.new_id()), frozenset({Section.CLINICAL}), datetime(2026, 4, 1, tzinfo=UTC), vital=True
)


def asked(section: Section | None = None, entry: EntryId | None = None, action: Action = Action.READ) -> Act:
    return Act(NURSE, action, DOSSIER, Purpose.CARE, section, entry)


def answer(act: Act, ties: Ties = CARES) -> Verdict:
    return judged(act, ties, {(HERE, 0): SHIPPED})


def told(act: Act, ties: Ties = CARES) -> dict[str, str]:
    return dict(trace_of(act, ties, answer(act, ties)).detail)


def test_verdict_is_kept_for_what_it_reaches() -> None:
    one = frozenset({ENTRY})
    grant = GrantRequest(
        None, None, frozenset({Section.CLINICAL}), one, Purpose.CARE, datetime(2026, 4, 1, tzinfo=UTC)
    )
    let_in = Ties(kernel.OrganisationId(kernel.new_id()), grants=(grant,))

    def reason(act: Act) -> str:
        return judged(act, let_in, {(let_in.organisation, 0): SHIPPED}).reason

    assert answer(asked()).allowed
    assert answer(asked(Section.SENSITIVE)).reason == "section-not-reached"
    assert answer(asked(Section.CLINICAL), Ties(HERE)).reason == "profession-without-this-action"
    assert reason(asked(Section.CLINICAL, ENTRY)) == Relation.GRANT.value
    assert reason(asked(Section.CLINICAL, OTHER)) == "entry-not-reached"
    # Of a section that is opened in part, that part is listed.
    assert reason(asked(Section.CLINICAL)) == Relation.GRANT.value
    elsewhere = trace_of(asked(), let_in, answer(asked()))
    assert elsewhere.organisation == let_in.organisation


def test_what_is_hidden_is_absent_and_who_files_names_something_new() -> None:
    assert answer(asked(Section.CLINICAL, ENTRY), CLOSED).reason == ABSENT
    assert answer(asked(Section.CLINICAL, OTHER), CLOSED).allowed
    assert answer(asked(Section.CLINICAL), CLOSED).allowed
    assert answer(asked(Section.CLINICAL, ENTRY, Action.FILE), CLOSED).allowed
    everything = replace(CARES, restricted=Restricted((Bar(Against.PERSON, Section.CLINICAL),)))
    assert answer(asked(Section.CLINICAL), everything).reason == "care-team"
    # Absent comes before whatever else would have refused it.
    assert answer(asked(Section.CLINICAL, ENTRY, Action.SHARE), CLOSED).reason == ABSENT


def test_trace_tells_the_tie_the_entry_and_the_key() -> None:
    detail = told(asked(Section.CLINICAL, ENTRY))

    assert detail == {"because": "care-team", "matrix": "0", "relation": "care-team", "entry": str(ENTRY)}
    assert told(replace(asked(Section.CLINICAL), caller=replace(NURSE, key=KEY)))["key"] == str(KEY.key)
    assert "relation" not in told(asked(Section.SENSITIVE))


@pytest.mark.parametrize("by_itself", [True, False])
def test_trace_of_what_is_hidden_tells_no_section(by_itself: bool) -> None:
    act = replace(asked(Section.CLINICAL, ENTRY), by_itself=by_itself)

    assert (RESTRICTED in told(act, CLOSED)) is by_itself
    assert RESTRICTED not in told(replace(act, entry=OTHER), CLOSED)
    assert trace_of(act, CLOSED, answer(act, CLOSED)).category == "dossier"
    assert trace_of(act, CARES, answer(act)).category == "clinical"
    assert trace_of(asked(), CARES, answer(asked())).category == "dossier"


def test_trace_of_an_emergency_names_the_opening_that_it_was_seen_by() -> None:
    ties, act = Ties(HERE, opening=OPENED), asked(Section.CLINICAL)
    trace = trace_of(act, ties, answer(act, ties))

    assert (trace.purpose, trace.detail[OPENING]) == ("emergency", str(OPENED.id))
    assert used(ties, answer(act, ties)) == OPENED
    beside = replace(ties, in_care_team=True)
    assert used(beside, answer(asked(Section.CLINICAL, action=Action.FILE), beside)) is None
    assert OPENING not in told(asked(Section.CLINICAL))
    assert trace_of(act, CARES, answer(act)).purpose == "care"


def test_attempt_on_what_nobody_keeps_is_no_line_of_a_dossier() -> None:
    nobodys = Ties(None)
    verdict = judged(asked(), nobodys, {(None, 0): SHIPPED})
    trace = trace_of(asked(), nobodys, verdict)

    assert (trace.dossier, trace.organisation, trace.outcome.value) == (None, HERE, "refused")
    assert trace_of(asked(), CARES, answer(asked())).dossier == DOSSIER
    assert trace_of(asked(), CARES, answer(asked())).outcome.value == "allowed"
