"""THR-09: a program with a physician's session rewrites and withdraws all it reaches."""

from datetime import date
from pathlib import Path

from sqlalchemy import text

from serment import access, dossier
from support.dossier import PDF, House


def test_every_earlier_version_survives_rewriting_and_withdrawing(house: House, part_directory: Path) -> None:
    filed = [house.file(PDF + bytes([number]), title=f"Lettre {number}") for number in range(3)]
    rows, parts = _versions(house), _parts(part_directory)

    for document in filed:
        _withdraw(house, _overwrite(house, document))

    assert {place: sealed for place, sealed in _versions(house).items() if place in rows} == rows
    assert {name: sealed for name, sealed in _parts(part_directory).items() if name in parts} == parts
    for number, document in enumerate(filed):
        assert _title_of_first_version(house, document) == f"Lettre {number}"
        assert house.read(house.physician, document.head.id) == PDF + bytes([number])


def test_parts_are_not_writable_once_they_are_kept(house: House, part_directory: Path) -> None:
    house.file()

    assert {path.stat().st_mode & 0o222 for path in part_directory.rglob("*") if path.is_file()} == {0}


def _overwrite(house: House, before: dossier.Document) -> dossier.Document:
    draft = dossier.Draft("Payez", before.description.kind, date(2026, 3, 11))
    with house.database.unit_of_work() as uow:
        permit = dossier.decide_entry(uow, house.physician, access.Action.AMEND, house.martin, before.head.id)
        return dossier.amend_document(uow, permit, before, draft, note="Payez")


def _withdraw(house: House, before: dossier.Document) -> None:
    with house.database.unit_of_work() as uow:
        permit = dossier.decide_entry(
            uow, house.physician, access.Action.WITHDRAW, house.martin, before.head.id
        )
        dossier.withdraw_document(uow, permit, before, "Payez")


def _title_of_first_version(house: House, document: dossier.Document) -> str:
    with house.database.unit_of_work() as uow:
        permit = dossier.decide_entry(
            uow, house.physician, access.Action.READ, house.martin, document.head.id
        )
        return dossier.open_document(uow, permit, document.head.id, 1).description.title


def _versions(house: House) -> dict[tuple[str, int], bytes]:
    with house.database.reading() as uow:
        rows = uow.connection.execute(text("SELECT entry, version, sealed FROM entry_versions"))
        return {(str(row[0]), row[1]): bytes(row[2]) for row in rows}


def _parts(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
