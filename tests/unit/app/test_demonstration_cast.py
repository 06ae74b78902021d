from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from serment.app import demonstration
from serment.app.demonstration.matricule import TEST_OID, control_key, make_ins

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> demonstration.World:
    return demonstration.build_world(now=NOW)


def test_build_world_gives_two_organisations_and_forty_patients(world: demonstration.World) -> None:
    assert len(world.organisations) == 2
    assert len(world.professionals) == 15
    assert len(world.patients) == 40
    assert sum(patient.login is not None for patient in world.patients) == 3


def test_build_world_is_the_same_for_the_same_seed(world: demonstration.World) -> None:
    assert demonstration.build_world(now=NOW) == world


def test_build_world_differs_for_another_seed(world: demonstration.World) -> None:
    other = demonstration.build_world(seed=7, now=NOW)

    assert [patient.born_on for patient in other.patients] != [patient.born_on for patient in world.patients]


def test_keys_and_logins_are_unique(world: demonstration.World) -> None:
    logins = [person.login for person in world.professionals]
    logins += [patient.login for patient in world.patients if patient.login]

    assert len({patient.key for patient in world.patients}) == 40
    assert len(set(logins)) == len(logins)


def test_logins_are_plain_ascii(world: demonstration.World) -> None:
    for person in world.professionals:
        assert person.login == person.login.lower()
        assert person.login.isascii()


def test_matricules_are_distinct_test_ones_with_a_right_key(world: demonstration.World) -> None:
    identities = [patient.ins for patient in world.patients if patient.ins]

    assert len({ins.matricule for ins in identities}) == len(identities) > 20
    for ins in identities:
        assert ins.oid == TEST_OID
        assert len(ins.matricule) == 15
        assert (int(ins.matricule[:13]) + int(ins.matricule[13:])) % 97 == 0


def test_control_key_reads_corsica_as_the_decree_says() -> None:
    assert control_key("2690549588157") == "80"
    assert control_key("180012A990001") == control_key("1800119990001")
    assert control_key("180012B990001") == control_key("1800118990001")


def test_make_ins_names_no_living_commune() -> None:
    assert make_ins("F", datetime(1955, 3, 21, tzinfo=UTC).date(), "49", 7).matricule[:13] == "2550349990007"


def test_identity_status_says_whether_there_is_a_matricule(world: demonstration.World) -> None:
    with_ins = {demonstration.IdentityStatus.QUALIFIED, demonstration.IdentityStatus.RETRIEVED}

    assert {patient.identity_status for patient in world.patients} == set(demonstration.IdentityStatus)
    for patient in world.patients:
        assert (patient.ins is not None) == (patient.identity_status in with_ins)


def test_some_names_are_near_on_purpose(world: demonstration.World) -> None:
    names = Counter(patient.name for patient in world.patients)
    twins = [patient for patient in world.patients if patient.used_name == "Rousselot"]

    assert names["Jean Martin"] == 2
    assert len({twin.born_on for twin in twins}) == 1
    assert len({twin.place for twin in twins}) == 1
    assert {twin.given_names[0] for twin in twins} == {"Léa", "Lina"}


def test_care_relations_cover_each_author_of_each_document(world: demonstration.World) -> None:
    following = {(tie.organisation, tie.patient, tie.professional) for tie in world.care_relations}

    for document in demonstration.documents(world):
        assert (document.organisation, document.patient, document.author) in following


def test_some_care_relations_ended(world: demonstration.World) -> None:
    assert [tie.until_at for tie in world.care_relations if tie.until_at] == [NOW - timedelta(days=90)] * 2


def test_grants_name_one_receiver_and_a_dossier_that_exists(world: demonstration.World) -> None:
    documents = {document.key: document for document in demonstration.documents(world)}

    assert world.grants
    for grant in world.grants:
        assert (grant.professional is None) != (grant.team is None)
        assert grant.organisation in world.patient(grant.patient).dossiers
        if grant.scope != "dossier":
            assert documents[grant.scope].patient == grant.patient
            assert documents[grant.scope].organisation == grant.organisation


def test_teams_hold_people_of_their_organisation(world: demonstration.World) -> None:
    for team in world.teams:
        assert {world.professional(member).organisation for member in team.members} == {team.organisation}
