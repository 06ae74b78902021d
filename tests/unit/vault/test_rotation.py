from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from serment import kernel, vault
from serment.vault.context import Scope
from support.vault import change, new_scope, rows

Reopen = Callable[[], vault.Keyring]
WarrantFor = Callable[[vault.Scope], vault.Warrant]
CLEAR = b"a sentence that nobody else reads"


def test_rotate_epoch_keeps_content_readable_and_leaves_one_epoch_key(
    keyring: vault.Keyring,
    key_database: kernel.Database,
    context: vault.SealContext,
    reopen: Reopen,
) -> None:
    organisation = context.scope.organisation
    about_nobody = replace(context, scope=Scope(organisation, None, "accounts"))
    sealed = keyring.seal(CLEAR, context)
    sealed_about_nobody = keyring.seal(CLEAR, about_nobody)
    before = rows(key_database, "SELECT wrapped FROM epoch_keys")

    assert keyring.rotate_epoch(organisation) == 2

    after = reopen()
    after.check(sealed, context)
    after.check(sealed_about_nobody, about_nobody)
    assert rows(key_database, "SELECT epoch FROM epoch_keys") == [(2,)]
    assert rows(key_database, "SELECT DISTINCT epoch FROM compartment_keys") == [(2,)]
    assert rows(key_database, "SELECT wrapped FROM epoch_keys") != before


def test_after_a_rotation_an_old_wrap_of_an_erased_key_is_dead(
    keyring: vault.Keyring,
    key_database: kernel.Database,
    context: vault.SealContext,
    reopen: Reopen,
) -> None:
    sealed = keyring.seal(CLEAR, context)
    (old_wrap,) = rows(key_database, "SELECT hex(wrapped) FROM compartment_keys")[0]
    keyring.rotate_epoch(context.scope.organisation)

    change(key_database, f"UPDATE compartment_keys SET wrapped = x'{old_wrap}'")

    with pytest.raises(vault.SealBroken):
        reopen().check(sealed, context)


def test_rotate_epoch_leaves_other_organisations_alone(
    keyring: vault.Keyring, key_database: kernel.Database, context: vault.SealContext
) -> None:
    other = new_scope()
    keyring.seal(CLEAR, context)
    keyring.seal(CLEAR, replace(context, scope=other))

    keyring.rotate_epoch(context.scope.organisation)

    epochs = rows(key_database, "SELECT organisation, epoch FROM epoch_keys")
    assert set(epochs) == {(context.scope.organisation.hex, 2), (other.organisation.hex, 1)}


def test_an_interrupted_rotation_is_taken_up_where_it_stood(
    keyring: vault.Keyring,
    key_database: kernel.Database,
    context: vault.SealContext,
    reopen: Reopen,
) -> None:
    sealed = keyring.seal(CLEAR, context)
    other = replace(context, scope=replace(context.scope, compartment="identity"))
    sealed_other = keyring.seal(CLEAR, other)
    where = "WHERE compartment = 'identity'"
    (wrap,) = rows(key_database, f"SELECT hex(wrapped) FROM compartment_keys {where}")[0]
    change(key_database, f"UPDATE compartment_keys SET wrapped = zeroblob(120) {where}")
    with pytest.raises(vault.SealBroken):
        keyring.rotate_epoch(context.scope.organisation)
    assert rows(key_database, "SELECT epoch FROM epoch_keys") == [(1,), (2,)]
    assert keyring.organisations_due() == (context.scope.organisation,)

    change(key_database, f"UPDATE compartment_keys SET wrapped = x'{wrap}' {where}")
    assert keyring.rotate_epoch(context.scope.organisation) == 2

    after = reopen()
    after.check(sealed, context)
    after.check(sealed_other, other)
    assert rows(key_database, "SELECT epoch FROM epoch_keys") == [(2,)]
    assert keyring.organisations_due() == ()


def test_an_organisation_is_due_after_thirty_days(
    keyring: vault.Keyring, clock: kernel.SettableClock, context: vault.SealContext
) -> None:
    keyring.seal(CLEAR, context)

    clock.advance(timedelta(days=30))
    assert keyring.organisations_due() == ()
    clock.advance(timedelta(seconds=1))
    assert keyring.organisations_due() == (context.scope.organisation,)
