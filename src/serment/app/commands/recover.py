"""serment recover."""

import sys
from typing import Annotated

import typer

from serment import identity, vault
from serment.app.commands.init import DEFAULT_ORIGIN
from serment.app.commands.options import DataOption, JsonOption
from serment.app.console import voice_for
from serment.app.directory import DataDirectory
from serment.app.errors import SettingWrong
from serment.app.guard import guarded
from serment.app.preparation import read_installed
from serment.app.wiring import opened
from serment.app.worker import integrate_all

RECOVERY_PATH = "/recover"


@guarded
def command(
    login: Annotated[str, typer.Argument(metavar="LOGIN", help="An administrator's or a DPO's login.")],
    *,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Open a recovery where no second person is left: prints a code that works a day later.

    Asks for the passphrase of the root key, which whoever merely has the machine in hand may not know.
    """
    settings = read_installed(data)
    typed = _typed_passphrase()
    vault.SealedKeyFile.open(DataDirectory(settings.data).root_key, typed)
    with opened(settings, settings.origin or DEFAULT_ORIGIN) as installation:
        rules = installation.entrance.rules.recovery
        try:
            with installation.rows.unit_of_work() as uow:
                given = identity.open_recovery_from_console(uow, rules, login)
        except identity.AccountNotFound:
            raise SettingWrong(f"No account is called {login}.") from None
        except identity.NotPermitted:
            raise SettingWrong(
                f"{login} is no open account of an administrator or a DPO; administration recovers the others."
            ) from None
        integrate_all(installation)
        address = f"{installation.origin}{RECOVERY_PATH}"
    works_from = given.recovery.works_from or given.recovery.opened_at
    instants = {"works_from": works_from, "expires_at": given.recovery.expires_at}
    said = {name: f"{at:%Y-%m-%d %H:%M} UTC" for name, at in instants.items()}
    voice_for(json=json).result(
        {"login": login, "code": given.code, "address": address, **said},
        (
            f"A recovery of {login} is open. Its owner is told, and can stop it until it was used.",
            f"  {address}",
            f"  code   {given.code}    (shown once; works from {said['works_from']} until {said['expires_at']})",
        ),
    )


def _typed_passphrase() -> str:
    """Return what is typed without echo, or given on standard input where nobody sits at a terminal.

    Raises:
        SettingWrong: nothing was given.
    """
    if sys.stdin.isatty():
        return str(typer.prompt("Passphrase of the root key", hide_input=True, err=True))
    typed = sys.stdin.readline().rstrip("\r\n")
    if not typed:
        raise SettingWrong(
            "The passphrase of the root key is asked for: type it at a terminal, or give it on standard input."
        )
    return typed
