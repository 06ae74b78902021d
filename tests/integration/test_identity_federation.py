"""Link, come in, and be put out, through an OpenID provider; whoever is not linked, and every abuse, is refused."""

from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest

from serment import identity, kernel, ledger
from serment.identity.checks import check_rows
from serment.identity.federation.journeys import digest_at
from serment.identity.federation.store import links_of
from serment.identity.leaving.ending import end_everything_of
from support.identity import (
    VISIT,
    enrol_somebody,
    make_administrator,
    make_organisation,
    make_professional,
    open_session_of,
    signed_in,
)
from support.openid import ISSUER, RPPS, FakeProvider, make_federation

OTHER_VISIT = identity.Visit("web 198.51.100.9", "Safari on iPad")


@pytest.fixture
def fake(clock: kernel.SettableClock) -> FakeProvider:
    return FakeProvider(clock)


@pytest.fixture
def federation(entrance: identity.Entrance, fake: FakeProvider) -> identity.Federation:
    return make_federation(entrance, fake)


@pytest.fixture
def owner(entrance: identity.Entrance) -> identity.Caller:
    """Somebody with a password and an application, signed in, who proved the application again just now."""
    person = enrol_somebody(entrance, identity.Role.PROFESSIONAL, profession=identity.Profession.PHYSICIAN)
    return stepped_up(entrance, person.account)


def stepped_up(entrance: identity.Entrance, account: kernel.AccountId) -> identity.Caller:
    with entrance.database.unit_of_work() as uow:
        return replace(signed_in(uow, account), stepped_up_at=uow.now)


def somebody_else(entrance: identity.Entrance) -> identity.Caller:
    with entrance.database.unit_of_work() as uow:
        account = make_professional(uow, make_organisation(uow, "Clinique de la Baie"))
    return stepped_up(entrance, account.id)


def link(federation: identity.Federation, fake: FakeProvider, caller: identity.Caller) -> None:
    detour = identity.begin_link(federation, caller)
    identity.finish_link(federation, caller, detour.token, fake.log_in(detour.address))


def come_in(federation: identity.Federation, fake: FakeProvider) -> identity.OpenedSession:
    detour = identity.begin_federated_sign_in(federation, VISIT)
    return identity.finish_federated_sign_in(federation, detour.token, fake.log_in(detour.address), VISIT)


def is_open(federation: identity.Federation, opened: identity.OpenedSession) -> bool:
    try:
        identity.resume_session(federation.entrance.database, opened.token, VISIT.origin)
    except identity.SessionUnknown:
        return False
    return True


def kinds_told(federation: identity.Federation, caller: identity.Caller) -> list[str]:
    with federation.entrance.database.reading() as uow:
        return [event.kind.value for event in identity.security_events(uow, caller)]


def refusals(federation: identity.Federation, organisation: kernel.OrganisationId) -> list[str]:
    """Return why things were refused, as the trail of an organisation has it."""
    with federation.entrance.database.reading() as uow:
        found = ledger.read_security_log(uow, organisation, limit=50)
    return [each.trace.detail["refused"] for each in found if "refused" in each.trace.detail]


def test_linked_person_comes_in(
    federation: identity.Federation, fake: FakeProvider, owner: identity.Caller
) -> None:
    link(federation, fake, owner)

    opened = come_in(federation, fake)

    assert opened.caller.account == owner.account
    assert is_open(federation, opened)
    with federation.entrance.database.reading() as uow:
        methods = {session.method for session in identity.list_own_sessions(uow, opened.caller)}
        (linked,) = identity.list_linked_identities(uow, owner)
        assert identity.came_by_provider(uow, opened.caller)
        assert not identity.came_by_provider(uow, owner)
    assert identity.Method.FEDERATED in methods
    assert (linked.issuer, linked.subject, linked.last_used_at) == (ISSUER, RPPS, fake.clock.now())


def test_owner_is_told_of_link_session_and_end_of_link(
    federation: identity.Federation, fake: FakeProvider, owner: identity.Caller
) -> None:
    link(federation, fake, owner)
    come_in(federation, fake)
    with federation.entrance.database.unit_of_work() as uow:
        identity.unlink(uow, owner, identity.list_linked_identities(uow, owner)[0].id)

    assert kinds_told(federation, owner)[:3] == [
        identity.EventKind.IDENTITY_UNLINKED,
        identity.EventKind.SESSION_OPENED,
        identity.EventKind.IDENTITY_LINKED,
    ]


