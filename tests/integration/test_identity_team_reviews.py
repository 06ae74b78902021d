"""Heads look through their teams; who is not confirmed is no member any more, whether or not the worker ran."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from serment import identity, kernel, ledger
from serment.identity import Verdict
from serment.identity.teams import store
from support.identity import make_administrator, make_organisation, make_professional, signed_in

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Ward:
    """A team with a head and a nurse, and a team that is none of the head's."""

    administrator: identity.Caller
    head: identity.Caller
    nurse: identity.Caller
    team: identity.Team
    other: identity.Team


@pytest.fixture
def ward(entrance: identity.Entrance) -> Ward:
    with entrance.database.unit_of_work() as uow:
        practice = make_organisation(uow)
        administrator = signed_in(uow, make_administrator(uow, practice))
        head = signed_in(uow, make_professional(uow, practice))
        nurse = signed_in(uow, make_professional(uow, practice, identity.Profession.NURSE))
        team = identity.create_team(uow, administrator, "Cardiologie")
        other = identity.create_team(uow, administrator, "Radiologie")
        for member in (head, nurse):
            identity.add_member(uow, administrator, team.id, member.account)
        identity.add_member(uow, administrator, other.id, nurse.account)
        identity.name_head(uow, administrator, team.id, head.account)
    return Ward(administrator, head, nurse, team, other)


def members(entrance: identity.Entrance, team: identity.Team) -> set[kernel.AccountId]:
    with entrance.database.reading() as uow:
        return {member.account for member in identity.members_of(uow, team.id)}


def test_head_says_who_stays_and_who_leaves(
    entrance: identity.Entrance, ward: Ward, clock: kernel.SettableClock
) -> None:
    clock.advance(180 * DAY)
    with entrance.database.unit_of_work() as uow:
        identity.review_team(uow, ward.head, ward.team.id, {ward.nurse.account: Verdict.STAYS})
        confirmed = {one.account: one for one in identity.members_of(uow, ward.team.id)}[ward.nurse.account]
        kinds = [event.kind for event in identity.security_events(uow, ward.nurse)]
    assert (confirmed.due_at, confirmed.lapses_at) == (clock.now() + 180 * DAY, clock.now() + 210 * DAY)
    assert identity.EventKind.MEMBERSHIP_CONFIRMED in kinds

    with entrance.database.unit_of_work() as uow:
        identity.review_team(uow, ward.head, ward.team.id, {ward.nurse.account: Verdict.LEAVES})
    assert members(entrance, ward.team) == {ward.head.account}
    with entrance.database.reading() as uow:
        assert identity.teams_of(uow, ward.nurse.account) == {ward.other.id}


def test_head_sees_role_since_when_and_last_use(entrance: identity.Entrance, ward: Ward) -> None:
    with entrance.database.reading() as uow:
        found = identity.members_to_review(uow, ward.head, ward.team.id)
        (mine,) = identity.reviews_of_mine(uow, ward.head)
    assert {one.membership.account: one.last_used_at for one in found} == {
        ward.head.account: entrance.database.clock.now(),
        ward.nurse.account: entrance.database.clock.now(),
    }
    assert (mine.team, mine.members, mine.due, mine.overdue) == (ward.team, 2, 0, 0)


def test_head_ends_memberships_of_their_own_team_only_and_adds_nobody(
    entrance: identity.Entrance, ward: Ward
) -> None:
    leaves = {ward.nurse.account: Verdict.LEAVES}
    with entrance.database.unit_of_work() as uow:
        stranger = signed_in(uow, make_administrator(uow, make_organisation(uow)))
        with pytest.raises(identity.NotPermitted):
            identity.review_team(uow, ward.head, ward.other.id, leaves)
        with pytest.raises(identity.NotPermitted):
            identity.members_to_review(uow, ward.head, ward.other.id)
        with pytest.raises(identity.NotPermitted):
            identity.review_team(uow, ward.nurse, ward.team.id, {ward.head.account: Verdict.LEAVES})
        with pytest.raises(identity.NotPermitted):
            identity.add_member(uow, ward.head, ward.team.id, ward.nurse.account)
        with pytest.raises(identity.NotPermitted):
            identity.name_head(uow, ward.nurse, ward.team.id, ward.nurse.account)
        with pytest.raises(identity.NotPermitted):
            identity.end_headship(uow, ward.head, ward.team.id, ward.head.account)
        with pytest.raises(identity.NotPermitted):
            identity.set_review_rhythm(uow, ward.head, ward.team.id, 365)
        with pytest.raises(identity.TeamNotFound):
            identity.review_team(uow, stranger, ward.team.id, leaves)
        with pytest.raises(identity.MembershipNotFound):
            identity.review_team(uow, ward.head, ward.team.id, {ward.administrator.account: Verdict.STAYS})
    assert members(entrance, ward.other) == {ward.nurse.account}


def test_nobody_confirms_their_own_place(entrance: identity.Entrance, ward: Ward) -> None:
    own = {ward.head.account: Verdict.STAYS}
    with pytest.raises(identity.OwnDeparture), entrance.database.unit_of_work() as uow:
        identity.review_team(uow, ward.head, ward.team.id, own)
    with entrance.database.unit_of_work() as uow:
        identity.review_team(uow, ward.administrator, ward.team.id, own)


