import re
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from serment import access, identity, kernel
from serment.access import DelegateKind
from serment.edge.desk import Desk
from support.dossier import House
from support.edge import SignIn
from support.family import Family, make_family, relative_of
from support.identity import confirm_identity


@pytest.fixture
def family(embedded_house: House) -> Family:
    return make_family(embedded_house)


@pytest.fixture
def house(embedded_house: House) -> House:
    """What the kind of database cannot change; delegations themselves are held on both."""
    return embedded_house


def confirm(desk: Desk, client: TestClient) -> TestClient:
    """Let the client's session have proved a factor just now."""
    with desk.database.unit_of_work() as uow:
        confirm_identity(uow, client.cookies[desk.pages.cookies.name("session")])
    return client


def code_in(page: str) -> str:
    """Return the code that a page shows once."""
    return page.partition("data-code>")[2].partition("</p>")[0]


def given(house: House, where: kernel.DossierId) -> list[access.Delegation]:
    with house.database.unit_of_work() as uow:
        section = access.Section.IDENTITY
        permit = access.decide(uow, house.physician, access.Action.SHARE, where, section=section)
        return list(access.delegations_of(uow, permit))


def asked_of_parent(**said: str) -> dict[str, str]:
    known = {
        "quality": "parent", "proof": "livret de famille", "account": "new", "name": "Zoé Martin",
        "login": "zoe.martin@example.test", "last_day": "",
    }  # fmt: skip
    return {**known, **said}


def test_practice_makes_an_account_for_a_parent_and_shows_its_code_once(
    family: Family, house: House, client_for: SignIn, desk: Desk
) -> None:
    client = confirm(desk, client_for(house.physician))
    base = f"/dossiers/{family.lou}/access/relatives"

    asked = client.get(f"{base}/new").text
    shown = client.post(f"{base}/new", data=asked_of_parent())
    listed = client.get(base).text

    assert "livret de famille" in asked
    assert len(code_in(shown.text)) == 14
    assert shown.headers["cache-control"] == "no-store"
    assert "Zoé Martin" in listed
    assert code_in(shown.text) not in listed
    (parent,) = given(house, family.lou)
    assert (parent.kind, parent.account is not None) == (DelegateKind.PARENT, True)


def test_parent_with_an_account_brings_a_code_back(
    family: Family, house: House, client_for: SignIn, desk: Desk
) -> None:
    physician = confirm(desk, client_for(house.physician))
    base = f"/dossiers/{family.lou}/access/relatives"
    said = asked_of_parent(account="known", name="", login="")
    code = code_in(physician.post(f"{base}/new", data=said).text)
    mother = client_for(family.mother)

    waiting = physician.get(base).text
    done = mother.post("/mine/code", data={"code": code.lower()})

    assert "Code remis, pas encore utilisé" in waiting.replace("\u2019", "'")
    assert "MARTIN Lou" in done.text or "Lou" in done.text
    assert mother.get(f"/dossiers/{family.lou}").status_code == 200
    assert family.reach(family.mother) != set()


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"proof": ""}, "Justificatif"),
        ({"name": ""}, "Nom"),
        ({"login": ""}, "Identifiant"),
        ({"login": "pas un identifiant !"}, "ne convient pas"),
        ({"quality": "friend"}, "Qualité"),
        ({"last_day": "2027-01-01"}, "laisser vide pour un mineur"),
        ({"last_day": "un jour"}, "un jour qui existe"),
    ],
)
def test_fault_is_told_and_leaves_nobody_behind(
    family: Family, house: House, client_for: SignIn, desk: Desk, said: dict[str, str], fault: str
) -> None:
    client = confirm(desk, client_for(house.physician))
    base = f"/dossiers/{family.lou}/access/relatives/new"

    answer = client.post(base, data=asked_of_parent(**said))

    assert answer.status_code == 422
    assert fault in answer.text
    assert given(house, family.lou) == []
    assert client.post(base, data=asked_of_parent()).status_code == 200


