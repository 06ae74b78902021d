"""What `serment verify` is told of dossiers: every sealed row, where it should lie, whether its seal holds."""

from hashlib import sha256
from pathlib import Path

import pytest

from serment import dossier, kernel, ledger, vault
from support.dossier import House
from support.vault import change, rows


@pytest.fixture
def filled(house: House) -> House:
    house.file(title="Lettre")
    house.file(title="Secret", sensitive=True)
    return house


def checked(house: House) -> dict[str, ledger.CheckedRow]:
    with house.database.reading() as uow:
        found = list(dossier.check_rows(uow))
    assert len({row.place for row in found}) == len(found)
    return {row.place: row for row in found}


def unsound(house: House) -> set[str]:
    return {place for place, row in checked(house).items() if not row.sound}


def places(house: House) -> tuple[set[str], set[str]]:
    """Return the places of versions and those of catalogue pages."""
    entries = {line.entry for line in house.lines(house.physician)} | {house.martin}
    pages = {f"catalogue/{house.martin}/{section}/1" for section in ("clinical", "sensitive")}
    return {f"entry/{entry}/1" for entry in entries}, pages


def test_every_sealed_row_is_found_sound_and_where_the_ledger_knows_it(filled: House) -> None:
    versions, pages = places(filled)
    found = checked(filled)

    assert set(found) == versions | pages
    assert unsound(filled) == set()
    with filled.database.reading() as uow:
        anchors = {place: ledger.current_anchor(uow, place) for place in found}
    assert anchors == {place: row.digest for place, row in found.items()}


def test_digest_is_of_what_is_stored(filled: House) -> None:
    _, pages = places(filled)
    change(filled.database, "UPDATE catalogue_pages SET sealed = substr(sealed, 2)")

    stored = [bytes(row[0]) for row in rows(filled.database, "SELECT sealed FROM catalogue_pages")]  # type: ignore[call-overload] # a blob

    digests = {row.digest for place, row in checked(filled).items() if place.startswith("catalogue/")}
    assert digests == {sha256(sealed).digest() for sealed in stored}
    assert unsound(filled) == pages


def test_altered_version_is_unsound(filled: House) -> None:
    change(filled.database, "UPDATE entry_versions SET sealed = substr(sealed, 1, length(sealed) - 1)")

    assert unsound(filled) == {place for place in checked(filled) if place.startswith("entry/")}


def test_version_in_place_of_another_is_unsound(filled: House) -> None:
    change(
        filled.database,
        "UPDATE entry_versions SET sealed = (SELECT sealed FROM entry_versions AS other"
        " WHERE other.entry = other.dossier)",
    )

    assert unsound(filled) == {
        place for place in checked(filled) if place.startswith("entry/") and str(filled.martin) not in place
    }


def test_page_in_place_of_another_is_unsound(filled: House) -> None:
    change(
        filled.database,
        "UPDATE catalogue_pages SET sealed = (SELECT sealed FROM catalogue_pages AS other"
        " WHERE other.section = 'clinical')",
    )

    assert unsound(filled) == {f"catalogue/{filled.martin}/sensitive/1"}


@pytest.mark.parametrize("section", ["imaging", "nonsense"])
def test_row_moved_to_another_section_is_unsound(filled: House, section: str) -> None:
    versions = {place for place in checked(filled) if place.startswith("entry/")}
    change(filled.database, f"UPDATE entries SET section = '{section}'")
    change(filled.database, f"UPDATE catalogue_pages SET section = '{section}' WHERE section = 'clinical'")

    assert unsound(filled) == versions | {f"catalogue/{filled.martin}/{section}/1"}


def test_rows_of_a_dossier_that_nobody_keeps_are_unsound(filled: House) -> None:
    found = set(checked(filled))
    change(filled.database, "DELETE FROM custody")

    assert unsound(filled) == found


def test_rows_whose_key_is_gone_are_unsound(
    filled: House, root: vault.SealedKeyFile, clock: kernel.SettableClock, tmp_path: Path
) -> None:
    found = set(checked(filled))
    keys = kernel.Database(f"sqlite:///{tmp_path / 'others.sqlite'}", clock=clock)
    filled.database.put_beside(vault.open_keyring(keys, root, clock))

    assert unsound(filled) == found
    keys.close()
