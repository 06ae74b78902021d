"""serment breached."""

import sys
from getpass import getpass
from pathlib import Path
from typing import Annotated

import typer

from serment import identity
from serment.app.commands.options import DataOption, JsonOption
from serment.app.console import voice_for
from serment.app.directory import DataDirectory
from serment.app.errors import FINDINGS, OperatorError, SettingWrong
from serment.app.guard import guarded
from serment.app.settings import read_settings


@guarded
def load(
    source: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Range files, or one file of HASH:COUNT in order.")
    ],
    *,
    data: DataOption = None,
    seen: Annotated[int, typer.Option(min=1, help="Leave out passwords seen fewer times.")] = 1,
    json: JsonOption = False,
) -> None:
    """Make the installation's list of breached passwords from files brought here; a running server sees it at once."""
    voice, target = voice_for(json=json), _place(data)
    if not source.exists():
        raise SettingWrong(f"{source} does not exist.")
    try:
        with voice.steps("Reading", identity.count_steps(source)) as advance:
            loaded = identity.load_breached_list(source, target, least_seen=seen, advance=advance)
    except identity.BreachedSourceMalformed as malformed:
        raise OperatorError(f"{source} is not such a list: {malformed}. Nothing was changed.") from None
    document = {
        "list": str(target),
        "files": loaded.files,
        "passwords": loaded.passwords,
        "bytes": loaded.size_bytes,
    }
    sentence = f"{loaded.passwords:,} passwords from {loaded.files:,} files: {loaded.size_bytes:,} bytes in {target}."
    voice.result(document, [sentence])


@guarded
def check(*, data: DataOption = None, json: JsonOption = False) -> None:
    """Say whether a password is in a list: it is read without echo and kept nowhere; exits with 1 when it is."""
    judge = identity.PasswordJudge(identity.WatchedList(_place(data)))
    password = getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    try:
        found = judge.is_breached(password)
    except identity.BreachedListDamaged:
        raise OperatorError(f"{_place(data)} cannot be read as a list. Load it again.") from None
    guesses = judge.guesses(password)
    said = "yes: it is in a list of breached passwords" if found else "no: it is in no list"
    sentence = f"{said}. Guesses to find it, at most: {float(guesses):.0e}."
    voice_for(json=json).result({"breached": found, "guesses": guesses}, [sentence])
    if found:
        raise typer.Exit(FINDINGS)


def _place(data: Path | None) -> Path:
    """Return where the installation's list lies; the databases are not needed for it.

    Raises:
        SettingWrong, NotInstalled: there is no installation in that directory.
    """
    directory = DataDirectory(read_settings(data).data)
    directory.insist_installed()
    return directory.breached


#: What the group holds.
commands = {"load": load, "check": check}
