"""`serment verify` on a small installation: nothing found when whole, each damage found and named."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from serment import access, identity, ledger
from serment.app.console import JsonVoice
from serment.app.settings import read_settings
from serment.app.verification import verify
from serment.app.wiring import opened
from serment.app.worker import integrate_all
from support.identity import make_account, signed_in
from support.installation import ORIGIN, SmallInstallation, make_small_installation, raw_rows
from support.prefork import run_serment

Damage = Callable[[SmallInstallation], str]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> SmallInstallation:
    small = make_small_installation(tmp_path_factory.mktemp("whole") / "data")
    _adopt_a_matrix(small)
    return small


def _adopt_a_matrix(small: SmallInstallation) -> None:
    proposed = replace(access.SHIPPED, reads_trail=frozenset[identity.Profession]())
    with opened(read_settings(small.data), ORIGIN) as installation:
        with installation.rows.unit_of_work() as uow:
            (organisation,) = identity.list_organisations(uow)
            (person, *_) = identity.find_colleagues(uow, organisation.id, "alix")
            administrator = replace(signed_in(uow, person), stepped_up_at=uow.now)
            access.adopt_matrix(uow, administrator, proposed, 0)
        integrate_all(installation)


@pytest.fixture
def small(whole: SmallInstallation, tmp_path: Path) -> SmallInstallation:
    """A copy that a test may damage."""
    copy = shutil.copytree(whole.data, tmp_path / "data")
    return replace(whole, data=copy)


def findings_in(data: Path) -> tuple[ledger.Finding, ...]:
    with opened(read_settings(data), ORIGIN) as installation:
        return verify(installation, JsonVoice()).findings


def _flip(data: bytes, at: int) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


def _flip_column(table: str, column: str, place: str, *, at: int = -1) -> Damage:
    """Change one byte of a stored value in the first row of a table; `place` is how a finding begins."""

    def damage(small: SmallInstallation) -> str:
        with raw_rows(small.rows) as connection:
            number, value = connection.execute(
                f"SELECT rowid, {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY rowid DESC LIMIT 1"
            ).fetchone()
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (_flip(value, at), number))
        return place

    return damage


def _write_column(table: str, column: str, value: str, place: str) -> Damage:
    """Write what cannot be read back as a value of its kind."""

    def damage(small: SmallInstallation) -> str:
        with raw_rows(small.rows) as connection:
            connection.execute("PRAGMA foreign_keys=OFF")
            connection.execute(f"UPDATE {table} SET {column} = ?", [value])
        return place

    return damage


def _overwrite_database_page(small: SmallInstallation) -> str:
    """Damage the file of the row database itself: the root page of the table of versions."""
    with raw_rows(small.rows) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        root = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'entry_versions'"
        ).fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    with small.rows.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
    return "row database"


def _delete_row(table: str, place: str) -> Damage:
    def damage(small: SmallInstallation) -> str:
        with raw_rows(small.rows) as connection:
            connection.execute(f"DELETE FROM {table} WHERE rowid = (SELECT max(rowid) FROM {table})")
        return place

    return damage


def _widen_the_matrix(small: SmallInstallation) -> str:
    """Let nurses read the trail, without anybody having decided it."""
    with raw_rows(small.rows) as connection:
        connection.execute(
            "UPDATE matrices SET text = replace(text, 'reads-trail = []', 'reads-trail = [\"nurse\"]')"
        )
    return "matrix/"


def _join_unseen(small: SmallInstallation) -> str:
    """Take part in a patient's care, without having declared it."""
    columns = "dossier, account, team, started_at, ended_at, reason, episode"
    with raw_rows(small.rows) as connection:
        connection.execute(
            f"INSERT INTO participations (id, {columns}) SELECT dossier, {columns} FROM participations LIMIT 1"
        )
    return "participation/"


