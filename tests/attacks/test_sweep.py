"""A sweep that finds nothing proves nothing unless it finds what is there."""

import base64
import gzip
import zlib
from pathlib import Path

import pytest

from support.canaries import sweep_bytes, sweep_folder

CANARY = "canary-of-a-diagnosis"
AROUND = b"\x00\xffsome other bytes "


@pytest.mark.parametrize(
    "stored",
    [
        CANARY.encode(),
        CANARY.encode("utf-16-le"),
        CANARY.encode().hex().encode(),
        base64.b64encode(CANARY.encode()),
        base64.b64encode(b"x" + CANARY.encode() + b"y"),
        base64.b64encode(b"xy" + CANARY.encode() + b"yz"),
        zlib.compress(AROUND + CANARY.encode()),
        gzip.compress(AROUND + CANARY.encode()),
    ],
    ids=["plain", "utf-16", "hex", "base64", "base64+1", "base64+2", "zlib", "gzip"],
)
def test_sweep_finds_a_canary_however_it_is_written(stored: bytes) -> None:
    assert sweep_bytes(AROUND + stored + AROUND, [CANARY]) != set()


def test_sweep_finds_nothing_where_nothing_is() -> None:
    assert sweep_bytes(AROUND * 1000, [CANARY]) == set()


def test_sweep_reads_files_and_their_names(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / f"{CANARY}.pdf").write_bytes(b"")
    (tmp_path / "content").write_text(CANARY)

    assert sweep_folder(tmp_path, [CANARY]) == {
        f"content: {CANARY} in UTF-8",
        f"inside/{CANARY}.pdf: {CANARY} in UTF-8",
    }