def test_subject_is_sealed_and_found_by_its_digest(
    federation: identity.Federation, fake: FakeProvider, owner: identity.Caller
) -> None:
    link(federation, fake, owner)

    with federation.entrance.database.reading() as uow:
        (row,) = links_of(uow, owner.account)
        places = {checked.place: checked.sound for checked in check_rows(uow)}
        anchor = ledger.current_anchor(uow, f"link/{row.id}")
    assert RPPS.encode() not in row.subject_sealed + row.subject_digest
    assert places[f"link/{row.id}"]
    assert anchor


def test_link_changed_behind_our_back_is_not_what_the_ledger_vouches_for(
    federation: identity.Federation, fake: FakeProvider, owner: identity.Caller
) -> None:
    link(federation, fake, owner)
    with federation.entrance.database.unit_of_work() as uow:
        uow.connection.exec_driver_sql("UPDATE linked_identities SET issuer = 'https://evil.example.test'")

    with federation.entrance.database.reading() as uow:
        checked = next(each for each in check_rows(uow) if each.place.startswith("link/"))
        assert checked.digest != ledger.current_anchor(uow, checked.place)


def test_nobody_comes_in_unlinked(
    federation: identity.Federation, fake: FakeProvider, owner: identity.Caller
) -> None:
    """An account is never found by a name, an address or a number that the provider gives."""
    with pytest.raises(identity.SignInRefused):
        come_in(federation, fake)
    assert refusals(federation, owner.organisation) == ["not linked"]


def test_same_subject_of_another_issuer_is_somebody_else(
    entrance: identity.Entrance, federation: identity.Federation, fake: FakeProvider, owner: identity.Caller
) -> None:
    """Identities are namespaced by issuer (ASVS 6.8.1)."""
    link(federation, fake, owner)
    elsewhere = "https://other.example.test"
    with entrance.database.reading() as uow:
        (row,) = links_of(uow, owner.account)
    with entrance.database.unit_of_work() as uow:
        assert digest_at(uow, elsewhere, "subject", RPPS) != row.subject_digest
        assert digest_at(uow, ISSUER, "subject", RPPS) == row.subject_digest


def test_departed_suspended_and_unlinked_people_do_not_come_in(
    entrance: identity.Entrance, federation: identity.Federation, fake: FakeProvider, owner: identity.Caller
) -> None:
    link(federation, fake, owner)
    with entrance.database.unit_of_work() as uow:
        end_everything_of(uow, owner.account)

    with pytest.raises(identity.SignInRefused):
        come_in(federation, fake)
    with entrance.database.reading() as uow:
        assert links_of(uow, owner.account) == ()
        assert not [each for each in check_rows(uow) if each.place.startswith("link/")]


def test_suspended_account_stays_closed(
    entrance: identity.Entrance, federation: identity.Federation, fake: FakeProvider, owner: identity.Caller
) -> None:
    link(federation, fake, owner)
    with entrance.database.unit_of_work() as uow:
        organisation = identity.open_organisation(uow, owner.organisation)
        administrator = signed_in(uow, make_administrator(uow, organisation))
        identity.suspend_account(uow, replace(administrator, stepped_up_at=uow.now), owner.account)

    with pytest.raises(identity.SignInRefused):
        come_in(federation, fake)
    assert refusals(federation, owner.organisation) == ["not active"]


@pytest.mark.parametrize("rule", [True, False])
def test_administrators_come_in_by_the_provider_only_where_their_rule_is_off(
    entrance: identity.Entrance, fake: FakeProvider, rule: bool
) -> None:
    lenient = replace(entrance, rules=replace(entrance.rules, administrators_use_passkeys=False))
    person = enrol_somebody(lenient, identity.Role.ADMINISTRATOR)
    caller = stepped_up(lenient, person.account)
    link(make_federation(lenient, fake), fake, caller)
    federation = make_federation(
        replace(entrance, rules=replace(entrance.rules, administrators_use_passkeys=rule)), fake
    )

    if rule:
        with pytest.raises(identity.NotPermitted):
            identity.begin_link(federation, caller)
        with pytest.raises(identity.SignInRefused):
            come_in(federation, fake)
        assert refusals(federation, caller.organisation) == ["administrator"]
    else:
        assert come_in(federation, fake).caller.account == caller.account