def test_login_that_is_taken_is_told(family: Family, house: House, client_for: SignIn, desk: Desk) -> None:
    client = confirm(desk, client_for(house.physician))
    base = f"/dossiers/{family.lou}/access/relatives/new"
    client.post(base, data=asked_of_parent())

    answer = client.post(base, data=asked_of_parent(name="Ali Martin"))

    assert "déjà pris" in answer.text
    assert len(given(house, family.lou)) == 1


def test_only_those_whom_the_law_lets_act_are_offered(
    family: Family, house: House, client_for: SignIn, desk: Desk
) -> None:
    client = confirm(desk, client_for(house.physician))

    of_child, of_adult = (
        client.get(f"/dossiers/{one}/access/relatives/new").text for one in (family.lou, house.martin)
    )

    assert re.findall('name="quality" value="([^"]+)"', of_child) == ["parent", "guardian"]
    assert re.findall('name="quality" value="([^"]+)"', of_adult) == ["guardian", "trusted-person"]
    assert "(facultatif)" not in of_child
    assert of_adult.count("(facultatif)") == of_adult.count('name="last_day"') == 1


def test_parents_of_an_adult_are_not_let_in(house: House, client_for: SignIn, desk: Desk) -> None:
    client = confirm(desk, client_for(house.physician))

    answer = client.post(f"/dossiers/{house.martin}/access/relatives/new", data=asked_of_parent())

    assert answer.status_code == 422
    assert "est majeure" in answer.text
    assert given(house, house.martin) == []


def test_guardian_of_an_adult_has_the_end_of_the_judgment(
    house: House, client_for: SignIn, desk: Desk
) -> None:
    client = confirm(desk, client_for(house.physician))
    said = asked_of_parent(quality="guardian", last_day="2028-01-31", proof="jugement du 1er mars")

    client.post(f"/dossiers/{house.martin}/access/relatives/new", data=said)

    (guardian,) = given(house, house.martin)
    assert guardian.ends_at is not None
    assert guardian.ends_at.isoformat() == "2028-01-31T23:00:00+00:00"


def test_letting_in_asks_who_it_is_once_more(family: Family, house: House, client_for: SignIn) -> None:
    client = client_for(house.physician)
    base = f"/dossiers/{family.lou}/access/relatives/new"

    assert client.get(base).status_code == 403
    assert client.post(base, data=asked_of_parent()).status_code == 403
    assert given(house, family.lou) == []


def test_practice_ends_a_part_and_says_why(family: Family, house: House, client_for: SignIn) -> None:
    parent, client = family.let_in(family.mother), client_for(house.physician)
    base = f"/dossiers/{family.lou}/access/relatives"

    without = client.post(f"{base}/end", data={"delegation": str(parent.id), "reason": " "})
    client.post(f"{base}/end", data={"delegation": str(parent.id), "reason": "jugement du 3 mars"})

    assert without.status_code == 422
    assert family.reach(family.mother) == set()
    for name in (str(parent.id), "x"):
        assert client.post(f"{base}/end", data={"delegation": name, "reason": "r"}).status_code == 404


@pytest.mark.parametrize("who", ["nurse", "secretary", "patient"])
def test_relatives_are_for_those_who_share_the_identity(
    family: Family, house: House, client_for: SignIn, desk: Desk, who: str
) -> None:
    parent = family.let_in(family.mother)
    client = confirm(desk, client_for(getattr(house, who)))
    base = f"/dossiers/{family.lou}/access/relatives"

    answers = [
        client.get(base), client.get(f"{base}/new"), client.post(f"{base}/new", data=asked_of_parent()),
        client.post(f"{base}/end", data={"delegation": str(parent.id), "reason": "r"}),
    ]  # fmt: skip

    assert [answer.status_code for answer in answers] == [404] * 4
    assert family.reach(family.mother) != set()


def trust(**said: object) -> dict[str, object]:
    return {"section": ["clinical", "imaging"], "last_day": "2026-12-31", **said}


