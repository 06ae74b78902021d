import json
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serment import kernel, ledger
from serment.kernel import DossierId, OrganisationId
from serment.ledger import commitment, trail_verifier
from serment.ledger.model import AnchorRow, TraceId, TraceRow
from support.ledger import some_trace

AT = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
ROW = TraceRow(
    id=TraceId(UUID(int=1)),
    organisation=OrganisationId(UUID(int=2)),
    dossier=DossierId(UUID(int=3)),
    recorded_at=AT,
    commitment=bytes(32),
    seal_digest=bytes(range(32)),
    sealed=b"sealed",
)
KNOWN_COMMITMENT = "1057cbe960d289c370fcf306a3c4ad5d99208bf9bcc9861c468aecfd97933c7c"
KNOWN_TRACE_LEAF = "01e94fb708670f19f5653ae0cea3c83ecbb1ee133eaa0bf94a276861212fffa9fb"
KNOWN_ANCHOR_LEAF = "02efbfd71838d3c051ae6d411dae7124b9635aaa0b3e6bff03816241581c185fef"
ANCHOR = AnchorRow(OrganisationId(UUID(int=2)), "object/1", b"digest", bytes(32), AT)


def test_a_trace_comes_back_from_its_text() -> None:
    for trace in (some_trace(7), some_trace(dossier=None, outcome=ledger.Outcome.REFUSED)):
        text = commitment.trace_text(trace, UUID(int=1), AT)
        assert commitment.trace_from_text(text) == trace


def test_an_unknown_actor_comes_back_from_its_text() -> None:
    nobody = ledger.Actor(None, None, "", "web 203.0.113.7")
    trace = replace(some_trace(), actor=nobody)

    assert commitment.trace_from_text(commitment.trace_text(trace, UUID(int=1), AT)) == trace


def test_the_text_names_the_trace_and_its_instant() -> None:
    text = json.loads(commitment.trace_text(some_trace(), UUID(int=1), AT))

    assert text["id"] == "00000000-0000-0000-0000-000000000001"
    assert text["recorded_at"] == "2026-03-12T09:00:00.000000Z"
    assert text["format"] == "1"


@given(st.lists(st.binary(max_size=8), max_size=4), st.lists(st.binary(max_size=8), max_size=4))
def test_digest_of_tells_lists_of_fields_apart(one: list[bytes], other: list[bytes]) -> None:
    assert (commitment.digest_of(*one) == commitment.digest_of(*other)) == (one == other)


@pytest.mark.parametrize(
    "changed",
    [
        replace(ROW, id=TraceId(kernel.new_id())),
        replace(ROW, organisation=OrganisationId(kernel.new_id())),
        replace(ROW, dossier=DossierId(kernel.new_id())),
        replace(ROW, dossier=None),
        replace(ROW, recorded_at=AT.replace(microsecond=1)),
        replace(ROW, commitment=bytes(31) + b"\x01"),
        replace(ROW, seal_digest=bytes(32)),
    ],
)
def test_a_trace_leaf_covers_every_column(changed: TraceRow) -> None:
    assert commitment.leaf_of(changed) != commitment.leaf_of(ROW)


@pytest.mark.parametrize(
    "changed",
    [
        replace(ANCHOR, organisation=None),
        replace(ANCHOR, place="object/2"),
        replace(ANCHOR, digest=b""),
        replace(ANCHOR, salt=bytes(31) + b"\x01"),
        replace(ANCHOR, recorded_at=AT.replace(microsecond=1)),
    ],
)
def test_an_anchor_leaf_covers_every_column(changed: AnchorRow) -> None:
    assert commitment.leaf_of(changed) != commitment.leaf_of(ANCHOR)


def test_leaves_have_the_bytes_that_the_format_writes_down() -> None:
    """Known answers: docs/formats/ledger.md, section 6."""
    text, salt = b'{"n":"1"}', bytes(32)

    assert commitment.trace_commitment(salt, text).hex() == KNOWN_COMMITMENT
    assert commitment.leaf_of(ROW).hex() == KNOWN_TRACE_LEAF
    assert commitment.leaf_of(ANCHOR).hex() == KNOWN_ANCHOR_LEAF


def test_the_verifier_builds_the_same_leaf() -> None:
    trace, trace_id, salt = some_trace(), TraceId(kernel.new_id()), bytes(range(32))
    text = commitment.trace_text(trace, trace_id, AT)
    row = TraceRow(
        id=trace_id,
        organisation=trace.organisation,
        dossier=trace.dossier,
        recorded_at=AT,
        commitment=commitment.trace_commitment(salt, text),
        seal_digest=commitment.seal_digest(b"sealed"),
        sealed=b"sealed",
    )

    rebuilt = trail_verifier.trace_leaf(text, salt.hex(), row.seal_digest.hex())

    assert rebuilt == commitment.leaf_of(row)
