"""The command line. Each command lives in a module of its own, loaded when it is asked for, so that help is quick."""

import os
import sys
import traceback
from importlib import import_module
from types import TracebackType
from typing import Any

import typer
from typer import _click as click
from typer.core import TyperCommand, TyperGroup
from typing_extensions import override

#: What there is to ask for: the module `serment.app.commands.<name>`, and what `serment --help` says of it.
COMMANDS = {
    "init": "Create keys, database and the first administrator; prints an enrolment code.",
    "serve": "Serve pages; on an empty directory, init first.",
    "demo": "Fill a demonstration practice and serve it; prints accounts.",
    "totp": "Print the current code of a demonstration account.",
    "verify": "Check ledger, seals and manifests; exits with 1 when something is found.",
    "touched": "Say which patients, entries, objects and bytes somebody touched, per controller.",
    "status": "Say how an installation stands.",
    "worker": "Do the work in the background, in a process of its own.",
    "breached": "Load a list of breached passwords, or look one up; nothing leaves this machine.",
    "recover": "Open a recovery for an administrator or a DPO whom nobody else can help back in.",
    "rotate": "Begin a new key epoch for the organisations whose epoch is over.",
}


class CommandTable(TyperGroup):
    """Lists the commands from the table above, and loads the one that is called."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in their order."""
        return list(COMMANDS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> TyperCommand | None:
        """Return what help shows of a command, without loading it."""
        summary = COMMANDS.get(cmd_name)
        return None if summary is None else TyperCommand(cmd_name, help=summary)

    @override
    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command itself."""
        name, found, rest = super().resolve_command(ctx, args)
        return name, _load(name) if name and found else found, rest


def _load(name: str) -> Any:  # noqa: ANN401 -- typer's own command class
    """Load a command's module by its name in the table: one command, or a group of them."""
    module = import_module(f"serment.app.commands.{name}")
    grouped = getattr(module, "commands", None)
    program = typer.Typer(
        add_completion=False, pretty_exceptions_enable=False, no_args_is_help=grouped is not None
    )
    for each, command in (grouped or {name: module.command}).items():
        program.command(each, help=command.__doc__)(command)
    return typer.main.get_command(program)


def main() -> None:
    """Run the command that was asked for; exits with 0 fine, 1 findings, 2 wrong use, 3 cannot."""
    os.umask(0o077)  # whatever is made here is its owner's only
    sys.excepthook = _end_on_unforeseen
    program = typer.Typer(
        cls=CommandTable,
        help="Keep, reach, share and exchange health data under a medical secrecy that can be checked.",
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    program.callback()(_nothing_before)
    typer.main.get_command(program)(prog_name="serment")


def _nothing_before() -> None:
    return


def _end_on_unforeseen(kind: type[BaseException], _error: BaseException, trace: TracebackType | None) -> None:
    """Say where an unforeseen error came from, never its text, which may hold anything; exit with 3, not 1."""
    places = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(trace)[-8:]]
    sys.stderr.write(
        "\n  ".join([f"Something unforeseen stopped this command: {kind.__name__}, at", *places]) + "\n"
    )
    sys.stderr.flush()
    os._exit(3)