def test_patient_names_a_trusted_person_who_brings_the_code_back(
    house: House, client_for: SignIn, desk: Desk
) -> None:
    friend, patient = relative_of(house), confirm(desk, client_for(house.patient))
    base = f"/dossiers/{house.martin}/control/trust"
    letter, secret = house.file(title="Lettre"), house.file(title="Secret", sensitive=True)

    asked = patient.get(base).text
    code = code_in(patient.post(base, data=trust()).text)
    client = client_for(friend)
    refused = client.post("/mine/code", data={"code": "AAAA-BBBB-CCCC-DDDD-EEEE"})
    client.post("/mine/code", data={"code": code})

    assert 'value="AAAA-BBBB-CCCC-DDDD-EEEE"' in refused.text
    assert "sans rien modifier ni partager" in asked
    assert (len(code), refused.status_code) == (24, 422)
    documents = f"/dossiers/{house.martin}/documents"
    assert client.get(f"{documents}/{letter.head.id}").status_code == 200
    assert client.get(f"{documents}/{secret.head.id}").status_code == 404
    assert "Secret" not in client.get(f"/dossiers/{house.martin}").text


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"section": []}, "au moins une partie"),
        ({"section": ["identity", "elsewhere"]}, "au moins une partie"),
        ({"last_day": "2026-03-01"}, "dans les trois ans"),
        ({"last_day": "2036-03-01"}, "dans les trois ans"),
        ({"last_day": ""}, "un jour qui existe"),
    ],
)
def test_trust_with_a_fault_is_told(
    house: House, client_for: SignIn, desk: Desk, said: dict[str, object], fault: str
) -> None:
    client = confirm(desk, client_for(house.patient))

    answer = client.post(f"/dossiers/{house.martin}/control/trust", data=trust(**said))

    assert answer.status_code == 422
    assert fault in answer.text
    assert given(house, house.martin) == []


def test_child_names_nobody(family: Family, client_for: SignIn, desk: Desk) -> None:
    client = confirm(desk, client_for(family.child))

    answer = client.post(f"/dossiers/{family.lou}/control/trust", data=trust())

    assert "à partir de 18 ans" in answer.text


def test_naming_asks_who_it_is_once_more(house: House, client_for: SignIn) -> None:
    client = client_for(house.patient)
    base = f"/dossiers/{house.martin}/control/trust"

    assert client.get(base).status_code == 403
    assert client.post(base, data=trust()).status_code == 403
    assert given(house, house.martin) == []


def test_trust_is_for_the_patient_alone(family: Family, house: House, client_for: SignIn, desk: Desk) -> None:
    family.let_in(family.mother)
    for who in (family.mother, house.physician):
        client = confirm(desk, client_for(who))
        base = f"/dossiers/{family.lou}/control/trust"

        assert client.get(base).status_code == 404
        assert client.post(base, data=trust()).status_code == 404


def test_patient_takes_trust_back_and_the_friend_gives_it_up(
    house: House, client_for: SignIn, desk: Desk
) -> None:
    first, second, patient = relative_of(house), relative_of(house), confirm(desk, client_for(house.patient))
    base = f"/dossiers/{house.martin}/control/trust"
    for friend in (first, second):
        code = code_in(patient.post(base, data=trust()).text)
        client_for(friend).post("/mine/code", data={"code": code})
    one, other = sorted(given(house, house.martin), key=lambda tied: tied.account == second.account)

    patient.post(f"{base}/end", data={"delegation": str(one.id)})
    client_for(second).post("/mine/renounce", data={"delegation": str(other.id)})

    assert [now.revoked_at is not None for now in given(house, house.martin)] == [True, True]
    assert client_for(first).get(f"/dossiers/{house.martin}").status_code == 404
    assert patient.post(f"{base}/end", data={"delegation": str(one.id)}).status_code == 404


