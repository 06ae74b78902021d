from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from serment import identity, kernel
from serment.identity.factors.store import load_password
from support.authenticator import Authenticator
from support.enrolled import equipped, passkey_sign_in
from support.identity import (
    PASSWORD,
    VISIT,
    make_administrator,
    make_organisation,
    make_professional,
    signed_in,
)

SHORT, LONG, WEEK = timedelta(minutes=15), timedelta(hours=24), timedelta(days=7)
Role = identity.Role


@dataclass(frozen=True)
class House:
    """An organisation whose people hold passkeys for more than a week."""

    entrance: identity.Entrance
    devices: dict[str, Authenticator]
    accounts: dict[str, kernel.AccountId]

    def caller(self, who: str) -> identity.Caller:
        """Sign somebody in, and step them up."""
        caller = passkey_sign_in(self.entrance, self.devices[who])
        return replace(caller, stepped_up_at=self.entrance.database.clock.now())

    def open(self, by: str, of: str) -> identity.RecoveryCodeGiven:
        """Open a recovery."""
        caller = self.caller(by)
        with self.entrance.database.unit_of_work() as uow:
            return identity.open_recovery(uow, self.entrance.rules.recovery, caller, self.accounts[of])

    def approve(self, by: str, of: str) -> identity.Recovery:
        """Approve a recovery."""
        caller = self.caller(by)
        with self.entrance.database.unit_of_work() as uow:
            return identity.approve_recovery(uow, self.entrance.rules.recovery, caller, self.accounts[of])

    def stop(self, by: str, of: str) -> None:
        """Stop a recovery."""
        caller = self.caller(by)
        with self.entrance.database.unit_of_work() as uow:
            identity.stop_recovery(uow, caller, self.accounts[of])

    def begin(self, who: str, code: str, visit: identity.Visit = VISIT) -> identity.EnrolmentOffer:
        """Give a code at the door."""
        return identity.begin_recovery(self.entrance, who, code, visit)

    def complete(self, offer: identity.EnrolmentOffer, device: Authenticator) -> identity.Enrolled:
        """Answer an offer with a new passkey."""
        answer = device.register(offer.passkey.options_json)
        registration = identity.PasskeyRegistration(offer.passkey.token, answer, "Nouvelle clé")
        return identity.complete_recovery(
            self.entrance, identity.Enrolment(offer.token, f"{PASSWORD} nouveau", registration), VISIT
        )

    def events(self, who: str) -> list[str]:
        """Return what the owner of an account was told, newest first."""
        caller = self.caller(who)
        with self.entrance.database.reading() as uow:
            return [event.kind.value for event in identity.security_events(uow, caller)]


@pytest.fixture
def house(entrance: identity.Entrance, clock: kernel.SettableClock) -> House:
    with entrance.database.unit_of_work() as uow:
        founder = signed_in(uow, make_administrator(uow, make_organisation(uow)))
    cast = {
        "alix": Role.ADMINISTRATOR,
        "noor": Role.ADMINISTRATOR,
        "dpo": Role.DPO,
        "claude": Role.PROFESSIONAL,
        "sacha": Role.PROFESSIONAL,
        "dominique": Role.PATIENT,
    }
    made = {login: equipped(entrance, role, login, founder) for login, role in cast.items()}
    clock.advance(WEEK)
    return House(
        entrance,
        {login: device for login, (_, device) in made.items()},
        {login: account for login, (account, _) in made.items()},
    )


def new_device() -> Authenticator:
    return Authenticator(credential_id=b"the new one")


Wait = Callable[[timedelta], None]


@pytest.fixture
def wait(clock: kernel.SettableClock) -> Wait:
    return clock.advance


def test_recovery_of_a_physician_works_a_day_later_without_a_second_person(house: House, wait: Wait) -> None:
    given = house.open("alix", "claude")
    wait(LONG - timedelta(seconds=1))
    with pytest.raises(identity.EnrolmentRefused):
        house.begin("claude", given.code)
    wait(timedelta(seconds=1))

    enrolled = house.complete(house.begin("claude", given.code), new_device())

    assert enrolled.account == house.accounts["claude"]
    assert len(enrolled.recovery_codes) == 10


def test_recovery_of_a_physician_works_in_a_quarter_of_an_hour_with_a_second_person(
    house: House, wait: Wait
) -> None:
    given = house.open("alix", "claude")
    approved = house.approve("noor", "claude")
    assert approved.works_from == given.recovery.opened_at + SHORT
    with pytest.raises(identity.EnrolmentRefused):
        house.begin("claude", given.code)
    wait(SHORT)

    assert house.begin("claude", given.code).name == "Personne claude"


