"""Commands of `serment` in processes of their own that need not load the program again: many in little time.

As a program: reads one JSON list of words a line, with what is typed and the environment before them; answers with
exit code and outputs.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

from serment.app import cli
from support.server import clean_environment

MOST_SECONDS = 60


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Commands:
    """A process that has loaded every command and forks for each that is asked for."""

    process: "subprocess.Popen[str]"

    def run(self, *words: str, typed: str = "", **environment: str) -> Done:
        """Run one command to its end, with nothing of ours in its environment but what is given."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([typed, environment, *words]) + "\n")
        self.process.stdin.flush()
        return Done(*json.loads(self.process.stdout.readline()))


@contextmanager
def loaded_commands() -> Iterator[Commands]:
    """Load the commands once, for the length of a block."""
    path = str(Path(__file__).parents[1])
    with subprocess.Popen(
        [sys.executable, __file__],
        env=clean_environment(PYTHONPATH=path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Commands(process)


def run_serment(*words: str, typed: str = "", **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run one command of `serment` to its end; `serving` starts whole processes."""
    done = _commands().run(*words, typed=typed, **environment)
    return subprocess.CompletedProcess(words, done.code, done.out, done.err)


def run_serment_json(*words: str, **environment: str) -> dict[str, object]:
    """Run one command that answers in JSON and must succeed."""
    done = run_serment(*words, "--json", **environment)
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


@cache
def _commands() -> Commands:
    """Return the process that serves all tests, to their end."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(loaded_commands())


def _answer(typed: str, environment: dict[str, str], words: list[str]) -> Done:
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        os.pwrite(given.fileno(), typed.encode(), 0)
        child = os.fork()
        if child == 0:
            os.dup2(given.fileno(), 0)
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            signal.alarm(MOST_SECONDS)  # a server that should have refused to start
            os.environ.update(environment)
            sys.argv = ["serment", *words]
            _run_and_leave()
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        return Done(status, _written(out.fileno()), _written(err.fileno()))


def _run_and_leave() -> None:
    code = 0
    try:
        cli.main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - as the interpreter does with what nobody caught
        sys.excepthook(*sys.exc_info())
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _written(descriptor: int) -> str:
    return os.pread(descriptor, 1_000_000, 0).decode()


def _serve_commands() -> None:
    for name in cli.COMMANDS:
        import_module(f"serment.app.commands.{name}")
    for line in sys.stdin:
        typed, environment, *words = json.loads(line)
        done = _answer(typed, environment, words)
        sys.stdout.write(json.dumps([done.code, done.out, done.err]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve_commands()