def test_lesser_level_opens_nothing(
    federation: identity.Federation, fake: FakeProvider, owner: identity.Caller
) -> None:
    """Only the level that was asked for stands for two factors (O8)."""
    link(federation, fake, owner)
    fake.acr = "password"

    with pytest.raises(identity.SignInRefused):
        come_in(federation, fake)
    assert refusals(federation, owner.organisation) == ["acr"]


def test_answer_serves_once(
    federation: identity.Federation, fake: FakeProvider, owner: identity.Caller
) -> None:
    link(federation, fake, owner)
    detour = identity.begin_federated_sign_in(federation, VISIT)
    answer = fake.log_in(detour.address)
    identity.finish_federated_sign_in(federation, detour.token, answer, VISIT)

    with pytest.raises(identity.SignInRefused):
        identity.finish_federated_sign_in(federation, detour.token, answer, VISIT)


def test_of_two_takers_of_one_answer_one_comes_in(
    federation: identity.Federation, fake: FakeProvider, owner: identity.Caller
) -> None:
    link(federation, fake, owner)
    detour = identity.begin_federated_sign_in(federation, VISIT)
    answer, start, came = fake.log_in(detour.address), Barrier(2), []

    def take() -> None:
        start.wait()
        try:
            identity.finish_federated_sign_in(federation, detour.token, answer, VISIT)
            came.append("in")
        except identity.SignInRefused:
            came.append("refused")

    takers = [Thread(target=take) for _ in range(2)]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join()

    assert sorted(came) == ["in", "refused"]


def test_answer_of_another_browser_is_refused_and_costs_nothing(
    federation: identity.Federation, fake: FakeProvider, owner: identity.Caller
) -> None:
    """Login CSRF: an attacker's own answer, brought to somebody's browser, meets another state."""
    link(federation, fake, owner)
    theirs = identity.begin_federated_sign_in(federation, OTHER_VISIT)
    mine = identity.begin_federated_sign_in(federation, VISIT)
    answer = fake.log_in(theirs.address)

    with pytest.raises(identity.SignInRefused):
        identity.finish_federated_sign_in(federation, mine.token, answer, VISIT)
    with pytest.raises(identity.SignInRefused):
        identity.finish_federated_sign_in(federation, "", answer, VISIT)
    opened = identity.finish_federated_sign_in(federation, mine.token, fake.log_in(mine.address), VISIT)
    assert opened.caller.account == owner.account


def test_code_of_another_browser_is_refused(
    federation: identity.Federation, fake: FakeProvider, owner: identity.Caller
) -> None:
    """Code injection: the code does not go with the verifier of this browser."""
    link(federation, fake, owner)
    theirs = fake.log_in(identity.begin_federated_sign_in(federation, OTHER_VISIT).address)
    mine = identity.begin_federated_sign_in(federation, VISIT)
    answer = replace(fake.log_in(mine.address), code=theirs.code)

    with pytest.raises(identity.SignInRefused):
        identity.finish_federated_sign_in(federation, mine.token, answer, VISIT)
    assert refusals(federation, owner.organisation) == ["code"]


def test_answer_of_another_provider_is_refused(
    federation: identity.Federation, fake: FakeProvider, owner: identity.Caller
) -> None:
    """Mix-up: the code never leaves for our provider (RFC 9207)."""
    link(federation, fake, owner)
    detour = identity.begin_federated_sign_in(federation, VISIT)
    answer = replace(fake.log_in(detour.address), issuer="https://evil.example.test")
    exchanged = len([each for each in fake.asked if each.address.endswith("/token")])

    with pytest.raises(identity.SignInRefused):
        identity.finish_federated_sign_in(federation, detour.token, answer, VISIT)
    assert len([each for each in fake.asked if each.address.endswith("/token")]) == exchanged
    assert refusals(federation, owner.organisation) == ["answer iss"]


def test_departure_to_one_provider_is_not_ended_at_another(
    entrance: identity.Entrance, federation: identity.Federation, fake: FakeProvider
) -> None:
    detour = identity.begin_federated_sign_in(federation, VISIT)
    other = make_federation(entrance, fake, issuer="https://other.example.test")

    with pytest.raises(identity.SignInRefused):
        identity.finish_federated_sign_in(other, detour.token, fake.log_in(detour.address), VISIT)


