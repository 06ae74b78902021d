import re
from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

import pytest

from serment import identity, kernel
from serment.edge.desk import Desk
from support.entrance import NewVisitor, Visitor, confirmed_visitor, hidden_fields, signed_in_visitor
from support.identity import (
    enrol,
    make_account,
    make_administrator,
    make_organisation,
    make_patient_account,
    make_professional,
)

PEOPLE = "/administration/people"
TEAMS = "/administration/teams"
_CODE = re.compile(r"data-code>([A-Z2-7-]+)<")


@pytest.fixture
def practice(doors: Desk) -> identity.Organisation:
    with doors.database.unit_of_work() as uow:
        return make_organisation(uow)


@pytest.fixture
def unconfirmed(doors: Desk, practice: identity.Organisation, new_visitor: NewVisitor) -> Visitor:
    """The administrator of the practice."""
    with doors.database.unit_of_work() as uow:
        account = make_administrator(uow, practice)
    return signed_in_visitor(doors, new_visitor(), account.id)


@pytest.fixture
def visitor(doors: Desk, unconfirmed: Visitor) -> Visitor:
    """The administrator, who confirmed just now that it is still they."""
    return confirmed_visitor(doors, unconfirmed)


@pytest.fixture
def nurse(doors: Desk, practice: identity.Organisation) -> identity.Account:
    with doors.database.unit_of_work() as uow:
        return make_professional(uow, practice, identity.Profession.NURSE, name="Noé Tisserand")


def invite(visitor: Visitor, login: str = "lou.essai", quality: str = "professional.physician") -> Visitor:
    fields = {"name": "Lou Essai", "login": login, "quality": quality}
    return visitor.open(f"{PEOPLE}/new").send(f"{PEOPLE}/new", **fields)


def code_in(visitor: Visitor) -> str:
    found = _CODE.search(visitor.text)
    assert found is not None, visitor.text
    return found.group(1)


def csrf_in(visitor: Visitor) -> dict[str, str]:
    return {"csrf": hidden_fields(visitor.open("/account/security").text, "/sign-out")["csrf"]}


def test_invitation_gives_a_code_that_opens_an_account(doors: Desk, visitor: Visitor) -> None:
    invite(visitor)
    code = code_in(visitor)
    assert f"{doors.entrance.relying_party.origin}/enrol" in visitor.text

    offer = identity.begin_enrolment(doors.entrance, "lou.essai", code, identity.Visit("web x"))
    assert offer.name == "Lou Essai"
    assert code not in visitor.open(PEOPLE).text


@pytest.mark.parametrize(
    ("quality", "role", "profession"),
    [
        ("professional.nurse", identity.Role.PROFESSIONAL, identity.Profession.NURSE),
        ("patient.none", identity.Role.PATIENT, identity.Profession.NONE),
        ("administrator.none", identity.Role.ADMINISTRATOR, identity.Profession.NONE),
        ("dpo.none", identity.Role.DPO, identity.Profession.NONE),
    ],
)
def test_invitation_is_for_the_quality_chosen(
    doors: Desk, visitor: Visitor, quality: str, role: identity.Role, profession: identity.Profession
) -> None:
    invite(visitor, quality=quality)
    found = re.search(r'href="/administration/people/([0-9a-f-]{36})"', visitor.text)
    assert found is not None
    with doors.database.reading() as uow:
        account = identity.open_account(uow, kernel.AccountId(UUID(found.group(1))))

    assert (account.role, account.profession, account.name) == (role, profession, "Lou Essai")


