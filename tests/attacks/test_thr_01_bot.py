"""THR-01: a program that tries and tries, without an account."""

import pytest

from serment import identity, ledger
from support.identity import VISIT, make_organisation


def test_answers_to_no_challenge_fill_no_trail(entrance: identity.Entrance) -> None:
    """They are not counted by any bucket: each would be a write, and a trace kept for months, for free."""
    organisation = _organisation(entrance)

    for _ in range(5):
        _guess(entrance, "a challenge that nobody gave")

    assert _traces(entrance, organisation) == []


def test_answers_that_no_passkey_signed_fill_no_trail(entrance: identity.Entrance) -> None:
    """Challenges cost nothing and are not counted, so what is no answer must cost nothing either."""
    organisation = _organisation(entrance)
    challenge = identity.begin_passkey_sign_in(entrance)

    for _ in range(5):
        _guess(entrance, challenge.token)

    assert _traces(entrance, organisation) == []


def test_first_steps_and_challenges_leave_nothing_behind(entrance: identity.Entrance) -> None:
    """A flood of them fills no table: neither touches the database."""
    entrance.database.close()

    for number in range(5):
        identity.begin_sign_in(entrance, identity.Credentials(f"login-{number}", "x"))
        identity.begin_passkey_sign_in(entrance)


def _guess(entrance: identity.Entrance, challenge: str) -> None:
    with pytest.raises(identity.SignInRefused):
        identity.finish_passkey_sign_in(entrance, identity.PasskeyAssertion(challenge, "{}"), VISIT)


def _organisation(entrance: identity.Entrance) -> identity.Organisation:
    with entrance.database.unit_of_work() as uow:
        return make_organisation(uow)


def _traces(entrance: identity.Entrance, organisation: identity.Organisation) -> list[str]:
    with entrance.database.reading() as uow:
        log = ledger.read_security_log(uow, organisation.id, limit=50)
    return [one.trace.kind for one in log if "sign-in" in one.trace.kind]
