"""What we hand out, seen by those who know nothing of us: Go's signed notes and trees, and C2SP formats of others."""

import io
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from serment import kernel, ledger, vault
from support.ledger import DOSSIER, ORGANISATION, flipped, leave_traces, lengthen, some_leaves

BUILT = Path(__file__).parent.parent / "files" / "c2sp" / "build" / "c2sp-check"


def check(how: str, folder: Path) -> tuple[int, str]:
    done = subprocess.run([BUILT, how, folder], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


@pytest.fixture(autouse=True)
def built() -> None:
    """Skip where it could not be built: Go and its modules are on few machines, and our own second verifier on all."""
    if not BUILT.exists():
        pytest.skip("the check by C2SP tools of others is missing: install Go 1.25, then make setup")


@pytest.fixture
def unpacked(
    traced_embedded: kernel.Database,
    log: ledger.Log,
    trail_warrant: Callable[[], vault.Warrant],
    tmp_path: Path,
) -> Path:
    """A trail of three hundred traces, taken out and unpacked with a stock tool."""
    leave_traces(traced_embedded, 300, anchors=7)
    assert ledger.integrate(traced_embedded, log) is not None
    with traced_embedded.reading() as uow:
        asked = ledger.BundleRequest(ORGANISATION, DOSSIER, trail_warrant(), "patient")
        bundle = ledger.export_bundle(uow, log, asked)
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        archive.extractall(tmp_path / "trail")
    return tmp_path / "trail"


def test_tools_of_others_accept_every_proof_of_a_trail(unpacked: Path) -> None:
    assert check("proofs", unpacked) == (0, "300 entries are in the signed tree\n")


@pytest.mark.parametrize(
    ("name", "at"), [("entries/41", 7), ("proofs/41.tlog-proof", 60), ("public-key", 50), ("entries/299", 0)]
)
def test_tools_of_others_refuse_what_was_changed(unpacked: Path, name: str, at: int) -> None:
    changed = flipped((unpacked / name).read_bytes(), at)
    (unpacked / name).write_bytes(changed)

    assert check("proofs", unpacked)[0] == 1


def test_tools_of_others_read_the_log_itself(tmp_path: Path) -> None:
    log = ledger.open_log(tmp_path / "log", "ledger.test/practice", bytes(range(32)))
    lengthen(log, some_leaves(70_000))
    assert check("tiles", tmp_path / "log") == (0, "70000 entries are in the signed tree\n")

    tile = tmp_path / "log" / "tile" / "0" / "017"
    tile.write_bytes(flipped(tile.read_bytes()))

    assert check("tiles", tmp_path / "log")[0] == 1