@pytest.mark.parametrize("owner", ["alix", "dpo"])
def test_recovery_of_whoever_could_approve_never_works_without_a_second_person(
    house: House, wait: Wait, owner: str
) -> None:
    given = house.open("noor", owner)
    assert given.recovery.works_from is None
    wait(timedelta(days=2))
    with pytest.raises(identity.EnrolmentRefused):
        house.begin(owner, given.code)

    house.approve("dpo" if owner == "alix" else "alix", owner)

    assert house.begin(owner, given.code).token


def test_recovery_of_an_administrator_gives_a_passkey_and_nothing_else(house: House, wait: Wait) -> None:
    given = house.open("noor", "alix")
    house.approve("dpo", "alix")
    wait(SHORT)
    offer = house.begin("alix", given.code)

    enrolled = house.complete(offer, new_device())

    assert (offer.passkeys_only, enrolled.recovery_codes) == (True, ())
    with house.entrance.database.reading() as uow:
        assert load_password(uow, house.accounts["alix"]) is None


def test_recovery_of_a_patient_is_opened_by_a_professional_and_waits_a_day(house: House, wait: Wait) -> None:
    given = house.open("claude", "dominique")
    assert not given.recovery.approvable
    with pytest.raises(identity.RecoveryNotFound):
        house.approve("noor", "dominique")
    wait(LONG)

    assert house.begin("dominique", given.code).name == "Personne dominique"


def test_recovery_ends_every_former_way_in(house: House, wait: Wait) -> None:
    session = house.caller("claude")
    with house.entrance.database.reading() as uow:
        former = identity.list_factors(uow, session)
        password = load_password(uow, session.account)
    given = house.open("alix", "claude")
    house.approve("noor", "claude")
    wait(SHORT)
    device = new_device()

    house.complete(house.begin("claude", given.code), device)

    with pytest.raises(identity.SignInRefused):
        house.caller("claude")
    caller = passkey_sign_in(house.entrance, device)
    with house.entrance.database.reading() as uow:
        assert [seen.id for seen in identity.list_own_sessions(uow, caller)] == [caller.session]
        assert [factor.label for factor in identity.list_factors(uow, caller)] == ["Nouvelle clé"]
        assert former[0].id not in {factor.id for factor in identity.list_factors(uow, caller)}
        assert identity.recovery_codes_left(uow, caller) == 10
        assert load_password(uow, caller.account) not in (None, password)


def test_recovery_changes_nothing_before_its_code_is_used(house: House) -> None:
    house.open("alix", "claude")

    assert house.caller("claude").account == house.accounts["claude"]


def test_recovery_code_opens_once(house: House, wait: Wait) -> None:
    given = house.open("alix", "claude")
    wait(LONG)
    offers = [house.begin("claude", given.code) for _ in range(2)]
    house.complete(offers[0], new_device())

    with pytest.raises(identity.EnrolmentRefused):
        house.complete(offers[1], Authenticator(credential_id=b"another"))
    with pytest.raises(identity.EnrolmentRefused):
        house.begin("claude", given.code)


def test_recovery_is_completed_once_under_concurrency(house: House, wait: Wait) -> None:
    given = house.open("alix", "claude")
    wait(LONG)
    offers = [house.begin("claude", given.code) for _ in range(4)]

    def completes(number: int) -> bool:
        try:
            house.complete(offers[number], Authenticator(credential_id=bytes([number] * 8)))
        except identity.EnrolmentRefused:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(completes, range(4))) == 1


def test_strangers_cannot_use_a_recovery_code_up(house: House, wait: Wait) -> None:
    given = house.open("alix", "claude")
    wait(LONG)
    for number in range(30):
        with pytest.raises(identity.EnrolmentRefused):
            house.begin("claude", "AAAA-AAAA-AAAA-AAAA", identity.Visit(f"web 198.51.{number}.7", "Firefox"))

    assert house.events("claude")[1] == "identity.recovery.refused"
    assert house.begin("claude", given.code).name


def test_recovery_code_ends_after_three_days(house: House, wait: Wait) -> None:
    given = house.open("alix", "claude")
    wait(timedelta(days=3))

    with pytest.raises(identity.EnrolmentRefused):
        house.begin("claude", given.code)
    with house.entrance.database.unit_of_work() as uow:
        identity.forget_expired(uow, identity.Rules())
        assert identity.own_recovery(uow, signed_in(uow, house.accounts["claude"])) is None


def test_recovery_door_counts_tries_of_a_login_from_a_network(house: House) -> None:
    for _ in range(10):
        with pytest.raises(identity.EnrolmentRefused):
            house.begin("nobody", "AAAA-AAAA-AAAA-AAAA")

    with pytest.raises(identity.Throttled):
        house.begin("nobody", "AAAA-AAAA-AAAA-AAAA")


