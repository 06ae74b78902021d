from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from serment import access, identity, kernel
from support.dossier import House
from support.edge import SignIn

_ASKED = {"label": "Fracture du poignet", "kind": "stay", "section": "clinical", "days": "30"}


@pytest.fixture
def house(embedded_house: House) -> House:
    """On SQLite: what pages ask of the database is held on both kinds by the tests of `access`."""
    return embedded_house


@pytest.fixture
def client(house: House, client_for: SignIn) -> TestClient:
    return client_for(house.physician)


def episodes(house: House) -> tuple[access.Episode, ...]:
    with house.database.unit_of_work() as uow:
        return access.episodes_of(uow, access.decide(uow, house.patient, access.Action.READ, house.martin))


def kinds(house: House) -> list[str]:
    return [trace.kind for trace in house.trail()]


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("’", "'")


def test_episode_lives_from_opening_to_follow_up(
    house: House, client: TestClient, client_for: SignIn, clock: kernel.SettableClock
) -> None:
    base = f"/dossiers/{house.martin}"
    client.post(f"{base}/episodes", data=_ASKED)
    (episode,) = episodes(house)
    offered = client.get(f"{base}/access").text
    client.post(
        f"{base}/access/admit", data={"who": f"account:{house.nurse.account}", "episode": str(episode.id)}
    )
    during = plain(client.get(f"{base}/episodes").text)
    asked = plain(client.get(f"{base}/episodes/{episode.id}/close").text)
    client.post(f"{base}/episodes/{episode.id}/close", data={"ended_on": "2026-03-12", "days": "7"})
    after = plain(client.get(f"{base}/access").text)

    assert f'value="{episode.id}"' in offered
    assert "suivi de 30 jours après la fin" in during
    assert "Infirmier, infirmière" in during
    assert "1 participation prend fin avec cet épisode" in asked
    assert "Suivi jusqu'au 19 mars 2026" in after
    assert "Épisode : Fracture du poignet" in after
    assert client_for(house.nurse).get(base).status_code == 200
    clock.advance(timedelta(days=7))
    assert client_for(house.nurse).get(f"{base}/access").status_code == 404


def test_closed_episode_is_resumed(house: House, client: TestClient, clock: kernel.SettableClock) -> None:
    base = f"/dossiers/{house.martin}/episodes"
    client.post(base, data=_ASKED)
    (episode,) = episodes(house)
    client.post(f"{base}/{episode.id}/close", data={"ended_on": "2026-03-12", "days": "30"})
    closed = plain(client.get(base).text)
    again = client.get(f"{base}/{episode.id}/close")
    client.post(f"{base}/{episode.id}/reopen")

    assert "du 12 mars 2026 au 12 mars 2026" in closed
    assert again.status_code == 409
    assert episodes(house)[0].closed_at is None
    assert client.post(f"{base}/{episode.id}/reopen").status_code == 409


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"label": " "}, "Intitulé : à remplir"),
        ({"kind": "holiday"}, "choisissez une des réponses"),
        ({"section": "imaging"}, "choisissez une des réponses"),
        ({"days": "3000"}, "choisissez une des réponses"),
    ],
    ids=str,
)
def test_episode_with_a_fault_is_told(
    house: House, client: TestClient, change: dict[str, str], said: str
) -> None:
    answer = client.post(f"/dossiers/{house.martin}/episodes", data={**_ASKED, **change})

    assert answer.status_code == 422
    assert said in plain(answer.text)
    assert episodes(house) == ()


@pytest.mark.parametrize("day", ["2026-03-13", "2026-03-10", "soon"])
def test_end_that_cannot_be_is_told(house: House, client: TestClient, day: str) -> None:
    base = f"/dossiers/{house.martin}/episodes"
    client.post(base, data=_ASKED)
    (episode,) = episodes(house)

    answer = client.post(f"{base}/{episode.id}/close", data={"ended_on": day, "days": "30"})

    assert answer.status_code == 422
    assert "Dernier jour de l'épisode : donnez un jour" in plain(answer.text)
    assert episodes(house) == (episode,)


def test_end_may_be_a_day_past(
    house: House, client: TestClient, client_for: SignIn, clock: kernel.SettableClock
) -> None:
    base = f"/dossiers/{house.martin}/episodes"
    client.post(base, data=_ASKED)
    (episode,) = episodes(house)
    clock.advance(timedelta(days=3))

    client_for(house.physician).post(
        f"{base}/{episode.id}/close", data={"ended_on": "2026-03-13", "days": "0"}
    )

    (closed,) = episodes(house)
    assert closed.closed_at is not None
    assert closed.closed_at.isoformat() == "2026-03-13T23:00:00+00:00"


def test_episodes_are_changed_by_those_who_lead_the_care(house: House, client_for: SignIn) -> None:
    base = f"/dossiers/{house.martin}/episodes"
    house.admit(house.secretary)
    client_for(house.physician).post(base, data=_ASKED)
    (episode,) = episodes(house)
    closing = {"ended_on": "2026-03-12", "days": "30"}

    for caller in (house.patient, house.secretary):
        client = client_for(caller)
        assert client.get(base).status_code == 200
        assert "/close" not in client.get(base).text
        assert client.get(f"{base}/{episode.id}/close").status_code == 404
        assert client.post(base, data=_ASKED).status_code == 404
        assert client.post(f"{base}/{episode.id}/close", data=closing).status_code == 404
        assert client.post(f"{base}/{episode.id}/reopen").status_code == 404
    assert episodes(house) == (episode,)
    assert "Fracture" in client_for(house.patient).get(base).text
    assert "Fracture" not in client_for(house.secretary).get(base).text


def test_episodes_are_closed_to_who_does_not_care(house: House, client_for: SignIn) -> None:
    base = f"/dossiers/{house.martin}/episodes"
    client_for(house.physician).post(base, data=_ASKED)
    (episode,) = episodes(house)
    colleague = client_for(house.caller())

    statuses = [
        colleague.get(base).status_code,
        colleague.get(f"{base}/{episode.id}/close").status_code,
        colleague.post(
            f"{base}/{episode.id}/close", data={"ended_on": "2026-03-12", "days": "0"}
        ).status_code,
        colleague.post(base, data=_ASKED).status_code,
    ]

    assert statuses == [404, 404, 404, 404]


def test_nobody_is_admitted_to_an_episode_that_their_admitter_does_not_see(
    house: House, client_for: SignIn
) -> None:
    house.admit(house.nurse)
    base = f"/dossiers/{house.martin}"
    client_for(house.physician).post(f"{base}/episodes", data={**_ASKED, "section": "sensitive"})
    (episode,) = episodes(house)
    nurse, other = client_for(house.nurse), house.caller(identity.Profession.NURSE)

    seen = nurse.get(f"{base}/access").text
    who = f"account:{other.account}"
    answers = [
        nurse.post(f"{base}/access/admit", data={"who": who, "episode": named}).status_code
        for named in (str(episode.id), "not-an-id", "00000000-0000-4000-8000-000000000000")
    ]

    assert str(episode.id) not in seen
    assert answers == [404, 404, 404]
    assert kinds(house).count("care-team.joined") == 1
