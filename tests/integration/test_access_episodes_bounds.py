"""Where an episode stops: at its dossier, at its own parts, at a permit that was not for it."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from serment import access, dossier, identity, kernel, ledger
from serment.access import Action, Section
from serment.access.episodes import check_episodes
from serment.access.episodes.store import episodes
from serment.access.model import Participation
from serment.access.store import insert_participation
from support.dossier import MARTIN, House

MONTH, DAY = timedelta(days=30), timedelta(days=1)
STAY = access.EpisodeRequest(access.EpisodeKind.STAY, "Fracture du poignet", Section.CLINICAL, MONTH)


def leading(
    uow: kernel.UnitOfWork, house: House, other: Action, where: kernel.DossierId | None = None
) -> tuple[access.Permit, access.Permit]:
    """Return the pair of permits that an act on an episode takes."""
    chosen = where or house.martin
    return (
        access.decide(uow, house.physician, Action.MANAGE_TEAM, chosen),
        access.decide(uow, house.physician, other, chosen),
    )


def open_stay(house: House, where: kernel.DossierId | None = None) -> access.Episode:
    with house.database.unit_of_work() as uow:
        return access.open_episode(uow, *leading(uow, house, Action.FILE, where), STAY)


def close(house: House, episode: access.Episode) -> None:
    with house.database.unit_of_work() as uow:
        closing = access.Closing(uow.now, MONTH)
        access.close_episode(uow, *leading(uow, house, Action.READ), episode.id, closing)


def reopen(house: House, episode: access.Episode) -> None:
    with house.database.unit_of_work() as uow:
        access.reopen_episode(uow, *leading(uow, house, Action.READ), episode.id)


def admit(house: House, caller: identity.Caller, episode: access.Episode) -> None:
    with house.database.unit_of_work() as uow:
        permit, _ = leading(uow, house, Action.READ)
        access.admit_to_care_team(uow, permit, account=caller.account, episode=episode.id)


def admit_until(house: House, caller: identity.Caller, episode: access.Episode, days: int) -> None:
    """Write a part with an end of its own, however it came by it."""
    with house.database.unit_of_work() as uow:
        until = uow.now + days * DAY
        part = Participation(
            house.martin, caller.account, None, uow.now, until, "admitted-by-the-team", episode.id
        )
        insert_participation(uow, part)


def reads(house: House, *callers: identity.Caller) -> list[bool]:
    with house.database.reading() as uow:
        return [house.martin in access.my_dossiers(uow, caller) for caller in callers]


def known(house: House, where: kernel.DossierId | None = None) -> set[tuple[access.EpisodeId, bool]]:
    """Return the episodes of a dossier, and whether each was closed."""
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, Action.READ, where or house.martin)
        return {(one.id, one.closed_at is not None) for one in access.episodes_of(uow, permit)}


def test_each_dossier_has_its_own_episodes(house: House) -> None:
    with house.database.unit_of_work() as uow:
        elsewhere = dossier.create_dossier(uow, house.physician, MARTIN)

    here, there = open_stay(house), open_stay(house, elsewhere)

    assert (known(house), known(house, elsewhere)) == ({(here.id, False)}, {(there.id, False)})


def test_closing_and_reopening_are_of_one_episode_and_its_parts(
    house: House, clock: kernel.SettableClock
) -> None:
    colleague, stay, course = house.caller(), open_stay(house), open_stay(house)
    admit(house, house.nurse, stay)
    admit(house, colleague, course)

    close(house, stay)
    one_closed = known(house)
    close(house, course)
    reopen(house, stay)
    clock.advance(MONTH)

    assert one_closed == {(stay.id, True), (course.id, False)}
    assert known(house) == {(stay.id, False), (course.id, True)}
    assert reads(house, house.nurse, colleague) == [True, False]


@pytest.mark.parametrize(
    ("days", "after", "reopened", "still"),
    [(60, 30, False, False), (10, 9, False, True), (10, 10, False, False), (10, 10, True, False)],
)
def test_part_with_an_end_of_its_own_ends_then_or_with_the_follow_up(
    house: House, clock: kernel.SettableClock, days: int, after: int, reopened: bool, still: bool
) -> None:
    episode = open_stay(house)
    admit_until(house, house.nurse, episode, days)

    close(house, episode)
    if reopened:
        reopen(house, episode)
    clock.advance(after * DAY)

    assert reads(house, house.nurse) == [still]


def test_permit_that_is_not_for_filing_leaves_no_episode(embedded_house: House) -> None:
    house = embedded_house

    with house.database.unit_of_work() as uow, pytest.raises(access.PermitMismatch):
        access.open_episode(uow, *leading(uow, house, Action.READ), STAY)

    assert known(house) == set()


def test_episode_of_a_dossier_that_nobody_keeps_is_found(embedded_house: House) -> None:
    house, episode = embedded_house, open_stay(embedded_house)
    with house.database.unit_of_work() as uow:
        uow.connection.execute(update(episodes).values(dossier=kernel.new_id()))

    with house.database.reading() as uow:
        (found,) = check_episodes(uow)
        vouched = ledger.current_anchor(uow, found.place)
    assert (found.place, found.sound) == (f"episode/{episode.id}", False)
    assert found.digest != vouched