def test_recovery_is_stopped_by_its_owner_even_after_the_code_was_given_at_the_door(
    house: House, wait: Wait
) -> None:
    given = house.open("alix", "claude")
    wait(LONG)
    offer = house.begin("claude", given.code)
    house.stop("claude", "claude")

    with pytest.raises(identity.EnrolmentRefused):
        house.complete(offer, new_device())
    with pytest.raises(identity.EnrolmentRefused):
        house.begin("claude", given.code)
    assert house.caller("claude").account == house.accounts["claude"]


@pytest.mark.parametrize("who", ["alix", "noor", "dpo"])
def test_recovery_of_a_colleague_is_stopped_by_administration(house: House, who: str) -> None:
    house.open("alix", "claude")

    house.stop(who, "claude")

    with pytest.raises(identity.RecoveryNotFound):
        house.stop(who, "claude")


@pytest.mark.parametrize(
    ("who", "owner"), [("sacha", "claude"), ("sacha", "dominique"), ("noor", "dominique")]
)
def test_recovery_is_not_stopped_by_who_has_no_say_in_it(house: House, who: str, owner: str) -> None:
    house.open("claude" if owner == "dominique" else "alix", owner)

    with pytest.raises(identity.RecoveryNotFound):
        house.stop(who, owner)
    with house.entrance.database.reading() as uow:
        assert identity.own_recovery(uow, signed_in_again(uow, house, owner)) is not None


def signed_in_again(uow: kernel.UnitOfWork, house: House, who: str) -> identity.Caller:
    account = identity.open_account(uow, house.accounts[who])
    return identity.Caller(
        account.id,
        account.organisation,
        account.role,
        account.profession,
        identity.SessionId(kernel.new_id()),
        account.name,
        "web",
    )


@pytest.mark.parametrize(
    ("who", "owner"),
    [
        ("alix", "alix"),
        ("alix", "dominique"),
        ("dpo", "claude"),
        ("claude", "sacha"),
        ("claude", "alix"),
        ("dominique", "claude"),
    ],
)
def test_recovery_is_not_opened_by_who_may_not(house: House, who: str, owner: str) -> None:
    with pytest.raises(identity.NotPermitted):
        house.open(who, owner)


@pytest.mark.parametrize(("who", "owner"), [("noor", "alix"), ("alix", "alix"), ("claude", "alix")])
def test_recovery_is_not_approved_by_who_opened_it_its_owner_or_a_colleague(
    house: House, who: str, owner: str
) -> None:
    house.open("noor", owner)

    with pytest.raises(identity.NotPermitted):
        house.approve(who, owner)


def test_recovery_is_approved_once(house: House) -> None:
    house.open("alix", "claude")
    house.approve("noor", "claude")

    with pytest.raises(identity.RecoveryNotFound):
        house.approve("dpo", "claude")


def test_recovery_acts_ask_for_a_step_up(house: House) -> None:
    rules, accounts = house.entrance.rules.recovery, house.accounts
    stale = passkey_sign_in(house.entrance, house.devices["alix"])
    with pytest.raises(identity.StepUpNeeded), house.entrance.database.unit_of_work() as uow:
        identity.open_recovery(uow, rules, stale, accounts["claude"])
    house.open("noor", "claude")
    with pytest.raises(identity.StepUpNeeded), house.entrance.database.unit_of_work() as uow:
        identity.approve_recovery(uow, rules, stale, accounts["claude"])


def test_recovery_stays_within_its_organisation(house: House) -> None:
    rules, accounts, database = house.entrance.rules.recovery, house.accounts, house.entrance.database
    with database.unit_of_work() as uow:
        stranger = signed_in(uow, make_administrator(uow, make_organisation(uow)))
    stranger = replace(stranger, stepped_up_at=database.clock.now())
    house.open("alix", "claude")

    with pytest.raises(identity.AccountNotFound), database.unit_of_work() as uow:
        identity.open_recovery(uow, rules, stranger, accounts["claude"])
    with pytest.raises(identity.AccountNotFound), database.unit_of_work() as uow:
        identity.approve_recovery(uow, rules, stranger, accounts["claude"])
    with pytest.raises(identity.AccountNotFound), database.unit_of_work() as uow:
        identity.stop_recovery(uow, stranger, accounts["claude"])
    with pytest.raises(identity.AccountNotFound), database.reading() as uow:
        identity.recovery_in_reach(uow, stranger, accounts["claude"])
    with database.reading() as uow:
        assert identity.list_recoveries(uow, stranger) == ()


def test_recovery_is_not_opened_for_an_account_that_is_not_open(house: House) -> None:
    alix = house.caller("alix")
    with house.entrance.database.unit_of_work() as uow:
        identity.suspend_account(uow, alix, house.accounts["claude"])

    with pytest.raises(identity.NotPermitted):
        house.open("alix", "claude")


