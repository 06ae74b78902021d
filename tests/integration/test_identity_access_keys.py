"""Access keys: made after a step-up, shown once, bound, narrow, ended at once (AUT-14, O8)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from serment import identity, kernel, ledger
from serment.identity.access_keys import store
from serment.identity.access_keys.keys import end_all
from serment.identity.access_keys.writing import digest_of_key, draw_key
from serment.identity.directory import store as directory
from support.dossier import House
from support.identity import make_administrator, signed_in
from support.keys import Machine, make_key_of

ADDRESS = "https://localhost:8443/fhir/Patient/_search"
ORIGIN = "fhir 203.0.113.7"

Enter = Callable[..., identity.Caller]


@pytest.fixture
def enter(house: House) -> Enter:
    """Come in with a key, from an address, with or without a proof."""

    def come_in(
        token: str,
        *,
        origin: str = ORIGIN,
        face: identity.Face = identity.Face.FHIR,
        proof: str | None = None,
    ) -> identity.Caller:
        shown = identity.PresentedKey(token, proof, face, "GET", ADDRESS, origin)
        return identity.enter_by_key(house.database, shown)

    return come_in


def own_keys(house: House) -> tuple[identity.AccessKey, ...]:
    with house.database.reading() as uow:
        return identity.list_own_keys(uow, house.physician)


def told(house: House) -> list[identity.EventKind]:
    with house.database.reading() as uow:
        return [event.kind for event in identity.security_events(uow, house.physician)]


def stepped_up(house: House) -> identity.Caller:
    return replace(house.physician, stepped_up_at=house.database.clock.now())


def test_key_stands_for_its_owner_within_its_limits(house: House, enter: Enter) -> None:
    made = make_key_of(house.database, house.physician, sections=frozenset({"clinical"}))

    caller = enter(made.token)

    assert (caller.account, caller.role, caller.name) == (
        house.physician.account,
        identity.Role.PROFESSIONAL,
        house.physician.name,
    )
    assert caller.key == identity.KeyLimits(
        made.key.id, identity.Face.FHIR, frozenset({"clinical"}), identity.KeyScope.READ
    )
    assert (caller.origin, caller.stepped_up_at) == (ORIGIN, None)


def test_key_is_nowhere_in_the_database(house: House) -> None:
    made = make_key_of(house.database, house.physician)

    with house.database.reading() as uow:
        row = store.find_owned(uow, digest_of_key(made.token) or b"")
    assert row is not None
    assert made.token.encode() not in repr(row).encode()
    assert b"Logiciel" not in row.row.particulars_sealed


def test_making_and_revoking_ask_for_a_step_up(house: House) -> None:
    made = make_key_of(house.database, house.physician)

    with pytest.raises(identity.StepUpNeeded), house.database.unit_of_work() as uow:
        asked = identity.KeyRequest(
            "x",
            identity.Face.FHIR,
            frozenset({"clinical"}),
            identity.KeyScope.READ,
            identity.KeyBinding.NETWORKS,
            uow.now + timedelta(days=1),
            ("192.0.2.0/24",),
        )
        identity.make_key(uow, house.physician, asked)
    with pytest.raises(identity.StepUpNeeded), house.database.unit_of_work() as uow:
        identity.revoke_key(uow, house.physician, made.key.id)


def test_key_never_makes_another_key(house: House, enter: Enter) -> None:
    made = make_key_of(house.database, house.physician)
    caller = enter(made.token)

    with pytest.raises(identity.StepUpNeeded), house.database.unit_of_work() as uow:
        identity.revoke_key(uow, caller, made.key.id)


def test_owner_is_told_of_each_act(house: House) -> None:
    made = make_key_of(house.database, house.physician)
    with house.database.unit_of_work() as uow:
        identity.revoke_key(uow, stepped_up(house), made.key.id)

    assert told(house)[:2] == [identity.EventKind.KEY_REVOKED, identity.EventKind.KEY_MADE]


def test_administrators_have_no_keys(house: House) -> None:
    with house.database.unit_of_work() as uow:
        administrator = signed_in(uow, make_administrator(uow, house.organisation))

    with pytest.raises(identity.NotPermitted):
        make_key_of(house.database, administrator)


def test_twenty_keys_are_enough(house: House, clock: kernel.SettableClock) -> None:
    for _ in range(20):
        make_key_of(house.database, house.physician, days=1)

    with pytest.raises(identity.TooManyKeys):
        make_key_of(house.database, house.physician)
    clock.advance(timedelta(days=1))
    make_key_of(house.database, house.physician)


@pytest.mark.parametrize(
    "token", ["", "srmk_", draw_key(), "Bearer x"], ids=["empty", "prefix", "another key", "words"]
)
def test_what_is_no_key_of_ours_is_refused(house: House, enter: Enter, token: str) -> None:
    with pytest.raises(identity.KeyRefused):
        enter(token)


def test_revoked_key_is_refused_at_once(house: House, enter: Enter) -> None:
    made = make_key_of(house.database, house.physician)
    enter(made.token)
    with house.database.unit_of_work() as uow:
        identity.revoke_key(uow, stepped_up(house), made.key.id)

    with pytest.raises(identity.KeyRefused):
        enter(made.token)
    assert own_keys(house) == ()


def test_nobody_revokes_the_key_of_somebody_else(house: House, enter: Enter) -> None:
    made = make_key_of(house.database, house.physician)
    nurse = replace(house.nurse, stepped_up_at=house.database.clock.now())

    with pytest.raises(identity.KeyNotFound), house.database.unit_of_work() as uow:
        identity.revoke_key(uow, nurse, made.key.id)
    enter(made.token)


def test_key_ends_on_its_day(house: House, enter: Enter, clock: kernel.SettableClock) -> None:
    made = make_key_of(house.database, house.physician, days=30)
    clock.advance(timedelta(days=30) - timedelta(seconds=1))
    enter(made.token)
    clock.advance(timedelta(seconds=1))

    with pytest.raises(identity.KeyRefused, match="ended"):
        enter(made.token)


def test_key_past_its_end_is_shown_for_a_month_and_then_forgotten(
    house: House, clock: kernel.SettableClock
) -> None:
    make_key_of(house.database, house.physician, days=1)
    for days, left in ((30, 1), (2, 0)):
        clock.advance(timedelta(days=days))
        with house.database.unit_of_work() as uow:
            identity.forget_expired(uow, identity.Rules())
        assert len(own_keys(house)) == left


def test_owner_is_reminded_once_of_a_key_about_to_end(house: House, clock: kernel.SettableClock) -> None:
    make_key_of(house.database, house.physician, days=30)
    make_key_of(house.database, house.nurse, days=60)

    reminded = []
    for days in (15, 1, 1, 20):
        clock.advance(timedelta(days=days))
        with house.database.unit_of_work() as uow:
            reminded.append(identity.remind_of_ends(uow))

    assert reminded == [0, 1, 0, 0]
    with house.database.reading() as uow:
        kinds = [event.kind for event in identity.security_events(uow, house.physician)]
    assert kinds.count(identity.EventKind.KEY_ENDING) == 1


def test_key_of_another_face_is_refused(house: House, enter: Enter) -> None:
    made = make_key_of(house.database, house.physician, face=identity.Face.WEBDAV)

    with pytest.raises(identity.KeyRefused, match="other face"):
        enter(made.token)
    enter(made.token, face=identity.Face.WEBDAV)


def test_suspension_ends_the_keys_for_good(house: House, enter: Enter) -> None:
    made = make_key_of(house.database, house.physician)
    with house.database.unit_of_work() as uow:
        administrator = signed_in(uow, make_administrator(uow, house.organisation))
        administrator = replace(administrator, stepped_up_at=uow.now)
        identity.suspend_account(uow, administrator, house.physician.account)
    with house.database.unit_of_work() as uow:
        identity.reinstate_account(uow, administrator, house.physician.account)

    with pytest.raises(identity.KeyRefused):
        enter(made.token)


def test_key_of_an_account_that_is_not_active_is_refused(house: House, enter: Enter) -> None:
    """Even where a row survived by some fault, its owner's status is asked again with each request."""
    made = make_key_of(house.database, house.physician)
    with house.database.unit_of_work() as uow:
        directory.set_status(uow, house.physician.account, identity.AccountStatus.SUSPENDED)

    with pytest.raises(identity.KeyRefused, match="owner not active"):
        enter(made.token)


