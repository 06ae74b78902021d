from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serment import kernel, vault
from serment.vault.context import encode_fields

ORGANISATION = kernel.OrganisationId(UUID(int=1))
DOSSIER = kernel.DossierId(UUID(int=2))
FIELDS = st.lists(st.binary(max_size=4), max_size=4)


@given(st.binary(max_size=4), FIELDS, st.binary(max_size=4), FIELDS)
def test_two_lists_of_fields_never_give_the_same_bytes(
    label: bytes, fields: list[bytes], other_label: bytes, other_fields: list[bytes]
) -> None:
    same = (label, fields) == (other_label, other_fields)

    assert (encode_fields(label, fields) == encode_fields(other_label, other_fields)) == same


def test_a_context_is_encoded_as_the_format_says() -> None:
    scope = vault.Scope(ORGANISATION, DOSSIER, "clinical")
    context = vault.SealContext(scope, "entry", UUID(int=3), 4, "image")

    assert context.encode().hex() == (
        "0000000e" + b"serment/seal/1".hex()
        + "00000010" + "00" * 15 + "01"
        + "00000010" + "00" * 15 + "02"
        + "00000008" + b"clinical".hex()
        + "00000005" + b"entry".hex()
        + "00000010" + "00" * 15 + "03"
        + "00000008" + "0000000000000004"
        + "00000005" + b"image".hex()
    )  # fmt: skip


def test_no_dossier_is_an_empty_field() -> None:
    assert vault.Scope(ORGANISATION, None, "accounts").fields() == (ORGANISATION.bytes, b"", b"accounts")


@pytest.mark.parametrize("name", ["", "Clinical", "a b", "a/b", "-a", "1a", "a" * 64, "a\n"])
def test_a_compartment_has_a_plain_name(name: str) -> None:
    with pytest.raises(ValueError, match="compartment"):
        vault.Scope(ORGANISATION, DOSSIER, name)
