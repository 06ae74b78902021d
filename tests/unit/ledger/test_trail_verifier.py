"""The verifier of an exported trail: it stands alone, follows single proofs, and reads no archive but its own."""

import ast
import io
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from serment import ledger
from serment.ledger import trail_verifier
from support.ledger import ORIGIN, SEED, lengthen, some_leaves

LEAVES = some_leaves(700)


@pytest.fixture
def log(tmp_path: Path) -> ledger.Log:
    log = ledger.open_log(tmp_path / "log", ORIGIN, SEED)
    lengthen(log, LEAVES)
    return log


def test_a_single_proof_file_is_followed(log: ledger.Log) -> None:
    proof, key = ledger.prove_inclusion(log, 299).text().encode(), log.signer.verifier_key
    with_extra = proof.replace(b"\nindex", b"\nextra aGVsbG8=\nindex")

    assert trail_verifier.proof_fact(proof, LEAVES[299], 299, key) == ""
    assert trail_verifier.proof_fact(with_extra, LEAVES[299], 299, key) == ""
    refused = [
        trail_verifier.proof_fact(proof, LEAVES[298], 299, key),
        trail_verifier.proof_fact(proof, LEAVES[299], 298, key),
        trail_verifier.proof_fact(proof.replace(b"index 299", b"index 298"), LEAVES[299], 299, key),
        trail_verifier.proof_fact(proof.replace(b"index 299", b"index 700"), LEAVES[299], 700, key),
        trail_verifier.proof_fact(proof.replace(b"@v1", b"@v2"), LEAVES[299], 299, key),
        trail_verifier.proof_fact(proof.replace(b"\n700\n", b"\n701\n"), LEAVES[299], 299, key),
        trail_verifier.proof_fact(b"no proof", LEAVES[299], 299, key),
    ]
    assert all(refused)


def test_a_tree_of_one_leaf_is_its_own_proof(tmp_path: Path) -> None:
    log = ledger.open_log(tmp_path / "small", ORIGIN, SEED)
    lengthen(log, LEAVES[:1])
    proof = ledger.prove_inclusion(log, 0).text().encode()

    assert trail_verifier.proof_fact(proof, LEAVES[0], 0, log.signer.verifier_key) == ""
    assert trail_verifier.proof_fact(proof, LEAVES[1], 0, log.signer.verifier_key)


def test_a_note_by_a_key_of_another_kind_is_refused(log: ledger.Log) -> None:
    checkpoint = log.latest()
    assert checkpoint is not None
    name, _, encoded = log.signer.verifier_key.split("+", 2)

    with pytest.raises(trail_verifier.Refused, match="is of another key"):
        trail_verifier.read_head(checkpoint.note.encode(), f"{name}+00000000+{encoded}")


def test_a_note_with_lines_of_witnesses_is_read(log: ledger.Log) -> None:
    checkpoint = log.latest()
    assert checkpoint is not None
    witnessed = checkpoint.note + "— witness.example/one AAAAAAAA\n"

    assert trail_verifier.read_head(witnessed.encode(), log.signer.verifier_key).size == 700


@pytest.mark.parametrize(
    "text",
    ["", "ledger.test/practice\n", "ledger.test/practice\n07\nAA==\n", "ledger.test/practice\n7\n??\n"],
)
def test_a_signed_note_that_is_no_checkpoint_is_refused(text: str, log: ledger.Log) -> None:
    signed = log.signer.sign_text(f"statement\n{text}")

    with pytest.raises(trail_verifier.Refused, match="is not a checkpoint"):
        trail_verifier.read_head(signed.encode(), log.signer.verifier_key)


def test_a_checkpoint_of_another_log_under_the_same_key_is_refused(log: ledger.Log) -> None:
    foreign = log.signer.sign_text(f"another.example/log\n7\n{'A' * 43}=\n")

    with pytest.raises(trail_verifier.Refused, match="is not a checkpoint of this log"):
        trail_verifier.read_head(foreign.encode(), log.signer.verifier_key)


def test_base64_of_another_spelling_is_refused(log: ledger.Log) -> None:
    checkpoint = log.latest()
    assert checkpoint is not None
    text, _, signatures = checkpoint.note.rpartition("\n\n")
    signature = signatures.rstrip("\n")
    loose = signature[:-2] + chr(ord(signature[-2]) + 1) + signature[-1]

    with pytest.raises(trail_verifier.Refused):
        trail_verifier.read_note(f"{text}\n\n{loose}\n".encode(), log.signer.verifier_key)


def test_the_log_signs_no_words_that_look_like_a_checkpoint(log: ledger.Log) -> None:
    for text in (f"{ORIGIN}\n1\nAA==\n", "no end of line"):
        with pytest.raises(ValueError, match="begins with another line"):
            log.signer.sign_text(text)


def archive(files: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        archive({"trail.json": b"{}"}),
        archive(dict.fromkeys(("trail.json", "public-key", "checkpoint", "statement"), b"x")),
        archive({"zeros": bytes(1 << 20)}, zipfile.ZIP_DEFLATED),
    ],
)
def test_a_file_that_is_no_bundle_is_refused(data: bytes) -> None:
    (finding,) = ledger.verify_bundle(data)

    assert finding.place == "bundle"


def test_the_verifier_stands_alone() -> None:
    source = Path(trail_verifier.__file__).read_text()
    imported = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else name.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    tops = {name.split(".")[0] for name in imported}

    assert len(source.splitlines()) < 400
    assert tops - sys.stdlib_module_names == {"cryptography"}


def test_the_copied_file_runs_by_itself(tmp_path: Path) -> None:
    copied = shutil.copy(trail_verifier.__file__, tmp_path / "check.py")
    (tmp_path / "trail.zip").write_bytes(b"a picture")

    def run(*arguments: object) -> tuple[int, str]:
        command = [sys.executable, "-I", copied, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    assert run(tmp_path / "nowhere") == (2, "")
    with pytest.raises(SystemExit, match="2"):
        trail_verifier.main([str(tmp_path / "nowhere")])
    assert run(tmp_path / "trail.zip") == (1, "bundle: is not a trail bundle\n1 findings\n")
