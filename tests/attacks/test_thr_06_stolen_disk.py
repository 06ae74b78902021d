"""THR-06: somebody holds the disk: rows, keys, objects and the root key file; not the passphrase."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import text

from serment import access, kernel, vault
from support.canaries import sweep_folder
from support.dossier import PDF, House
from support.vault import CHEAP


def test_disk_after_a_day_of_work_holds_no_plaintext(house: House, tmp_path: Path) -> None:
    filed = house.file(PDF * 3000, title="canary-title")
    house.read(house.physician, filed.head.id)

    assert sweep_folder(tmp_path, ["canary-of-a-letter", "canary-title", "Martin", "Durand"]) == set()


def test_root_key_file_opens_with_its_passphrase_only(tmp_path: Path) -> None:
    vault.SealedKeyFile.create(tmp_path / "root.key", "correct horse battery staple", CHEAP)

    with pytest.raises(vault.PassphraseWrong):
        vault.SealedKeyFile.open(tmp_path / "root.key", "correct horse battery stapler")


def test_keys_of_the_disk_open_under_no_other_root(
    house: House, key_database: kernel.Database, clock: kernel.SettableClock, tmp_path: Path
) -> None:
    house.file()
    forged_root = vault.SealedKeyFile.create(tmp_path / "forged.key", "a passphrase of the thief", CHEAP)
    keyring = vault.open_keyring(key_database, forged_root, clock)
    scope = vault.Scope(house.organisation.id, house.martin, "clinical")

    with pytest.raises(vault.SealBroken):
        keyring.seal(b"", vault.SealContext(scope, "entry", kernel.new_id()))


def test_keys_of_another_install_open_nothing(
    house: House, root: vault.SealedKeyFile, clock: kernel.SettableClock, tmp_path: Path
) -> None:
    filed = house.file()
    elsewhere = kernel.Database(f"sqlite:///{tmp_path / 'other-keys.sqlite'}", clock=clock)
    other = vault.open_keyring(elsewhere, root, clock)
    house.database.put_beside(other)
    house.database.put_beside(other.take_notary())

    with pytest.raises(vault.KeyMissing):
        house.open(house.physician, filed.head.id)
    elsewhere.close()


def test_part_of_an_object_taken_from_the_disk_is_an_error_and_not_an_empty_page(
    house: House, part_directory: Path
) -> None:
    filed = house.file()
    shutil.rmtree(part_directory)

    with pytest.raises(vault.SealBroken, match="object/"):
        house.read(house.physician, filed.head.id)


def test_sealed_row_of_another_dossier_does_not_open_here(house: House) -> None:
    filed = house.file()
    house.file(title="Autre")
    with house.database.unit_of_work() as uow:
        uow.connection.execute(
            text(
                "UPDATE entry_versions SET sealed = (SELECT sealed FROM entry_versions WHERE entry <> :entry LIMIT 1) WHERE entry = :entry"
            ),
            {"entry": _bound(house.database, filed.head.id)},
        )

    with pytest.raises(vault.SealBroken, match=f"entry/{filed.head.id}"):
        house.open(house.physician, filed.head.id)


def _bound(database: kernel.Database, entry: access.EntryId) -> str:
    return entry.hex if database.url.startswith("sqlite") else str(entry)
