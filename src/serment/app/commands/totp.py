"""serment totp."""

from typing import Annotated

import typer

from serment import identity
from serment.app.commands.options import DataOption, JsonOption
from serment.app.console import voice_for
from serment.app.demonstration_accounts import read_accounts
from serment.app.directory import DataDirectory
from serment.app.errors import SettingWrong
from serment.app.guard import guarded
from serment.app.preparation import read_installed
from serment.app.wiring import opened


@guarded
def command(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="A login of the demonstration.")],
    *,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Print the current code of a demonstration account; real accounts keep theirs to themselves."""
    settings = read_installed(data)
    with opened(settings) as installation:
        with installation.rows.reading() as uow:
            if not identity.is_demonstration(uow):
                raise identity.NotADemonstration("totp")
        known = {each.login: each for each in read_accounts(DataDirectory(settings.data).accounts)}
        if account not in known:
            raise SettingWrong(f"No account of this demonstration is called {account}.")
        with installation.rows.reading() as uow:
            code = identity.totp_code_now(uow, known[account].account)
    voice_for(json=json).result({"account": account, "code": code}, [code])