def test_codes_are_for_patients_accounts(house: House, client_for: SignIn) -> None:
    client = client_for(house.physician)

    assert client.get("/mine/code").status_code == 404
    assert client.post("/mine/code", data={"code": "x"}).status_code == 404
    assert client.post("/mine/renounce", data={"delegation": str(kernel.new_id())}).status_code == 404


# Who may see: closing, and opening again.


def closed(house: House) -> list[tuple[str, str, str | None]]:
    """Return what is closed in the adult's dossier: to whom, in which section, which document."""
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, access.Action.CONTROL, house.martin)
        held = [one for one in access.restrictions_of(uow, permit) if one.lifted_at is None]
    return [
        (
            one.against.value if one.account is None else str(one.account),
            one.section or "all",
            None if one.entry is None else str(one.entry),
        )
        for one in held
    ]


def closing(who: str, what: str = "all", **said: str) -> dict[str, str]:
    return {"who": who, "what": what, "understood": "on", **said}


def test_patient_closes_a_document_to_one_person_and_opens_it_again(
    house: House, client_for: SignIn, desk: Desk
) -> None:
    house.admit(house.nurse)
    entry, patient = house.file(title="Lettre").head.id, confirm(desk, client_for(house.patient))
    document, nurse = f"/dossiers/{house.martin}/documents/{entry}", client_for(house.nurse)
    to_nurse = f"account:{house.nurse.account}"

    offered = patient.get(document).text
    asked = patient.get(f"{document}/hide").text
    shown = patient.post(f"{document}/hide", data=closing(to_nurse)).text
    hidden = (nurse.get(document).status_code, "Lettre" in nurse.get(f"/dossiers/{house.martin}").text)
    restriction = shown.partition('name="restriction" value="')[2][:36]
    patient.post(f"/dossiers/{house.martin}/control/lift", data={"restriction": restriction})

    assert f"{document}/hide" in offered
    assert f'value="{to_nurse}"' in asked
    assert "même en urgence" in asked
    assert "« Lettre »" in shown.replace("\u00a0", " ").replace("\u202f", " ")
    assert hidden == (404, False)
    assert client_for(house.physician).get(document).status_code == 200
    assert (closed(house), nurse.get(document).status_code) == ([], 200)


@pytest.mark.parametrize(
    ("who", "what"), [("professionals", "clinical"), ("professionals", "all"), ("delegates", "sensitive")]
)
def test_patient_closes_a_part_or_everything(house: House, client_for: SignIn, who: str, what: str) -> None:
    client = client_for(house.patient)

    client.post(f"/dossiers/{house.martin}/control/restrict", data=closing(who, what))

    assert closed(house) == [(who, what, None)]
    page = client.get(f"/dossiers/{house.martin}/control").text
    assert "Rouvrir" in page


def test_neighbour_who_works_there_is_offered(house: House, client_for: SignIn) -> None:
    neighbour = house.caller(identity.Profession.NURSE)
    client = client_for(house.patient)
    address = f"/dossiers/{house.martin}/control/restrict"

    asked = client.get(f"{address}?who=account:{neighbour.account}").text
    client.post(address, data=closing(f"account:{neighbour.account}"))

    assert f'value="account:{neighbour.account}" selected' in asked
    assert closed(house) == [(str(neighbour.account), "all", None)]


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (closing(""), "à qui vous fermez"),
        (closing("account:nobody"), "à qui vous fermez"),
        (closing("professionals", ""), "ce que vous fermez"),
        (closing("professionals", "identity"), "ce que vous fermez"),
        ({"who": "professionals", "what": "all"}, "Cochez la case"),
    ],
)
def test_closing_with_a_fault_is_told(
    house: House, client_for: SignIn, said: dict[str, str], fault: str
) -> None:
    answer = client_for(house.patient).post(f"/dossiers/{house.martin}/control/restrict", data=said)

    assert answer.status_code == 422
    assert fault in answer.text
    assert closed(house) == []


