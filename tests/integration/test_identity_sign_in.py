from datetime import timedelta

import pytest

from serment import identity, kernel
from support.identity import VISIT, Person, enrol_somebody


def begin(entrance: identity.Entrance, person: Person, password: str | None = None) -> str:
    credentials = identity.Credentials(person.login, password or person.password)
    return identity.begin_sign_in(entrance, credentials, VISIT).token


def code(entrance: identity.Entrance, person: Person) -> identity.TotpCode:
    return identity.TotpCode(identity.code_at(person.seed, entrance.database.clock.now()))


@pytest.fixture
def person(entrance: identity.Entrance, clock: kernel.SettableClock) -> Person:
    enrolled = enrol_somebody(entrance)
    clock.advance(timedelta(seconds=30))
    return enrolled


def test_sign_in_opens_a_session_with_both_factors(entrance: identity.Entrance, person: Person) -> None:
    opened = identity.finish_sign_in(entrance, begin(entrance, person), code(entrance, person), VISIT)

    caller = identity.resume_session(entrance.database, opened.token, VISIT.origin)

    assert caller == opened.caller
    assert (caller.account, caller.role, caller.name) == (
        person.account,
        identity.Role.ADMINISTRATOR,
        "Camille Essai",
    )
