"""The pages of recoveries: opened, approved and stopped, told to the owner, and used at the door."""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest

from serment import identity, kernel
from serment.edge.desk import Desk
from support.authenticator import Authenticator
from support.enrolled import equipped, passkey_sign_in
from support.entrance import (
    NewVisitor,
    Visitor,
    codes_in,
    confirmed_visitor,
    hidden_fields,
    signed_in_visitor,
)
from support.identity import PASSWORD, make_administrator, make_organisation, signed_in

RECOVERIES = "/administration/recoveries"
_CODE = re.compile(r"data-code>([A-Z2-7-]+)<")
Role = identity.Role


@dataclass(frozen=True)
class Practice:
    """People with passkeys that they have held for a week, and a browser for each."""

    desk: Desk
    accounts: dict[str, kernel.AccountId]
    devices: dict[str, Authenticator]
    new_visitor: NewVisitor

    def browser(self, who: str) -> Visitor:
        """Give somebody a browser where they are signed in and confirmed."""
        visitor = signed_in_visitor(self.desk, self.new_visitor(), self.accounts[who])
        return confirmed_visitor(self.desk, visitor)

    def open(self, of: str, by: str = "alix") -> str:
        """Open a recovery on the pages and return its code."""
        address = f"/administration/people/{self.accounts[of]}/recovery"
        visitor = self.browser(by).open(address).send(address)
        found = _CODE.search(visitor.text)
        assert found is not None, visitor.text
        return found.group(1)

    def one(self, of: str, act: str) -> str:
        """Return the address of an act on a recovery."""
        return f"{RECOVERIES}/{self.accounts[of]}/{act}"


@pytest.fixture
def practice(doors: Desk, new_visitor: NewVisitor, clock: kernel.SettableClock) -> Practice:
    with doors.database.unit_of_work() as uow:
        founder = signed_in(uow, make_administrator(uow, make_organisation(uow)))
    cast = {"alix": Role.ADMINISTRATOR, "dpo": Role.DPO, "claude": Role.PROFESSIONAL}
    made = {login: equipped(doors.entrance, role, login, founder) for login, role in cast.items()}
    clock.advance(timedelta(days=7))
    accounts = {login: account for login, (account, _) in made.items()}
    return Practice(doors, accounts, {login: device for login, (_, device) in made.items()}, new_visitor)


def test_recovery_is_opened_approved_and_used_on_the_pages(
    practice: Practice, clock: kernel.SettableClock
) -> None:
    code = practice.open("claude")
    dpo = practice.browser("dpo").open(RECOVERIES)
    assert "Personne claude" in dpo.text
    dpo.open(practice.one("claude", "approve")).send(practice.one("claude", "approve"))
    assert "Récupération approuvée" in dpo.text
    clock.advance(timedelta(minutes=15))
    device = Authenticator(credential_id=b"the new one")
    owner = practice.new_visitor().open("/recover").send("/recover", login="claude", code=code)
    assert "cessera de l’ouvrir" in owner.text
    carried = hidden_fields(owner.text, "/recover/complete")
    answer = device.register(carried["options"])

    owner.send("/recover/complete", password=PASSWORD, again=PASSWORD, response=answer)

    assert len(codes_in(owner.text)) == 10
    assert passkey_sign_in(practice.desk.entrance, device).account == practice.accounts["claude"]


def test_recovery_is_said_on_every_page_of_the_owner_who_stops_it(practice: Practice) -> None:
    owner = practice.browser("claude").open("/account/security")
    assert "Ce n’est pas moi" not in owner.text
    code = practice.open("claude")

    for page in ("/account/security", "/account/security/devices"):
        assert "Une récupération de votre compte a été demandée par Personne alix" in owner.open(page).text
    owner.send("/account/security/recovery/stop")

    assert "La récupération est arrêtée" in owner.text
    assert "Ce n’est pas moi" not in owner.text
    refused = practice.new_visitor().open("/recover").send("/recover", login="claude", code=code)
    assert refused.status == 403


def test_recovery_stopped_twice_is_said_calmly(practice: Practice) -> None:
    practice.open("claude")
    owner = practice.browser("claude").open("/account/security")
    practice.browser("alix").open(RECOVERIES).send(practice.one("claude", "stop"))

    owner.send("/account/security/recovery/stop")

    assert "n’est plus ouverte" in owner.text


def test_recovery_code_too_early_is_refused_like_a_wrong_one(practice: Practice) -> None:
    code = practice.open("claude")

    texts = [
        practice.new_visitor().open("/recover").send("/recover", login=login, code=given).text
        for login, given in (("claude", code), ("claude", "AAAA-AAAA-AAAA-AAAA"), ("nobody", code))
    ]

    shown = {re.sub(r'value="[^"]*"|data-csrf="[^"]*"', "", text) for text in texts}
    assert len(shown) == 1
    assert "ne rouvrent pas de compte" in shown.pop()


def test_recovery_pages_are_not_there_for_professionals(practice: Practice) -> None:
    practice.open("claude")
    nurse = practice.browser("claude")
    for page in (
        RECOVERIES,
        practice.one("alix", "approve"),
        f"/administration/people/{practice.accounts['alix']}/recovery",
    ):
        assert nurse.open(page).status == 404


def test_recovery_offers_no_approval_to_who_opened_it(practice: Practice) -> None:
    practice.open("claude")
    opener = practice.browser("alix").open(RECOVERIES)

    assert "Attend une autre personne" in opener.text
    assert opener.open(practice.one("claude", "approve")).status == 409


def test_recovery_pages_are_there_in_english(practice: Practice) -> None:
    practice.open("claude")
    visitor = practice.browser("dpo")
    visitor.client.headers["accept-language"] = "en"

    assert "Waits for" in visitor.open(RECOVERIES).text or "Approve" in visitor.text
    assert "Get your account back" in visitor.open("/recover").text


def test_administrator_enrols_with_a_passkey_and_is_advised_of_a_second(
    practice: Practice, doors: Desk
) -> None:
    with doors.database.unit_of_work() as uow:
        administrator = signed_in(uow, practice.accounts["alix"])
        code = identity.invite(
            uow, administrator, identity.Invitation("noor", "Noor Essai", Role.ADMINISTRATOR)
        )
    visitor = practice.new_visitor().open("/enrol").send("/enrol", login="noor", code=code.code)
    assert 'type="password"' not in visitor.text
    carried = hidden_fields(visitor.text, "/enrol/complete")
    device = Authenticator(credential_id=b"of noor")

    visitor.send("/enrol/complete", response=device.register(carried["options"]))

    assert "Ajoutez une seconde clé" in visitor.text
    assert passkey_sign_in(doors.entrance, device).role is Role.ADMINISTRATOR


def test_administrator_is_offered_passkeys_only(practice: Practice) -> None:
    visitor = practice.browser("alix").open("/account/security")

    assert "Vous n’avez qu’une clé d’accès" in visitor.text
    assert "/account/security/password" not in visitor.text
    assert "/account/security/recovery-codes" not in visitor.text
    assert "/account/security/add/application" not in visitor.open("/account/security/add").text


def test_first_page_tells_what_happened_since_the_last_sign_in(practice: Practice) -> None:
    practice.browser("alix")
    for code in ("AAAA-AAAA-AAAA-AAAA", "BBBB-BBBB-BBBB-BBBB"):
        practice.new_visitor().open("/recover").send("/recover", login="alix", code=code)

    told = practice.browser("alix").open("/administration/people")
    assert "2 tentatives refusées" in told.text
    assert "tentatives refusées" not in practice.browser("alix").open("/administration/people").text