def test_outsider_is_not_offered_and_not_closed_to(house: House, client_for: SignIn) -> None:
    """Who is offered is who could be there: the form is no way to ask who has an account."""
    stranger = relative_of(house)

    answer = client_for(house.patient).post(
        f"/dossiers/{house.martin}/control/restrict", data=closing(f"account:{stranger.account}")
    )

    assert answer.status_code == 422
    assert closed(house) == []


@pytest.mark.parametrize("who", ["physician", "nurse", "secretary"])
def test_control_is_closed_to_professionals(house: House, client_for: SignIn, who: str) -> None:
    house.admit(house.nurse)
    house.admit(house.secretary)
    entry = house.file().head.id
    client, base = client_for(getattr(house, who)), f"/dossiers/{house.martin}"

    answers = [
        client.get(f"{base}/control"), client.get(f"{base}/control/restrict"),
        client.post(f"{base}/control/restrict", data=closing("professionals")),
        client.get(f"{base}/documents/{entry}/hide"),
        client.post(f"{base}/documents/{entry}/hide", data=closing("professionals")),
    ]  # fmt: skip

    assert [answer.status_code for answer in answers] == [404] * 5
    assert f"{base}/control" not in client.get(base).text
    assert closed(house) == []


def test_lifting_what_there_is_not_is_absent(house: House, client_for: SignIn, desk: Desk) -> None:
    client = confirm(desk, client_for(house.patient))

    for name in (str(kernel.new_id()), "x"):
        answer = client.post(f"/dossiers/{house.martin}/control/lift", data={"restriction": name})
        assert answer.status_code == 404


def test_parent_closes_to_professionals_and_sees_the_child_by_name(
    family: Family, client_for: SignIn
) -> None:
    family.let_in(family.mother)
    client, base = client_for(family.mother), f"/dossiers/{family.lou}/control"

    mine = client.get("/mine").text
    client.post(f"{base}/restrict", data=closing("professionals", "imaging"))
    shown = client.get(base).text

    around = client.get(f"/dossiers/{family.lou}/access").text
    looked = client.get(f"/dossiers/{family.lou}/trail")

    assert [f'href="/dossiers/{family.lou}/{one}"' in shown for one in ("access", "trail")] == [True, True]
    assert ("Camille Essai" in around, "/access/end" in around, looked.status_code) == (True, False, 200)
    assert "MARTIN Lou" in mine
    assert "Vous agissez comme" in mine
    assert "Tous les soignants" in shown
    assert f"{base}/trust" not in shown


def test_professional_reserves_a_document_to_an_adolescent(
    family: Family, house: House, client_for: SignIn
) -> None:
    family.let_in(family.mother)
    entry = replace(house, martin=family.lou).file(title="Entretien").head.id
    document = f"/dossiers/{family.lou}/documents/{entry}"
    physician = client_for(house.physician)

    offered = physician.get(document).text
    asked = physician.get(f"{document}/reserve").text
    physician.post(f"{document}/reserve")

    assert f"{document}/reserve" in offered
    assert "ni qu'il existe" in asked.replace("\u2019", "'")
    assert client_for(family.mother).get(document).status_code == 404
    assert client_for(family.child).get(document).status_code == 200
    assert physician.get(document).status_code == 200


@pytest.mark.parametrize("who", ["nurse", "patient"])
def test_reserving_is_for_professionals_who_may_share(
    family: Family, house: House, client_for: SignIn, who: str
) -> None:
    entry = replace(house, martin=family.lou).file().head.id
    client = client_for(family.child if who == "patient" else house.nurse)
    document = f"/dossiers/{family.lou}/documents/{entry}"

    assert client.get(f"{document}/reserve").status_code == 404
    assert client.post(f"{document}/reserve").status_code == 404


def test_nothing_is_reserved_where_nobody_acts_for_the_patient(house: House, client_for: SignIn) -> None:
    entry, client = house.file().head.id, client_for(house.physician)
    document = f"/dossiers/{house.martin}/documents/{entry}"

    assert "/reserve" not in client.get(document).text
    assert client.get(f"{document}/reserve").status_code == 404
    assert client.post(f"{document}/reserve").status_code == 404