def test_refusal_by_the_provider_ends_the_departure(
    federation: identity.Federation, fake: FakeProvider, owner: identity.Caller
) -> None:
    link(federation, fake, owner)
    detour = identity.begin_federated_sign_in(federation, VISIT)
    answer = fake.log_in(detour.address)

    for said in (replace(answer, code=None), answer):
        with pytest.raises(identity.SignInRefused):
            identity.finish_federated_sign_in(federation, detour.token, said, VISIT)


def test_departure_ends_by_itself(
    federation: identity.Federation, fake: FakeProvider, clock: kernel.SettableClock, owner: identity.Caller
) -> None:
    link(federation, fake, owner)
    detour = identity.begin_federated_sign_in(federation, VISIT)
    answer = fake.log_in(detour.address)
    clock.advance(timedelta(minutes=10))

    with pytest.raises(identity.SignInRefused):
        identity.finish_federated_sign_in(federation, detour.token, answer, VISIT)


def test_provider_that_is_down_is_said_and_other_ways_stay_open(
    federation: identity.Federation, fake: FakeProvider, clock: kernel.SettableClock, owner: identity.Caller
) -> None:
    link(federation, fake, owner)
    detour = identity.begin_federated_sign_in(federation, VISIT)
    answer = fake.log_in(detour.address)
    fake.down = True

    with pytest.raises(identity.ProviderUnavailable):
        identity.finish_federated_sign_in(federation, detour.token, answer, VISIT)
    clock.advance(timedelta(minutes=11))
    with pytest.raises(identity.ProviderUnavailable):
        identity.begin_federated_sign_in(federation, VISIT)
    assert identity.begin_sign_in(federation.entrance, identity.Credentials("camille", "x")).token


def test_sign_in_is_throttled_by_source(entrance: identity.Entrance, fake: FakeProvider) -> None:
    narrow = replace(entrance.rules.throttle, source=identity.Allowance(2, timedelta(minutes=1)))
    federation = make_federation(replace(entrance, rules=replace(entrance.rules, throttle=narrow)), fake)
    for _ in range(2):
        identity.begin_federated_sign_in(federation, VISIT)

    with pytest.raises(identity.Throttled):
        identity.begin_federated_sign_in(federation, VISIT)
    assert identity.begin_federated_sign_in(federation, OTHER_VISIT).token


def test_link_asks_for_a_factor_first(
    entrance: identity.Entrance, federation: identity.Federation, fake: FakeProvider, owner: identity.Caller
) -> None:
    with entrance.database.unit_of_work() as uow:
        plain = signed_in(uow, owner.account)

    with pytest.raises(identity.StepUpNeeded):
        identity.begin_link(federation, plain)


def test_link_asks_for_a_factor_again_at_its_end(
    federation: identity.Federation, fake: FakeProvider, clock: kernel.SettableClock, owner: identity.Caller
) -> None:
    clock.advance(timedelta(minutes=9))
    detour = identity.begin_link(federation, owner)
    answer = fake.log_in(detour.address)
    clock.advance(timedelta(minutes=2))

    with pytest.raises(identity.StepUpNeeded):
        identity.finish_link(federation, owner, detour.token, answer)


def test_link_asks_the_provider_for_a_proof_made_now(
    federation: identity.Federation, fake: FakeProvider, owner: identity.Caller
) -> None:
    """Nobody links whoever used this browser before them."""
    fake.forge_claims = lambda said: {**said, "auth_time": said["auth_time"] - 31}

    with pytest.raises(identity.LinkRefused):
        link(federation, fake, owner)
    assert next(iter(fake.codes.values()), {"prompt": "login"})["prompt"] == "login"
    assert refusals(federation, owner.organisation) == ["auth_time"]
    assert kinds_told(federation, owner)[0] == identity.EventKind.LINK_REFUSED


def test_link_ends_in_the_session_that_began_it(
    entrance: identity.Entrance, federation: identity.Federation, fake: FakeProvider, owner: identity.Caller
) -> None:
    """Neither another account nor another session of the same one takes the answer."""
    for other in (somebody_else(entrance), stepped_up(entrance, owner.account)):
        detour = identity.begin_link(federation, owner)
        with pytest.raises(identity.LinkRefused):
            identity.finish_link(federation, other, detour.token, fake.log_in(detour.address))
    with entrance.database.reading() as uow:
        assert links_of(uow, owner.account) == ()


