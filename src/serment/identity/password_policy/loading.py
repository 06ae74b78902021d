"""Make a list of breached passwords from what circulates: range files, or one sorted file of digests.

Range files are named by five hexadecimal digits and hold lines SUFFIX:COUNT, as services answer that are asked by
prefix; one file holds lines HASH:COUNT in the order of the hashes. Nothing is fetched: the files are brought here.
"""

import os
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from serment.identity.errors import BreachedSourceMalformed
from serment.identity.password_policy.breached import header_of

WIDTH = 8
_RANGE_NAME = re.compile(r"^([0-9A-Fa-f]{5})(\.txt)?$")
_RANGE_LINE = re.compile(rb"^([0-9A-F]{11})[0-9A-F]{24}:(\d+)\r?$", re.MULTILINE)
_WHOLE_LINE = re.compile(rb"^([0-9A-F]{16})[0-9A-F]{24}:(\d+)\r?$", re.MULTILINE)
_BLOCK_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class LoadedList:
    """What became of a source: how many files were read, and how many passwords the list holds."""

    files: int
    passwords: int
    size_bytes: int


@dataclass(frozen=True)
class _Piece:
    """Part of a source: its lines, in capitals, and the hexadecimal digits that each of them lacks."""

    name: str
    lines: bytes
    prefix: bytes


def count_steps(source: Path) -> int:
    """Return how many pieces `load_breached_list` will say it has read."""
    if source.is_dir():
        return len(_range_files(source))
    return -(-source.stat().st_size // _BLOCK_BYTES)


def load_breached_list(
    source: Path, target: Path, *, least_seen: int, advance: Callable[[int], None]
) -> LoadedList:
    """Write the list of a source to `target`; readers see the former list until the new one is whole and durable.

    Passwords seen fewer than `least_seen` times are left out. Memory does not grow with the source.

    Raises:
        BreachedSourceMalformed: a file is not of the kind, or its hashes are not in order; nothing was changed.
    """
    pieces = _ranges(source) if source.is_dir() else _blocks(source)
    draft = target.with_name(f".{target.name}-{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            files, passwords = _write(file, pieces, least_seen, advance)
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    _make_durable(target.parent)
    return LoadedList(files if source.is_dir() else 1, passwords, target.stat().st_size)


def _write(
    file: BinaryIO, pieces: Iterator[_Piece], least_seen: int, advance: Callable[[int], None]
) -> tuple[int, int]:
    file.write(header_of(WIDTH, 0))
    files = passwords = 0
    last = b""
    for piece in pieces:
        digests = _digests(piece, least_seen)
        if digests and digests[0] <= last:
            raise BreachedSourceMalformed(f"{piece.name}: not in the order of the hashes")
        last = digests[-1] if digests else last
        file.write(bytes.fromhex(b"".join(digests).decode("ascii")))
        files, passwords = files + 1, passwords + len(digests)
        advance(1)
    if not passwords:
        raise BreachedSourceMalformed("no password in it")
    file.seek(0)
    file.write(header_of(WIDTH, passwords))
    file.flush()
    os.fsync(file.fileno())
    return files, passwords


def _digests(piece: _Piece, least_seen: int) -> list[bytes]:
    """Return the beginnings of the digests of a piece, in hexadecimal, ascending."""
    line = _RANGE_LINE if piece.prefix else _WHOLE_LINE
    found = line.findall(piece.lines)
    if len(found) != sum(1 for each in piece.lines.splitlines() if each.strip()):
        raise BreachedSourceMalformed(f"{piece.name}: a line is none of digest and count")
    # Services pad their answers with digests that were seen 0 times.
    return sorted({piece.prefix + digest for digest, seen in found if int(seen) >= max(1, least_seen)})


def _ranges(folder: Path) -> Iterator[_Piece]:
    for path in _range_files(folder):
        yield _Piece(path.name, path.read_bytes().upper(), path.name[:5].upper().encode("ascii"))


def _range_files(folder: Path) -> list[Path]:
    found = {path.name[:5].upper(): path for path in folder.iterdir() if _RANGE_NAME.match(path.name)}
    return [found[prefix] for prefix in sorted(found)]


def _blocks(path: Path) -> Iterator[_Piece]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            yield _Piece(path.name, (block + file.readline()).upper(), b"")


def _make_durable(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