def test_code_is_renewed_until_the_account_is_open(
    doors: Desk, visitor: Visitor, clock: kernel.SettableClock
) -> None:
    invite(visitor)
    first = code_in(visitor)
    (address,) = set(re.findall(r"/administration/people/[0-9a-f-]{36}", visitor.text))
    visitor.open(address).send(f"{address}/code")
    second = code_in(visitor)

    with pytest.raises(identity.EnrolmentRefused):
        identity.begin_enrolment(doors.entrance, "lou.essai", first, identity.Visit("web x"))
    account = kernel.AccountId(UUID(address.rpartition("/")[2]))
    enrol(doors.entrance, "lou.essai", identity.EnrolmentCode(account, second, clock.now()))
    assert f"{address}/code" not in visitor.open(address).text
    assert visitor.client.post(f"{address}/code", data=csrf_in(visitor)).status_code == 404


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"login": "a b c"}, "sans espace"),
        ({"login": "pris"}, "déjà pris"),
        ({"name": ""}, "Nom\u00a0: à remplir"),
        ({"quality": "professional.none"}, "Qualité\u00a0: choisissez"),
    ],
)
def test_invitation_says_what_is_wrong_and_keeps_the_rest(
    visitor: Visitor, fields: dict[str, str], sentence: str
) -> None:
    invite(visitor, login="pris")
    typed = {"name": "Lou Essai", "login": "lou", "quality": "professional.nurse", **fields}
    visitor.open(f"{PEOPLE}/new").send(f"{PEOPLE}/new", **typed)

    assert visitor.status == 422
    assert sentence in visitor.text
    assert f'value="{typed["login"]}"' in visitor.text


def test_people_are_listed_patients_apart(
    doors: Desk, practice: identity.Organisation, nurse: identity.Account, visitor: Visitor
) -> None:
    with doors.database.unit_of_work() as uow:
        patient = make_patient_account(uow, practice, "Zoé Martin")

    assert nurse.name in visitor.open(PEOPLE).text
    assert patient.name not in visitor.text
    assert patient.name in visitor.open(f"{PEOPLE}?who=patients").text
    assert nurse.name not in visitor.text


def test_suspension_ends_sessions_at_once_and_is_undone(
    doors: Desk, nurse: identity.Account, visitor: Visitor, new_visitor: NewVisitor
) -> None:
    theirs = signed_in_visitor(doors, new_visitor(), nurse.id)
    address = f"{PEOPLE}/{nurse.id}"
    visitor.open(f"{address}/suspend")
    assert "Rien de ce qui a été écrit n’est effacé" in visitor.text
    visitor.send(f"{address}/suspend")

    assert "Compte suspendu" in visitor.text
    assert theirs.open("/account/security").address.startswith("/sign-in")
    visitor.send(f"{address}/reinstate")
    assert f"{address}/suspend" in visitor.text


def test_own_account_is_not_offered_for_suspension(doors: Desk, visitor: Visitor) -> None:
    own = identity.resume_session(doors.database, str(visitor.token()), "web x").account
    assert "/suspend" not in visitor.open(f"{PEOPLE}/{own}").text

    refused = visitor.client.post(f"{PEOPLE}/{own}/suspend", data=csrf_in(visitor))
    assert refused.status_code == 409


def test_teams_are_made_filled_and_left(doors: Desk, nurse: identity.Account, visitor: Visitor) -> None:
    visitor.open(TEAMS).send(TEAMS, name="Pansements")
    team = visitor.address
    assert team.startswith(f"{TEAMS}/")
    offered = set(re.findall(r'<option value="([0-9a-f-]{36})"', visitor.text))
    assert offered == {str(nurse.id)}
    visitor.send(f"{team}/members", account=str(nurse.id))
    with doors.database.reading() as uow:
        assert len(identity.teams_of(uow, nurse.id)) == 1
    assert "Pansements" in visitor.open(f"{PEOPLE}/{nurse.id}").text

    visitor.open(team).send(f"{team}/members/{nurse.id}/end")
    with doors.database.reading() as uow:
        assert identity.teams_of(uow, nurse.id) == frozenset()
    assert "Pansements" in visitor.open(TEAMS).text


@pytest.mark.parametrize(
    ("account", "status"), [("nobody", 422), ("0b7c9d4e-52a1-4f0e-9c3d-6a8e2f1b7c90", 404)]
)
def test_team_takes_only_accounts_that_exist(visitor: Visitor, account: str, status: int) -> None:
    visitor.open(TEAMS).send(TEAMS, name="Garde")
    csrf = csrf_in(visitor)
    team = re.search(rf"{TEAMS}/[0-9a-f-]{{36}}", visitor.open(TEAMS).text)
    assert team is not None

    refused = visitor.client.post(f"{team.group()}/members", data={**csrf, "account": account})
    assert refused.status_code == status


def test_team_without_name_is_asked_for_again(visitor: Visitor) -> None:
    assert visitor.open(TEAMS).send(TEAMS, name=" ").status == 422


