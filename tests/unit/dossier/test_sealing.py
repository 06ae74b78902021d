import zlib
from itertools import pairwise

import pytest

from serment import access, clinical, dossier, kernel, vault
from serment.dossier.sealing import LARGEST_ROW_BYTES, inflate, page_context
from support.dossier import House

PLACE = "entry/1/1"


def test_inflate_returns_what_was_compressed() -> None:
    assert inflate(zlib.compress(b"words"), PLACE) == b"words"


def test_inflate_takes_the_largest_row() -> None:
    assert len(inflate(zlib.compress(bytes(LARGEST_ROW_BYTES)), PLACE)) == LARGEST_ROW_BYTES


@pytest.mark.parametrize(
    "stored",
    [zlib.compress(bytes(LARGEST_ROW_BYTES + 1)), b"no zlib", b"", zlib.compress(b"words" * 99)[:-6]],
    ids=["too-long", "no-zlib", "empty", "cut"],
)
def test_inflate_refuses_what_is_no_row_of_ours(stored: bytes) -> None:
    with pytest.raises(vault.SealBroken) as refused:
        inflate(stored, PLACE)

    assert refused.value.place == PLACE


def test_catalogue_of_no_dossier_has_no_place() -> None:
    scope = vault.Scope(kernel.OrganisationId(kernel.new_id()), None, "clinical")

    with pytest.raises(ValueError, match="dossier"):
        page_context(scope, 1)


def test_row_that_could_not_be_read_again_is_not_written(embedded_house: House) -> None:
    filed = embedded_house.file()
    draft = dossier.Draft("Lettre", clinical.DocumentKind.LETTER, filed.description.document_date)

    with (
        pytest.raises(dossier.DocumentRefused, match="length"),
        embedded_house.database.unit_of_work() as uow,
    ):
        permit = dossier.decide_entry(
            uow, embedded_house.physician, access.Action.AMEND, embedded_house.martin, filed.head.id
        )
        dossier.amend_document(uow, permit, filed, draft, note="x" * LARGEST_ROW_BYTES)

    assert embedded_house.open(embedded_house.physician, filed.head.id) == filed


def test_place_of_each_page_and_version_is_its_own() -> None:
    scope = vault.Scope(kernel.OrganisationId(kernel.new_id()), kernel.DossierId(kernel.new_id()), "clinical")
    contexts = [page_context(scope, page).encode() for page in (1, 2, 3)]

    assert all(one != other for one, other in pairwise(contexts))
