from base64 import b64decode, b64encode

import pytest

from serment import ledger
from serment.ledger.checkpoint import key_id, open_note
from support.ledger import ORIGIN, SEED

ROOT = bytes(range(32))


@pytest.fixture
def signer() -> ledger.Signer:
    return ledger.Signer(ORIGIN, SEED)


def test_a_checkpoint_is_a_signed_note(signer: ledger.Signer) -> None:
    note = signer.sign(70_000, ROOT).note

    text, signature = note.split("\n\n")
    assert text == f"{ORIGIN}\n70000\n{b64encode(ROOT).decode()}"
    assert signature.startswith(f"— {ORIGIN} ")
    assert signature.endswith("\n")


def test_a_checkpoint_opens_as_it_was_signed(signer: ledger.Signer) -> None:
    signed = signer.sign(70_000, ROOT)

    assert signer.open(signed.note.encode()) == signed
    assert open_note(signed.note.encode(), signer.verifier_key) == signed


def test_signing_again_gives_the_same_bytes(signer: ledger.Signer) -> None:
    assert signer.sign(5, ROOT).note == ledger.Signer(ORIGIN, SEED).sign(5, ROOT).note


def test_the_key_id_equals_a_published_one() -> None:
    # Source: the key of the Go checksum database, sum.golang.org+033de0ae+Ac4z...
    public = b64decode("Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8")[1:]

    assert key_id("sum.golang.org", public).hex() == "033de0ae"


def test_other_signatures_may_stand_beside_ours(signer: ledger.Signer) -> None:
    text, signature = signer.sign(5, ROOT).note.split("\n\n")
    witness = f"— witness.test {b64encode(bytes(76)).decode()}\n— unreadable ???\n"

    opened = signer.open(f"{text}\n\n{witness}{signature}".encode())

    assert (opened.size, opened.root) == (5, ROOT)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n5\n", "\n6\n"),
        ("\n5\n", "\n05\n"),
        ("\n5\n", "\nfive\n"),
        (ORIGIN + "\n", "other.test/log\n"),
        ("AAECAwQF", "AAECAwQG"),
        ("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "AAEC"),
        ("\n\n", "\n"),
        ("— ", "- "),
    ],
)
def test_an_edited_checkpoint_is_refused(signer: ledger.Signer, old: str, new: str) -> None:
    note = signer.sign(5, ROOT).note
    edited = note.replace(old, new, 1)
    assert edited != note

    with pytest.raises(ledger.NoteRefused):
        signer.open(edited.encode())


def test_a_checkpoint_of_another_key_is_refused(signer: ledger.Signer) -> None:
    note = ledger.Signer(ORIGIN, bytes(32)).sign(5, ROOT).note

    with pytest.raises(ledger.NoteRefused):
        signer.open(note.encode())


def test_a_signature_under_our_key_id_must_hold(signer: ledger.Signer) -> None:
    text, _ = signer.sign(5, ROOT).note.split("\n\n")
    wanted = bytes.fromhex(signer.verifier_key.split("+")[1])
    forged = f"{text}\n\n— {ORIGIN} {b64encode(wanted + bytes(64)).decode()}\n"

    with pytest.raises(ledger.NoteRefused):
        signer.open(forged.encode())


@pytest.mark.parametrize("origin", ["", "two words", "plus+sign", "line\nbreak"])
def test_an_origin_that_cannot_name_a_key_is_refused(origin: str) -> None:
    with pytest.raises(ValueError, match="without spaces"):
        ledger.Signer(origin, SEED)