def test_headship_ends_and_with_it_the_review(entrance: identity.Entrance, ward: Ward) -> None:
    with entrance.database.unit_of_work() as uow:
        identity.end_headship(uow, ward.administrator, ward.team.id, ward.head.account)
        assert identity.reviews_of_mine(uow, ward.head) == ()
        with pytest.raises(identity.NotPermitted):
            identity.review_team(uow, ward.head, ward.team.id, {})


def test_unconfirmed_membership_opens_nothing_after_its_days_of_grace(
    entrance: identity.Entrance, ward: Ward, clock: kernel.SettableClock
) -> None:
    clock.advance(210 * DAY - timedelta(seconds=1))
    assert members(entrance, ward.team) == {ward.head.account, ward.nurse.account}
    clock.advance(timedelta(seconds=1))
    assert members(entrance, ward.team) == set()
    with entrance.database.reading() as uow:
        assert identity.teams_of(uow, ward.nurse.account) == frozenset()

    with entrance.database.unit_of_work() as uow:
        assert identity.end_lapsed_memberships(uow) == 3
        assert identity.end_lapsed_memberships(uow) == 0
        kinds = [event.kind for event in identity.security_events(uow, ward.nurse)]
    assert kinds.count(identity.EventKind.MEMBERSHIP_LAPSED) == 2


def test_member_head_and_administrator_are_told_once_beforehand(
    entrance: identity.Entrance, ward: Ward, clock: kernel.SettableClock
) -> None:
    with entrance.database.unit_of_work() as uow:
        assert identity.tell_of_lapsing(uow) == 0
    clock.advance(180 * DAY)
    with entrance.database.unit_of_work() as uow:
        assert identity.tell_of_lapsing(uow) == 3
        assert identity.tell_of_lapsing(uow) == 0
        told = {
            who: [event.kind for event in identity.security_events(uow, caller)]
            for who, caller in {"nurse": ward.nurse, "head": ward.head, "office": ward.administrator}.items()
        }
        reviews = {one.team.id: one for one in identity.reviews_in(uow, ward.administrator.organisation)}
    assert told["nurse"].count(identity.EventKind.MEMBERSHIP_LAPSING) == 2
    assert identity.EventKind.TEAM_REVIEW_OVERDUE in told["head"]
    assert told["office"].count(identity.EventKind.TEAM_REVIEW_OVERDUE) == 2
    assert (reviews[ward.team.id].overdue, reviews[ward.other.id].heads) == (2, ())


@pytest.mark.parametrize("days", [29, 366])
def test_rhythm_is_between_a_month_and_a_year(entrance: identity.Entrance, ward: Ward, days: int) -> None:
    with pytest.raises(identity.RhythmRefused), entrance.database.unit_of_work() as uow:
        identity.set_review_rhythm(uow, ward.administrator, ward.team.id, days)


def test_shorter_rhythm_leaves_the_days_of_grace(
    entrance: identity.Entrance, ward: Ward, clock: kernel.SettableClock
) -> None:
    clock.advance(150 * DAY)
    with entrance.database.unit_of_work() as uow:
        identity.set_review_rhythm(uow, ward.administrator, ward.team.id, 30)
        found = identity.members_of(uow, ward.team.id)
    assert {one.lapses_at for one in found} == {clock.now() + 30 * DAY}
    assert all(one.due_at < clock.now() for one in found)


def unvouched(entrance: identity.Entrance) -> list[str]:
    """Compare what is stored of memberships with the ledger, as `serment verify` does."""
    with entrance.database.reading() as uow:
        anchors = dict(ledger.current_anchors(uow))
        rows = [row for row in identity.check_rows(uow) if row.place.startswith("membership/")]
    assert rows
    return [row.place for row in rows if anchors.get(row.place) != row.digest]


def test_ledger_vouches_for_memberships_through_their_whole_life(
    entrance: identity.Entrance, ward: Ward, clock: kernel.SettableClock
) -> None:
    assert unvouched(entrance) == []
    with entrance.database.unit_of_work() as uow:
        identity.review_team(uow, ward.head, ward.team.id, {ward.nurse.account: Verdict.STAYS})
        identity.set_review_rhythm(uow, ward.administrator, ward.team.id, 90)
        identity.end_headship(uow, ward.administrator, ward.team.id, ward.head.account)
        identity.add_member(uow, ward.administrator, ward.team.id, ward.head.account)
        identity.end_membership(uow, ward.administrator, ward.team.id, ward.nurse.account)
    clock.advance(181 * DAY)
    with entrance.database.unit_of_work() as uow:
        identity.tell_of_lapsing(uow)
    clock.advance(181 * DAY)
    with entrance.database.unit_of_work() as uow:
        identity.end_lapsed_memberships(uow)

    assert unvouched(entrance) == []


def test_membership_added_or_prolonged_behind_our_back_is_found(
    entrance: identity.Entrance, ward: Ward
) -> None:
    with entrance.database.unit_of_work() as uow:
        of_nurse = next(one for one in store.members_of(uow, ward.other.id))
        slipped_in = replace(of_nurse, id=kernel.new_id(), account=ward.head.account)
        store.add_membership(uow, slipped_in)
        store.write_membership(uow, replace(of_nurse, lapses_at=of_nurse.lapses_at + 365 * DAY))

    assert set(unvouched(entrance)) == {f"membership/{slipped_in.id}", f"membership/{of_nurse.id}"}
