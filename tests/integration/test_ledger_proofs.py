"""Proofs for outsiders, and the exported trail of one dossier."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from serment import kernel, ledger, vault
from serment.kernel import DossierId
from serment.ledger.merkle import leaf_hash, root_from_inclusion
from serment.ledger.tiles import read_bundle
from support.ledger import DOSSIER, ORGANISATION, leave_traces, some_trace

WarrantFor = Callable[..., vault.Warrant]


@pytest.fixture
def bundle(traced: kernel.Database, log: ledger.Log, trail_warrant: WarrantFor) -> bytes:
    """The trail of a dossier of five traces, among those of others."""
    for number in range(5):
        with traced.unit_of_work() as uow:
            ledger.record(uow, some_trace(dossier=DossierId(kernel.new_id())))
            ledger.record(uow, some_trace(number))
    assert ledger.integrate(traced, log) is not None
    leave_traces(traced, 1)
    with traced.reading() as uow:
        return ledger.export_bundle(uow, log, ORGANISATION, DOSSIER, trail_warrant())


def test_prove_inclusion_leads_to_the_published_root(traced: kernel.Database, log: ledger.Log) -> None:
    leave_traces(traced, 300)
    checkpoint = ledger.integrate(traced, log)
    assert checkpoint is not None

    for index in (0, 255, 256, 299):
        proof = ledger.prove_inclusion(log, index)
        leaf = leaf_hash(read_bundle(log.storage.read, index // 256, 300)[index % 256])
        assert root_from_inclusion(leaf, index, 300, proof.path) == checkpoint.root


def test_prove_consistency_joins_two_checkpoints(traced: kernel.Database, log: ledger.Log) -> None:
    leave_traces(traced, 100)
    old = ledger.integrate(traced, log)
    leave_traces(traced, 200)
    new = ledger.integrate(traced, log)
    assert old is not None
    assert new is not None

    proof = ledger.prove_consistency(log, old.size)

    assert ledger.is_consistent((old.size, old.root), (new.size, new.root), proof)


def test_proofs_outside_the_log_are_refused(traced: kernel.Database, log: ledger.Log) -> None:
    with pytest.raises(ledger.ProofRefused, match="no checkpoint yet"):
        ledger.prove_inclusion(log, 0)
    leave_traces(traced, 3)
    assert ledger.integrate(traced, log) is not None

    for refused in (lambda: ledger.prove_inclusion(log, 3), lambda: ledger.prove_consistency(log, 4)):
        with pytest.raises(ledger.ProofRefused):
            refused()


def test_a_bundle_carries_the_integrated_trail_and_verifies(bundle: bytes, log: ledger.Log) -> None:
    held = json.loads(bundle)

    assert [json.loads(trace["detail"])["detail"]["number"] for trace in held["traces"]] == list("01234")
    assert ledger.verify_bundle(bundle) == []
    assert ledger.verify_bundle(bundle, log.signer.verifier_key) == []


def change_detail(held: dict[str, Any]) -> None:
    held["traces"][1]["detail"] = held["traces"][1]["detail"].replace("allowed", "refused")


def change_index(held: dict[str, Any]) -> None:
    held["traces"][1]["index"] += 2


def change_salt(held: dict[str, Any]) -> None:
    held["traces"][1]["salt"] = "00" * 32


def change_proof(held: dict[str, Any]) -> None:
    held["traces"][1]["proof"].pop()


def change_seal(held: dict[str, Any]) -> None:
    held["traces"][1]["seal_digest"] = "00" * 32


def drop_salt(held: dict[str, Any]) -> None:
    del held["traces"][1]["salt"]


def move_dossier(held: dict[str, Any]) -> None:
    held["dossier"] = str(kernel.new_id())


def duplicate(held: dict[str, Any]) -> None:
    held["traces"].append(held["traces"][0])


def change_checkpoint(held: dict[str, Any]) -> None:
    held["checkpoint"] = held["checkpoint"].replace("\n10\n", "\n11\n")


def drop_traces(held: dict[str, Any]) -> None:
    del held["traces"]


@pytest.mark.parametrize(
    ("tamper", "place", "fact"),
    [
        (change_detail, "trace 1", "is not leaf 3 of the signed tree"),
        (change_index, "trace 1", "is not leaf 5 of the signed tree"),
        (change_salt, "trace 1", "is not leaf 3 of the signed tree"),
        (change_proof, "trace 1", "is not leaf 3 of the signed tree"),
        (change_seal, "trace 1", "is not leaf 3 of the signed tree"),
        (drop_salt, "trace 1", "is malformed"),
        (move_dossier, "trace 0", "belongs to another dossier"),
        (duplicate, "bundle", "holds one leaf twice"),
        (change_checkpoint, "checkpoint", "is not signed by the log's key"),
        (drop_traces, "bundle", "is not a trail bundle"),
    ],
)
def test_a_tampered_bundle_is_found(
    bundle: bytes, tamper: Callable[[dict[str, Any]], None], place: str, fact: str
) -> None:
    held = json.loads(bundle)
    tamper(held)

    assert ledger.Finding(place, fact) in ledger.verify_bundle(json.dumps(held).encode())


def test_a_bundle_by_another_key_is_found(bundle: bytes) -> None:
    other = ledger.Signer("ledger.test/practice", bytes(32)).verifier_key

    assert ledger.verify_bundle(bundle, other) == [
        ledger.Finding("checkpoint", "is not signed by the log's key")
    ]


def test_a_bundle_needs_the_warrant_of_its_dossier(
    traced: kernel.Database, bundle: bytes, log: ledger.Log, trail_warrant: WarrantFor
) -> None:
    other = trail_warrant(DossierId(kernel.new_id()))
    with traced.reading() as uow, pytest.raises(vault.WarrantRefused):
        ledger.export_bundle(uow, log, ORGANISATION, DOSSIER, other)
