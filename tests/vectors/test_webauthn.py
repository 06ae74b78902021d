"""The test vectors of WebAuthn level 3 through our own verification (AUT-03), and each of them spoilt.

Every vector is accepted, some of them only with a demand of ours set aside: the test says which, reading it from
the vector itself. Then each is spoilt in one place after another, and each time refused.
"""

from base64 import urlsafe_b64encode
from dataclasses import replace

import pytest

from serment.identity.factors.passkeys import EVERY_DEMAND, Demand, verify_registration
from support.passkey_vectors import (
    PARTY,
    Vector,
    needed,
    registered,
    spoilt_assertions,
    spoilt_registrations,
    spoilt_rows,
    used,
    vectors,
)

LEAST_SPOILT = 20
EACH = pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector.name)


def test_webauthn_vectors_are_the_fifteen_of_the_specification() -> None:
    assert len({vector.name for vector in vectors()}) == 15


@EACH
def test_webauthn_registration_is_accepted_with_its_own_attestation(vector: Vector) -> None:
    honest = vector.registration
    whole = replace(honest, wrapped=lambda _: vector.attestation)

    found = verify_registration(PARTY, honest.challenge, whole.registration_json(), needed(honest))

    assert found is not None
    assert (found.credential_id, found.public_key) == (honest.credential, vector.public_key)
    assert (found.backup_eligible, found.backed_up) == (vector.row.backup_eligible, vector.row.backed_up)


@EACH
def test_webauthn_assertion_is_accepted(vector: Vector) -> None:
    found = used(vector.assertion, vector.row, needed(vector.assertion))

    assert found is not None
    assert not found.counted_back


@EACH
@pytest.mark.parametrize("demand", Demand)
def test_webauthn_vector_is_refused_for_what_it_lacks(vector: Vector, demand: Demand) -> None:
    """A demand that a vector does not meet refuses it, be it the only one; one that it meets does not."""
    registration, assertion = vector.registration, vector.assertion

    alone = frozenset({demand})
    assert (registered(registration, alone) is not None) == (demand in needed(registration))
    assert (used(assertion, vector.row, alone) is not None) == (demand in needed(assertion))


def test_webauthn_vectors_lack_what_our_demands_ask_for() -> None:
    lacking = {
        demand: sum(demand not in needed(one) for v in vectors() for one in (v.registration, v.assertion))
        for demand in Demand
    }

    assert lacking == {Demand.USER_VERIFICATION: 16, Demand.OWN_PAGE: 4}
    assert frozenset(Demand) == EVERY_DEMAND


@EACH
def test_webauthn_registration_is_refused_when_spoilt(vector: Vector) -> None:
    demands = needed(vector.registration)
    assert registered(vector.registration, demands) is not None

    tried = {name: registered(spoilt, demands) for name, spoilt in spoilt_registrations(vector)}

    assert len(tried) >= LEAST_SPOILT
    assert [name for name, found in tried.items() if found is not None] == []


@EACH
def test_webauthn_assertion_is_refused_when_spoilt(vector: Vector) -> None:
    demands = needed(vector.assertion)
    assert used(vector.signed(vector.assertion), vector.row, demands) is not None

    tried = {name: used(spoilt, vector.row, demands) for name, spoilt in spoilt_assertions(vector)}

    assert len(tried) >= LEAST_SPOILT
    assert [name for name, found in tried.items() if found is not None] == []


@EACH
def test_webauthn_assertion_is_refused_against_another_record(vector: Vector) -> None:
    demands = needed(vector.assertion)

    tried = {name: used(vector.assertion, row, demands) for name, row in spoilt_rows(vector)}

    assert [name for name, found in tried.items() if found is not None] == []


def test_webauthn_refusals_are_more_than_three_hundred() -> None:
    spoilt = (spoilt_registrations, spoilt_assertions, spoilt_rows)

    assert sum(sum(1 for _ in make(vector)) for vector in vectors() for make in spoilt) >= 300


@pytest.mark.parametrize(("before", "now"), [(7, 7), (7, 3), (7, 0)])
def test_webauthn_counter_that_does_not_go_on_is_a_sign_and_no_refusal(before: int, now: int) -> None:
    vector = vectors()[0]
    demands, honest = needed(vector.assertion), vector.assertion
    counted = replace(honest, data=honest.data[:33] + now.to_bytes(4))

    found = used(vector.signed(counted), replace(vector.row, sign_count=before), demands)

    assert found is not None
    assert (found.counted_back, found.sign_count) == (True, before)


def test_webauthn_text_that_is_not_its_own_encoding_is_refused() -> None:
    """Decoders skip signs that are none of theirs: two texts would stand for one answer."""
    vector = vectors()[0]
    honest = vector.registration
    text = urlsafe_b64encode(honest.credential).rstrip(b"=").decode()
    doubled = replace(honest, outer={"id": f"{text}!", "rawId": f"{text}!"})

    assert registered(doubled, needed(honest)) is None
