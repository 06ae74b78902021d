from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from serment import kernel, vault
from serment.vault import hierarchy
from serment.vault.key_cache import KeyCache
from support.vault import change, new_scope

Reopen = Callable[[], vault.Keyring]
WarrantFor = Callable[[vault.Scope], vault.Warrant]
CLEAR = b"a sentence that nobody else reads"


def test_unseal_gives_back_what_was_sealed(
    keyring: vault.Keyring, context: vault.SealContext, warrant_for: WarrantFor
) -> None:
    sealed = keyring.seal(CLEAR, context)

    assert keyring.unseal(sealed, context, warrant_for(context.scope)) == CLEAR
    assert CLEAR not in sealed


def test_seal_never_gives_the_same_bytes_twice(keyring: vault.Keyring, context: vault.SealContext) -> None:
    assert keyring.seal(CLEAR, context) != keyring.seal(CLEAR, context)


def test_unseal_refuses_bytes_of_every_other_place(
    keyring: vault.Keyring, context: vault.SealContext, warrant_for: WarrantFor
) -> None:
    sealed = keyring.seal(CLEAR, context)
    scope = context.scope
    others = [
        replace(context, kind="version"),
        replace(context, subject=kernel.new_id()),
        replace(context, version=2),
        replace(context, media_class="image"),
        replace(context, scope=replace(scope, compartment="identity")),
        replace(context, scope=replace(scope, dossier=kernel.DossierId(kernel.new_id()))),
        replace(context, scope=replace(scope, organisation=kernel.OrganisationId(kernel.new_id()))),
    ]

    for other in others:
        keyring.seal(b"", other)  # the other place has a key of its own
        with pytest.raises(vault.SealBroken) as raised:
            keyring.unseal(sealed, other, warrant_for(other.scope))
        assert raised.value.place == f"{other.kind}/{other.subject}/{other.version}"


def test_unseal_refuses_every_flipped_bit(
    keyring: vault.Keyring, context: vault.SealContext, warrant_for: WarrantFor
) -> None:
    sealed = keyring.seal(b"short", context)
    warrant = warrant_for(context.scope)

    for bit in range(len(sealed) * 8):
        damaged = bytearray(sealed)
        damaged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(vault.SealBroken):
            keyring.unseal(bytes(damaged), context, warrant)


def test_seal_broken_tells_the_place_and_never_the_content(
    keyring: vault.Keyring, context: vault.SealContext, warrant_for: WarrantFor
) -> None:
    with pytest.raises(vault.SealBroken) as raised:
        keyring.seal(CLEAR, context)
        keyring.unseal(b"canary" * 30, context, warrant_for(context.scope))

    assert str(raised.value) == f"entry/{context.subject}/1"


def test_check_says_nothing_of_sound_bytes_and_asks_for_no_warrant(
    keyring: vault.Keyring, context: vault.SealContext
) -> None:
    keyring.check(keyring.seal(CLEAR, context), context)


def test_check_finds_damage(keyring: vault.Keyring, context: vault.SealContext) -> None:
    sealed = keyring.seal(CLEAR, context)

    with pytest.raises(vault.SealBroken):
        keyring.check(sealed[:-1], context)


def test_unseal_says_when_the_key_is_missing(
    keyring: vault.Keyring, context: vault.SealContext, warrant_for: WarrantFor
) -> None:
    with pytest.raises(vault.KeyMissing) as raised:
        keyring.unseal(b"x" * 80, context, warrant_for(context.scope))

    scope = context.scope
    assert raised.value.place == f"key/compartment/{scope.organisation}/{scope.dossier}/clinical"


def test_keys_outlive_the_process(
    keyring: vault.Keyring,
    context: vault.SealContext,
    reopen: Reopen,
) -> None:
    sealed = keyring.seal(CLEAR, context)

    reopen().check(sealed, context)


def test_keys_lie_in_the_key_database_wrapped(
    keyring: vault.Keyring, key_database: kernel.Database, context: vault.SealContext, tmp_path: Path
) -> None:
    keyring.seal(CLEAR, context)
    key = keyring.hierarchy.key_to_open(context.scope)
    secret = keyring.secret("pepper")

    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for canary in (key, secret):
        assert canary not in stored
        assert canary.hex().encode() not in stored


def test_another_root_opens_nothing(
    keyring: vault.Keyring,
    key_database: kernel.Database,
    clock: kernel.SettableClock,
    context: vault.SealContext,
) -> None:
    sealed = keyring.seal(CLEAR, context)
    other = vault.open_keyring(key_database, vault.SealedKeyFile(bytes(32)), clock)

    with pytest.raises(vault.SealBroken) as raised:
        other.check(sealed, context)
    assert raised.value.place == f"key/organisation/{context.scope.organisation}"


@pytest.mark.parametrize(
    "altered",
    [
        ("organisation_keys", "key/organisation/{0.organisation}"),
        ("epoch_keys", "key/epoch/{0.organisation}/1"),
        ("compartment_keys", "key/compartment/{0.organisation}/{0.dossier}/clinical"),
    ],
)
def test_an_altered_wrap_is_found_and_named(
    keyring: vault.Keyring,
    key_database: kernel.Database,
    context: vault.SealContext,
    altered: tuple[str, str],
    reopen: Reopen,
) -> None:
    table, place = altered
    sealed = keyring.seal(CLEAR, context)
    change(key_database, f"UPDATE {table} SET wrapped = zeroblob(length(wrapped))")

    with pytest.raises(vault.SealBroken) as raised:
        reopen().check(sealed, context)
    assert raised.value.place == place.format(context.scope)


