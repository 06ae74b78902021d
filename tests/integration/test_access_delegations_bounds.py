"""Where a delegation stops: at its end, at its dossier, at its account, at the code that nobody brought back."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest

from serment import access, clinical, dossier, identity, kernel, ledger, vault
from serment.access import Action, DelegateKind, DelegationRequest, Relation, Section
from serment.access.delegations import check_delegations, store
from serment.access.delegations.terms import context_of
from support.dossier import MARTIN, House
from support.family import LOU, SEEN, Family, make_family, relative_of
from support.identity import make_administrator, make_organisation, make_professional, signed_in

SECTIONS = frozenset({Section.CLINICAL, Section.IMAGING})
DAY = timedelta(days=1)


@pytest.fixture
def family(house: House) -> Family:
    return make_family(house)


@pytest.fixture
def embedded_family(embedded_house: House) -> Family:
    return make_family(embedded_house)


def trust_request(uow: kernel.UnitOfWork, days: int) -> DelegationRequest:
    return DelegationRequest(DelegateKind.TRUSTED_PERSON, SECTIONS, uow.now + days * DAY)


def offer(house: House, days: int = 30) -> access.DelegationCode:
    """Let the adult patient hand over a code for a trusted person."""
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, Action.CONTROL, house.martin)
        return dossier.hand_delegation_code(uow, permit, trust_request(uow, days))


def trust(house: House, friend: identity.Caller, days: int = 30) -> access.Delegation:
    """Let the adult patient name a trusted person."""
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, Action.CONTROL, house.martin)
        return dossier.name_delegate(uow, permit, trust_request(uow, days), friend.account)


def offer_as_guardian(house: House, for_days: int) -> access.DelegationCode:
    """Let the practice hand over a code for a guardian of the adult patient."""
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, Action.SHARE, house.martin, section=Section.IDENTITY)
        request = DelegationRequest(DelegateKind.GUARDIAN, None, uow.now + for_days * DAY, SEEN)
        return access.offer_delegation(uow, permit, request, born_on=MARTIN.birth_date)


def claim(house: House, who: identity.Caller, code: access.DelegationCode) -> access.Delegation:
    with house.database.unit_of_work() as uow:
        return access.claim_delegation(uow, who, code.code)


def end(house: House, where: kernel.DossierId, given: access.Delegation) -> None:
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, Action.SHARE, where, section=Section.IDENTITY)
        access.end_delegation(uow, permit, given.id, reason="jugement")


def share(
    family: Family,
    who: identity.Caller,
    *,
    account: kernel.AccountId | None = None,
    team: identity.TeamId | None = None,
    days: int = 30,
) -> access.Grant:
    """Let somebody who acts for the girl open her clinical section."""
    with family.house.database.unit_of_work() as uow:
        permit = access.decide(uow, who, Action.SHARE, family.lou, section=Section.CLINICAL)
        until, sections = uow.now + days * DAY, frozenset({Section.CLINICAL})
        asked = access.GrantRequest(account, team, sections, None, access.Purpose.CARE, until)
        return access.grant_access(uow, permit, asked)


def acts_for(house: House, who: identity.Caller) -> set[kernel.DossierId]:
    with house.database.reading() as uow:
        return {one.dossier for one in access.my_delegations(uow, who)}


def traced(house: House, where: kernel.DossierId, kind: str) -> list[ledger.Trace]:
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, Action.READ_TRAIL, where)
        return [one.trace for one in access.read_trail(uow, permit) if one.trace.kind == kind]


def test_code_leaves_the_trace_of_what_it_lets_do(house: House) -> None:
    code = offer(house)

    (trace,) = traced(house, house.martin, "delegation.offered")
    assert trace.actor == house.patient.actor
    assert trace.detail == {
        "delegation": str(code.delegation), "delegate-kind": "trusted-person", "sections": "clinical,imaging",
        "ends": "2026-04-11T09:00:00+00:00",
    }  # fmt: skip


def test_access_key_claims_nothing(embedded_house: House) -> None:
    house, code = embedded_house, offer(embedded_house)
    friend, sections = relative_of(house), frozenset(section.value for section in Section)
    key = identity.AccessKeyId(kernel.new_id())
    limits = identity.KeyLimits(key, identity.Face.FHIR, sections, identity.KeyScope.READ_AND_FILE)

    with pytest.raises(access.DelegationCodeRefused):
        claim(house, replace(friend, key=limits), code)

    assert claim(house, friend, code).account == friend.account


def test_code_that_two_bring_at_once_ties_one(house: House) -> None:
    offer(house)
    friend, other = relative_of(house), relative_of(house)

    with house.database.unit_of_work() as uow:
        (offered,) = store.load_delegations(uow, house.martin)
        tied = [store.tie_account(uow, replace(offered, account=who.account)) for who in (friend, other)]

    assert tied == [True, False]
    assert (acts_for(house, friend), acts_for(house, other)) == ({house.martin}, set())


@pytest.mark.parametrize("brought_back", [True, False], ids=["claimed", "waiting"])
def test_patient_names_somebody_while_they_have_no_guardian(
    embedded_house: House, clock: kernel.SettableClock, brought_back: bool
) -> None:
    """A code that waits is no guardian, nor is one whose time is over."""
    house, code = embedded_house, offer_as_guardian(embedded_house, for_days=1)
    friend = relative_of(house)
    if brought_back:
        claim(house, relative_of(house), code)
        with pytest.raises(access.DelegationInvalid, match="guardian"):
            trust(house, friend)
        clock.advance(DAY)

    assert trust(house, friend).kind is DelegateKind.TRUSTED_PERSON


def test_parent_of_two_children_acts_for_both(house: House) -> None:
    family, sibling = make_family(house), make_family(house).lou

    family.let_in(family.mother)
    family.let_in(family.mother, where=sibling)

    assert acts_for(house, family.mother) == {family.lou, sibling}


def test_trusted_person_is_named_again_once_their_time_is_over(
    embedded_house: House, clock: kernel.SettableClock
) -> None:
    house, friend = embedded_house, relative_of(embedded_house)
    trust(house, friend, days=1)
    with pytest.raises(access.AlreadyDelegate):
        trust(house, friend)
    clock.advance(DAY)

    trust(house, friend)

    assert acts_for(house, friend) == {house.martin}


def test_part_that_is_over_is_not_renounced(embedded_house: House, clock: kernel.SettableClock) -> None:
    house, friend = embedded_house, relative_of(embedded_house)
    named = trust(house, friend, days=1)
    clock.advance(DAY)

    with house.database.unit_of_work() as uow, pytest.raises(access.DelegationNotFound):
        access.renounce_delegation(uow, friend, named.id)

    assert traced(house, house.martin, "delegation.renounced") == []


def test_nothing_is_ended_with_a_permit_that_is_over(
    embedded_house: House, clock: kernel.SettableClock
) -> None:
    house, friend = embedded_house, relative_of(embedded_house)
    named = trust(house, friend)
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, Action.CONTROL, house.martin)
    clock.advance(timedelta(minutes=6))

    with house.database.unit_of_work() as uow, pytest.raises(access.PermitMismatch):
        access.end_delegation(uow, permit, named.id)

    assert acts_for(house, friend) == {house.martin}


def test_what_was_ended_is_ended_once(house: House, clock: kernel.SettableClock) -> None:
    named, ended_at = trust(house, relative_of(house)), clock.now()

    ended = []
    for _ in range(2):
        with house.database.unit_of_work() as uow:
            ended.append(store.revoke_delegation(uow, named.id))
        clock.advance(DAY)

    assert ended == [True, False]
    with house.database.reading() as uow:
        assert [one.revoked_at for one in store.load_delegations(uow, house.martin)] == [ended_at]


def test_what_was_ended_is_read_with_its_dossier_alone(family: Family) -> None:
    house, given = family.house, family.let_in(family.mother)
    end(house, family.lou, given)

    with house.database.reading() as uow:
        assert [one.id for one in store.load_delegations(uow, family.lou)] == [given.id]
        assert store.load_delegations_to(uow, family.mother.account) == ()
        assert store.load_delegations_at(uow, house.organisation.id) == ()


def amend_birth_date(
    house: House, where: kernel.DossierId, known: clinical.PatientIdentity, born_on: date
) -> None:
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, Action.AMEND, where, section=Section.IDENTITY)
        dossier.amend_identity(uow, permit, replace(known, birth_date=born_on), from_version=1)


def test_corrected_birth_date_moves_each_end_of_this_child_alone(house: House) -> None:
    family, sibling = make_family(house), make_family(house).lou
    for where, parent in ((family.lou, family.mother), (family.lou, family.father), (sibling, family.mother)):
        family.let_in(parent, where=where)

    amend_birth_date(house, family.lou, LOU, date(2011, 6, 1))

    with house.database.reading() as uow:
        ends = {
            (one.dossier, one.account): one.ends_at.isoformat()
            for where in (family.lou, sibling)
            for one in store.load_delegations(uow, where)
            if one.ends_at is not None
        }
    assert ends == {
        (family.lou, family.mother.account): "2029-05-31T22:00:00+00:00",
        (family.lou, family.father.account): "2029-05-31T22:00:00+00:00",
        (sibling, family.mother.account): "2028-05-31T22:00:00+00:00",
    }


def test_corrected_birth_date_moves_the_end_of_what_is_offered(embedded_family: Family) -> None:
    family, house = embedded_family, embedded_family.house
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, Action.SHARE, family.lou, section=Section.IDENTITY)
        code = dossier.hand_delegation_code(uow, permit, DelegationRequest(DelegateKind.PARENT, proof=SEEN))

    amend_birth_date(house, family.lou, LOU, date(2011, 6, 1))

    assert claim(house, family.mother, code).ends_at == datetime(2029, 5, 31, 22, tzinfo=UTC)


def test_corrected_birth_date_of_an_adult_moves_no_end(embedded_house: House) -> None:
    house, friend = embedded_house, relative_of(embedded_house)
    trust(house, friend)

    amend_birth_date(house, house.martin, MARTIN, date(1971, 3, 12))

    assert acts_for(house, friend) == {house.martin}
    assert traced(house, house.martin, "delegation.redated") == []


def test_opening_to_a_team_closes_with_whoever_gave_it(embedded_family: Family) -> None:
    family, house = embedded_family, embedded_family.house
    given = family.let_in(family.father)
    with house.database.unit_of_work() as uow:
        administrator = signed_in(uow, make_administrator(uow, house.organisation))
        team = identity.create_team(uow, administrator, "Cardiologie").id
    opened = share(family, family.father, team=team)

    end(house, family.lou, given)

    (closed,) = traced(house, family.lou, "grant.revoked")
    assert closed.actor == house.physician.actor
    assert closed.detail == {
        "grant": str(opened.id), "team": str(team), "reason": "no-longer-acts", "ends": "2026-04-11T09:00:00+00:00",
    }  # fmt: skip


def test_opening_that_was_over_or_taken_back_closes_not_again(
    embedded_family: Family, clock: kernel.SettableClock
) -> None:
    family, house = embedded_family, embedded_family.house
    given, guest = family.let_in(family.father), house.caller()
    taken_back, _over = (share(family, family.father, account=guest.account, days=days) for days in (9, 1))
    with house.database.unit_of_work() as uow:
        access.revoke_grant(uow, access.decide(uow, family.father, Action.SHARE, family.lou), taken_back.id)
    clock.advance(DAY)

    end(house, family.lou, given)

    closed = traced(house, family.lou, "grant.revoked")
    assert [trace.actor for trace in closed] == [family.father.actor]


def test_whoever_acts_no_longer_is_told_of_nobody(embedded_family: Family) -> None:
    family, house = embedded_family, embedded_family.house
    end(house, family.lou, family.let_in(family.mother))

    family.let_in(family.father)

    with house.database.reading() as uow:
        assert access.unseen_notices(uow, family.mother) == ()


def test_preview_counts_who_acts_for_patients_of_the_house_alone(embedded_family: Family) -> None:
    family, house = embedded_family, embedded_family.house
    with house.database.unit_of_work() as uow:
        elsewhere = make_organisation(uow, "Centre hospitalier")
        away = replace(
            house, organisation=elsewhere, physician=signed_in(uow, make_professional(uow, elsewhere))
        )
        administrator = signed_in(uow, make_administrator(uow, house.organisation))
    others = make_family(away)
    family.let_in(family.mother)
    for parent in (others.mother, others.father):
        others.let_in(parent)
    closed = access.SHIPPED.with_rights(Relation.DELEGATE, DelegateKind.PARENT, Section.SENSITIVE, ())

    with house.database.reading() as uow:
        effects = access.preview_matrix(uow, administrator, closed)

    assert {(one.lost_people, one.lost_dossiers) for one in effects} == {(1, 1)}


def test_sealed_terms_are_as_the_format_says(house: House) -> None:
    """docs/formats/rows.md, section 6: nobody yet is null, in what is sealed as in the column."""
    offer(house)

    with house.database.reading() as uow:
        (row,) = store.load_rows(uow)
        context = context_of(row["organisation"], row["id"])
        said = json.loads(uow.part(vault.Keyring).unseal(row["sealed"], context))

    assert said == {
        "account": None, "dossier": str(house.martin), "kind": "trusted-person", "majority": False,
        "sections": ["clinical", "imaging"], "ends": "2026-04-11T09:00:00+00:00",
    }  # fmt: skip


def test_ledger_vouches_for_what_the_format_says(house: House, clock: kernel.SettableClock) -> None:
    """docs/formats/rows.md, section 6: whoever acts, or nobody yet; and when it was ended."""
    code, friend = offer(house), relative_of(house)
    named = trust(house, friend)
    clock.advance(timedelta(minutes=1))
    end(house, house.martin, named)

    with house.database.reading() as uow:
        sealed = {row["id"]: sha256(row["sealed"]).hexdigest() for row in store.load_rows(uow)}
        vouched = {row.place: row.digest for row in check_delegations(uow)}

    both = {
        "dossier": str(house.martin), "organisation": str(house.organisation.id),
        "starts": "2026-03-12T09:00:00+00:00",
    }  # fmt: skip
    waits = {**both, "account": None, "revoked": None, "sealed": sealed[code.delegation]}
    acted = {
        "account": str(friend.account),
        "revoked": "2026-03-12T09:01:00+00:00",
        "sealed": sealed[named.id],
    }
    assert vouched == {
        f"delegation/{code.delegation}": digest_of(waits),
        f"delegation/{named.id}": digest_of({**both, **acted}),
    }


def digest_of(said: Mapping[str, str | None]) -> bytes:
    """Return the SHA-256 of canonical JSON, spelled without the program."""
    return sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).digest()
