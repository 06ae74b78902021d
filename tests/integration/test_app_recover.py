"""The console's way back in for whoever nobody else can help."""

import json
import subprocess
import sys

import pytest

from serment import identity
from serment.app.settings import read_settings
from serment.app.wiring import opened
from support.installation import SmallInstallation, make_small_installation
from support.server import clean_environment


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> SmallInstallation:
    return make_small_installation(tmp_path_factory.mktemp("recover") / "data")


def recover(small: SmallInstallation, login: str, passphrase: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "serment.app", "recover", login, "--data", str(small.data), "--json"]
    return subprocess.run(
        command,
        input=f"{passphrase}\n",
        capture_output=True,
        text=True,
        check=False,
        env=clean_environment(),
        timeout=120,
    )


def passphrase_of(small: SmallInstallation) -> str:
    return (small.data / "keys" / "passphrase").read_text().strip()


def test_recover_asks_for_the_passphrase_though_the_machine_knows_it(small: SmallInstallation) -> None:
    answer = recover(small, "alix", "another passphrase")

    assert answer.returncode == 3
    assert "passphrase does not open" in answer.stderr


@pytest.mark.parametrize("login", ["nobody", "claude"])
def test_recover_is_for_administration_only(small: SmallInstallation, login: str) -> None:
    answer = recover(small, login, passphrase_of(small))

    assert (answer.returncode, answer.stdout) == (2, "")
    assert login in answer.stderr


def test_recover_prints_a_code_that_works_a_day_later_and_leaves_a_trace(small: SmallInstallation) -> None:
    answer = recover(small, "alix", passphrase_of(small))

    said = json.loads(answer.stdout)
    assert said["address"].endswith("/recover")
    with (
        opened(read_settings(small.data)) as installation,
        pytest.raises(identity.EnrolmentRefused),
    ):
        identity.begin_recovery(installation.entrance, "alix", said["code"], identity.Visit("web"))
    assert said["works_from"] < said["expires_at"]
