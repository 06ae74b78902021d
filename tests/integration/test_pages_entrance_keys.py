"""Keys of programs in front of their owner: made after a step-up, shown once, listed, revoked."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from serment import access, identity, kernel
from serment.access.brake.model import Measure
from serment.access.brake.store import fill, freeze, new_freeze_id
from serment.edge.desk import Desk
from serment.identity.directory.store import accounts
from support.entrance import NewVisitor, Visitor, code_now, hidden_fields, signed_in_visitor
from support.identity import Person, enrol_somebody, make_administrator, make_organisation
from support.keys import Machine

KEYS = "/account/keys"
STEP_UP = "/account/step-up"
_TOKEN = re.compile(r"data-code>(srmk_[A-Za-z0-9_-]{49})<")
TERMS = {
    "label": "Logiciel du cabinet",
    "sections": "clinical",
    "binding": "networks",
    "networks": "203.0.113.0/24",
    "ends_at": "30",
}


@pytest.fixture
def person(doors: Desk, clock: kernel.SettableClock) -> Person:
    enrolled = enrol_somebody(doors.entrance, identity.Role.PATIENT)
    clock.advance(timedelta(seconds=60))
    return enrolled


@pytest.fixture
def visitor(doors: Desk, person: Person, new_visitor: NewVisitor) -> Visitor:
    return signed_in_visitor(doors, new_visitor(), person.account)


@pytest.fixture
def raised(doors: Desk, person: Person, visitor: Visitor) -> Visitor:
    """The visitor after a step-up."""
    visitor.open(STEP_UP)
    return visitor.send(STEP_UP, code=code_now(doors, person.seed))


def make(visitor: Visitor, **terms: str) -> Visitor:
    return visitor.open(f"{KEYS}/new").send(f"{KEYS}/new", **{**TERMS, **terms})


def token_in(visitor: Visitor) -> str:
    found = _TOKEN.search(visitor.text)
    assert found is not None, visitor.text
    return found.group(1)


def enter(doors: Desk, token: str, proof: str | None = None) -> identity.Caller:
    address = "https://localhost:8443/fhir/Patient"
    shown = identity.PresentedKey(token, proof, identity.Face.FHIR, "GET", address, "fhir 203.0.113.7")
    return identity.enter_by_key(doors.database, shown)


def test_making_a_key_asks_who_it_is_and_comes_back(doors: Desk, person: Person, visitor: Visitor) -> None:
    visitor.open(f"{KEYS}/new")
    assert visitor.address == f"{STEP_UP}?next=%2Faccount%2Fkeys%2Fnew"
    visitor.send(STEP_UP, code=code_now(doors, person.seed))

    assert (visitor.status, visitor.address) == (200, f"{KEYS}/new")


def test_key_is_shown_once_and_opens(doors: Desk, person: Person, raised: Visitor) -> None:
    token = token_in(make(raised))

    assert raised.headers["cache-control"] == "no-store"
    assert enter(doors, token).account == person.account
    raised.open(KEYS)
    assert "Logiciel du cabinet" in raised.text
    assert "srmk_" not in raised.text


def test_key_bound_to_a_public_key_says_how_it_is_sent(doors: Desk, raised: Visitor) -> None:
    token = token_in(make(raised, binding="public-key", public_key=Machine().public_key, ends_at="365"))

    assert "Authorization: DPoP" in raised.text
    with pytest.raises(identity.KeyRefused):
        enter(doors, token)


def test_key_bound_to_networks_opens_from_there(doors: Desk, raised: Visitor) -> None:
    token = token_in(make(raised, binding="networks", networks="203.0.113.0/24\n2001:db8::/48"))

    enter(doors, token)
    assert "203.0.113.0/24" in raised.open(KEYS).text


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"label": " "}, "label"),
        ({"sections": "unknown"}, "sections"),
        ({"binding": "networks", "networks": "0.0.0.0/0"}, "networks"),
        ({"binding": "public-key", "public_key": "{}"}, "public_key"),
    ],
)
def test_terms_at_fault_are_said_beside_their_field(
    raised: Visitor, terms: dict[str, str], field: str
) -> None:
    make(raised, **terms)

    assert raised.status == 422
    assert f'id="{field}-error"' in raised.text
    assert "srmk_" not in raised.text


def test_what_was_typed_outlives_the_confirmation(raised: Visitor, clock: kernel.SettableClock) -> None:
    raised.open(f"{KEYS}/new")
    clock.advance(timedelta(minutes=11))
    raised.send(f"{KEYS}/new", **TERMS)

    assert raised.status == 403
    assert 'value="Logiciel du cabinet"' in raised.text
    assert 'href="/account/step-up"' in raised.text


def test_key_is_revoked(doors: Desk, raised: Visitor) -> None:
    token = token_in(make(raised))
    address = re.search(r'href="([^"]+/revoke)"', raised.open(KEYS).text)
    assert address is not None
    raised.open(address[1]).send(address[1])

    assert raised.address == KEYS
    with pytest.raises(identity.KeyRefused):
        enter(doors, token)
    assert raised.open(address[1]).status == 404


@pytest.mark.parametrize("act", ["new", "8e1d8a2c-9f43-4f3a-9a70-0d9a6e1f0c11/revoke"])
def test_key_acts_without_step_up_are_refused(visitor: Visitor, act: str) -> None:
    csrf = hidden_fields(visitor.open("/sign-out").text, "/sign-out")
    refused = visitor.client.post(f"{KEYS}/{act}", data={**csrf, **TERMS}, headers={"accept": "text/html"})

    assert refused.status_code == 403
    assert "/account/step-up" in refused.text


def test_stopped_account_makes_no_key(doors: Desk, person: Person, raised: Visitor) -> None:
    raised.open(f"{KEYS}/new")
    with doors.database.unit_of_work() as uow:
        organisation = uow.connection.execute(
            select(accounts.c.organisation).where(accounts.c.id == person.account)
        ).scalar_one()
        fill(uow, person.account, organisation, ())
        stop = access.Freeze(new_freeze_id(), person.account, organisation, Measure.DOSSIERS, uow.now)
        freeze(uow, stop)
    raised.send(f"{KEYS}/new", **TERMS)

    assert raised.status == 403
    assert "srmk_" not in raised.text
    assert "Logiciel du cabinet" not in raised.open(KEYS).text


def test_there_are_no_keys_for_whoever_reaches_no_dossier(doors: Desk, new_visitor: NewVisitor) -> None:
    with doors.database.unit_of_work() as uow:
        administrator = make_administrator(uow, make_organisation(uow))
    visitor = signed_in_visitor(doors, new_visitor(), administrator.id)

    assert visitor.open(KEYS).status == 200
    assert f'href="{KEYS}/new"' not in visitor.text
    assert visitor.open(f"{KEYS}/new").status == 404
