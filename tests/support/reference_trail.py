"""A second reader of trail bundles, written from docs/formats/trail-bundle.md alone; it imports nothing of ours.

It climbs proofs from the leaf up, as RFC 9162, section 2.1.3.2, does; ours folds them from the top down.
"""

import base64
import io
import json
import struct
import zipfile
from hashlib import sha256
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def accepts(bundle: bytes, key: str) -> bool:
    """Tell whether a bundle holds by that public key."""
    try:
        with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        return _is_sound(files, key)
    except (ValueError, KeyError, TypeError, InvalidSignature, zipfile.BadZipFile, struct.error):
        return False


def _is_sound(files: dict[str, bytes], key: str) -> bool:
    size, root = _head(files["checkpoint"], key)
    stated = _signed(files["statement"], key)
    trail = json.loads(files["trail.json"])
    wanted = ["serment-trail/2", f"organisation {trail['organisation']}", f"dossier {trail['dossier']}"]
    digests = [
        f"file {sha256(data).hexdigest()} {name}"
        for name, data in sorted(files.items())
        if name != "statement"
    ]
    places = [trace["index"] for trace in trail["traces"]]
    return (
        files["public-key"].decode() == f"{key}\n"
        and stated[:3] == wanted
        and stated[4] == f"log {size} {base64.b64encode(root).decode()}"
        and stated[6:] == [f"traces {len(places)}", *digests]
        and places == sorted(set(places))
        and all(_is_proved(trace, trail, files, (size, root)) for trace in trail["traces"])
    )


def _is_proved(
    trace: dict[str, str], trail: dict[str, str], files: dict[str, bytes], head: tuple[int, bytes]
) -> bool:
    said, place = json.loads(trace["detail"]), int(trace["index"])
    commitment = _digest(b"serment/trace/v1", bytes.fromhex(trace["salt"]), trace["detail"].encode())
    ids = [UUID(said[name]).bytes for name in ("id", "organisation", "dossier")]
    instant, seal = said["recorded_at"].encode(), bytes.fromhex(trace["seal_digest"])
    leaf = b"\x01" + _digest(b"serment/trace-leaf/v1", *ids, instant, commitment, seal)
    before, note = files[f"proofs/{place}.tlog-proof"].split(b"\n\n", 1)
    header, index, *path = before.decode().split("\n")
    return (
        (said["organisation"], said["dossier"]) == (trail["organisation"], trail["dossier"])
        and leaf == files[f"entries/{place}"]
        and note == files["checkpoint"]
        and (header, index) == ("c2sp.org/tlog-proof@v1", f"index {place}")
        and _climbed(sha256(b"\x00" + leaf).digest(), place, head[0], path) == head[1]
    )


def _climbed(node: bytes, place: int, size: int, path: list[str]) -> bytes | None:
    last = size - 1
    for text in path:
        sibling = base64.b64decode(text, validate=True)
        if last == 0:
            return None
        if place % 2 or place == last:
            node = sha256(b"\x01" + sibling + node).digest()
            while place % 2 == 0 and place:
                place, last = place // 2, last // 2
        else:
            node = sha256(b"\x01" + node + sibling).digest()
        place, last = place // 2, last // 2
    return node if last == 0 else None


def _head(note: bytes, key: str) -> tuple[int, bytes]:
    origin, size, root = _signed(note, key)
    if origin != key.split("+", maxsplit=1)[0]:
        raise ValueError("another log")
    return int(size), base64.b64decode(root, validate=True)


def _signed(note: bytes, key: str) -> list[str]:
    """Return the lines of a note that the key signed, alone."""
    text, _, signature = note.decode().rpartition("\n\n")
    name, _, encoded = key.split("+", 2)
    kind_and_key = base64.b64decode(encoded)
    said, who, last = signature.removesuffix("\n").split(" ")
    sealed = base64.b64decode(last, validate=True)
    known = sha256(f"{name}\n".encode() + kind_and_key).digest()[:4]
    if (said, who, sealed[:4], kind_and_key[:1]) != ("—", name, known, b"\x01"):
        raise ValueError("another key")
    Ed25519PublicKey.from_public_bytes(kind_and_key[1:]).verify(sealed[4:], f"{text}\n".encode())
    return text.split("\n")


def _digest(*fields: bytes) -> bytes:
    return sha256(b"".join(struct.pack(">I", len(one)) + one for one in fields)).digest()
