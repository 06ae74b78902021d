"""What a command that cannot go on says, and how it exits."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import typer
from rich.console import Console

from serment import kernel
from serment.app.errors import CANNOT, OperatorError

P = ParamSpec("P")

#: What the domains' own facts mean to an operator.
SENTENCES = {
    "store.unavailable": "The database cannot be reached, is full, or stays busy. Nothing was changed.",
    "vault.passphrase-wrong": "The passphrase does not open the root key.",
    "vault.root-key-damaged": "The root key file is damaged. Put back the copy that was kept of it.",
    "vault.key-missing": "A key is not in the key database: is it the one that belongs to this data?",
    "vault.seal-broken": "Something stored is missing or damaged. Run serment verify.",
    "vault.store-full": "The disk is full. Nothing was changed.",
    "vault.store-failed": "The disk cannot be read or written.",
    "ledger.log.damaged": "A file of the ledger is missing or damaged. Run serment verify.",
    "ledger.note.refused": "The ledger's checkpoint is damaged, or another key signed it. Run serment verify.",
    "identity.login.taken": "This login is taken.",
    "identity.login.malformed": "A login has 3 to 254 printable characters without spaces.",
    "identity.installation.not-a-demonstration": "This is no demonstration: codes of accounts are never shown.",
    "identity.installation.in-use": "This installation has accounts; it does not become a demonstration.",
}


def guarded(command: Callable[P, None]) -> Callable[P, None]:
    """Turn what stops a command into one sentence on standard error and an exit code."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except kernel.SermentError as fact:
            say_error(sentence_of(fact))
            raise typer.Exit(fact.exit_code if isinstance(fact, OperatorError) else CANNOT) from None
        except OSError as error:
            say_error(
                f"The system refuses: {error.strerror or type(error).__name__} ({error.filename or ''})."
            )
            raise typer.Exit(CANNOT) from None

    return run


def sentence_of(fact: kernel.SermentError) -> str:
    """Return what an operator is told."""
    if isinstance(fact, OperatorError):
        return str(fact)
    return f"{SENTENCES.get(fact.code, 'This cannot be done.')} ({fact.code}: {fact})"


def say_error(sentence: str) -> None:
    """Write a sentence to standard error."""
    Console(stderr=True, highlight=False, soft_wrap=True, file=sys.stderr).print(sentence, markup=False)
