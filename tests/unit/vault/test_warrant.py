from dataclasses import replace
from datetime import timedelta

import pytest

from serment import kernel, vault
from support.vault import new_scope


@pytest.fixture
def context(scope: vault.Scope) -> vault.SealContext:
    return vault.SealContext(scope, "entry", kernel.new_id())


@pytest.fixture
def sealed(keyring: vault.Keyring, context: vault.SealContext) -> bytes:
    return keyring.seal(b"clear", context)


@pytest.fixture
def warrant(notary: vault.Notary, scope: vault.Scope, clock: kernel.SettableClock) -> vault.Warrant:
    assert scope.dossier is not None
    return notary.issue(
        organisation=scope.organisation,
        dossier=scope.dossier,
        compartments=frozenset({"clinical", "imaging"}),
        until=clock.now() + timedelta(minutes=10),
    )


def refusal(
    keyring: vault.Keyring, sealed: bytes, context: vault.SealContext, warrant: vault.Warrant | None
) -> str:
    with pytest.raises(vault.WarrantRefused) as raised:
        keyring.unseal(sealed, context, warrant)
    return str(raised.value)


def test_a_warrant_opens_what_it_covers_until_its_end(
    keyring: vault.Keyring,
    sealed: bytes,
    context: vault.SealContext,
    warrant: vault.Warrant,
    clock: kernel.SettableClock,
) -> None:
    clock.advance(timedelta(minutes=10) - timedelta(microseconds=1))

    assert keyring.unseal(sealed, context, warrant) == b"clear"


def test_a_dossier_opens_against_no_less_than_a_warrant(
    keyring: vault.Keyring, sealed: bytes, context: vault.SealContext
) -> None:
    assert refusal(keyring, sealed, context, None) == "missing"


def test_what_is_about_no_dossier_needs_no_warrant(
    keyring: vault.Keyring, context: vault.SealContext
) -> None:
    about_nobody = replace(context, scope=replace(context.scope, dossier=None, compartment="accounts"))

    assert keyring.unseal(keyring.seal(b"clear", about_nobody), about_nobody) == b"clear"


def test_a_warrant_that_is_over_is_refused(
    keyring: vault.Keyring,
    sealed: bytes,
    context: vault.SealContext,
    warrant: vault.Warrant,
    clock: kernel.SettableClock,
) -> None:
    clock.advance(timedelta(minutes=10))

    assert refusal(keyring, sealed, context, warrant) == "over"


def test_a_warrant_of_another_notary_is_refused(
    keyring: vault.Keyring, sealed: bytes, context: vault.SealContext, warrant: vault.Warrant
) -> None:
    forged = vault.Notary(bytes(32)).issue(
        organisation=warrant.organisation,
        dossier=warrant.dossier,
        compartments=warrant.compartments,
        until=warrant.until,
    )

    assert refusal(keyring, sealed, context, forged) == "forged"


def test_a_warrant_that_was_altered_is_refused(
    keyring: vault.Keyring, sealed: bytes, context: vault.SealContext, warrant: vault.Warrant
) -> None:
    other = new_scope()
    assert other.dossier is not None
    altered = [
        replace(warrant, organisation=other.organisation),
        replace(warrant, dossier=other.dossier),
        replace(warrant, compartments=frozenset({"clinical", "imaging", "sensitive"})),
        replace(warrant, until=warrant.until + timedelta(days=1)),
        replace(warrant, stamp=b""),
    ]

    assert [refusal(keyring, sealed, context, one) for one in altered] == ["forged"] * 5


def test_a_warrant_for_another_dossier_or_organisation_is_refused(
    keyring: vault.Keyring,
    sealed: bytes,
    context: vault.SealContext,
    notary: vault.Notary,
    warrant: vault.Warrant,
) -> None:
    other = new_scope()
    assert other.dossier is not None
    elsewhere = notary.issue(
        organisation=other.organisation,
        dossier=warrant.dossier,
        compartments=warrant.compartments,
        until=warrant.until,
    )
    other_patient = notary.issue(
        organisation=warrant.organisation,
        dossier=other.dossier,
        compartments=warrant.compartments,
        until=warrant.until,
    )

    assert refusal(keyring, sealed, context, elsewhere) == "for another dossier"
    assert refusal(keyring, sealed, context, other_patient) == "for another dossier"


def test_a_warrant_for_other_compartments_is_refused(
    keyring: vault.Keyring, context: vault.SealContext, warrant: vault.Warrant
) -> None:
    sensitive = replace(context, scope=replace(context.scope, compartment="sensitive"))

    assert refusal(keyring, b"", sensitive, warrant) == "for other compartments"