@pytest.mark.parametrize("role", [role for role in identity.Role if role is not identity.Role.ADMINISTRATOR])
def test_administration_does_not_exist_for_others(
    doors: Desk,
    practice: identity.Organisation,
    nurse: identity.Account,
    new_visitor: NewVisitor,
    role: identity.Role,
) -> None:
    profession = (
        identity.Profession.PHYSICIAN if role is identity.Role.PROFESSIONAL else identity.Profession.NONE
    )
    with doors.database.unit_of_work() as uow:
        account = make_account(uow, practice, role, profession=profession)
    visitor = signed_in_visitor(doors, new_visitor(), account.id)
    csrf = csrf_in(visitor)
    absent = visitor.client.get(f"/administration/people/{kernel.new_id()}")
    person, team = f"{PEOPLE}/{nurse.id}", f"{TEAMS}/{kernel.new_id()}"

    for address in ("/administration", PEOPLE, f"{PEOPLE}/new", person, f"{person}/suspend", TEAMS, team):
        assert visitor.client.get(address).status_code == 404, address
        assert title(visitor.client.get(address).text) == title(absent.text)
    for address in (
        f"{PEOPLE}/new", f"{person}/code", f"{person}/suspend", f"{person}/reinstate", TEAMS,
        f"{team}/members", f"{team}/members/{nurse.id}/end",
    ):  # fmt: skip
        assert visitor.client.post(address, data=csrf).status_code == 404, address


def title(text: str) -> str:
    return text.partition("<title>")[2].partition("</title>")[0]


def test_other_organisations_do_not_exist(doors: Desk, visitor: Visitor) -> None:
    with doors.database.unit_of_work() as uow:
        elsewhere = make_organisation(uow, "Autre cabinet")
        stranger = make_professional(uow, elsewhere, name="Une Étrangère")
    person = f"{PEOPLE}/{stranger.id}"
    csrf = csrf_in(visitor)

    assert stranger.name not in visitor.open(PEOPLE).text
    assert visitor.open(person).status == 404
    for act in ("code", "suspend", "reinstate"):
        assert visitor.client.post(f"{person}/{act}", data=csrf).status_code == 404


@pytest.mark.parametrize("act", ["people/{nurse}/code", "people/{nurse}/reinstate", "teams/{team}/members"])
def test_act_that_gives_rights_asks_who_it_is_and_comes_back_to_the_button(
    doors: Desk, unconfirmed: Visitor, nurse: identity.Account, act: str
) -> None:
    team = kernel.new_id()
    address = "/administration/" + act.format(nurse=nurse.id, team=team)
    back = f"{PEOPLE}/{nurse.id}" if act.startswith("people") else f"{TEAMS}/{team}"

    led = unconfirmed.client.post(address, data={**csrf_in(unconfirmed), "account": str(nurse.id)})

    assert led.status_code == 303
    assert led.headers["location"] == f"/account/step-up?{urlencode({'next': back})}"
    with doors.database.reading() as uow:
        assert identity.teams_of(uow, nurse.id) == frozenset()


def test_invitation_asks_who_it_is_before_anything_is_typed(unconfirmed: Visitor) -> None:
    unconfirmed.open(f"{PEOPLE}/new")

    assert unconfirmed.address == "/account/step-up?next=%2Fadministration%2Fpeople%2Fnew"


def test_invitation_that_was_typed_outlives_the_confirmation(
    doors: Desk, visitor: Visitor, clock: kernel.SettableClock
) -> None:
    visitor.open(f"{PEOPLE}/new")
    clock.advance(timedelta(minutes=11))
    fields = {"name": "Lou Essai", "login": "lou.essai", "quality": "professional.physician"}
    visitor.send(f"{PEOPLE}/new", **fields)

    assert visitor.status == 403
    assert 'value="Lou Essai"' in visitor.text
    assert 'href="/account/step-up"' in visitor.text
    confirmed_visitor(doors, visitor).send(f"{PEOPLE}/new", **fields)
    assert code_in(visitor)


def test_suspension_never_waits_for_a_confirmation(unconfirmed: Visitor, nurse: identity.Account) -> None:
    """What takes rights away is done at once: an account may be in the wrong hands."""
    address = f"{PEOPLE}/{nurse.id}/suspend"

    assert unconfirmed.open(address).send(address).status == 200
    assert unconfirmed.address == f"{PEOPLE}/{nurse.id}"