def test_wraps_of_two_dossiers_cannot_be_swapped(
    keyring: vault.Keyring,
    key_database: kernel.Database,
    context: vault.SealContext,
    reopen: Reopen,
) -> None:
    other = replace(context.scope, dossier=kernel.DossierId(kernel.new_id()))
    sealed = keyring.seal(CLEAR, context)
    keyring.seal(CLEAR, replace(context, scope=other))
    assert other.dossier is not None
    change(
        key_database,
        "UPDATE compartment_keys SET wrapped = (SELECT wrapped FROM compartment_keys "
        f"WHERE dossier = '{other.dossier.hex}')",
    )

    with pytest.raises(vault.SealBroken):
        reopen().check(sealed, context)


def test_two_keyrings_that_ask_at_once_get_one_key(
    keyring: vault.Keyring,
    reopen: Reopen,
) -> None:
    keyrings = [reopen() for _ in range(4)]
    scopes = [new_scope() for _ in range(5)] * 4

    def key_of(number: int) -> bytes:
        return keyrings[number % 4].hierarchy.key_to_seal(scopes[number])

    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(key_of, range(20)))

    assert [set(keys[start::5]) for start in range(5)] == [{keys[start]} for start in range(5)]
    assert len(set(keys)) == 5


def test_secrets_are_drawn_once_and_differ(
    keyring: vault.Keyring,
    reopen: Reopen,
) -> None:
    pepper = keyring.secret("pepper")

    assert len(pepper) == 32
    assert keyring.secret("pepper") == pepper
    assert reopen().secret("pepper") == pepper
    assert keyring.secret("cookies") != pepper


def test_a_secret_with_an_altered_wrap_is_refused(
    keyring: vault.Keyring,
    key_database: kernel.Database,
    reopen: Reopen,
) -> None:
    keyring.secret("pepper")
    change(key_database, "UPDATE secrets SET wrapped = zeroblob(length(wrapped))")

    with pytest.raises(vault.SealBroken) as raised:
        reopen().secret("pepper")
    assert raised.value.place == "key/secret/pepper"


def test_index_tag_is_equal_for_equal_values_of_one_field_of_one_organisation(
    keyring: vault.Keyring, scope: vault.Scope
) -> None:
    tag = keyring.index_tag(scope.organisation, "birth-date", "1970-01-01")

    assert len(tag) == 8
    assert keyring.index_tag(scope.organisation, "birth-date", "1970-01-01") == tag
    assert keyring.index_tag(scope.organisation, "birth-date", "1970-01-02") != tag
    assert keyring.index_tag(scope.organisation, "ins", "1970-01-01") != tag
    assert keyring.index_tag(new_scope().organisation, "birth-date", "1970-01-01") != tag


def test_index_tag_tells_where_the_field_ends(keyring: vault.Keyring, scope: vault.Scope) -> None:
    assert keyring.index_tag(scope.organisation, "ab", "c") != keyring.index_tag(
        scope.organisation, "a", "bc"
    )


def test_index_tag_is_cut_to_the_bits_asked_for(keyring: vault.Keyring, scope: vault.Scope) -> None:
    assert len(keyring.index_tag(scope.organisation, "ins", "1", bits=16)) == 2
    for bits in (0, 7, 264):
        with pytest.raises(ValueError, match="multiple of 8"):
            keyring.index_tag(scope.organisation, "ins", "1", bits=bits)


def test_the_notary_is_handed_out_once(keyring: vault.Keyring) -> None:
    keyring.take_notary()

    with pytest.raises(vault.NotaryTaken):
        keyring.take_notary()


def test_keys_are_kept_for_minutes_only(
    keyring: vault.Keyring,
    key_database: kernel.Database,
    clock: kernel.SettableClock,
    context: vault.SealContext,
) -> None:
    sealed = keyring.seal(CLEAR, context)
    change(key_database, "DELETE FROM compartment_keys")

    clock.advance(hierarchy.CACHE_LIFETIME - timedelta(seconds=1))
    keyring.check(sealed, context)
    clock.advance(timedelta(seconds=1))
    with pytest.raises(vault.KeyMissing):
        keyring.check(sealed, context)


def test_the_cache_holds_a_bounded_number_of_keys(clock: kernel.SettableClock) -> None:
    cache = KeyCache(clock, timedelta(minutes=1), capacity=2)
    cache.keep("a", b"1")
    cache.keep("b", b"2")
    assert cache.find("a") == b"1"

    cache.keep("c", b"3")

    assert (cache.find("a"), cache.find("b"), cache.find("c")) == (b"1", None, b"3")


def test_extend_adds_bytes_for_the_same_place(
    keyring: vault.Keyring, context: vault.SealContext, warrant_for: WarrantFor
) -> None:
    extended = keyring.extend(keyring.seal(b"one,", context), b"two", context)

    assert keyring.unseal(extended, context, warrant_for(context.scope)) == b"one,two"


def test_extend_refuses_what_lies_in_another_place(
    keyring: vault.Keyring, context: vault.SealContext
) -> None:
    sealed = keyring.seal(b"one", context)

    with pytest.raises(vault.SealBroken):
        keyring.extend(sealed, b"two", replace(context, version=2))