def test_pages_of_control_are_said_in_english(family: Family, house: House, client_for: SignIn) -> None:
    family.let_in(family.mother)
    for who, where in ((house.patient, house.martin), (family.mother, family.lou)):
        client = client_for(who)
        client.headers["accept-language"] = "en"

        assert "Who may see" in client.get(f"/dossiers/{where}/control").text
        assert "What this leads to" in client.get(f"/dossiers/{where}/control/restrict").text


def test_relative_who_lost_the_code_gets_another_until_they_enrol(
    family: Family, house: House, client_for: SignIn, desk: Desk
) -> None:
    client = confirm(desk, client_for(house.physician))
    base = f"/dossiers/{family.lou}/access/relatives"
    first = code_in(client.post(f"{base}/new", data=asked_of_parent()).text)
    enrolled = family.let_in(family.mother)
    (waiting,) = [one for one in given(house, family.lou) if one.id != enrolled.id]

    second = code_in(client.post(f"{base}/code", data={"delegation": str(waiting.id)}).text)
    refused = client.post(f"{base}/code", data={"delegation": str(enrolled.id)})
    led = client_for(house.physician).post(
        f"{base}/code", data={"delegation": str(waiting.id)}, follow_redirects=False
    )

    assert (len(second), second != first) == (14, True)
    assert refused.status_code == 404
    assert led.headers["location"].startswith("/account/step-up?next=")


def test_patient_is_told_who_sees_a_thing_once_it_is_closed_and_nobody_else_is(
    house: House, client_for: SignIn
) -> None:
    house.admit(house.nurse)
    entry = house.file(title="Lettre").head.id
    document = f"/dossiers/{house.martin}/documents/{entry}"

    def told(who: identity.Caller) -> tuple[str, ...]:
        pages = (client_for(who).get(page).text for page in (document, f"/dossiers/{house.martin}"))
        return tuple(page.partition("Visible par l’équipe de soins (")[2][:1] for page in pages)

    before = (told(house.patient), told(house.physician))
    base = f"/dossiers/{house.martin}/control/restrict"
    client_for(house.patient).post(base, data=closing(f"account:{house.nurse.account}", "clinical"))
    to_one = told(house.patient)
    client_for(house.patient).post(base, data=closing("professionals", "all"))

    assert before == (("2", "2"), ("2", "2"))
    assert to_one == ("1", "1")
    assert told(house.patient) == ("1", "1"), "the author sees what they wrote"
    assert told(house.physician) == ("2", "2")


def test_who_acts_for_a_child_is_counted_among_those_who_see(
    family: Family, house: House, client_for: SignIn
) -> None:
    family.let_in(family.mother)
    entry = replace(house, martin=family.lou).file(title="Lettre").head.id
    document = f"/dossiers/{family.lou}/documents/{entry}"
    shown = client_for(family.child).get(document).text
    to_physician = client_for(house.physician).get(document).text
    client_for(family.child).post(f"{document}/hide", data=closing("delegates"))
    after = client_for(family.child).get(document).text

    assert "1 proche" in shown.replace("\u00a0", " ")
    assert "sauf réserve" in to_physician
    assert "proche" not in after.partition("Visible par")[2][:80]
    assert client_for(house.physician).get(document).text.count("sauf réserve") == 1


def test_practice_makes_an_account_for_a_trusted_person_that_opens_nothing(
    house: House, client_for: SignIn, desk: Desk
) -> None:
    client = confirm(desk, client_for(house.physician))
    base = f"/dossiers/{house.martin}/access/relatives/new"
    said = asked_of_parent(quality="trusted-person", proof="", account="known")

    shown = client.post(base, data=said).text

    assert "aucun dossier" in shown
    assert len(code_in(shown)) == 14
    assert given(house, house.martin) == []