def test_every_key_of_an_account_ends_together(house: House, enter: Enter) -> None:
    tokens = [make_key_of(house.database, house.physician).token for _ in range(3)]
    other = make_key_of(house.database, house.nurse).token

    with house.database.unit_of_work() as uow:
        assert end_all(uow, house.physician.account) == 3

    for token in tokens:
        with pytest.raises(identity.KeyRefused):
            enter(token)
    enter(other)


def test_ending_the_keys_of_nobody_is_refused(house: House) -> None:
    with pytest.raises(identity.AccountNotFound), house.database.unit_of_work() as uow:
        end_all(uow, kernel.AccountId(kernel.new_id()))


def test_stolen_key_is_of_no_use_from_another_network(house: House, enter: Enter) -> None:
    made = make_key_of(
        house.database,
        house.physician,
        binding=identity.KeyBinding.NETWORKS,
        networks=("203.0.113.0/24", "2001:db8:1::/48"),
    )
    enter(made.token)
    enter(made.token, origin="fhir 2001:db8:1::7")

    for elsewhere in ("fhir 198.51.100.7", "fhir unknown", "fhir 2001:db8:2::7"):
        with pytest.raises(identity.KeyRefused, match="other network"):
            enter(made.token, origin=elsewhere)


def test_stolen_key_is_of_no_use_without_the_private_key(
    house: House, enter: Enter, clock: kernel.SettableClock
) -> None:
    machine, thief = Machine(), Machine()
    made = make_key_of(
        house.database,
        house.physician,
        binding=identity.KeyBinding.PUBLIC_KEY,
        public_key=machine.public_key,
    )

    def proof_of(who: Machine) -> str:
        return who.sign(who.claims(made.token, "GET", ADDRESS, clock.now()))

    enter(made.token, proof=proof_of(machine))
    for proof in (None, "", proof_of(thief)):
        with pytest.raises(identity.KeyRefused):
            enter(made.token, proof=proof)