def _put_back_an_older_page(small: SmallInstallation) -> str:
    """Hide the last document: the page as it was before, under a seal that was once right in that very place."""
    with raw_rows(small.rows) as connection:
        connection.execute(
            "UPDATE catalogue_pages SET sealed = ? WHERE section = 'clinical'", [small.older_page]
        )
    return "catalogue/"


def _parts(small: SmallInstallation) -> list[Path]:
    return sorted(path for path in (small.data / "objects").rglob("*") if path.is_file())


def _flip_part(at: int) -> Damage:
    def damage(small: SmallInstallation) -> str:
        part = max(_parts(small), key=lambda path: path.stat().st_size)
        part.write_bytes(_flip(part.read_bytes(), at))
        return "object/"

    return damage


def _remove_part(small: SmallInstallation) -> str:
    _parts(small)[0].unlink()
    return "object/"


def _cut_part(small: SmallInstallation) -> str:
    part = _parts(small)[0]
    part.write_bytes(part.read_bytes()[:-1])
    return "object/"


def _swap_parts(small: SmallInstallation) -> str:
    one, other = _parts(small)[:2]
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)
    return "object/"


def _log_file(pattern: str) -> Callable[[SmallInstallation], Path]:
    """Find the newest file of a kind: the checkpoint needs that one, and no partial tile from before it."""

    def newest(small: SmallInstallation) -> Path:
        files = (path for path in (small.data / "ledger").glob(pattern) if path.is_file())
        return max(files, key=lambda path: path.stat().st_mtime_ns)

    return newest


