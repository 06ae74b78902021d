"""The server killed in the middle of its work: what was acknowledged is there, nothing is half there (DUR-01, DUR-02, O5).

A killed process leaves its page cache behind: this shows the order of what is written, not what a power cut leaves.
"""

import http.client
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import pytest

from support.prefork import run_serment
from support.server import RunningServer, serving
from support.visitor import Prepared, Visitor, visiting

LONGEST_TURN_SECONDS = 45
#: Sizes in bytes: less than is needed to recognise a type, a part, several parts.
SIZES = (10, 5_000, 200_000, 9_000_000, 20_000_000)


@dataclass
class Promised:
    """What was sent, and what the server said of it."""

    drawn: random.Random
    sent: dict[str, bytes] = field(default_factory=dict)
    acknowledged: dict[str, str] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)
    cut: dict[str, tuple[str, int]] = field(default_factory=dict)

    def draw(self, kind: str) -> tuple[str, bytes]:
        """Make up a document; its name is its title and its reference."""
        name = f"{kind}-{len(self.sent)}"
        content = self.drawn.randbytes(self.drawn.choice(SIZES))
        self.sent[name] = content
        return name, content

    def put_one(self, visitor: Visitor) -> None:
        """File a document in one request."""
        name, content = self.draw("put")
        self.unanswered.append(name)
        answer = visitor.put(name, content, title=name)
        assert answer.status == 201, answer.body
        self.acknowledged[name] = str(answer.json()["entry"])
        self.unanswered.remove(name)

    def send_one(self, visitor: Visitor) -> None:
        """File a document by tus, in three requests."""
        name, content = self.draw("tus")
        upload, offset = visitor.begin(len(content), title=name), 0
        self.cut[name] = (upload, 0)
        step = len(content) // 3 + 1
        while offset < len(content):
            answer = visitor.send(upload, offset, content[offset : offset + step])
            assert answer.status == 204, answer.body
            offset = int(answer.headers["upload-offset"])
            self.cut[name] = (upload, offset)
        del self.cut[name]
        self.acknowledged[name] = ""


def kill_while_busy(server: RunningServer, prepared: Prepared, promised: tuple[Promised, Promised]) -> None:
    """Let two people send documents, and kill the server at some moment of it."""
    one, other = promised
    over = Event()
    acts = ((one, one.put_one), (other, other.send_one))
    senders = [Thread(target=_send_until_cut, args=(server, prepared, act, over)) for _, act in acts]
    for sender in senders:
        sender.start()
    time.sleep(one.drawn.uniform(0.05, 1.2))
    server.process.kill()
    server.process.wait()
    over.set()
    for sender in senders:
        sender.join()


def _send_until_cut(
    server: RunningServer, prepared: Prepared, act: Callable[[Visitor], None], over: Event
) -> None:
    with visiting(server.origin, prepared) as visitor, suppress(OSError, http.client.HTTPException):
        while not over.is_set():  # errors are what a killed server gives
            act(visitor)


def check_what_is_there(visitor: Visitor, promised: Promised, known: set[str]) -> None:
    """Hold what is listed against what was sent and promised; `known` has been looked at before."""
    listed = {str(line["title"]): entry for entry, line in visitor.entries().items()}
    assert promised.acknowledged.keys() <= listed.keys()
    for name in (listed.keys() & promised.sent.keys()) - known:
        assert visitor.content(listed[name]) == promised.sent[name], f"{name} is not what was sent"
        known.add(name)


def resume_all(visitor: Visitor, promised: Promised) -> None:
    """Go on with every upload that was cut, from where the server says that it stands."""
    for name, (upload, told) in promised.cut.items():
        content, offset = promised.sent[name], visitor.offset(upload)
        assert told <= offset <= len(content)
        if offset < len(content):
            finish(visitor, upload, offset, content)
        promised.acknowledged[name] = ""
    promised.cut.clear()


def finish(visitor: Visitor, upload: str, offset: int, content: bytes) -> None:
    """Send the rest; the connection that was cut keeps its turn for a while."""
    until = time.monotonic() + LONGEST_TURN_SECONDS
    while (answer := visitor.send(upload, offset, content[offset:])).status in {409, 423}:
        assert time.monotonic() < until, answer.body
        time.sleep(1)
    assert answer.status == 204, answer.body


def send_again(visitor: Visitor, promised: Promised) -> None:
    """Send again what was not answered, as a client does; nothing is filed twice (DUR-04)."""
    for name in promised.unanswered:
        assert visitor.put(name, promised.sent[name], title=name).status in {200, 201}
        promised.acknowledged[name] = ""
    promised.unanswered.clear()
    titles = [line["title"] for line in visitor.entries().values()]
    assert len(titles) == len(set(titles))


def kill_again_and_again(prepared: Prepared, kills: int, seed: int) -> tuple[Promised, Promised]:
    promised = (Promised(random.Random(seed)), Promised(random.Random(seed + 1)))
    known: tuple[set[str], set[str]] = (set(), set())
    for number in range(kills):
        with serving(prepared.data) as server:
            with visiting(server.origin, prepared) as visitor:
                for each, seen in zip(promised, known, strict=True):
                    check_what_is_there(visitor, each, seen)
            if number % 10 == 9:
                insist_on_soundness(prepared.data)
            kill_while_busy(server, prepared, promised)
    with serving(prepared.data) as server, visiting(server.origin, prepared) as visitor:
        for each, seen in zip(promised, known, strict=True):
            resume_all(visitor, each)
            send_again(visitor, each)
            check_what_is_there(visitor, each, seen)
    insist_on_soundness(prepared.data)
    return promised


def insist_on_soundness(data: Path) -> None:
    done = run_serment("verify", "--data", str(data))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.timeout(400)
def test_killed_server_keeps_what_it_acknowledged(prepared: Prepared) -> None:
    one, other = kill_again_and_again(prepared, kills=3, seed=1)

    assert one.acknowledged
    assert other.acknowledged


@pytest.mark.long
def test_server_killed_a_hundred_times_keeps_what_it_acknowledged(prepared: Prepared) -> None:
    one, other = kill_again_and_again(prepared, kills=100, seed=20)

    assert len(one.acknowledged) > 100
    assert len(other.acknowledged) > 50
