"""The tamper set (LED-03): everything that an outsider with one earlier checkpoint must find, 100 %."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serment import ledger
from serment.ledger import verifier
from serment.ledger.tiles import pack_bundle, unpack_bundle
from support.ledger import ORIGIN, SEED, flipped, lengthen, some_leaves

STEPS = (0, 1, 100, 256, 300, 700)
LEAVES = some_leaves(STEPS[-1])


def build(folder: Path, leaves: Sequence[bytes] = LEAVES, steps: Sequence[int] = STEPS) -> list[bytes]:
    """Write a log in steps; return the notes of its checkpoints."""
    log = ledger.open_log(folder, ORIGIN, SEED)
    bounds = zip((0, *steps[:-1]), steps, strict=True)
    return [lengthen(log, leaves[start:end]).note.encode() for start, end in bounds]


@pytest.fixture
def built(tmp_path: Path) -> tuple[Path, list[bytes]]:
    folder = tmp_path / "log"
    return folder, build(folder)


def places(findings: Sequence[ledger.Finding]) -> list[str]:
    return [finding.place for finding in findings]


def test_a_sound_log_has_no_findings(built: tuple[Path, list[bytes]]) -> None:
    folder, notes = built

    assert ledger.verify_directory(folder) == []
    for note in notes:
        assert ledger.verify_directory(folder, earlier=note) == []


def test_a_full_level_has_no_findings(tmp_path: Path) -> None:
    build(tmp_path / "log", some_leaves(512), (256, 512))

    assert ledger.verify_directory(tmp_path / "log") == []


def test_an_empty_log_has_no_findings(tmp_path: Path) -> None:
    build(tmp_path / "log", (), (0,))

    assert ledger.verify_directory(tmp_path / "log") == []


def test_a_log_of_three_levels_has_no_findings_and_a_flip_high_up_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    build(folder, some_leaves(65_800), (65_800,))
    assert ledger.verify_directory(folder) == []

    damage(folder / "tile/1/000", flipped)

    assert ledger.verify_directory(folder) == [
        ledger.Finding("tile/1/000", "does not agree with tile/0, number 1")
    ]


def damage(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.read_bytes()))


def in_bundle(change: Callable[[list[bytes]], object]) -> Callable[[bytes], bytes]:
    """Change the list of leaves in a bundle."""

    def changed(data: bytes) -> bytes:
        leaves = unpack_bundle(data, "")
        change(leaves)
        return pack_bundle(leaves)

    return changed


def swap(leaves: list[bytes]) -> None:
    leaves[3], leaves[4] = leaves[4], leaves[3]


def duplicate(leaves: list[bytes]) -> None:
    leaves[5] = leaves[6]


@pytest.mark.parametrize(
    ("change", "place", "fact"),
    [
        (flipped, "tile/0/000", "does not agree with leaf 1"),
        (in_bundle(swap), "tile/0/000", "does not agree with leaf 3"),
        (in_bundle(duplicate), "tile/0/000", "does not agree with leaf 5"),
        (in_bundle(lambda leaves: leaves.pop(7)), "tile/entries/000", "holds 255 entries, not 256"),
        (in_bundle(lambda leaves: leaves.insert(7, b"x")), "tile/entries/000", "holds 257 entries, not 256"),
        (lambda data: data[:-1], "tile/entries/000", "ends inside an entry"),
        (lambda data: b"", "tile/entries/000", "holds 0 entries, not 256"),
    ],
)
def test_a_changed_entry_is_named(
    built: tuple[Path, list[bytes]], change: Callable[[bytes], bytes], place: str, fact: str
) -> None:
    folder, _ = built
    damage(folder / "tile/entries/000", change)

    assert ledger.Finding(place, fact) in ledger.verify_directory(folder)


def test_every_bit_of_a_small_log_counts(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    build(folder, LEAVES, (3, 5))
    published = [path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]
    assert len(published) == 7

    for path in published:
        whole = path.read_bytes()
        for position in range(len(whole)):
            path.write_bytes(flipped(whole, position))
            assert ledger.verify_directory(folder), f"{path.name}, byte {position}"
        path.write_bytes(whole)

    assert ledger.verify_directory(folder) == []


def test_every_file_is_missed(built: tuple[Path, list[bytes]]) -> None:
    folder, _ = built
    published = {path for path in folder.rglob("*") if path.is_file() and path.parent.suffix != ".p"}
    published |= {folder / "tile/entries/002.p/188", folder / "tile/0/002.p/188", folder / "tile/1/000.p/2"}
    for path in published:
        whole = path.read_bytes()
        path.unlink()
        findings = ledger.verify_directory(folder)
        assert str(path.relative_to(folder)) in places(findings)
        path.write_bytes(whole)

    assert ledger.verify_directory(folder) == []


def test_a_log_that_cannot_be_followed_says_where(built: tuple[Path, list[bytes]]) -> None:
    folder, _ = built
    (folder / "tile/entries/001").unlink()
    (folder / "tile/0/001").unlink()

    assert ledger.Finding("log", "cannot be followed beyond leaf 256") in ledger.verify_directory(folder)


def test_a_bundle_gone_is_found_and_the_rest_still_checked(built: tuple[Path, list[bytes]]) -> None:
    folder, _ = built
    (folder / "tile/entries/000").unlink()
    damage(folder / "tile/entries/001", flipped)

    findings = ledger.verify_directory(folder)

    assert findings[0] == ledger.Finding("tile/entries/000", "is missing")
    assert ledger.Finding("tile/0/001", "does not agree with leaf 257") in findings


def test_an_entry_changed_in_all_its_tiles_is_found_by_the_signature(
    built: tuple[Path, list[bytes]], tmp_path: Path
) -> None:
    folder, _ = built
    rewritten = [LEAVES[0], flipped(LEAVES[1], 5), *LEAVES[2:]]
    build(tmp_path / "other", rewritten)
    shutil.copytree(tmp_path / "other" / "tile", folder / "tile", dirs_exist_ok=True)

    findings = ledger.verify_directory(folder)

    assert ledger.Finding("checkpoint", "its root at size 700 is not the root of the entries") in findings


def test_a_forked_view_signed_by_the_key_is_found_by_an_earlier_checkpoint(
    built: tuple[Path, list[bytes]], tmp_path: Path
) -> None:
    _, notes = built
    build(tmp_path / "fork", [LEAVES[0], flipped(LEAVES[1], 5), *LEAVES[2:]])
    assert ledger.verify_directory(tmp_path / "fork") == []

    assert ledger.verify_directory(tmp_path / "fork", earlier=notes[2]) == [
        ledger.Finding("earlier checkpoint", "its root at size 100 is not the root of the entries")
    ]
    assert ledger.verify_directory(tmp_path / "fork", earlier=notes[1]) == []


def test_a_truncated_tail_is_found_by_an_earlier_checkpoint(
    built: tuple[Path, list[bytes]], tmp_path: Path
) -> None:
    _, notes = built
    build(tmp_path / "short", LEAVES, STEPS[:-1])
    assert ledger.verify_directory(tmp_path / "short") == []

    assert ledger.verify_directory(tmp_path / "short", earlier=notes[-1]) == [
        ledger.Finding("earlier checkpoint", "has size 700, the log ends at 300: its tail is gone")
    ]


def test_a_checkpoint_rolled_back_alone_hides_nothing(built: tuple[Path, list[bytes]]) -> None:
    """The history still names the newer one, so the tail is still checked."""
    folder, notes = built
    (folder / "checkpoint").write_bytes(notes[2])
    damage(folder / "tile/entries/002.p/188", flipped)

    assert ledger.Finding("tile/0/002.p/188", "does not agree with leaf 513") in ledger.verify_directory(
        folder
    )


def test_a_history_without_the_published_checkpoint_is_found(built: tuple[Path, list[bytes]]) -> None:
    folder, notes = built
    (folder / "checkpoints").write_bytes(b"\n".join(notes[:-1]) + b"\n")

    assert ledger.verify_directory(folder) == [
        ledger.Finding("checkpoints", "does not hold the published checkpoint")
    ]


def test_what_a_crash_left_behind_the_history_is_no_finding(built: tuple[Path, list[bytes]]) -> None:
    folder, notes = built
    with (folder / "checkpoints").open("ab") as history:
        history.write(notes[-1][:20])

    assert ledger.verify_directory(folder) == []


def test_a_checkpoint_of_another_key_is_found(built: tuple[Path, list[bytes]]) -> None:
    folder, notes = built
    other = ledger.Signer(ORIGIN, bytes(32))

    findings = ledger.verify_directory(folder, other.verifier_key)

    assert findings[0] == ledger.Finding("checkpoint", "is of another origin or key") or findings[
        0
    ].fact.startswith("is not signed")
    assert len(findings) == len(notes) + 1


def test_an_earlier_checkpoint_that_is_not_one_is_found(built: tuple[Path, list[bytes]]) -> None:
    folder, _ = built

    assert ledger.verify_directory(folder, earlier=b"a picture") == [
        ledger.Finding("earlier checkpoint", "is not a checkpoint")
    ]


def test_a_key_of_another_kind_is_refused(built: tuple[Path, list[bytes]]) -> None:
    folder, notes = built
    key = (folder / "public-key").read_text().strip()
    name, _, encoded = key.split("+", 2)

    with pytest.raises(verifier.Refused, match="is of another origin or key"):
        verifier.read_head("here", notes[0], f"{name}+00000000+{encoded}")


def test_a_leftover_partial_tile_that_differs_is_found(built: tuple[Path, list[bytes]]) -> None:
    folder, _ = built
    damage(folder / "tile/0/000.p/100", flipped)
    (folder / "tile/entries/000.p/nothing").write_bytes(b"x")
    damage(folder / "tile/entries/000.p/1", lambda data: data + b"\x00\x00")

    assert set(places(ledger.verify_directory(folder))) == {
        "tile/0/000.p/100",
        "tile/entries/000.p/nothing",
        "tile/entries/000.p/1",
    }


def test_wider_partials_that_a_crash_left_are_no_finding(built: tuple[Path, list[bytes]]) -> None:
    folder, _ = built
    more = some_leaves(20, first=700)
    tail = folder / "tile/entries/002.p"
    (tail / "208").write_bytes((tail / "188").read_bytes() + pack_bundle(more))

    assert ledger.verify_directory(folder) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_changed_byte_of_any_file_is_found(built: tuple[Path, list[bytes]], data: st.DataObject) -> None:
    folder, notes = built
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    path = data.draw(st.sampled_from(files))
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    path.write_bytes(whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :])
    try:
        assert ledger.verify_directory(folder, earlier=notes[2])
    finally:
        path.write_bytes(whole)


def test_the_verifier_stands_alone() -> None:
    source = Path(verifier.__file__).read_text()
    imported = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else name.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    tops = {name.split(".")[0] for name in imported}

    assert len(source.splitlines()) < 400
    assert tops - sys.stdlib_module_names == {"cryptography"}


def test_the_copied_file_runs_by_itself(built: tuple[Path, list[bytes]], tmp_path: Path) -> None:
    folder, notes = built
    copied = shutil.copy(verifier.__file__, tmp_path / "check.py")
    (tmp_path / "earlier").write_bytes(notes[2])

    def run(*arguments: object) -> tuple[int, str]:
        command = [sys.executable, "-I", copied, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    assert run(folder, "--earlier", tmp_path / "earlier") == (0, "0 findings\n")
    assert run(tmp_path / "nowhere") == (2, "")
    damage(folder / "tile/1/000.p/2", flipped)
    assert run(folder) == (1, "tile/1/000.p/2: does not agree with tile/0, number 1\n1 findings\n")


def test_main_says_what_it_found_in_a_folder(built: tuple[Path, list[bytes]], tmp_path: Path) -> None:
    folder, notes = built
    said: list[str] = []
    (tmp_path / "earlier").write_bytes(notes[2])
    arguments = [str(folder), "--earlier", str(tmp_path / "earlier")]

    assert verifier.main(arguments, said.append) == 0
    damage(folder / "tile/0/001", lambda data: data[:-1])
    assert verifier.main(arguments, said.append) == 1
    with pytest.raises(SystemExit, match="2"):
        verifier.main([str(tmp_path / "nowhere")], said.append)
    with pytest.raises(SystemExit, match="2"):
        verifier.main([str(folder), "--earlier", str(tmp_path / "nowhere")], said.append)
    assert said == ["0 findings\n", "tile/0/001: is 8191 bytes long, not 8192\n", "1 findings\n"]
