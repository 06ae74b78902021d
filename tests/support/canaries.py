"""Canaries: words planted in content, and a sweep that finds them in any bytes, in five encodings (FIG-06, O1)."""

import base64
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlalchemy import select

from serment import kernel

_ZLIB_HEAD = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
_GZIP_HEAD = re.compile(rb"\x1f\x8b\x08")
_MOST_INFLATED = 1 << 20


def sweep_bytes(data: bytes, canaries: Iterable[str]) -> set[str]:
    """Return the canaries found in `data`: as they are, in UTF-16, hexadecimal, base64, or deflated."""
    haystacks = (data, *_inflated(data))
    return {
        f"{canary} in {encoding}"
        for canary in canaries
        for encoding, pattern in _encodings(canary).items()
        if any(pattern in haystack for haystack in haystacks)
    }


def sweep_folder(folder: Path, canaries: Iterable[str]) -> set[str]:
    """Return the canaries found in any file of a folder, or in its name."""
    wanted = tuple(canaries)
    return {
        f"{path.relative_to(folder)}: {found}"
        for path in sorted(folder.rglob("*"))
        for found in sweep_bytes(
            path.name.encode() + b"\0" + (path.read_bytes() if path.is_file() else b""), wanted
        )
    }


def dump(database: kernel.Database) -> bytes:
    """Return every value of every row of a row database, as a thief with a dump would hold them."""
    with database.reading() as uow:
        return b"\0".join(
            value if isinstance(value, bytes) else str(value).encode()
            for table in kernel.metadata.sorted_tables
            for row in uow.connection.execute(select(table))
            for value in row
        )


def _encodings(canary: str) -> dict[str, bytes]:
    plain = canary.encode()
    return {
        "UTF-8": plain,
        "UTF-16": canary.encode("utf-16-le"),
        "hexadecimal": plain.hex().encode(),
        **{f"base64 at {shift}": _base64_at(plain, shift) for shift in range(3)},
    }


def _base64_at(plain: bytes, shift: int) -> bytes:
    """Return the base64 signs that `plain` gives whatever stands around it, when it begins `shift` bytes after a multiple of 3."""
    encoded = base64.b64encode(b"\0" * shift + plain).rstrip(b"=")
    return encoded[(0, 2, 3)[shift] : len(encoded) - (0 if (shift + len(plain)) % 3 == 0 else 1)]


def _inflated(data: bytes) -> Iterator[bytes]:
    for head, window in ((_ZLIB_HEAD, zlib.MAX_WBITS), (_GZIP_HEAD, zlib.MAX_WBITS | 16)):
        for begin in head.finditer(data):
            engine = zlib.decompressobj(window)
            try:
                yield engine.decompress(data[begin.start() :], _MOST_INFLATED)
            except zlib.error:
                continue
