"""`serment touched` on a real installation: who was touched, as a document, a table and FHIR."""

import csv
import json
import stat
from typing import Any

import pytest
import typer

from serment import access, dossier, ledger
from serment.app.commands import touched
from serment.app.settings import read_settings
from serment.app.wiring import opened
from support.installation import ORIGIN, SmallInstallation, make_small_installation


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> SmallInstallation:
    return make_small_installation(tmp_path_factory.mktemp("touched") / "data")


@pytest.fixture
def answered(small: SmallInstallation, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    folder = small.data.parent
    for name in ("deeds.csv", "events.json"):
        (folder / name).unlink(missing_ok=True)
    touched.command(
        "claude", data=small.data, csv=folder / "deeds.csv", fhir=folder / "events.json", json=True
    )
    return dict(json.loads(capsys.readouterr().out))


def test_it_answers_by_controller_and_writes_files_for_their_owner_only(
    small: SmallInstallation, answered: dict[str, Any]
) -> None:
    (answer,) = answered["answers"]
    folder = small.data.parent

    assert (answer["patients"], answer["unopened"]) == (1, 0)
    with (folder / "deeds.csv").open(encoding="utf-8", newline="") as file:
        assert {line["patient"] for line in csv.DictReader(file)} == {str(small.dossier_id)}
    assert json.loads((folder / "events.json").read_text())["resourceType"] == "Bundle"
    assert [
        stat.S_IMODE((folder / name).stat().st_mode) & 0o077 for name in ("deeds.csv", "events.json")
    ] == [0, 0]


def test_the_patient_and_the_organisation_see_that_it_was_asked(
    small: SmallInstallation, answered: dict[str, Any]
) -> None:
    assert answered["answers"]
    with (
        opened(read_settings(small.data), ORIGIN) as installation,
        installation.rows.recorded_reading() as uow,
    ):
        custodian = access.custodian(uow, small.dossier_id)
        assert custodian is not None
        asked = ledger.read_security_log(uow, custodian, limit=1)[0].trace
        trails = access.open_trails_from_console(uow, custodian, [small.dossier_id])
        trail = ledger.read_trail(uow, custodian, small.dossier_id, trails[small.dossier_id], limit=1)

    assert (asked.kind, asked.actor.role, asked.actor.origin) == (
        "vigilance.inquiry.asked",
        "operator",
        "console",
    )
    assert (trail[0].trace.kind, trail[0].trace.actor.role) == ("dossier.read-trail", "operator")
    assert trail[0].trace.kind != dossier.CONTENT_OPENED


@pytest.mark.parametrize(
    ("who", "more", "said"),
    [
        ("nobody", {}, "No account is called nobody"),
        ("claude", {"since": "yesterday"}, "no hour"),
        ("claude", {"since": "2026-03-13", "until": "2026-03-12"}, "--since comes before"),
    ],
)
def test_wrong_use_is_said_in_a_sentence(
    small: SmallInstallation, capsys: pytest.CaptureFixture[str], who: str, more: dict[str, str], said: str
) -> None:
    with pytest.raises(typer.Exit) as stopped:
        touched.command(who, data=small.data, **more)  # type: ignore[arg-type] # as a person gives them

    assert (stopped.value.exit_code, said in capsys.readouterr().err) == (2, True)