def test_sign_in_does_not_end_as_a_link_nor_the_other_way(
    federation: identity.Federation, fake: FakeProvider, owner: identity.Caller
) -> None:
    coming, linking = (
        identity.begin_federated_sign_in(federation, VISIT),
        identity.begin_link(federation, owner),
    )

    with pytest.raises(identity.LinkRefused):
        identity.finish_link(federation, owner, coming.token, fake.log_in(coming.address))
    with pytest.raises(identity.SignInRefused):
        identity.finish_federated_sign_in(federation, linking.token, fake.log_in(linking.address), VISIT)


def test_identity_opens_one_account(
    entrance: identity.Entrance, federation: identity.Federation, fake: FakeProvider, owner: identity.Caller
) -> None:
    link(federation, fake, owner)
    other = somebody_else(entrance)

    with pytest.raises(identity.LinkTaken):
        link(federation, fake, other)
    assert refusals(federation, other.organisation) == ["taken"]
    assert come_in(federation, fake).caller.account == owner.account


def test_account_has_one_identity_of_a_provider(
    federation: identity.Federation, fake: FakeProvider, owner: identity.Caller
) -> None:
    again = identity.begin_link(federation, owner)
    link(federation, fake, owner)
    fake.subject = "899700000001"

    with pytest.raises(identity.LinkTaken):
        identity.begin_link(federation, owner)
    with pytest.raises(identity.LinkTaken):
        identity.finish_link(federation, owner, again.token, fake.log_in(again.address))


def test_unlinked_identity_opens_nothing_any_more(
    entrance: identity.Entrance, federation: identity.Federation, fake: FakeProvider, owner: identity.Caller
) -> None:
    link(federation, fake, owner)
    opened = come_in(federation, fake)
    with entrance.database.unit_of_work() as uow:
        identity.unlink(uow, owner, identity.list_linked_identities(uow, owner)[0].id)

    assert not is_open(federation, opened)
    with pytest.raises(identity.SignInRefused):
        come_in(federation, fake)
    link(federation, fake, owner)
    assert is_open(federation, come_in(federation, fake))


def test_unlinking_asks_for_a_factor_and_for_ones_own_link(
    entrance: identity.Entrance, federation: identity.Federation, fake: FakeProvider, owner: identity.Caller
) -> None:
    link(federation, fake, owner)
    other = somebody_else(entrance)
    with entrance.database.unit_of_work() as uow:
        plain = signed_in(uow, owner.account)
        wanted = identity.list_linked_identities(uow, owner)[0].id
        with pytest.raises(identity.StepUpNeeded):
            identity.unlink(uow, plain, wanted)
        with pytest.raises(identity.LinkNotFound):
            identity.unlink(uow, other, wanted)


def test_last_way_in_is_never_unlinked(
    entrance: identity.Entrance, federation: identity.Federation, fake: FakeProvider
) -> None:
    caller = somebody_else(entrance)
    link(federation, fake, caller)

    with pytest.raises(identity.LastFactor), entrance.database.unit_of_work() as uow:
        identity.unlink(uow, caller, identity.list_linked_identities(uow, caller)[0].id)


@pytest.fixture
def opened(
    federation: identity.Federation, fake: FakeProvider, owner: identity.Caller
) -> identity.OpenedSession:
    """A session that the provider's word opened, beside one of the provider's other session."""
    link(federation, fake, owner)
    return come_in(federation, fake)


def test_provider_ends_exactly_the_session_it_names(
    entrance: identity.Entrance,
    federation: identity.Federation,
    fake: FakeProvider,
    opened: identity.OpenedSession,
) -> None:
    fake.sid = "another session"
    another = come_in(federation, fake)
    with entrance.database.unit_of_work() as uow:
        own = open_session_of(uow, opened.caller.account)

    ended = identity.receive_logout(federation, fake.logout_token(sid="session-at-provider"), VISIT)

    assert ended == 1
    assert [is_open(federation, each) for each in (opened, another, own)] == [False, True, True]
    assert kinds_told(federation, own.caller)[0] == identity.EventKind.SESSION_ENDED


