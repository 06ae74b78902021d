"""The independent verifier of a Serment ledger: one file, to be copied and read by whoever doubts us.

It needs Python 3.11, the standard library and `cryptography` (Ed25519), and nothing of Serment: it has its own
hashing, its own folding of the tree and its own reading of every format (docs/formats/ledger.md).

    python verifier.py FOLDER [--earlier CHECKPOINT] [--key KEY]

The exported trail of one dossier has a verifier of its own beside this one, `trail_verifier.py`.

It prints what it finds, and ends with 0 (nothing), 1 (findings) or 2 (wrong use). Without `--key` it trusts the
key that lies beside the data, which whoever forged the data may have put there.
Sources: RFC 6962, section 2.1; C2SP tlog-tiles, tlog-checkpoint and signed-note.
"""

import argparse
import sys
from base64 import b64decode
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TILE = 256
HASH = 32


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was signed: where (tile, leaf, file, row) and what."""

    place: str
    fact: str


@dataclass(frozen=True)
class Head:
    """A size and a root that the log's key has signed."""

    place: str
    size: int
    root: bytes


class Refused(ValueError):
    """Bytes that do not follow their format, or a signature that does not hold."""


class Frontier:
    """The complete subtrees at the left of a growing tree, largest first: all it takes to know its root."""

    def __init__(self) -> None:
        self.size = 0
        self._parts: list[tuple[int, bytes]] = []

    def push(self, digest: bytes, level: int = 0) -> None:
        """Add the hash over the next 2^level leaves."""
        self.size += 1 << level
        while self._parts and self._parts[-1][0] == level:
            digest = sha256(b"\x01" + self._parts.pop()[1] + digest).digest()
            level += 1
        self._parts.append((level, digest))

    def root(self) -> bytes:
        """Return the root over the leaves so far."""
        parts = [digest for _, digest in self._parts]
        root = parts.pop() if parts else sha256(b"").digest()
        while parts:
            root = sha256(b"\x01" + parts.pop() + root).digest()
        return root


def hash_leaves(bundle: bytes) -> list[bytes]:
    """Return the leaf hashes of an entry bundle.

    Raises:
        Refused: the bytes end inside an entry.
    """
    hashes, position = list[bytes](), 0
    while position < len(bundle):
        end = position + 2 + int.from_bytes(bundle[position : position + 2], "big")
        if end > len(bundle):
            raise Refused("ends inside an entry")
        hashes.append(sha256(b"\x00" + bundle[position + 2 : end]).digest())
        position = end
    return hashes


def read_head(place: str, note: bytes, key: str) -> Head:
    """Return what a signed note says once the key's signature on it holds.

    Raises:
        Refused: malformed, another origin, or no good signature.
    """
    try:
        text, signatures = note.decode().split("\n\n", 1)
        origin, size, root = text.split("\n")[:3]
        name, key_hash, encoded = key.removesuffix("\n").split("+", 2)
        kind_and_key = b64decode(encoded, validate=True)
        head = Head(place, int(size), b64decode(root, validate=True))
    except ValueError as error:
        raise Refused("is not a checkpoint") from error
    wanted = sha256(name.encode() + b"\n" + kind_and_key).digest()[:4]
    if origin != name or kind_and_key[:1] != b"\x01" or wanted.hex() != key_hash or head.size < 0:
        raise Refused("is of another origin or key")
    lines = signatures.removesuffix("\n").split("\n")
    for line in lines if all(line.startswith("— ") for line in lines) else ():
        if line.startswith(f"— {name} ") and _signs(line.split(" ", 2)[2], wanted, kind_and_key[1:], text):
            return head
    raise Refused("is not signed by the log's key")


def _signs(encoded: str, key_hash: bytes, public: bytes, text: str) -> bool:
    try:
        signature = b64decode(encoded, validate=True)
        Ed25519PublicKey.from_public_bytes(public).verify(signature[4:], f"{text}\n".encode())
    except (ValueError, InvalidSignature):
        return False
    return signature[:4] == key_hash


