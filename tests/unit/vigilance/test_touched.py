"""Deeds, what they sum up to, and how they are written: pure."""

import csv
import gzip
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import jsonschema_rs
import pytest

from serment import kernel, ledger, vigilance
from serment.kernel import AccountId, DossierId, OrganisationId
from serment.vigilance.touched import gather, merged
from serment.vigilance.writing import read_answer, write_answer

AT = datetime(2026, 3, 12, 9, tzinfo=UTC)
ORGANISATION, ACCOUNT = OrganisationId(kernel.new_id()), AccountId(kernel.new_id())
ZOE, ALI = sorted(DossierId(kernel.new_id()) for _ in range(2))
LETTER, PICTURE = (str(kernel.new_id()) for _ in range(2))
SERVER = "https://serment.example.test"


def told(
    kind: str,
    minute: int = 0,
    *,
    about: DossierId | None = ZOE,
    category: str = "clinical",
    origin: str = "web 203.0.113.7",
    outcome: ledger.Outcome = ledger.Outcome.ALLOWED,
    **detail: str,
) -> ledger.RecordedTrace:
    actor = ledger.Actor(ACCOUNT, ORGANISATION, "physician", origin)
    trace = ledger.Trace(kind, actor, ORGANISATION, about, category, "care", outcome, detail)
    return ledger.RecordedTrace(ledger.TraceId(kernel.new_id()), AT + timedelta(minutes=minute), trace, None)


def content(
    first: int, length: int, minute: int = 0, form: str = "bytes", **more: str
) -> ledger.RecordedTrace:
    said: dict[str, Any] = {
        "entry": LETTER,
        "version": "1",
        "object": PICTURE,
        "size": "100",
        "form": form,
        **more,
    }
    return told("dossier.content", minute, first=str(first), bytes=str(length), **said)


def answer_to(*traces: ledger.RecordedTrace) -> vigilance.Answer:
    question = vigilance.Question(vigilance.Link.ACCOUNT, ACCOUNT, AT, AT + timedelta(hours=1))
    count, deeds = gather(traces)
    return vigilance.Answer(ORGANISATION, question, AT + timedelta(hours=2), count, deeds)


SOME = (
    told("dossier.list", category="identity"),
    told("dossier.list", 1, category="identity", about=ALI),
    told("dossier.list", 2, category="dossier"),
    told("dossier.read", 3, entry=LETTER),
    content(0, 60, 4),
    content(40, 60, 5),
    content(0, 100, 6, form="drawing"),
    told("dossier.read", 7, entry=PICTURE, outcome=ledger.Outcome.REFUSED),
    told("dossier.file", 8, entry=PICTURE),
    told("grant.given", 9, category="dossier"),
    told("identity.session.opened", 9, about=None),
)


def test_an_answer_sums_up_by_patient_entry_object_and_byte() -> None:
    answer = answer_to(*SOME)

    zoe, ali = answer.patients
    (entry,) = zoe.entries
    (thing,) = entry.objects
    assert (answer.traces, answer.unopened) == (10, 0)
    assert (zoe.dossier, zoe.named, zoe.listed, ali.named, ali.listed) == (ZOE, True, True, True, False)
    assert (str(entry.entry), entry.first_at, entry.last_at) == (
        LETTER,
        AT + timedelta(minutes=3),
        AT + timedelta(minutes=6),
    )
    assert (thing.sent_bytes, thing.distinct_bytes, thing.size_bytes, thing.drawings) == (120, 100, 100, 1)
    assert zoe.acts == {"dossier.file": 1, "grant.given": 1}
    assert (zoe.sent_bytes, ali.entries) == (120, ())
    assert (zoe.changed, zoe.trail_read, ali.changed) == (True, False, False)


def test_reading_the_trail_is_told_and_is_no_change() -> None:
    (zoe,) = answer_to(told("dossier.read-trail", category="dossier")).patients

    assert (zoe.trail_read, zoe.changed, zoe.listed) == (True, False, False)


def test_who_was_only_refused_was_not_touched() -> None:
    refused = told("dossier.read", entry=LETTER, outcome=ledger.Outcome.REFUSED)

    assert answer_to(refused).patients == ()


def test_bytes_that_the_brake_held_back_did_not_leave() -> None:
    held = content(0, 60)
    held = replace(held, trace=replace(held.trace, outcome=ledger.Outcome.REFUSED))
    (deed,) = answer_to(held).deeds

    assert (deed.refused, deed.size_bytes, deed.sent_bytes, deed.spans) == (True, 100, 0, ())


def test_like_acts_are_one_deed() -> None:
    traces = [content(step, 1, step) for step in range(1500)]
    traces += [told("dossier.read", 1, entry=LETTER, origin="web 198.51.100.1")]
    (one, other) = sorted(answer_to(*traces).deeds, key=lambda deed: -deed.times)

    assert (one.times, one.sent_bytes, one.spans) == (1500, 1500, ((0, 1500),))
    assert (one.first_at, one.last_at) == (AT, AT + timedelta(minutes=1499))
    assert other.origin == "web 198.51.100.1"


