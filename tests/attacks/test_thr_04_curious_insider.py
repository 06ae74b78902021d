"""THR-04: a colleague with a valid account, and no part in the care of this patient."""

from datetime import timedelta

import pytest

from serment import access, dossier, identity, kernel, ledger
from serment.access import Action, Section
from serment.edge.desk import Desk
from support.dossier import House
from support.edge import SignIn
from support.identity import confirm_identity

CLINICAL = sorted(set(Section) - {Section.IDENTITY})
PROFESSIONS = sorted(set(identity.Profession) - {identity.Profession.NONE})
CONTENT_ACTIONS = sorted({Action.READ, Action.FILE, Action.AMEND, Action.WITHDRAW, Action.SHARE})


@pytest.mark.parametrize("profession", PROFESSIONS)
def test_colleague_without_care_reaches_no_content(house: House, profession: identity.Profession) -> None:
    colleague = house.caller(profession)

    reached = [
        (action, section)
        for action in [*CONTENT_ACTIONS, Action.LIST]
        for section in Section
        if _allowed(house, colleague, action, section)
    ]

    assert reached == [(Action.LIST, Section.IDENTITY)]


def test_colleague_without_care_neither_manages_the_team_nor_reads_the_trail(house: House) -> None:
    colleague = house.caller()

    assert not _allowed(house, colleague, Action.MANAGE_TEAM)
    assert not _allowed(house, colleague, Action.READ_TRAIL)


def test_secretary_in_the_care_team_reads_nothing_clinical(house: House) -> None:
    house.admit(house.secretary)

    reached = [
        (action, section)
        for action in (Action.LIST, Action.READ, Action.AMEND, Action.WITHDRAW, Action.SHARE)
        for section in CLINICAL
        if _allowed(house, house.secretary, action, section)
    ]

    assert reached == []


@pytest.mark.parametrize("way", ["patient", "patient/code"])
def test_secretary_opens_no_dossier_through_an_account_of_her_own_making(
    house: House, client_for: SignIn, way: str
) -> None:
    """She joins the team, invites "the patient", keeps the code, enrols, and reads: that way is closed (LAW-52)."""
    client = client_for(house.secretary)
    assert client.post(f"/dossiers/{house.martin}/join").status_code == 200

    made = client.post(f"/dossiers/{house.martin}/access/{way}", data={"login": "herself@example.test"})

    assert made.status_code == 404
    assert [trace.kind for trace in house.trail() if trace.outcome is ledger.Outcome.REFUSED] == [
        "dossier.share"
    ]


def test_physician_makes_no_second_account_for_the_patient(
    house: House, client_for: SignIn, desk: Desk
) -> None:
    """He invites "the patient" once more, enrols, and reads what the patient closed to him: no (puppet patient)."""
    client = client_for(house.physician)
    with house.database.unit_of_work() as uow:
        confirm_identity(uow, client.cookies[desk.pages.cookies.name("session")])
    address, new = f"/dossiers/{house.martin}/access/patient", {"login": "himself@example.test"}

    made = client.post(address, data=new, headers={"accept": "text/html"})

    assert (made.status_code, 'class="handed"' in made.text) == (409, False)
    assert "un compte qui ouvre ce dossier" in made.text
    assert [one.detail["account"] for one in house.trail() if one.kind == "patient.linked"] == [
        str(house.patient.account)
    ]


def test_nobody_makes_a_colleagues_account_the_patients(house: House) -> None:
    colleague = house.caller()

    with pytest.raises(access.NotAdmissible), house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, Action.SHARE, house.martin)
        access.link_patient(uow, permit, colleague.account)


def test_each_refused_look_is_in_the_trail_that_the_patient_reads(house: House) -> None:
    filed = house.file()
    colleague = house.caller()
    before = len(house.trail())

    for _ in range(3):
        with pytest.raises(access.AccessRefused):
            house.open(colleague, filed.head.id)

    assert [
        (trace.kind, trace.actor.account, trace.outcome, trace.detail["entry"])
        for trace in house.trail()[before:]
    ] == [("dossier.read", colleague.account, ledger.Outcome.REFUSED, str(filed.head.id))] * 3


def test_joining_the_care_team_is_shown_to_the_patient_before_anything_is_read(house: House) -> None:
    filed = house.file()
    colleague = house.caller()
    before = len(house.trail())
    with house.database.unit_of_work() as uow:
        access.join_care_team(uow, access.decide(uow, colleague, Action.JOIN_TEAM, house.martin))

    house.open(colleague, filed.head.id)

    shown = [trace.kind for trace in house.trail()[before:] if trace.actor.account == colleague.account]
    assert shown == ["dossier.join-team", "care-team.joined", "dossier.read"]


def test_end_of_care_closes_at_the_next_request(house: House) -> None:
    filed = house.file()
    house.admit(house.nurse)
    house.open(house.nurse, filed.head.id)

    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, Action.MANAGE_TEAM, house.martin)
        access.end_participation(uow, permit, account=house.nurse.account)

    with pytest.raises(access.AccessRefused):
        house.open(house.nurse, filed.head.id)


def test_permit_kept_from_an_earlier_request_ends(house: House, clock: kernel.SettableClock) -> None:
    filed = house.file()
    with house.database.unit_of_work() as uow:
        permit = dossier.decide_entry(uow, house.physician, Action.READ, house.martin, filed.head.id)
    clock.advance(timedelta(hours=1))

    with pytest.raises(access.PermitMismatch), house.database.unit_of_work() as uow:
        dossier.open_document(uow, permit, filed.head.id)


def _allowed(house: House, caller: identity.Caller, action: Action, section: Section | None = None) -> bool:
    try:
        with house.database.unit_of_work() as uow:
            access.decide(uow, caller, action, house.martin, section=section)
    except access.AccessRefused:
        return False
    return True
