import stat
from pathlib import Path

import pytest

from serment import vault
from serment.vault.errors import MessageBroken
from support.vault import CHEAP

PASSPHRASE = "un très long secret"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "root.key"


def test_a_root_key_file_opens_with_its_passphrase(path: Path) -> None:
    created = vault.SealedKeyFile.create(path, PASSPHRASE, CHEAP)

    opened = vault.SealedKeyFile.open(path, PASSPHRASE)

    assert opened.unwrap(created.wrap(b"key", b"label"), b"label") == b"key"


def test_a_wrap_opens_for_its_label_only(path: Path) -> None:
    root = vault.SealedKeyFile.create(path, PASSPHRASE, CHEAP)

    with pytest.raises(MessageBroken):
        root.unwrap(root.wrap(b"key", b"label"), b"another")


def test_the_key_lies_in_the_file_sealed_and_only_the_owner_reads_it(path: Path) -> None:
    created = vault.SealedKeyFile.create(path, PASSPHRASE, CHEAP)

    assert created._key not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_same_letters_composed_or_not_are_one_passphrase(path: Path) -> None:
    vault.SealedKeyFile.create(path, "tre\N{COMBINING GRAVE ACCENT}s", CHEAP)

    vault.SealedKeyFile.open(path, "tr\N{LATIN SMALL LETTER E WITH GRAVE}s")


def test_a_wrong_passphrase_is_told_from_damage(path: Path) -> None:
    vault.SealedKeyFile.create(path, PASSPHRASE, CHEAP)

    with pytest.raises(vault.PassphraseWrong):
        vault.SealedKeyFile.open(path, "another")


def test_every_damage_is_told_as_such(path: Path) -> None:
    vault.SealedKeyFile.create(path, PASSPHRASE, CHEAP)
    whole = path.read_bytes()
    flipped = [whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :] for place in range(len(whole))]

    for damaged in [b"", whole[:-1], whole + b"x", *flipped]:
        path.write_bytes(damaged)
        with pytest.raises(vault.RootKeyDamaged):
            vault.SealedKeyFile.open(path, PASSPHRASE)


def test_a_root_key_file_is_never_overwritten(path: Path) -> None:
    vault.SealedKeyFile.create(path, PASSPHRASE, CHEAP)
    before = path.read_bytes()

    with pytest.raises(vault.RootKeyExists):
        vault.SealedKeyFile.create(path, "another", CHEAP)

    assert path.read_bytes() == before


def test_there_must_be_a_file(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        vault.SealedKeyFile.open(path, PASSPHRASE)


@pytest.mark.parametrize(
    "cost",
    [
        vault.PassphraseCost(passes=0),
        vault.PassphraseCost(passes=65),
        vault.PassphraseCost(lanes=0),
        vault.PassphraseCost(lanes=65),
        vault.PassphraseCost(memory_kib=31),
        vault.PassphraseCost(memory_kib=4 * 2**20 + 1),
    ],
)
def test_an_unbearable_cost_is_refused(path: Path, cost: vault.PassphraseCost) -> None:
    with pytest.raises(vault.RootKeyDamaged):
        vault.SealedKeyFile.create(path, PASSPHRASE, cost)


def test_a_guess_costs_what_rfc_9106_recommends() -> None:
    cost = vault.PassphraseCost()

    assert (cost.passes, cost.memory_kib, cost.lanes) == (3, 64 * 1024, 4)
