"""A small demonstration, filled through the doors of real use."""

import stat
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest

from conftest import missing
from serment import access, dossier, identity, kernel
from serment.app.console import JsonVoice
from serment.app.demonstration_accounts import DemonstrationAccount, read_accounts, sign_in
from serment.app.errors import OperatorError
from serment.app.settings import read_settings
from serment.app.verification import verify
from serment.app.wiring import Installation, open_installation, opened
from serment.app.worker import integrate_all
from support.installation import ORIGIN, make_installed
from support.prefork import run_serment, run_serment_json

CHOSEN = ("p01", "p03")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation with the whole cast and two of its patients, one of whom has two dossiers."""
    if find_spec("typst") is None:
        missing("typst, which prints the documents of the demonstration")
    from serment.app import demonstration  # noqa: PLC0415 -- cannot be loaded where typst is missing
    from serment.app.demonstration_loading import load_demonstration  # noqa: PLC0415 -- likewise

    world = demonstration.build_world(now=datetime.now(UTC))
    small = replace(
        world,
        patients=tuple(each for each in world.patients if each.key in CHOSEN),
        care_relations=tuple(each for each in world.care_relations if each.patient in CHOSEN),
        grants=tuple(each for each in world.grants if each.patient in CHOSEN and each.scope == "dossier"),
    )
    with ExitStack() as stack:
        settings = make_installed(tmp_path_factory.mktemp("demonstration") / "data")
        clock = kernel.SettableClock(datetime.now(UTC))
        installation = open_installation(settings, ORIGIN, clock=clock)
        stack.callback(installation.close)
        load_demonstration(installation, small, JsonVoice())
        clock.advance(timedelta(minutes=2))  # each code signs in once
        integrate_all(installation)
        yield installation


def _accounts(installation: Installation) -> dict[str, DemonstrationAccount]:
    file = installation.settings.data / "demonstration-accounts.txt"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    return {account.login: account for account in read_accounts(file)}


def test_everything_filed_is_sealed_and_vouched_for(filled: Installation) -> None:
    verification = verify(filled, JsonVoice())

    assert verification.findings == ()
    assert verification.checked["objects"] > 20


def test_a_professional_signs_in_and_finds_patients_and_documents(filled: Installation) -> None:
    claire = _accounts(filled)["claire.moreau"]
    caller = sign_in(filled, claire.login, claire.password, claire.account)

    with filled.rows.unit_of_work() as uow:
        patients = dossier.my_patients(uow, caller)
        permit = access.decide(uow, caller, access.Action.LIST, patients[0].dossier)
        lines = dossier.list_documents(uow, permit, dossier.Filter())

    assert {patient.identity.family_name for patient in patients} >= {"Dupont"}
    assert len(lines) > 5


def test_a_patient_reads_their_own_trail(filled: Installation) -> None:
    marie = _accounts(filled)["marie.dupont"]
    caller = sign_in(filled, marie.login, marie.password, marie.account)

    with filled.rows.unit_of_work() as uow:
        mine = access.my_dossiers(uow, caller)[0]
        permit = access.decide(uow, caller, access.Action.READ_TRAIL, mine)
        trail = access.read_trail(uow, permit, limit=100)

    assert {"dossier.opened", "dossier.file", "dossier.read"} <= {line.trace.kind for line in trail}


def test_nobody_stays_signed_in_after_filling(filled: Installation) -> None:
    with filled.rows.reading() as uow:
        open_sessions = "SELECT count(*) FROM sessions s JOIN accounts a ON a.id = s.account WHERE a.role = 'dpo' AND s.ended_at IS NULL"
        assert uow.connection.exec_driver_sql(open_sessions).scalar() == 0


def test_codes_are_printed_for_its_accounts_only(filled: Installation) -> None:
    data = str(filled.settings.data)

    known = run_serment_json("totp", "karim.benali", "--data", data)
    unknown = run_serment("totp", "nobody", "--data", data)

    assert len(str(known["code"])) == 6
    assert (unknown.returncode, "No account of this demonstration" in unknown.stderr) == (2, True)


def test_a_filling_that_was_cut_short_is_said_in_a_sentence(tmp_path: Path) -> None:
    with opened(make_installed(tmp_path / "data"), ORIGIN) as installation:
        with installation.rows.unit_of_work() as uow:
            identity.declare_demonstration(uow)

        with pytest.raises(OperatorError, match="cut short"):
            read_accounts(installation.settings.data / "demonstration-accounts.txt")


def test_an_installation_in_use_never_becomes_a_demonstration(tmp_path: Path) -> None:
    if find_spec("typst") is None:
        missing("typst, which prints the documents of the demonstration")
    run_serment_json("init", "--data", str(tmp_path / "data"))

    done = run_serment("demo", "--data", str(tmp_path / "data"), "--http", "--port", "0")

    assert (done.returncode, "does not become a demonstration" in done.stderr) == (3, True)
    assert read_settings(tmp_path / "data").place == "FR"
