import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from serment.identity import Face, KeyBinding, KeyRequest, KeyScope, KeyTermsRefused
from serment.identity.access_keys.terms import check_terms, is_within
from serment.identity.access_keys.writing import digest_of_key, draw_key
from support.keys import Machine

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
LIMITED = KeyRequest(
    label=" Logiciel ",
    face=Face.FHIR,
    sections=frozenset({"identity", "clinical"}),
    scope=KeyScope.READ,
    binding=KeyBinding.NETWORKS,
    ends_at=NOW + timedelta(days=365),
    networks=("192.0.2.0/24",),
)
BOUND = replace(
    LIMITED,
    networks=(),
    binding=KeyBinding.PUBLIC_KEY,
    public_key=Machine().public_key,
)


def test_terms_come_in_one_spelling() -> None:
    terms = check_terms(replace(LIMITED, networks=(" 192.0.2.77/24 ", "192.0.2.0/24", "2001:db8::1")), NOW)

    assert (terms.label, terms.sections) == ("Logiciel", ("clinical", "identity"))
    assert terms.networks == ("192.0.2.0/24", "2001:db8::1/128")
    assert terms.thumbprint is None


def test_bound_key_may_live_a_year_and_keep_to_networks() -> None:
    terms = check_terms(replace(BOUND, networks=("2001:db8::/48",)), NOW)

    assert terms.thumbprint is not None
    assert terms.networks == ("2001:db8::/48",)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (replace(LIMITED, label="  "), "label"),
        (replace(LIMITED, label="x" * 81), "label"),
        (replace(LIMITED, sections=frozenset()), "sections"),
        (replace(LIMITED, sections=frozenset({"a,b"})), "sections"),
        (replace(LIMITED, ends_at=NOW), "ends_at"),
        (replace(LIMITED, ends_at=NOW + timedelta(days=365, seconds=1)), "ends_at"),
        (replace(BOUND, ends_at=NOW + timedelta(days=365, seconds=1)), "ends_at"),
        (replace(LIMITED, networks=()), "networks"),
        (replace(LIMITED, networks=("192.0.2.0/24",) * 9), "networks"),
        (replace(LIMITED, networks=("0.0.0.0/0",)), "networks"),
        (replace(LIMITED, networks=("10.0.0.0/15",)), "networks"),
        (replace(LIMITED, networks=("2001:db8::/47",)), "networks"),
        (replace(LIMITED, networks=("le cabinet",)), "networks"),
        (replace(BOUND, public_key=""), "public_key"),
        (replace(BOUND, public_key='{"kty": []}'), "public_key"),
        (replace(LIMITED, public_key=Machine().public_key), "public_key"),
    ],
)
def test_terms_that_go_too_far_are_refused(asked: KeyRequest, field: str) -> None:
    with pytest.raises(KeyTermsRefused) as refused:
        check_terms(asked, NOW)

    assert refused.value.field == field


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("192.0.2.7", True),
        ("::ffff:192.0.2.7", True),
        ("2001:db8::7", True),
        ("192.0.3.7", False),
        ("2001:db9::7", False),
        ("unknown", False),
        ("", False),
    ],
)
def test_address_lies_in_a_network(address: str, inside: bool) -> None:
    assert is_within(address, ("192.0.2.0/24", "2001:db8::/48")) is inside


def test_key_is_256_bits_that_scanners_find() -> None:
    drawn = {draw_key() for _ in range(100)}

    assert len(drawn) == 100
    assert all(re.fullmatch(r"srmk_[A-Za-z0-9_-]{49}", key) for key in drawn)
    assert all(digest_of_key(key) for key in drawn)


def test_what_was_never_a_key_has_no_digest() -> None:
    key = draw_key()
    other = "A" if key[10] != "A" else "B"

    assert digest_of_key(key[:10] + other + key[11:]) is None
    assert [digest_of_key(text) for text in ("", "srmk_", key + "A", key.lower(), f" {key}", key + "\n")] == [
        None
    ] * 6
