"""serment verify."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from serment import ledger
from serment.app.commands.options import DataOption, JsonOption
from serment.app.console import Voice, voice_for
from serment.app.errors import FINDINGS, SettingWrong
from serment.app.guard import guarded
from serment.app.preparation import read_installed
from serment.app.verification import Verification, verify, verify_file
from serment.app.wiring import opened

#: Whoever makes a file up signs it too: only a key that came by another way says who signed.
_OWN_KEY = "By the key in the file itself, which anybody could have made: give the one you know with --key."


@guarded
def command(
    *,
    data: DataOption = None,
    bundle: Annotated[
        Path | None, typer.Option("--bundle", metavar="FILE", help="An exported trail, checked by itself.")
    ] = None,
    key: Annotated[
        str | None,
        typer.Option("--key", metavar="KEY", help="The log's public key, as it was given to you apart."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Check ledger, seals and manifests; exits with 1 when something is found."""
    if bundle is not None and data is not None:
        raise SettingWrong("Give --data or --bundle, not both.")
    if key is not None and bundle is None:
        raise SettingWrong("--key goes with --bundle.")
    voice = voice_for(json=json)
    if bundle is not None:
        _answer(voice, Verification({"files": 1}, verify_file(bundle, key)), *(() if key else (_OWN_KEY,)))
        return
    settings = read_installed(data)
    with opened(settings) as installation:
        _answer(voice, verify(installation, voice))


def _answer(voice: Voice, verification: Verification, *remarks: str) -> None:
    """Say what was found, and exit with 1 when there is anything."""
    document = {
        "checked": verification.checked,
        "findings": [{"place": finding.place, "fact": finding.fact} for finding in verification.findings],
        **({"remarks": remarks} if remarks else {}),
    }
    voice.result(document, [*_sentences(verification), *remarks])
    if verification.findings:
        raise typer.Exit(FINDINGS)


def _sentences(verification: Verification) -> Sequence[str]:
    counted = ", ".join(f"{count} {name}" for name, count in verification.checked.items())
    found = [_sentence(finding) for finding in verification.findings]
    end = f"{len(found)} findings" if found else "nothing found: everything is as it was signed and sealed"
    return [*found, f"Checked {counted}: {end}."]


def _sentence(finding: ledger.Finding) -> str:
    return f"{finding.place}: {finding.fact}"
