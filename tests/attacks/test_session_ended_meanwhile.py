"""Somebody else's session is ended while its last request is under way: it gives no way in any more (THR-03)."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from serment import identity, kernel
from serment.identity.leaving.ending import close_every_door
from support.authenticator import Authenticator
from support.identity import PASSWORD, Person, enrol_somebody, signed_in, step_up
from support.keys import make_key_of
from support.openid import FakeProvider, make_federation

#: Gets as far as a thief gets before the session ends, and returns the rest of the request.
UnderWay = Callable[[identity.Entrance, identity.Caller], Callable[[], object]]


@pytest.fixture
def person(entrance: identity.Entrance, clock: kernel.SettableClock) -> Person:
    enrolled = enrol_somebody(entrance)
    clock.advance(timedelta(seconds=60))
    return enrolled


@pytest.fixture
def thief(entrance: identity.Entrance, person: Person) -> identity.Caller:
    """A session in other hands, in which a factor was proved again a moment ago."""
    with entrance.database.unit_of_work() as uow:
        caller = signed_in(uow, person.account)
    return step_up(entrance, caller, identity.RecoveryCode(person.recovery_codes[9]))


def an_application(entrance: identity.Entrance, caller: identity.Caller) -> Callable[[], object]:
    offer = identity.begin_totp(entrance, caller)
    shown = identity.TotpConfirmation(identity.code_at(offer.seed, entrance.database.clock.now()), "Autre")
    return lambda: identity.confirm_totp(entrance, caller, offer.token, shown)


def a_passkey(entrance: identity.Entrance, caller: identity.Caller) -> Callable[[], object]:
    challenge = identity.begin_passkey_registration(entrance, caller)
    made = Authenticator().register(challenge.options_json)
    registration = identity.PasskeyRegistration(challenge.token, made, "Autre")
    return lambda: identity.confirm_passkey(entrance, caller, registration)


def a_removal(entrance: identity.Entrance, caller: identity.Caller) -> Callable[[], object]:
    kept = a_passkey(entrance, caller)()
    assert isinstance(kept, identity.Factor)

    def remove() -> None:
        with entrance.database.unit_of_work() as uow:
            identity.remove_factor(uow, caller, kept.id, entrance.rules)

    return remove


def recovery_codes(entrance: identity.Entrance, caller: identity.Caller) -> Callable[[], object]:
    def renew() -> None:
        with entrance.database.unit_of_work() as uow:
            identity.renew_recovery_codes(uow, caller, entrance.rules)

    return renew


def a_password(entrance: identity.Entrance, caller: identity.Caller) -> Callable[[], object]:
    change = identity.PasswordChange(PASSWORD, "lanterne prairie 27 tisserand")
    return lambda: identity.change_password(entrance, caller, change)


def a_key(entrance: identity.Entrance, caller: identity.Caller) -> Callable[[], object]:
    return lambda: make_key_of(entrance.database, caller)


@pytest.mark.parametrize(
    "under_way", [an_application, a_passkey, a_removal, recovery_codes, a_password, a_key]
)
def test_session_that_its_owner_ended_changes_no_way_in(
    entrance: identity.Entrance, person: Person, thief: identity.Caller, under_way: UnderWay
) -> None:
    rest = under_way(entrance, thief)
    with entrance.database.unit_of_work() as uow:
        owner = signed_in(uow, person.account)
    owner = step_up(entrance, owner, identity.RecoveryCode(person.recovery_codes[8]))
    with entrance.database.unit_of_work() as uow:
        identity.end_other_sessions(uow, owner)
    before = ways_in(entrance, owner)

    with pytest.raises(identity.SessionUnknown):
        rest()

    assert ways_in(entrance, owner) == before


def test_identity_is_not_linked_when_the_doors_close_while_the_provider_is_asked(
    entrance: identity.Entrance, thief: identity.Caller, clock: kernel.SettableClock
) -> None:
    fake = FakeProvider(clock)
    federation = make_federation(entrance, fake)
    detour = identity.begin_link(federation, thief)
    answer = fake.log_in(detour.address)

    def close_the_doors(said: dict[str, object]) -> dict[str, object]:
        with entrance.database.unit_of_work() as uow:
            close_every_door(uow, thief.account)
        return said

    fake.forge_claims = close_the_doors
    with pytest.raises(identity.SessionUnknown):
        identity.finish_link(federation, thief, detour.token, answer)

    with entrance.database.reading() as uow:
        assert identity.list_linked_identities(uow, thief) == ()


def test_identity_is_not_unlinked_by_a_session_that_was_ended(
    entrance: identity.Entrance, thief: identity.Caller, clock: kernel.SettableClock
) -> None:
    fake = FakeProvider(clock)
    federation = make_federation(entrance, fake)
    detour = identity.begin_link(federation, thief)
    linked = identity.finish_link(federation, thief, detour.token, fake.log_in(detour.address))
    with entrance.database.unit_of_work() as uow:
        close_every_door(uow, thief.account)

    with pytest.raises(identity.SessionUnknown), entrance.database.unit_of_work() as uow:
        identity.unlink(uow, thief, linked.id)


def ways_in(entrance: identity.Entrance, owner: identity.Caller) -> list[object]:
    """Return what opens the account, as its owner sees it, and what was told of changes."""
    with entrance.database.reading() as uow:
        told = [event.kind for event in identity.security_events(uow, owner)]
        return [identity.list_factors(uow, owner), identity.list_own_keys(uow, owner), told]
