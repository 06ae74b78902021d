"""Proofs for outsiders: inclusion and consistency."""

import pytest

from serment import kernel, ledger
from serment.ledger.merkle import leaf_hash, root_from_inclusion
from serment.ledger.tiles import read_bundle
from support.ledger import leave_traces


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
