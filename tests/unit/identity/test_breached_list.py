import hashlib
import multiprocessing
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from serment.identity import (
    BreachedList,
    BreachedListDamaged,
    BreachedSourceMalformed,
    LoadedList,
    PasswordJudge,
    WatchedList,
    count_steps,
    load_breached_list,
)
from serment.identity.password_policy.breached import digest_of_password, header_of
from serment.identity.password_policy.policy import _shipped
from support.identity import JUDGE

ANOTHER = "rivage tambour violette amphore"
STOLEN = "girouette pamplemousse trottoir ancre"
OTHERS = [f"stolen {number}" for number in range(3_000)]


def lines_of(passwords: Iterable[str], seen: int = 3) -> list[str]:
    """What one sorted file holds."""
    return sorted(f"{hashlib.sha1(each.encode()).hexdigest().upper()}:{seen}" for each in passwords)


def write_ranges(folder: Path, lines: Iterable[str], *, ending: str = "", newline: str = "\r\n") -> Path:
    folder.mkdir()
    ranges: dict[str, list[str]] = {}
    for line in lines:
        ranges.setdefault(line[:5], []).append(line[5:])
    for prefix, suffixes in ranges.items():
        (folder / f"{prefix}{ending}").write_text(newline.join(suffixes))
    return folder


def load(source: Path, target: Path, *, least_seen: int = 1) -> LoadedList:
    return load_breached_list(source, target, least_seen=least_seen, advance=lambda _: None)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "breached-passwords.list"


@pytest.mark.parametrize("ending", ["", ".txt"])
def test_range_files_become_a_list(tmp_path: Path, target: Path, ending: str) -> None:
    source = write_ranges(tmp_path / "ranges", lines_of([STOLEN, *OTHERS]), ending=ending)
    (source / "README").write_text("not a range")

    loaded = load(source, target)

    found = BreachedList(target)
    assert (
        loaded
        == LoadedList(count_steps(source), 3_001, 32 + 8 * 3_001)
        == LoadedList(loaded.files, len(found), target.stat().st_size)
    )
    assert all(found.holds(digest_of_password(each)) for each in [STOLEN, *OTHERS])
    assert not any(found.holds(digest_of_password(f"mine {number}")) for number in range(3_000))


def test_list_is_ascending_and_ends(tmp_path: Path, target: Path) -> None:
    load(write_ranges(tmp_path / "ranges", lines_of(OTHERS)), target)
    found = BreachedList(target)

    assert list(found) == sorted(found)
    assert found[:2] == [found[0], found[1]]
    assert not found.holds(bytes(20))
    assert not found.holds(b"\xff" * 20)
    with pytest.raises(IndexError):
        found[len(found)]


def test_one_sorted_file_becomes_the_same_list(tmp_path: Path, target: Path) -> None:
    lines = lines_of([STOLEN, *OTHERS])
    (tmp_path / "whole.txt").write_text("\n".join(lines).lower() + "\n")
    load(write_ranges(tmp_path / "ranges", lines), target)
    ranges = target.read_bytes()

    loaded = load(tmp_path / "whole.txt", target)

    assert target.read_bytes() == ranges
    assert (loaded.files, loaded.passwords, count_steps(tmp_path / "whole.txt")) == (1, 3_001, 1)


def test_padding_and_rare_passwords_are_left_out(tmp_path: Path, target: Path) -> None:
    lines = [*lines_of(["padding"], seen=0), *lines_of(["rare"], seen=1), *lines_of(["common"], seen=20)]

    assert load(write_ranges(tmp_path / "ranges", lines), target).passwords == 2
    assert load(tmp_path / "ranges", target, least_seen=2).passwords == 1
    assert BreachedList(target).holds(digest_of_password("common"))


