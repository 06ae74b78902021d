import pytest

from serment.identity.factors.hashing import PasswordHasher
from serment.identity.rules import HashingCost

CHEAP = HashingCost(memory_kib=8, passes=1, lanes=1)
PEPPER = bytes(range(32))


@pytest.fixture
def hasher() -> PasswordHasher:
    return PasswordHasher(CHEAP, pepper=PEPPER)


def test_hash_matches_its_password_alone(hasher: PasswordHasher) -> None:
    stored = hasher.hash("amphore violette rivage")

    assert hasher.matches(stored, "amphore violette rivage")
    assert not hasher.matches(stored, "amphore violette rivagE")


def test_matches_says_no_without_anything_stored(hasher: PasswordHasher) -> None:
    assert not hasher.matches(None, "")
    assert not hasher.matches(None, "amphore violette rivage")


def test_matches_says_no_to_a_damaged_hash(hasher: PasswordHasher) -> None:
    assert not hasher.matches("$argon2id$v=19$damaged", "amphore violette rivage")


def test_hash_is_worth_nothing_without_its_pepper(hasher: PasswordHasher) -> None:
    stored = hasher.hash("amphore violette rivage")

    assert not PasswordHasher(CHEAP, pepper=bytes(32)).matches(stored, "amphore violette rivage")


def test_hash_costs_what_is_asked_by_default() -> None:
    stored = PasswordHasher(HashingCost(), pepper=PEPPER).hash("amphore violette rivage")

    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_hash_reads_every_character(hasher: PasswordHasher) -> None:
    stored = hasher.hash("a" * 255 + "b")

    assert not hasher.matches(stored, "a" * 255 + "c")
    assert hasher.matches(stored, "a" * 255 + "b")


def test_hash_takes_composed_and_decomposed_letters_for_the_same(hasher: PasswordHasher) -> None:
    assert hasher.matches(hasher.hash("caf\u00e9 du rivage"), "cafe\u0301 du rivage")


def test_hash_takes_what_utf8_cannot_write(hasher: PasswordHasher) -> None:
    assert hasher.matches(hasher.hash("\ud800 alone"), "\ud800 alone")


def test_is_outdated_tells_another_cost(hasher: PasswordHasher) -> None:
    stored = hasher.hash("amphore violette rivage")

    assert not hasher.is_outdated(stored)
    assert PasswordHasher(HashingCost(memory_kib=16, passes=1), pepper=PEPPER).is_outdated(stored)
