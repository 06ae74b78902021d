"""The independent verifier of an exported trail: one file, to be copied and read by whoever doubts us.

It needs Python 3.11, the standard library and `cryptography` (Ed25519), and nothing of Serment, no server and no
network. It reads a bundle by docs/formats/trail-bundle.md and nothing else.

    python trail_verifier.py FILE [--key KEY]

It prints what it finds, and ends with 0 (nothing), 1 (findings) or 2 (wrong use). Without `--key` it trusts the
key that lies in the bundle, which whoever forged the bundle may have put there: get the key by another way.
Sources: RFC 6962, section 2.1; C2SP tlog-proof, tlog-checkpoint and signed-note.
"""

import argparse
import json
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "serment-trail/2"
PROOF_HEADER = "c2sp.org/tlog-proof@v1"
KEY, CHECKPOINT, STATEMENT, TRAIL = "public-key", "checkpoint", "statement", "trail.json"
TRACE_FIELDS = {"index", "detail", "salt", "seal_digest"}
LARGEST = 1 << 30

#: Where something is not as it was signed, and what is wrong with it.
Fact = tuple[str, str]


class Refused(ValueError):
    """Bytes that do not follow their format, or a signature that does not hold."""


@dataclass(frozen=True)
class Head:
    """A size and a root that the log's key has signed."""

    size: int
    root: bytes


def findings_in(data: bytes, key: str | None = None) -> list[Fact]:
    """Return everything that is wrong with a bundle; empty when each byte is as it was signed."""
    try:
        files = _unpacked(data)
        trusted = (key or files[KEY].decode()).removesuffix("\n")
        if files[KEY].decode() != f"{trusted}\n":
            return [(KEY, "is not the key that was given")]
    except (Refused, UnicodeDecodeError) as refusal:
        return [("bundle", str(refusal))]
    return list(_checked(files, trusted))


def _checked(files: Mapping[str, bytes], key: str) -> Iterator[Fact]:
    place = CHECKPOINT
    try:
        head = read_head(files[CHECKPOINT], key)
        place = STATEMENT
        stated = _stated(files[STATEMENT], key)
        place = TRAIL
        held = _trail(files[TRAIL])
    except Refused as refusal:
        yield place, str(refusal)
        return
    yield from _statement_facts(stated, files, held, head)
    yield from _trace_facts(files, held, key)


def _stated(note: bytes, key: str) -> list[str]:
    """Return the lines that the log signed about a bundle: alone, and once."""
    if note.count("\n— ".encode()) != 1:
        raise Refused("is not signed once")
    return read_note(note, key).split("\n")


