"""Episodes of care: who takes part in one leaves with it, after its follow-up window (LAW-51)."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from serment import access, clinical, dossier, identity, kernel, ledger, vault
from serment.access.episodes import check_episodes, store
from support.dossier import MARTIN, House

STAY = access.EpisodeRequest(
    access.EpisodeKind.STAY, "Fracture du poignet gauche", access.Section.CLINICAL, timedelta(days=30)
)
SECRET = access.EpisodeRequest(
    access.EpisodeKind.VISITS, "Suivi en addictologie", access.Section.SENSITIVE, timedelta(days=7)
)


def leading(uow: kernel.UnitOfWork, house: House, caller: identity.Caller | None = None) -> access.Permit:
    return access.decide(uow, caller or house.physician, access.Action.MANAGE_TEAM, house.martin)


def permit(
    uow: kernel.UnitOfWork, house: House, action: access.Action, caller: identity.Caller | None = None
) -> access.Permit:
    return access.decide(uow, caller or house.physician, action, house.martin)


def open_stay(
    house: House, request: access.EpisodeRequest = STAY, caller: identity.Caller | None = None
) -> access.Episode:
    with house.database.unit_of_work() as uow:
        filing = permit(uow, house, access.Action.FILE, caller)
        return access.open_episode(uow, leading(uow, house, caller), filing, request)


def close(
    house: House,
    episode: access.Episode,
    *,
    follow_up: timedelta = timedelta(days=30),
    ago: timedelta = timedelta(0),
) -> access.Episode:
    with house.database.unit_of_work() as uow:
        reading = permit(uow, house, access.Action.READ)
        closing = access.Closing(uow.now - ago, follow_up)
        return access.close_episode(uow, leading(uow, house), reading, episode.id, closing)


def reopen(house: House, episode: access.Episode) -> access.Episode:
    with house.database.unit_of_work() as uow:
        reading = permit(uow, house, access.Action.READ)
        return access.reopen_episode(uow, leading(uow, house), reading, episode.id)


def admit(house: House, caller: identity.Caller, episode: access.Episode | None = None) -> None:
    with house.database.unit_of_work() as uow:
        access.admit_to_care_team(
            uow, leading(uow, house), account=caller.account, episode=None if episode is None else episode.id
        )


def reads(house: House, caller: identity.Caller) -> bool:
    with house.database.unit_of_work() as uow:
        try:
            found = access.decide(uow, caller, access.Action.READ, house.martin)
        except access.AccessRefused:
            return False
        return access.Section.CLINICAL in found.reach


def episodes(house: House, caller: identity.Caller) -> tuple[access.Episode, ...]:
    with house.database.unit_of_work() as uow:
        return access.episodes_of(uow, permit(uow, house, access.Action.READ, caller))


def acts(house: House, kind: str) -> list[ledger.Trace]:
    return [trace for trace in house.trail() if trace.kind == kind]


def test_episode_is_read_by_the_team_and_by_the_patient(house: House) -> None:
    opened = open_stay(house)
    admit(house, house.nurse)

    assert opened.label == "Fracture du poignet gauche"
    assert (opened.kind, opened.closed_at) == (access.EpisodeKind.STAY, None)
    assert opened.follow_up_ends_at is None
    for reader in (house.physician, house.nurse, house.patient):
        assert episodes(house, reader) == (opened,)


def test_episode_is_not_read_by_who_reads_nothing_of_its_section(house: House) -> None:
    opened, secret = open_stay(house), open_stay(house, SECRET)
    admit(house, house.nurse)
    admit(house, house.secretary)

    assert set(episodes(house, house.physician)) == {opened, secret}
    assert episodes(house, house.nurse) == (opened,)
    assert episodes(house, house.secretary) == ()


@pytest.mark.parametrize("on", ["entry", "section", "everything"])
def test_episode_is_absent_for_whom_the_patient_keeps_away(house: House, on: str) -> None:
    opened = open_stay(house)
    admit(house, house.nurse)
    on_what = {
        "entry": access.RestrictionRequest(
            access.Against.PERSON, house.nurse.account, entry=access.EntryId(opened.id)
        ),
        "section": access.RestrictionRequest(
            access.Against.PERSON, house.nurse.account, access.Section.CLINICAL
        ),
        "everything": access.RestrictionRequest(access.Against.PERSON, house.nurse.account),
    }
    with house.database.unit_of_work() as uow:
        access.restrict(uow, permit(uow, house, access.Action.CONTROL, house.patient), on_what[on])
    mine = open_stay(house, caller=house.nurse)

    assert episodes(house, house.nurse) == (mine,)
    assert set(episodes(house, house.physician)) == {opened, mine}
    with house.database.unit_of_work() as uow:
        managing, reading = (
            leading(uow, house, house.nurse),
            permit(uow, house, access.Action.READ, house.nurse),
        )
        with pytest.raises(access.EpisodeNotFound):
            access.close_episode(uow, managing, reading, opened.id, access.Closing(uow.now, timedelta(0)))


def test_words_of_an_episode_are_sealed_for_their_place(house: House) -> None:
    opened, other = open_stay(house), open_stay(house, SECRET)
    with house.database.unit_of_work() as uow:
        row = store.load_episode(uow, house.martin, opened.id)
        assert row is not None
        assert b"poignet" not in row.sealed
        store.insert_episode(uow, store.EpisodeRow(
            access.EpisodeId(kernel.new_id()), house.martin, row.section, row.sealed, row.opened_at, row.opened_by, 7,
        ))  # fmt: skip

    assert other.label == "Suivi en addictologie"
    with pytest.raises(vault.SealBroken):
        episodes(house, house.physician)


@pytest.mark.parametrize(
    ("after", "still"),
    [(timedelta(0), True), (timedelta(days=30, seconds=-1), True), (timedelta(days=30), False)],
)
def test_part_in_an_episode_ends_with_its_follow_up(
    house: House, clock: kernel.SettableClock, after: timedelta, still: bool
) -> None:
    episode = open_stay(house)
    admit(house, house.nurse, episode)
    clock.advance(timedelta(days=4))

    closed = close(house, episode)
    clock.advance(after)

    assert closed.follow_up_ends_at == closed.opened_at + timedelta(days=34)
    assert closed.follows_up(clock.now()) is still
    assert reads(house, house.nurse) is still
    assert reads(house, house.physician)
    with house.database.unit_of_work() as uow:
        assert (house.martin in access.my_dossiers(uow, house.nurse)) is still


def test_closing_without_follow_up_ends_access_at_once(house: House) -> None:
    episode = open_stay(house)
    admit(house, house.nurse, episode)

    close(house, episode, follow_up=timedelta(0))

    assert not reads(house, house.nurse)


def test_follow_up_counts_from_the_end_and_access_never_ends_before_now(
    house: House, clock: kernel.SettableClock
) -> None:
    episode = open_stay(house)
    admit(house, house.nurse, episode)
    clock.advance(timedelta(days=10))

    closed = close(house, episode, follow_up=timedelta(days=3), ago=timedelta(days=5))

    assert closed.closed_at == clock.now() - timedelta(days=5)
    assert not reads(house, house.nurse)
    with house.database.unit_of_work() as uow:
        parts = access.care_team(uow, permit(uow, house, access.Action.READ))
    assert [part.ended_at for part in parts if part.episode == episode.id] == [clock.now()]


def test_part_that_was_ended_by_hand_stays_ended(house: House, clock: kernel.SettableClock) -> None:
    episode = open_stay(house)
    admit(house, house.nurse, episode)
    with house.database.unit_of_work() as uow:
        access.end_participation(uow, leading(uow, house), account=house.nurse.account)
    clock.advance(timedelta(hours=1))
    close(house, episode)
    reopen(house, episode)

    assert not reads(house, house.nurse)


def test_follow_up_is_ended_by_hand(house: House) -> None:
    episode = open_stay(house)
    admit(house, house.nurse, episode)
    close(house, episode)
    assert reads(house, house.nurse)

    with house.database.unit_of_work() as uow:
        access.end_participation(uow, leading(uow, house), account=house.nurse.account)

    assert not reads(house, house.nurse)


def test_reopening_keeps_those_who_follow_up(house: House, clock: kernel.SettableClock) -> None:
    episode = open_stay(house)
    admit(house, house.nurse, episode)
    close(house, episode)
    clock.advance(timedelta(days=29))

    again = reopen(house, episode)
    clock.advance(timedelta(days=300))

    assert again.closed_at is None
    assert reads(house, house.nurse)


def test_reopening_revives_nobody(house: House, clock: kernel.SettableClock) -> None:
    episode = open_stay(house)
    admit(house, house.nurse, episode)
    close(house, episode)
    clock.advance(timedelta(days=31))

    reopen(house, episode)

    assert not reads(house, house.nurse)


def test_who_follows_up_is_admitted_anew(house: House, clock: kernel.SettableClock) -> None:
    episode = open_stay(house)
    admit(house, house.nurse, episode)
    close(house, episode)

    admit(house, house.nurse)
    clock.advance(timedelta(days=60))

    assert reads(house, house.nurse)


def test_part_in_the_whole_care_includes_every_episode(house: House) -> None:
    one, other = open_stay(house), open_stay(house, SECRET)
    admit(house, house.nurse, one)
    admit(house, house.nurse, other)
    with pytest.raises(access.AlreadyInCareTeam):
        admit(house, house.nurse, one)
    admit(house, house.nurse)
    with pytest.raises(access.AlreadyInCareTeam):
        admit(house, house.nurse, other)


def test_nobody_enters_an_episode_that_is_over_or_of_another_dossier(house: House) -> None:
    episode = open_stay(house)
    close(house, episode)
    with pytest.raises(access.EpisodeNotFound):
        admit(house, house.nurse, episode)
    other = open_stay(house)
    with house.database.unit_of_work() as uow:
        elsewhere = dossier.create_dossier(uow, house.physician, MARTIN)
        managing = access.decide(uow, house.physician, access.Action.MANAGE_TEAM, elsewhere)
        with pytest.raises(access.EpisodeNotFound):
            access.admit_to_care_team(uow, managing, account=house.nurse.account, episode=other.id)


def test_episode_of_another_dossier_is_not_closed_from_here(house: House) -> None:
    episode = open_stay(house)
    with house.database.unit_of_work() as uow:
        elsewhere = dossier.create_dossier(uow, house.physician, MARTIN)
        managing = access.decide(uow, house.physician, access.Action.MANAGE_TEAM, elsewhere)
        reading = access.decide(uow, house.physician, access.Action.READ, elsewhere)
        with pytest.raises(access.EpisodeNotFound):
            access.close_episode(uow, managing, reading, episode.id, access.Closing(uow.now, timedelta(0)))
        here = permit(uow, house, access.Action.READ)
        with pytest.raises(access.PermitMismatch):
            access.close_episode(uow, managing, here, episode.id, access.Closing(uow.now, timedelta(0)))


def test_episode_that_one_does_not_reach_is_not_there(house: House) -> None:
    """A nurse leads care and does not read the sensitive section: its episodes are absent, not forbidden."""
    secret = open_stay(house, SECRET)
    admit(house, house.nurse)
    with house.database.unit_of_work() as uow:
        managing, reading = (
            leading(uow, house, house.nurse),
            permit(uow, house, access.Action.READ, house.nurse),
        )
        with pytest.raises(access.EpisodeNotFound):
            access.close_episode(uow, managing, reading, secret.id, access.Closing(uow.now, timedelta(0)))
        with pytest.raises(access.EpisodeNotFound):
            access.reopen_episode(uow, managing, reading, secret.id)
        filing = permit(uow, house, access.Action.FILE, house.nurse)
        with pytest.raises(access.PermitMismatch):
            access.open_episode(uow, managing, filing, SECRET)


@pytest.mark.parametrize(
    "change",
    [
        {"label": "  "},
        {"label": "x" * 201},
        {"section": access.Section.IMAGING},
        {"follow_up": timedelta(days=367)},
        {"follow_up": timedelta(days=-1)},
    ],
    ids=str,
)
def test_episode_that_cannot_be_so_is_refused(embedded_house: House, change: dict[str, object]) -> None:
    values = {"kind": STAY.kind, "label": STAY.label, "section": STAY.section, "follow_up": STAY.follow_up}
    with pytest.raises(access.EpisodeInvalid):
        open_stay(embedded_house, access.EpisodeRequest(**{**values, **change}))  # type: ignore[arg-type] # one value is wrong on purpose


@pytest.mark.parametrize(
    ("ago", "days"), [(-1, 30), (1, 30), (0, 400)], ids=["to-come", "before", "too-long"]
)
def test_end_that_cannot_be_so_is_refused(embedded_house: House, ago: int, days: int) -> None:
    episode = open_stay(embedded_house)

    with pytest.raises(access.EpisodeInvalid):
        close(embedded_house, episode, ago=timedelta(days=ago), follow_up=timedelta(days=days))


def test_episode_is_closed_once_and_reopened_once(embedded_house: House) -> None:
    episode = open_stay(embedded_house)
    with pytest.raises(access.EpisodeClosed):
        reopen(embedded_house, episode)
    close(embedded_house, episode)
    with pytest.raises(access.EpisodeClosed):
        close(embedded_house, episode)


def test_episodes_take_permits_for_them(embedded_house: House) -> None:
    house, episode = embedded_house, open_stay(embedded_house)
    with house.database.unit_of_work() as uow:
        managing, reading = leading(uow, house), permit(uow, house, access.Action.READ)
        closing = access.Closing(uow.now, timedelta(0))
        with pytest.raises(access.PermitMismatch):
            access.open_episode(uow, reading, permit(uow, house, access.Action.FILE), STAY)
        with pytest.raises(access.PermitMismatch):
            access.open_episode(uow, managing, reading, STAY)
        with pytest.raises(access.PermitMismatch):
            access.close_episode(uow, reading, reading, episode.id, closing)
        with pytest.raises(access.PermitMismatch):
            access.close_episode(uow, managing, managing, episode.id, closing)
        with pytest.raises(access.PermitMismatch):
            access.episodes_of(uow, managing)


def test_life_of_an_episode_is_in_the_trail_without_its_words(house: House) -> None:
    episode = open_stay(house)
    admit(house, house.nurse, episode)
    closed = close(house, episode)
    reopen(house, episode)

    (opened,) = acts(house, "episode.opened")
    (ended,) = acts(house, "episode.closed")
    (again,) = acts(house, "episode.reopened")
    (joined,) = acts(house, "episode.joined")
    (admitted,) = acts(house, "care-team.joined")
    assert opened.detail == {"entry": str(episode.id), "follow_up_days": "30"}
    assert closed.follow_up_ends_at is not None
    assert ended.detail == {**opened.detail, "ends": closed.follow_up_ends_at.isoformat()}
    assert again.detail == opened.detail
    assert joined.detail == {"account": str(house.nurse.account), "entry": str(episode.id)}
    assert str(episode.id) not in admitted.detail.values()
    assert {trace.category for trace in (opened, joined, ended, again)} == {"clinical"}
    assert {trace.actor.account for trace in (opened, joined, ended, again)} == {house.physician.account}


def test_hidden_episode_is_in_no_trail_of_whom_it_is_hidden_from(house: House) -> None:
    colleague = house.caller()
    admit(house, colleague)
    episode = open_stay(house)
    admit(house, house.nurse, episode)
    close(house, episode)
    reopen(house, episode)
    with house.database.unit_of_work() as uow:
        kept_away = access.RestrictionRequest(
            access.Against.PERSON, colleague.account, access.Section.CLINICAL
        )
        access.restrict(uow, permit(uow, house, access.Action.CONTROL, house.patient), kept_away)
    with house.database.unit_of_work() as uow:
        read = access.read_trail(uow, permit(uow, house, access.Action.READ_TRAIL, colleague))

    kinds = [one.trace.kind for one in read]
    assert "care-team.joined" in kinds
    assert [kind for kind in kinds if kind.startswith("episode.")] == []
    assert all(str(episode.id) not in one.trace.detail.values() for one in read)


def checked(house: House) -> tuple[ledger.CheckedRow, bytes | None]:
    """Return the one episode as `serment verify` meets it, and what the ledger vouches for."""
    with house.database.reading() as uow:
        (found,) = check_episodes(uow)
        return found, ledger.current_anchor(uow, found.place)


def test_ledger_vouches_for_every_state_of_an_episode(house: House) -> None:
    episode = open_stay(house)
    states = [checked(house)]
    close(house, episode)
    states.append(checked(house))
    reopen(house, episode)
    states.append(checked(house))

    assert {found.place for found, _ in states} == {f"episode/{episode.id}"}
    assert all(found.sound and found.digest == anchor for found, anchor in states)
    assert len({found.digest for found, _ in states}) == 2


@pytest.mark.parametrize(
    ("change", "sound"),
    [("follow_up_days = 300", True), ("section = 'sensitive'", False)],
    ids=["longer", "section"],
)
def test_episode_changed_in_the_database_is_found(house: House, change: str, sound: bool) -> None:
    open_stay(house)
    with house.database.unit_of_work() as uow:
        uow.connection.execute(text(f"UPDATE episodes SET {change}"))

    found, anchor = checked(house)
    assert found.digest != anchor
    assert found.sound is sound


def test_departure_ends_a_follow_up(house: House) -> None:
    episode = open_stay(house)
    admit(house, house.nurse, episode)
    close(house, episode)
    with house.database.unit_of_work() as uow:
        assert access.store.cared_for_by(uow, house.nurse.account) == (house.martin,)


def test_patient_opens_no_episode(house: House) -> None:
    with house.database.unit_of_work() as uow, pytest.raises(access.AccessRefused):
        leading(uow, house, house.patient)


def test_document_kinds_and_episodes_share_no_place(house: House) -> None:
    """An episode is no document: it is in no list of them."""
    open_stay(house)

    assert house.lines(house.physician) == ()
    assert house.lines(house.physician, dossier.Filter(kinds=frozenset(clinical.DocumentKind))) == ()