def test_overheard_proof_is_taken_once(house: House, enter: Enter, clock: kernel.SettableClock) -> None:
    machine = Machine()
    made = make_key_of(
        house.database,
        house.physician,
        binding=identity.KeyBinding.PUBLIC_KEY,
        public_key=machine.public_key,
    )
    proof = machine.sign(machine.claims(made.token, "GET", ADDRESS, clock.now()))
    enter(made.token, proof=proof)

    with pytest.raises(identity.KeyRefused, match="proof used before"):
        enter(made.token, proof=proof)
    clock.advance(timedelta(minutes=6))
    with house.database.unit_of_work() as uow:
        identity.forget_expired(uow, identity.Rules())
    with pytest.raises(identity.KeyRefused, match="another time"):
        enter(made.token, proof=proof)


def test_proof_beside_a_key_that_has_none_is_refused(
    house: House, enter: Enter, clock: kernel.SettableClock
) -> None:
    """A client that believes its key to be bound is not left in that belief."""
    made, machine = make_key_of(house.database, house.physician), Machine()

    with pytest.raises(identity.KeyRefused):
        enter(made.token, proof=machine.sign(machine.claims(made.token, "GET", ADDRESS, clock.now())))


def test_key_whose_binding_was_taken_away_is_refused(house: House, enter: Enter) -> None:
    machine = Machine()
    made = make_key_of(
        house.database,
        house.physician,
        binding=identity.KeyBinding.PUBLIC_KEY,
        public_key=machine.public_key,
    )
    with house.database.unit_of_work() as uow:
        uow.connection.execute(store.access_keys.update().values(thumbprint=None))

    with pytest.raises(identity.KeyRefused, match="binding lost"):
        enter(made.token)