def verify_directory(folder: Path, key: str | None = None, earlier: bytes | None = None) -> list[Finding]:
    """Check every file of a log: entries, tiles of each level, checkpoints, and what an earlier one promised."""
    findings: list[Finding] = []
    try:
        key = key or (folder / "public-key").read_text()
    except (OSError, UnicodeDecodeError):
        return [Finding("public-key", "is missing or unreadable, and no key was given")]
    heads = _heads(folder, key, findings)
    newest = max(heads, key=lambda head: head.size, default=None)
    if earlier is not None:
        heads += _trusted("earlier checkpoint", earlier, key, findings)
    if newest is not None:
        _Walk(folder, heads, findings).run(newest.size)
    return findings


def _heads(folder: Path, key: str, findings: list[Finding]) -> list[Head]:
    """Return the signed heads of the log. The history is read last: a log at work writes there first."""
    current = _bytes(folder / "checkpoint") or b""
    history = _bytes(folder / "checkpoints") or b""
    if current + b"\n" not in history:
        findings.append(Finding("checkpoints", "does not hold the published checkpoint"))
    heads = _trusted("checkpoint", current, key, findings)
    parts = history.split(b"\n\n")[:-1]  # text, signatures, text, signatures; a crash may have cut the last
    for number, note in enumerate(zip(parts[::2], parts[1::2], strict=False)):
        heads += _trusted(f"checkpoints, number {number}", b"\n\n".join(note), key, findings)
    return heads


def _trusted(place: str, note: bytes, key: str, findings: list[Finding]) -> list[Head]:
    try:
        return [read_head(place, note, key)]
    except Refused as refusal:
        findings.append(Finding(place, str(refusal)))
        return []