def test_provider_ends_every_session_of_somebody(
    entrance: identity.Entrance,
    federation: identity.Federation,
    fake: FakeProvider,
    opened: identity.OpenedSession,
) -> None:
    fake.sid = "another session"
    another = come_in(federation, fake)
    with entrance.database.unit_of_work() as uow:
        own = open_session_of(uow, opened.caller.account)

    assert identity.receive_logout(federation, fake.logout_token(sid=None), VISIT) == 2
    assert [is_open(federation, each) for each in (opened, another, own)] == [False, False, True]


def test_session_and_subject_must_go_together(
    federation: identity.Federation, fake: FakeProvider, opened: identity.OpenedSession
) -> None:
    assert identity.receive_logout(federation, fake.logout_token(sub="somebody else"), VISIT) == 0
    assert is_open(federation, opened)


def test_logout_of_nobody_here_is_taken(
    federation: identity.Federation, fake: FakeProvider, opened: identity.OpenedSession
) -> None:
    assert identity.receive_logout(federation, fake.logout_token(sid="unknown"), VISIT) == 0
    assert is_open(federation, opened)


def test_logout_token_serves_once(
    federation: identity.Federation, fake: FakeProvider, opened: identity.OpenedSession
) -> None:
    token = fake.logout_token()
    identity.receive_logout(federation, token, VISIT)
    fake.sid = "the next session"
    again = come_in(federation, fake)

    with pytest.raises(identity.TokenRefused, match="jti"):
        identity.receive_logout(federation, token, VISIT)
    assert is_open(federation, again)


def test_sign_in_under_way_does_not_open_what_was_closed_meanwhile(
    federation: identity.Federation, fake: FakeProvider, opened: identity.OpenedSession
) -> None:
    detour = identity.begin_federated_sign_in(federation, VISIT)
    answer = fake.log_in(detour.address)
    for number in range(2):
        identity.receive_logout(federation, fake.logout_token(jti=f"{number}"), VISIT)

    with pytest.raises(identity.SignInRefused):
        identity.finish_federated_sign_in(federation, detour.token, answer, VISIT)
    assert refusals(federation, opened.caller.organisation) == ["over"]
    fake.sid = "the next session"
    assert is_open(federation, come_in(federation, fake))


def test_refused_logout_is_traced_and_ends_nothing(
    federation: identity.Federation, fake: FakeProvider, opened: identity.OpenedSession
) -> None:
    with pytest.raises(identity.TokenRefused):
        identity.receive_logout(federation, fake.logout_token(aud="somebody else"), VISIT)

    assert is_open(federation, opened)
    assert refusals(federation, opened.caller.organisation) == ["aud"]


def test_refused_logouts_are_throttled_and_good_ones_are_not(
    federation: identity.Federation, fake: FakeProvider, opened: identity.OpenedSession
) -> None:
    for number in range(40):
        identity.receive_logout(federation, fake.logout_token(sid="unknown", jti=f"{number}"), VISIT)
    for _ in range(30):
        with pytest.raises(identity.TokenRefused):
            identity.receive_logout(federation, "forged", VISIT)

    with pytest.raises(identity.Throttled):
        identity.receive_logout(federation, "forged", VISIT)
    assert identity.receive_logout(federation, fake.logout_token(), OTHER_VISIT) == 1


def test_refused_logouts_from_many_networks_do_not_fill_the_trail(
    federation: identity.Federation, opened: identity.OpenedSession, clock: kernel.SettableClock
) -> None:
    for number in range(60):
        with pytest.raises(identity.TokenRefused):
            identity.receive_logout(federation, "forged", identity.Visit(f"web 203.0.{number}.7", "bot"))

    assert len(refusals(federation, opened.caller.organisation)) == 30
    clock.advance(timedelta(minutes=1))
    with pytest.raises(identity.TokenRefused):
        identity.receive_logout(federation, "forged", OTHER_VISIT)
    assert len(refusals(federation, opened.caller.organisation)) == 31


def test_what_is_over_is_forgotten(
    entrance: identity.Entrance,
    federation: identity.Federation,
    fake: FakeProvider,
    opened: identity.OpenedSession,
    clock: kernel.SettableClock,
) -> None:
    identity.receive_logout(federation, fake.logout_token(sid="unknown"), VISIT)
    clock.advance(timedelta(hours=13))
    with entrance.database.unit_of_work() as uow:
        identity.forget_expired(uow, identity.Rules())
        left = [
            uow.connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()
            for table in ("federated_sessions", "used_logout_tokens", "ceremonies")
        ]

    assert left == [0, 0, 0]