def test_recovery_ends_when_the_account_is_suspended(house: House, wait: Wait) -> None:
    given = house.open("alix", "claude")
    alix = house.caller("alix")
    with house.entrance.database.unit_of_work() as uow:
        identity.suspend_account(uow, alix, house.accounts["claude"])
        identity.reinstate_account(uow, alix, house.accounts["claude"])
    wait(LONG)

    with pytest.raises(identity.EnrolmentRefused):
        house.begin("claude", given.code)


def test_recovery_ends_with_the_account_of_who_opened_it(house: House, wait: Wait) -> None:
    given = house.open("alix", "claude")
    noor = house.caller("noor")
    with house.entrance.database.unit_of_work() as uow:
        identity.suspend_account(uow, noor, house.accounts["alix"])
    wait(LONG)

    with pytest.raises(identity.EnrolmentRefused):
        house.begin("claude", given.code)


def test_recovery_opened_again_ends_the_code_before(house: House, wait: Wait) -> None:
    first = house.open("alix", "claude")
    second = house.open("noor", "claude")
    wait(LONG)

    with pytest.raises(identity.EnrolmentRefused):
        house.begin("claude", first.code)
    assert house.begin("claude", second.code).token


def test_recovery_tells_its_owner_at_every_step(house: House, wait: Wait) -> None:
    living = house.caller("claude")
    house.open("alix", "claude")
    with house.entrance.database.reading() as uow:
        told = identity.own_recovery(uow, living)
    assert told is not None
    assert (told.opened_by, told.name) == ("Personne alix", "Personne claude")
    house.approve("noor", "claude")
    house.stop("claude", "claude")

    kinds = [kind for kind in house.events("claude") if ".recovery." in kind]
    assert kinds == [
        "identity.recovery.stopped",
        "identity.recovery.approved",
        "identity.recovery.opened",
    ]


def test_recoveries_are_listed_to_administrators_and_the_dpo_only(house: House) -> None:
    house.open("alix", "claude")
    with house.entrance.database.reading() as uow:
        listed = identity.list_recoveries(uow, signed_in_again(uow, house, "dpo"))
        with pytest.raises(identity.NotPermitted):
            identity.list_recoveries(uow, signed_in_again(uow, house, "claude"))

    assert [(each.name, each.approvable) for each in listed] == [("Personne claude", True)]


def test_recovery_from_the_console_waits_a_day_and_is_for_administration_only(
    house: House, wait: Wait
) -> None:
    rules, database = house.entrance.rules.recovery, house.entrance.database
    with pytest.raises(identity.NotPermitted), database.unit_of_work() as uow:
        identity.open_recovery_from_console(uow, rules, "claude")
    with pytest.raises(identity.AccountNotFound), database.unit_of_work() as uow:
        identity.open_recovery_from_console(uow, rules, "nobody")
    with database.unit_of_work() as uow:
        given = identity.open_recovery_from_console(uow, rules, "alix")
    assert given.recovery.works_from == given.recovery.opened_at + LONG
    with pytest.raises(identity.EnrolmentRefused):
        house.begin("alix", given.code)
    wait(LONG)

    assert house.begin("alix", given.code).passkeys_only
    assert "identity.recovery.opened" in house.events("alix")


def test_enrolment_code_is_no_recovery_code(house: House, wait: Wait) -> None:
    with house.entrance.database.unit_of_work() as uow:
        administrator = signed_in_again(uow, house, "alix")
        invitation = identity.Invitation("lou", "Lou Essai", Role.DPO)
        code = identity.invite(uow, administrator, invitation)
    given = house.open("alix", "claude")
    wait(LONG)

    with pytest.raises(identity.EnrolmentRefused):
        house.begin("lou", code.code)
    with pytest.raises(identity.EnrolmentRefused):
        identity.begin_enrolment(house.entrance, "claude", given.code, VISIT)


def test_colleague_made_without_a_factor_approves_nothing(house: House) -> None:
    house.open("alix", "claude")
    with house.entrance.database.unit_of_work() as uow:
        organisation = identity.open_organisation(uow, signed_in_again(uow, house, "alix").organisation)
        bare = signed_in(uow, make_administrator(uow, organisation))
        nurse = signed_in(uow, make_professional(uow, organisation))
    now = house.entrance.database.clock.now()

    for who, refusal in ((bare, identity.SecondPersonTooNew), (nurse, identity.NotPermitted)):
        with pytest.raises(refusal), house.entrance.database.unit_of_work() as uow:
            identity.approve_recovery(
                uow, house.entrance.rules.recovery, replace(who, stepped_up_at=now), house.accounts["claude"]
            )
