"""A real server in a process of its own, on a small directory, for journeys and other tests through HTTP."""

import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

import pytest

START_SECONDS = 60
STOP_SECONDS = 40


@dataclass
class RunningServer:
    """A server that answers at `origin`, and what it said so far."""

    origin: str
    data: Path
    process: "subprocess.Popen[str]"
    said: Path

    def output(self) -> str:
        """Return everything that the server wrote, on both outputs."""
        return self.said.read_text()

    def stop(self) -> int:
        """Ask the server to stop as an operator would; return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)


ServerStarter = Callable[..., RunningServer]


def clean_environment(**more: str) -> dict[str, str]:
    """Return this environment without settings of Serment."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SERMENT_")}
    return {**kept, **more}


@contextmanager
def serving(data: Path, *words: str, command: str = "serve", **environment: str) -> Iterator[RunningServer]:
    """Serve a directory on a free port (plain HTTP unless `words` say otherwise) until the block ends."""
    said = data.parent / f"{data.name}.said"
    options = words or ("--http",)
    with said.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "serment.app", command, "--data", str(data), "--port", "0", *options],
            env=clean_environment(**environment),
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
    server = RunningServer("", data, process, said)
    try:
        server.origin = _wait_for_origin(server)
        _wait_for_answers(server)
        yield server
        server.stop()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[ServerStarter]:
    """Start servers on directories below tmp_path; each is stopped when the test ends."""
    with ExitStack() as running:

        def start(
            *words: str, name: str = "data", command: str = "serve", **environment: str
        ) -> RunningServer:
            return running.enter_context(serving(tmp_path / name, *words, command=command, **environment))

        yield start


@pytest.fixture
def server(start_server: ServerStarter) -> RunningServer:
    """A server over plain HTTP on a new installation."""
    return start_server()


def _wait_for_origin(server: RunningServer) -> str:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        for line in server.output().splitlines():
            if line.startswith("Serment listens on "):
                return line.removeprefix("Serment listens on ").split()[0]
        if server.process.poll() is not None:
            break
        time.sleep(0.05)
    raise AssertionError(f"the server did not start:\n{server.output()}")


def _wait_for_answers(server: RunningServer) -> None:
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.process.poll() is None:
        try:
            with urllib.request.urlopen(f"{server.origin}/health", timeout=5, context=trusting):
                return
        except (URLError, OSError):
            time.sleep(0.05)
    raise AssertionError(f"the server does not answer:\n{server.output()}")