@dataclass
class _Walk:
    """One pass over the entries that rebuilds every tile and every root that was ever signed."""

    folder: Path
    heads: Sequence[Head]
    findings: list[Finding]
    frontier: Frontier = field(default_factory=Frontier)
    rows: dict[int, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    numbers: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    wanted: dict[int, list[Head]] = field(default_factory=lambda: defaultdict(list))

    def run(self, size: int) -> None:
        for head in self.heads:
            self.wanted[head.size].append(head)
            if head.size > size:
                self.say(head.place, f"has size {head.size}, the log ends at {size}: its tail is gone")
        self.compare_root()
        for number in range(-(-size // TILE)):
            hashes = self.leaves(number, min(TILE, size - number * TILE))
            if hashes is None:
                self.say("log", f"cannot be followed beyond leaf {number * TILE}")
                return
            self.extend(hashes)
        for level, hashes in sorted(self.rows.items()):
            self.compare_tile(level, hashes)

    def say(self, place: str, fact: str) -> None:
        self.findings.append(Finding(place, fact))

    def compare_root(self) -> None:
        for head in self.wanted.get(self.frontier.size, ()):
            if head.root != self.frontier.root():
                self.say(head.place, f"its root at size {head.size} is not the root of the entries")

    def leaves(self, number: int, width: int) -> list[bytes] | None:
        """Return the hashes of one bundle's entries; when it is unreadable, those in its tile, to go on."""
        name, data = self.file("tile/entries", number, width)
        try:
            hashes = hash_leaves(data) if data is not None else []
            if len(hashes) == width:
                self.check_partials("tile/entries", number, width, data or b"")
                return hashes
            if data is not None:
                self.say(name, f"holds {len(hashes)} entries, not {width}")
        except Refused as refusal:
            self.say(name, str(refusal))
        _, tile = self.file("tile/0", number, width)
        if tile is None or len(tile) != width * HASH:
            return None
        return [tile[at : at + HASH] for at in range(0, len(tile), HASH)]

    def file(self, kind: str, number: int, width: int) -> tuple[str, bytes | None]:
        """Return the place and bytes of a tile or bundle that wide; the full form may stand for a partial one."""
        name = f"{kind}/{_numbered(number)}"
        places = (name,) if width == TILE else (f"{name}.p/{width}", name)
        for place in places:
            data = _bytes(self.folder / place)
            if data is not None:
                return place, data if place == places[0] else _first(kind, data, width)
        self.say(places[0], "is missing")
        return places[0], None

    def extend(self, hashes: list[bytes]) -> None:
        """Lengthen the tree by a bundle: in one step, unless a root was signed in the middle of it."""
        start = self.frontier.size
        signed_within = any(size in self.wanted for size in range(start + 1, start + TILE))
        for digest in hashes if signed_within else (_fold(hashes),):
            self.frontier.push(digest, 0 if signed_within else 8)
            self.compare_root()
        self.rows[0].extend(hashes)
        if len(hashes) == TILE:
            self.close_tile(0)

    def close_tile(self, level: int) -> None:
        """Compare a full tile, and carry its root one level up."""
        hashes = self.rows.pop(level)
        self.compare_tile(level, hashes)
        self.numbers[level] += 1
        self.rows[level + 1].append(_fold(hashes))
        if len(self.rows[level + 1]) == TILE:
            self.close_tile(level + 1)

    def compare_tile(self, level: int, hashes: list[bytes]) -> None:
        number = self.numbers[level]
        name, tile = self.file(f"tile/{level}", number, len(hashes))
        if tile is None:
            return
        rebuilt = b"".join(hashes)
        if tile != rebuilt:
            self.say(name, _difference(tile, hashes, level, number))
        self.check_partials(f"tile/{level}", number, len(hashes), rebuilt)

    def check_partials(self, kind: str, number: int, held: int, whole: bytes) -> None:
        """Compare other widths of a tile or bundle: each begins as the whole, and ends where it should."""
        for path in (self.folder / f"{kind}/{_numbered(number)}.p").glob("*"):
            data, width = path.read_bytes(), int(path.name) if path.name.isdecimal() else 0
            expected = _first(kind, whole, width)
            if width != held and not (data.startswith(whole) if width > held else data == expected):
                self.say(str(path.relative_to(self.folder)), "is not the beginning of the tile it is part of")


def _first(kind: str, data: bytes, width: int) -> bytes:
    """Return the part of a tile or bundle that a log `width` hashes wide would hold."""
    if kind != "tile/entries":
        return data[: width * HASH]
    position = 0
    for _ in range(width):
        position += 2 + int.from_bytes(data[position : position + 2], "big") if position < len(data) else 0
    return data[:position]


def _difference(tile: bytes, hashes: list[bytes], level: int, number: int) -> str:
    if len(tile) != len(hashes) * HASH:
        return f"is {len(tile)} bytes long, not {len(hashes) * HASH}"
    first = next(at for at, digest in enumerate(hashes) if tile[at * HASH : (at + 1) * HASH] != digest)
    below = "leaf" if level == 0 else f"tile/{level - 1}, number"
    return f"does not agree with {below} {number * TILE + first}"


def _fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over 256 hashes."""
    level = list(hashes)
    while len(level) > 1:
        level = [sha256(b"\x01" + level[at] + level[at + 1]).digest() for at in range(0, len(level), 2)]
    return level[0]


def _numbered(number: int) -> str:
    *above, last = (group.zfill(3) for group in f"{number:,}".split(","))
    return "/".join([*(f"x{group}" for group in above), last])


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def main(arguments: Sequence[str] | None = None, say: Callable[[str], object] = sys.stdout.write) -> int:
    """Verify a log's folder, say what was found, and return the exit code."""
    parser = argparse.ArgumentParser(description="Verify a Serment ledger.")
    parser.add_argument("path", type=Path, help="the folder of a log")
    parser.add_argument("--earlier", type=Path, help="a checkpoint of that log, kept from before")
    parser.add_argument("--key", help="the log's public key, as it was given to you")
    options = parser.parse_args(arguments)
    if not options.path.is_dir():
        parser.error(f"{options.path} is not a folder")
    try:
        earlier = options.earlier.read_bytes() if options.earlier else None
        findings = verify_directory(options.path, options.key, earlier)
    except OSError as error:
        parser.error(f"cannot read {error.filename}")
    for finding in findings:
        say(f"{finding.place}: {finding.fact}\n")
    say(f"{len(findings)} findings\n")
    return 1 if findings else 0


if __name__ == "__main__":  # pragma: no cover - run in a process of its own by the tests
    sys.exit(main())