def _flip_log(pattern: str) -> Damage:
    def damage(small: SmallInstallation) -> str:
        path = _log_file(pattern)(small)
        path.write_bytes(_flip(path.read_bytes(), len(path.read_bytes()) // 2))
        return ""

    return damage


def _remove_log(pattern: str) -> Damage:
    def damage(small: SmallInstallation) -> str:
        _log_file(pattern)(small).unlink()
        return ""

    return damage


def _remove_trace_keys(small: SmallInstallation) -> str:
    with raw_rows(small.data / "keys" / "keys.sqlite") as connection:
        connection.execute("DELETE FROM compartment_keys WHERE compartment = 'trace'")
    return "trace/"


def _damage_key(compartment: str) -> Damage:
    def damage(small: SmallInstallation) -> str:
        with raw_rows(small.data / "keys" / "keys.sqlite") as connection:
            connection.execute(
                "UPDATE compartment_keys SET wrapped = zeroblob(length(wrapped)) WHERE compartment = ?",
                [compartment],
            )
        return "key/compartment/"

    return damage


def _remove_keys(small: SmallInstallation) -> str:
    with raw_rows(small.data / "keys" / "keys.sqlite") as connection:
        connection.execute("DELETE FROM compartment_keys WHERE compartment = 'clinical'")
    return "entry/"


DAMAGES: dict[str, Damage] = {
    "a byte of a version": _flip_column("entry_versions", "sealed", "entry/"),
    "the first byte of a version": _flip_column("entry_versions", "sealed", "entry/", at=0),
    "a version removed": _delete_row("entry_versions", "entry/"),
    "a byte of a catalogue page": _flip_column("catalogue_pages", "sealed", "catalogue/"),
    "a catalogue page removed": _delete_row("catalogue_pages", "catalogue/"),
    "a matrix changed": _widen_the_matrix,
    "a matrix removed": _delete_row("matrices", "matrix/"),
    "somebody added to a care team": _join_unseen,
    "an older page put back": _put_back_an_older_page,
    "a byte of an object's manifest": _flip_column("objects", "manifest", "object/"),
    "a byte of an object's key": _flip_column("objects", "wrapped_key", "object/"),
    "an object's row removed": _delete_row("objects", "object/"),
    "the first byte of a part": _flip_part(0),
    "a byte in the middle of a part": _flip_part(50_000),
    "the last byte of a part": _flip_part(-1),
    "a part removed": _remove_part,
    "a part cut short": _cut_part,
    "two parts swapped": _swap_parts,
    "keys removed": _remove_keys,
    "keys of traces removed": _remove_trace_keys,
    **{
        f"a key of {name} changed": _damage_key(name)
        for name in ("trace", "accounts", "index", "security", "clinical")
    },
    "an identifier that is none": _write_column("entry_versions", "dossier", "nonsense", "row database"),
    "a page of the database file": _overwrite_database_page,
    "a byte of a trace's commitment": _flip_column("ledger_traces", "commitment", "trace/"),
    "a byte of a trace's detail": _flip_column("ledger_traces", "sealed", "trace/"),
    "a trace removed": _delete_row("ledger_traces", "leaf "),
    "a byte of an anchor": _flip_column("ledger_anchors", "digest", "anchor/"),
    "an anchor removed": _delete_row("ledger_anchors", "leaf "),
    "a byte of a tile": _flip_log("tile/0/**/*"),
    "a tile removed": _remove_log("tile/0/**/*"),
    "a byte of the entries": _flip_log("tile/entries/**/*"),
    "the entries removed": _remove_log("tile/entries/**/*"),
    "a byte of the checkpoint": _flip_log("checkpoint"),
    "the checkpoint removed": _remove_log("checkpoint"),
    "a byte of the history": _flip_log("checkpoints"),
    "the history removed": _remove_log("checkpoints"),
}


def test_a_whole_installation_gives_no_finding(whole: SmallInstallation) -> None:
    assert findings_in(whole.data) == ()


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_damage_is_found_and_named(small: SmallInstallation, damage: Damage) -> None:
    place = damage(small)

    found = findings_in(small.data)

    assert [finding for finding in found if finding.place.startswith(place)], found


def test_the_command_names_the_damaged_part_and_exits_with_1(small: SmallInstallation) -> None:
    sound = run_serment("verify", "--data", str(small.data))
    _remove_part(small)
    broken = run_serment("verify", "--data", str(small.data), "--json")

    assert sound.returncode == 0, sound.stdout + sound.stderr
    assert "nothing found" in sound.stdout
    assert broken.returncode == 1
    assert "/part/" in broken.stdout


def test_a_file_that_is_no_bundle_is_found_out_without_any_installation(tmp_path: Path) -> None:
    (tmp_path / "bundle.json").write_text("{}")

    done = run_serment("verify", "--bundle", str(tmp_path / "bundle.json"))

    assert done.returncode == 1
    assert run_serment("verify", "--bundle", str(tmp_path / "none")).returncode == 3


def test_a_bundle_is_checked_on_another_machine(small: SmallInstallation, tmp_path: Path) -> None:
    with opened(read_settings(small.data), ORIGIN) as installation:
        key = installation.log.signer.verifier_key
        with installation.rows.unit_of_work() as uow:
            (organisation,) = identity.list_organisations(uow)
            officer = signed_in(uow, make_account(uow, organisation, identity.Role.DPO))
            permit = access.decide(uow, officer, access.Action.READ_TRAIL, small.dossier_id)
            bundle = access.export_trail(uow, permit, {"README.txt": b"Who looked."})
    sound, changed = tmp_path / "trail.zip", tmp_path / "changed.zip"
    sound.write_bytes(bundle)
    changed.write_bytes(_flip(bundle, bundle.index(b"Who looked.")))

    def code_of(*arguments: str) -> int:
        return run_serment("verify", *arguments).returncode

    assert code_of("--bundle", str(sound), "--key", key) == 0
    assert code_of("--bundle", str(changed), "--key", key) == 1
    assert code_of("--bundle", str(sound), "--key", key.replace("serment.log", "another.log")) == 1
    assert code_of("--key", key) == 2
    assert "--key" in run_serment("verify", "--bundle", str(sound)).stdout
    assert "--key" not in run_serment("verify", "--bundle", str(sound), "--key", key).stdout