@pytest.mark.parametrize("seed", range(20))
def test_merged_runs_hold_the_same_bytes(seed: int) -> None:
    chance = Random(seed)
    spans = [(begin, begin + chance.randrange(8)) for begin in (chance.randrange(60) for _ in range(20))]

    runs = merged(spans)

    assert {byte for run in runs for byte in range(*run)} == {byte for span in spans for byte in range(*span)}
    assert all(before[1] < after[0] for before, after in pairwise(runs))


def test_an_answer_comes_back_as_it_was_written() -> None:
    answer = answer_to(*SOME)

    assert read_answer(write_answer(answer)) == answer


def test_the_table_has_a_line_for_each_deed_and_no_formula() -> None:
    answer = answer_to(*SOME, told("dossier.read", 20, entry=LETTER, origin="=cmd|' /C calc'!A0"))

    lines = list(csv.DictReader(io.StringIO(vigilance.write_table([answer]))))

    assert len(lines) == len(answer.deeds)
    assert {line["patient"] for line in lines} == {str(ZOE), str(ALI)}
    (taken,) = [line for line in lines if line["what"] == "dossier.content"]
    assert (taken["object"], taken["sent_bytes"], taken["distinct_bytes"]) == (PICTURE, "120", "100")
    assert not [cell for line in lines for cell in line.values() if cell.startswith(("=", "+", "-", "@"))]


@pytest.fixture(scope="module")
def fhir_r4() -> jsonschema_rs.Validator:
    schema = Path(__file__).parents[2] / "files" / "fhir" / "fhir-r4.schema.json.gz"
    return jsonschema_rs.validator_for(json.loads(gzip.decompress(schema.read_bytes())))


def test_audit_events_are_fhir(fhir_r4: jsonschema_rs.Validator) -> None:
    assert [
        str(error) for error in fhir_r4.iter_errors(vigilance.write_audit_events([answer_to(*SOME)], SERVER))
    ] == []
    assert "entry" not in vigilance.write_audit_events([], SERVER)


def test_audit_events_follow_their_patterns() -> None:
    """What the profiles of IHE BALP fix, as their text says it."""
    bundle = vigilance.write_audit_events([answer_to(*SOME)], SERVER)
    events = [entry["resource"] for entry in bundle["entry"]]

    by_profile = {
        name: [one for one in events if one["meta"]["profile"] == [_profile(name)]] for name in _FIXED
    }
    assert {name: len(found) for name, found in by_profile.items()} == {
        "Read": 2,
        "Query": 3,
        "Create": 1,
        "Update": 0,
    }
    for name, found in by_profile.items():
        action, interactions, client, server = _FIXED[name]
        for event in found:
            assert (event["type"]["code"], event["action"], event["outcome"]) == ("rest", action, "0")
            assert event["subtype"][0]["code"] in interactions
            agents = {agent["type"]["coding"][0]["code"]: agent for agent in event["agent"]}
            assert set(agents) == {client, server, "IRCP"}
            assert agents[client]["network"] == {"address": "203.0.113.7", "type": "2"}
            assert agents[server]["network"]["type"] == "5"
            assert (agents["IRCP"]["requestor"], "network" in agents["IRCP"]) == (True, False)
            assert agents["IRCP"]["who"]["identifier"]["value"] == f"urn:uuid:{ACCOUNT}"
            patient, data = event["entity"]
            assert patient["what"]["reference"].startswith("Patient/")
            assert (patient["type"]["code"], patient["role"]["code"]) == ("1", "1")
            assert (data["type"]["code"], data["role"]["code"]) == ("2", "24" if name == "Query" else "4")
            assert ("query" in data, "what" in data) == (name == "Query", name != "Query")


def test_what_was_refused_is_no_successful_event() -> None:
    refused = told("dossier.read", entry=LETTER, outcome=ledger.Outcome.REFUSED)

    assert vigilance.write_audit_events([answer_to(refused)], SERVER) == {
        "resourceType": "Bundle",
        "type": "collection",
    }


#: Action, interactions, and the roles of client and server, by profile.
_FIXED: dict[str, Any] = {
    "Read": ("R", {"read", "vread"}, "110152", "110153"),
    "Query": ("E", {"search"}, "110153", "110152"),
    "Create": ("C", {"create"}, "110153", "110152"),
    "Update": ("U", {"update", "patch"}, "110153", "110152"),
}


def _profile(name: str) -> str:
    return f"https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.Patient{name}"


def test_identifiers_of_events_are_identifiers() -> None:
    events = vigilance.write_audit_events([answer_to(*SOME)], SERVER)["entry"]

    assert len({UUID(one["resource"]["id"]) for one in events}) == len(events)