@pytest.mark.parametrize(
    "line", ["0" * 35, "0" * 27 + ":4", "Z" * 35 + ":4", "0" * 35 + ":many", "0" * 40 + ":4"]
)
def test_line_of_another_kind_is_refused_and_the_former_list_stays(
    tmp_path: Path, target: Path, line: str
) -> None:
    load(write_ranges(tmp_path / "ranges", lines_of([STOLEN])), target)
    before = target.read_bytes()
    (tmp_path / "ranges" / "0000A").write_text(line)

    with pytest.raises(BreachedSourceMalformed, match="0000A"):
        load(tmp_path / "ranges", target)

    assert target.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["breached-passwords.list", "ranges"]


def test_file_in_another_order_is_refused(tmp_path: Path, target: Path) -> None:
    lines = (f"{number << 90:040X}:1\n" for number in range(200_000, 0, -1))
    (tmp_path / "whole.txt").write_text("".join(lines))

    with pytest.raises(BreachedSourceMalformed, match="order"):
        load(tmp_path / "whole.txt", target)
    assert not target.exists()


def test_empty_folder_is_refused(tmp_path: Path, target: Path) -> None:
    with pytest.raises(BreachedSourceMalformed, match="no password"):
        load(write_ranges(tmp_path / "ranges", []), target)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"short",
        header_of(8, 2) + bytes(8),
        header_of(8, 1) + bytes(9),
        header_of(3, 1) + bytes(3),
        b"another-kind-of-" + header_of(8, 1)[16:] + bytes(8),
        header_of(8, 1)[:19] + b"\x02" + header_of(8, 1)[20:] + bytes(8),
    ],
)
def test_damaged_list_is_never_read_as_an_empty_one(target: Path, content: bytes) -> None:
    target.write_bytes(content)
    judge = PasswordJudge(WatchedList(target), wordbook=JUDGE.wordbook)

    with pytest.raises(BreachedListDamaged):
        judge.is_breached(STOLEN)


def test_list_that_cannot_be_opened_is_damaged(target: Path) -> None:
    target.mkdir()

    with pytest.raises(BreachedListDamaged):
        WatchedList(target).current()


def test_new_list_is_seen_at_once_and_its_end_too(tmp_path: Path, target: Path) -> None:
    judge = PasswordJudge(WatchedList(target), wordbook=JUDGE.wordbook)
    assert not judge.is_breached(STOLEN)

    load(write_ranges(tmp_path / "ranges", lines_of([STOLEN])), target)
    assert judge.is_breached(STOLEN)
    load(write_ranges(tmp_path / "others", lines_of([ANOTHER])), target)
    assert not judge.is_breached(STOLEN)
    assert judge.is_breached(ANOTHER)
    target.unlink()
    assert not judge.is_breached(ANOTHER)


def test_list_is_shared_by_processes(tmp_path: Path, target: Path) -> None:
    load(write_ranges(tmp_path / "ranges", lines_of([STOLEN])), target)

    with multiprocessing.get_context("spawn").Pool(2) as pool:
        answers = pool.starmap(_looked_up, [(target, STOLEN), (target, ANOTHER), (target, STOLEN)])

    assert answers == [True, False, True]


def _looked_up(target: Path, password: str) -> bool:
    return PasswordJudge(WatchedList(target)).is_breached(password)


def test_password_is_found_in_either_way_of_writing_its_accents(tmp_path: Path, target: Path) -> None:
    load(write_ranges(tmp_path / "ranges", lines_of(["\u00e9t\u00e9 au bord de l'eau"])), target)

    assert PasswordJudge(WatchedList(target)).is_breached("e\u0301te\u0301 au bord de l'eau")


def test_lookup_is_quick() -> None:
    JUDGE.is_breached("warm")
    begun = time.perf_counter()
    for number in range(1_000):
        JUDGE.is_breached(f"somebody's password {number}")

    assert (time.perf_counter() - begun) / 1_000 < 0.005


def test_list_that_comes_with_us_is_useful_and_small() -> None:
    shipped = _shipped().current()

    assert shipped is not None
    assert len(shipped) > 300_000
    assert Path(_shipped()._path).stat().st_size < 3_000_000