def _unpacked(data: bytes) -> dict[str, bytes]:
    """Return the files of an archive that is packed in the one way there is, so that no byte of it is loose."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > min(LARGEST, len(data)):
                raise Refused("is larger than it says")
            files = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    except (BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
        raise Refused("is not a trail bundle") from error
    if not {KEY, CHECKPOINT, STATEMENT, TRAIL} <= files.keys():
        raise Refused("is not a trail bundle")
    if _packed(files) != data:
        raise Refused("is not packed as it was")
    return files


def _packed(files: Mapping[str, bytes]) -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        for name, content in sorted(files.items()):
            entry = ZipInfo(name)
            entry.create_system, entry.external_attr = 3, 0o600 << 16
            archive.writestr(entry, content)
    return packed.getvalue()


def read_note(note: bytes, key: str) -> str:
    """Return the text of a signed note, without its last newline, once the key's signature on it holds.

    Raises:
        Refused: malformed, or no good signature; so is base64 with loose bits.
    """
    try:
        text, signatures = note.decode().rsplit("\n\n", 1)
        name, key_id, encoded = key.split("+", 2)
        kind_and_key = _from_base64(encoded)
        lines = [line.split(" ") for line in signatures.removesuffix("\n").split("\n")]
        mine = [_from_base64(last) for dash, who, last in lines if (dash, who) == ("—", name)]
    except ValueError as error:
        raise Refused("is not a signed note") from error
    wanted = sha256(name.encode() + b"\n" + kind_and_key).digest()[:4]
    if kind_and_key[:1] != b"\x01" or wanted.hex() != key_id or not signatures.endswith("\n"):
        raise Refused("is of another key")
    if not any(one[:4] == wanted and _holds(kind_and_key[1:], one[4:], text) for one in mine):
        raise Refused("is not signed by the log's key")
    return text


def _holds(public: bytes, signature: bytes, text: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, f"{text}\n".encode())
    except (ValueError, InvalidSignature):
        return False
    return True


def _from_base64(text: str) -> bytes:
    """Return bytes from the only base64 that says them."""
    data = b64decode(text, validate=True)
    if b64encode(data).decode() != text:
        raise Refused("holds loose bits")
    return data


def read_head(note: bytes, key: str) -> Head:
    """Return what a checkpoint says once the key's signature on it holds.

    Raises:
        Refused: malformed, another origin, or no good signature.
    """
    lines = read_note(note, key).split("\n")
    try:
        origin, size, root = lines[:3]
        head = Head(int(size), _from_base64(root))
    except ValueError as error:
        raise Refused("is not a checkpoint") from error
    if origin != key.split("+", maxsplit=1)[0] or str(head.size) != size or head.size < 0:
        raise Refused("is not a checkpoint of this log")
    return head


def _trail(data: bytes) -> dict[str, Any]:
    """Return the trail, in the one spelling that it has."""
    try:
        held = json.loads(data)
        traces = held["traces"]
        plain = set(held) == {"format", "organisation", "dossier", "traces"} and all(
            set(trace) == TRACE_FIELDS and type(trace["index"]) is int for trace in traces
        )
        spelled = json.dumps(held, ensure_ascii=False, indent=1).encode()
    except (ValueError, KeyError, TypeError) as error:
        raise Refused("is malformed") from error
    if not plain or spelled != data or held["format"] != FORMAT:
        raise Refused("is malformed")
    return dict(held)


def _statement_facts(
    stated: Sequence[str], files: Mapping[str, bytes], held: Mapping[str, Any], head: Head
) -> Iterator[Fact]:
    """Compare what the log signed about the bundle as a whole with what lies in it."""
    first = [FORMAT, f"organisation {held['organisation']}", f"dossier {held['dossier']}"]
    log = f"log {head.size} {b64encode(head.root).decode()}"
    if list(stated[:3]) != first or log not in stated or f"traces {len(held['traces'])}" not in stated:
        yield STATEMENT, "is not about this trail"
    named = [line.split(" ", 2) for line in stated if line.startswith("file ")]
    signed = {name: digest for _, digest, name in named}
    present = {name: sha256(data).hexdigest() for name, data in files.items() if name != STATEMENT}
    for name in sorted(signed.keys() | present.keys()):
        if name not in present:
            yield name, "is missing"
        elif name not in signed:
            yield name, "was added"
        elif signed[name] != present[name]:
            yield name, "is not what was signed"


def _trace_facts(files: Mapping[str, bytes], held: Mapping[str, Any], key: str) -> Iterator[Fact]:
    """Follow every trace to its leaf, and every leaf to the signed root; no word of the statement is believed."""
    owner = (held["organisation"], held["dossier"])
    indices = [trace["index"] for trace in held["traces"]]
    if sorted(set(indices)) != indices:
        yield TRAIL, "does not hold each leaf once, in order"
    for number, trace in enumerate(held["traces"]):
        place, index = f"trace {number}", trace["index"]
        try:
            text = json.loads(trace["detail"])
            leaf = trace_leaf(trace["detail"].encode(), trace["salt"], trace["seal_digest"])
            named = (text["organisation"], text["dossier"])
        except (ValueError, KeyError, TypeError, AttributeError):
            yield place, "is malformed"
            continue
        if named != owner:
            yield place, "belongs to another dossier"
        if leaf != files.get(f"entries/{index}"):
            yield place, f"is not the entry of leaf {index}"
        proof = files.get(f"proofs/{index}.tlog-proof", b"")
        fact = proof_fact(proof, leaf, index, key)
        if fact or not proof.endswith(b"\n\n" + files[CHECKPOINT]):
            yield place, fact or "is proved by another checkpoint"


def trace_leaf(text: bytes, salt: str, seal_digest: str) -> bytes:
    """Return the leaf data of a trace from its canonical JSON, and its salt and seal digest in hexadecimal."""
    named = json.loads(text)
    ids = [bytes.fromhex(named[name].replace("-", "")) for name in ("id", "organisation", "dossier")]
    commitment = _digest(b"serment/trace/v1", _from_hex(salt), text)
    instant = named["recorded_at"].encode()
    return b"\x01" + _digest(b"serment/trace-leaf/v1", *ids, instant, commitment, _from_hex(seal_digest))


def _from_hex(text: str) -> bytes:
    data = bytes.fromhex(text)
    if data.hex() != text:
        raise Refused("holds loose digits")
    return data


def _digest(*fields: bytes) -> bytes:
    return sha256(b"".join(len(part).to_bytes(4, "big") + part for part in fields)).digest()


def proof_fact(proof: bytes, leaf: bytes, index: int, key: str) -> str:
    """Say what is wrong with a `tlog-proof` file for a leaf at a place; empty when it leads to the signed root."""
    try:
        lines, note = proof.decode().split("\n\n", 1)
        header, place, *path = [line for line in lines.split("\n") if not line.startswith("extra ")]
        head = read_head(note.encode(), key)
        root = climb(sha256(b"\x00" + leaf).digest(), index, head.size, [_from_base64(line) for line in path])
    except ValueError as error:
        return f"has a proof that cannot be followed: {error}"
    good = (header, place) == (PROOF_HEADER, f"index {index}") and root == head.root
    return "" if good else f"is not leaf {index} of the signed tree"


def climb(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root that an inclusion path leads to, from the top down; None when it does not fit the place."""
    if size <= 1 or not path or not 0 <= index < size:
        return leaf if (index, size) == (0, 1) and not path else None
    split = 1 << ((size - 1).bit_length() - 1)
    rest, sibling = path[:-1], path[-1]
    if index < split:
        below = climb(leaf, index, split, rest)
        return below and sha256(b"\x01" + below + sibling).digest()
    below = climb(leaf, index - split, size - split, rest)
    return below and sha256(b"\x01" + sibling + below).digest()


def main(arguments: Sequence[str] | None = None, say: Callable[[str], object] = sys.stdout.write) -> int:
    """Verify a bundle, say what was found, and return the exit code."""
    parser = argparse.ArgumentParser(description="Verify the exported trail of a dossier.")
    parser.add_argument("path", type=Path, help="the file of an exported trail")
    parser.add_argument("--key", help="the log's public key, as it was given to you")
    options = parser.parse_args(arguments)
    try:
        facts = findings_in(options.path.read_bytes(), options.key)
    except OSError as error:
        parser.error(f"cannot read {error.filename}")
    for place, fact in facts:
        say(f"{place}: {fact}\n")
    say(f"{len(facts)} findings\n")
    return 1 if facts else 0


if __name__ == "__main__":  # pragma: no cover - run in a process of its own by the tests
    sys.exit(main())
