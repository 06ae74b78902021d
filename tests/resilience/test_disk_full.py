"""No room left: refused with words, nothing acknowledged is lost, nothing is read without its trace, and it heals (O2, O5)."""

import os
import random
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.prefork import run_serment
from support.server import RunningServer, serving
from support.visitor import Answer, Prepared, visiting

FULL = {503, 507}


@contextmanager
def files_no_longer_than(size: int, server: RunningServer) -> Iterator[None]:
    """Let the server's files grow up to `size` bytes only: as a full disk, for a while, without any privilege."""
    soft, hard = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A disk of its own that is soon full."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        pytest.skip("only root may mount a small disk here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def is_refused_with_words(answer: Answer) -> bool:
    said = answer.json()
    return answer.status in FULL and bool(said["title"]) and bool(said["detail"])


def test_document_without_room_is_refused_and_the_next_one_is_not(prepared: Prepared) -> None:
    content = random.Random(3).randbytes(3_000_000)
    with serving(prepared.data) as server, visiting(server.origin, prepared) as visitor:
        before = visitor.entries().keys()
        orphans = _part_files(prepared.data)
        with files_no_longer_than(1_000_000, server):
            refused = visitor.put("large", content, title="Grand")
            upload = visitor.begin(len(content), title="Par morceaux")
            cut = visitor.send(upload, 0, content)
        assert refused.status == 507
        assert is_refused_with_words(refused)
        assert is_refused_with_words(cut)
        assert visitor.entries().keys() == before
        assert _part_files(prepared.data) == orphans

        offset = visitor.offset(upload)
        assert visitor.send(upload, offset, content[offset:]).status == 204
        filed = visitor.put("large", content, title="Grand")
        assert filed.status == 201
        assert visitor.content(str(filed.json()["entry"])) == content


def test_nothing_is_read_while_no_trace_can_be_written(prepared: Prepared) -> None:
    entry = str(prepared.small.documents[0].head.id)
    with serving(prepared.data) as server, visiting(server.origin, prepared) as visitor:
        sound = visitor.content(entry)
        address = visitor.document(entry)
        with files_no_longer_than(100, server):
            answers = {
                path: visitor.ask("GET", path)
                for path in (f"/files/{prepared.dossier}", f"{address}/content", f"{address}/preview/0",
                             f"/dossiers/{prepared.dossier}", "/")
            }  # fmt: skip
            put = visitor.put("none", b"text", title="Rien")

        assert {
            path: answer.status for path, answer in answers.items() if not is_refused_with_words(answer)
        } == {}
        assert is_refused_with_words(put)
        assert not any(sound[:40] in answer.body for answer in answers.values())
        assert visitor.content(entry) == sound
        assert visitor.put("none", b"text", title="Rien").status == 201
    done = run_serment("verify", "--data", str(prepared.data))
    assert done.returncode == 0, done.stdout


def test_log_that_cannot_be_written_stops_nobody(prepared: Prepared) -> None:
    with serving(prepared.data) as server, visiting(server.origin, prepared) as visitor:
        with server.said.open("a") as said:
            said.truncate(80_000_000)  # sparse: what the server appends is behind what its files may reach
        os.truncate(server.said, 80_000_000)
        with files_no_longer_than(40_000_000, server):
            statuses = [visitor.ask("GET", path).status for path in ("/health", "/nowhere", "/health")]
            filed = visitor.put("unlogged", b"text", title="Sans journal")
        assert statuses == [200, 404, 200]
        assert filed.status == 201
        server.said.write_text("")


def test_disk_that_is_full_is_survived(prepared: Prepared, tmp_path: Path) -> None:
    drawn, kept = random.Random(9), dict[str, bytes]()
    with small_disk(tmp_path / "disk", megabytes=24) as disk:
        moved = prepared.copy_to(disk / "data")
        with serving(moved.data) as server, visiting(server.origin, moved) as visitor:
            refusals = 0
            for size in [1_000_000] * 40 + [100_000] * 20 + [2_000] * 200:
                content = drawn.randbytes(size)
                answer = visitor.put(f"d-{len(kept)}", content, title="Document")
                if answer.status == 201:
                    kept[str(answer.json()["entry"])] = content
                    continue
                assert is_refused_with_words(answer)
                refusals += 1
            _fill_to_the_brim(disk / "ballast")
            entry = next(iter(kept))
            read = visitor.ask("GET", f"{visitor.document(entry)}/content")
            assert is_refused_with_words(read) or read.body == kept[entry]
            assert refusals > 10

            (disk / "ballast").unlink()
            subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
            assert visitor.put("afterwards", b"text", title="Ensuite").status == 201
            assert kept.keys() <= visitor.entries().keys()
            assert [entry for entry, content in kept.items() if visitor.content(entry) != content] == []
        done = run_serment("verify", "--data", str(moved.data))
        assert done.returncode == 0, done.stdout


def _fill_to_the_brim(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


def _part_files(data: Path) -> set[Path]:
    return {path for path in (data / "objects").rglob("*") if path.is_file()}