def test_last_use_is_noted_once_a_minute(house: House, enter: Enter, clock: kernel.SettableClock) -> None:
    made, first = make_key_of(house.database, house.physician), clock.now()
    enter(made.token)
    clock.advance(timedelta(seconds=59))
    enter(made.token, origin="fhir 203.0.113.8")
    assert [(key.last_used_at, key.last_origin) for key in own_keys(house)] == [(first, ORIGIN)]

    clock.advance(timedelta(seconds=1))
    enter(made.token, origin="fhir 203.0.113.9")
    assert [(key.last_used_at, key.last_origin) for key in own_keys(house)] == [
        (clock.now(), "fhir 203.0.113.9")
    ]


def test_owner_is_told_of_a_refused_use_once_a_minute(
    house: House, enter: Enter, clock: kernel.SettableClock
) -> None:
    made = make_key_of(house.database, house.physician)
    for seconds in (1, 1, 61):
        clock.advance(timedelta(seconds=seconds))
        with pytest.raises(identity.KeyRefused):
            enter(made.token, face=identity.Face.DICOMWEB)

    assert told(house).count(identity.EventKind.KEY_REFUSED) == 2


def test_widened_key_is_found(house: House) -> None:
    make_key_of(house.database, house.physician, sections=frozenset({"clinical"}))
    before = _anchored(house)
    with house.database.unit_of_work() as uow:
        uow.connection.execute(store.access_keys.update().values(sections="clinical,sensitive"))

    assert before
    assert not _anchored(house)


def test_well_formed_key_that_nobody_made_is_refused(enter: Enter) -> None:
    with pytest.raises(identity.KeyRefused, match="unknown"):
        enter(draw_key())


def test_each_proof_counts_within_the_minute_too(
    house: House, enter: Enter, clock: kernel.SettableClock
) -> None:
    machine = Machine()
    made = make_key_of(
        house.database,
        house.physician,
        binding=identity.KeyBinding.PUBLIC_KEY,
        public_key=machine.public_key,
    )
    proofs = [machine.sign(machine.claims(made.token, "GET", ADDRESS, clock.now())) for _ in range(2)]
    for proof in proofs:
        enter(made.token, proof=proof)

    for proof in proofs:
        with pytest.raises(identity.KeyRefused, match="proof used before"):
            enter(made.token, proof=proof)


@pytest.mark.parametrize("end", ["revoked", "past", "suspended", "session"])
def test_long_answer_goes_on_only_while_its_key_lives(
    house: House, enter: Enter, clock: kernel.SettableClock, end: str
) -> None:
    made = make_key_of(house.database, house.physician, days=1)
    caller = house.physician if end == "session" else enter(made.token)
    with house.database.unit_of_work() as uow:
        identity.insist_key_lives(uow, with_key(made, caller))
        if end == "revoked":
            identity.revoke_key(uow, stepped_up(house), made.key.id)
        if end == "suspended":
            directory.set_status(uow, house.physician.account, identity.AccountStatus.SUSPENDED)
    clock.advance(timedelta(days=1) if end == "past" else timedelta(0))

    with pytest.raises(identity.KeyRefused, match="ended meanwhile"), house.database.reading() as uow:
        identity.insist_key_lives(uow, caller)


def with_key(made: identity.MadeKey, caller: identity.Caller) -> identity.Caller:
    """The caller as the key gives them, also where the test goes on with a session."""
    limits = identity.KeyLimits(made.key.id, made.key.face, made.key.sections, made.key.scope)
    return replace(caller, key=limits)


def _anchored(house: House) -> bool:
    """Tell whether every key is what the ledger says it is."""
    with house.database.reading() as uow:
        anchors = dict(ledger.current_anchors(uow))
        rows = [row for row in identity.check_rows(uow) if row.place.startswith("access-key/")]
        return all(row.sound and anchors[row.place] == row.digest for row in rows) and len(rows) == 1
