"""Canaries of every class through a real server that is killed at work: none is found at rest (O1, FIG-06, THR-06).

The journey sweeps what an orderly day leaves; this is what a cut leaves: half an upload, a request that failed, a log
that nobody closed, temporary files, the journal of the database.
"""

import http.client
import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from support.canaries import sweep_folder
from support.films import ct_series, dictation, letter
from support.server import serving
from support.visitor import STREAM, Visitor, prepare_visit, tree_of

TITLE, FILE, WORDS = "Hurdygurdy titre", "nyckelharpa.pdf", "bombarde du texte"
FILM, SPOKEN, HALF = "CRUMHORN^SOLO", "serpent de la dictee", "chalemie de la moitie"
WRONG, PLACE = "cornemuse-du-mauvais-genre", "tambourin-dans-l-adresse"
CANARIES = (TITLE, FILE, WORDS, FILM, SPOKEN, HALF, WRONG, PLACE)


def _work(visitor: Visitor) -> None:
    """File, look, be refused: one of everything that passes through the server."""
    filed = visitor.put("letter", letter(WORDS), title=TITLE, kind="letter", filename=FILE)
    visitor.put("film", next(ct_series(1, patient=FILM, side=32)), title=TITLE, kind="image")
    visitor.put("sound", dictation(1, SPOKEN), title=TITLE, kind="dictation")
    entry = str(filed.json()["entry"])
    for sight in ("preview/0", "preview/99", "content"):
        visitor.ask("GET", f"{visitor.document(entry)}/{sight}")
    assert visitor.put("wrong", b"x", title=TITLE, kind=WRONG).status == 400
    assert visitor.ask("GET", f"/{PLACE}/{PLACE}?q={PLACE}").status == 404
    assert len(visitor.entries()) >= 3


def _begin_and_stop_halfway(visitor: Visitor) -> http.client.HTTPConnection:
    content = HALF.encode() * 200_000
    upload = visitor.begin(len(content), title=TITLE, filename=FILE)
    connection = http.client.HTTPConnection(*visitor.address, timeout=30)
    connection.putrequest("PATCH", upload)
    said = {**visitor.headers, **STREAM, "upload-offset": "0", "content-length": str(len(content))}
    for name, value in said.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(content[: len(content) * 3 // 4])
    return connection


@pytest.mark.timeout(300)
def test_a_server_killed_at_work_leaves_no_readable_word(tmp_path: Path) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    prepared = prepare_visit(tmp_path / "data")
    with serving(prepared.data, TMPDIR=str(temporary)) as server:
        visitor = Visitor(server.origin, prepared)
        _work(visitor)
        halfway = _begin_and_stop_halfway(visitor)
        for each in reversed(tree_of(server.process.pid)):
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        server.process.wait()
        halfway.close()
        visitor.leave()

    assert sweep_folder(tmp_path, [*CANARIES, prepared.token]) == set()
    assert len([path for path in (tmp_path / "data").rglob("*") if path.is_file()]) > 10
