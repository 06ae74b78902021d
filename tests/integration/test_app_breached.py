"""serment breached, as an operator and a script use it."""

import hashlib
import json
import stat
import subprocess
from pathlib import Path

import pytest

from serment import identity
from support.installation import make_installed
from support.prefork import run_serment, run_serment_json

STOLEN = "girouette pamplemousse trottoir ancre"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("breached") / "data"
    make_installed(folder)
    return folder


@pytest.fixture
def data(installed: Path) -> Path:
    """An installation without a list of its own."""
    (installed / "breached-passwords.list").unlink(missing_ok=True)
    return installed


@pytest.fixture
def ranges(tmp_path: Path) -> Path:
    folder = tmp_path / "ranges"
    folder.mkdir()
    for password, seen in ((STOLEN, 12), ("rivage tambour violette amphore", 1)):
        digest = hashlib.sha1(password.encode()).hexdigest().upper()
        (folder / digest[:5]).write_text(f"{digest[5:]}:{seen}\r\n")
    return folder


def check(data: Path, password: str, *options: str) -> subprocess.CompletedProcess[str]:
    return run_serment("breached", "check", "--data", str(data), *options, typed=password + "\n")


def test_load_makes_the_list_of_the_installation_and_says_figures(data: Path, ranges: Path) -> None:
    answer = run_serment_json("breached", "load", str(ranges), "--data", str(data))

    place = data / "breached-passwords.list"
    assert answer == {"list": str(place), "files": 2, "passwords": 2, "bytes": 48}
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert len(identity.BreachedList(place)) == 2


def test_load_leaves_out_what_was_seen_rarely(data: Path, ranges: Path) -> None:
    spoken = run_serment("breached", "load", str(ranges), "--data", str(data), "--seen", "2")

    assert spoken.returncode == 0
    assert "1 passwords from 2 files: 40 bytes" in spoken.stdout


def test_check_says_yes_or_no_and_never_the_password(data: Path, ranges: Path) -> None:
    before, shipped = check(data, STOLEN), check(data, "doctolib2026")
    run_serment("breached", "load", str(ranges), "--data", str(data))
    after = check(data, STOLEN, "--json")

    assert (before.returncode, before.stdout.startswith("no: it is in no list")) == (0, True)
    assert (shipped.returncode, shipped.stdout.startswith("yes: it is in a list")) == (1, True)
    assert after.returncode == 1
    assert json.loads(after.stdout)["breached"] is True
    assert STOLEN not in before.stdout + before.stderr + after.stdout + after.stderr


def test_malformed_source_is_refused_and_the_former_list_stays(data: Path, ranges: Path) -> None:
    run_serment("breached", "load", str(ranges), "--data", str(data))
    before = (data / "breached-passwords.list").read_bytes()
    (ranges / "ABCDE").write_text("nothing of the kind")

    refused = run_serment("breached", "load", str(ranges), "--data", str(data))

    assert (refused.returncode, "ABCDE" in refused.stderr, "Nothing was changed" in refused.stderr) == (
        3,
        True,
        True,
    )
    assert (data / "breached-passwords.list").read_bytes() == before


def test_damaged_list_is_said(data: Path) -> None:
    (data / "breached-passwords.list").write_bytes(b"damaged")

    answer = check(data, STOLEN)

    assert (answer.returncode, "Load it again" in answer.stderr) == (3, True)


def test_wrong_use_is_said(tmp_path: Path, data: Path) -> None:
    absent = run_serment("breached", "load", str(tmp_path / "nowhere"), "--data", str(data))
    elsewhere = run_serment("breached", "load", str(tmp_path), "--data", str(tmp_path / "empty"))
    alone = run_serment("breached")

    assert (absent.returncode, elsewhere.returncode) == (2, 3)
    assert "load" in alone.stdout + alone.stderr
    assert list(tmp_path.iterdir()) == []
