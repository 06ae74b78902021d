"""THR-07: an administrator, or the data protection officer, of the very organisation that holds the dossier."""

import pytest

from serment import access, dossier, identity, ledger
from serment.access import Action, Purpose, Section
from serment.edge.desk import Desk
from serment.identity.directory import store as directory
from support.dossier import House
from support.edge import SignIn
from support.identity import confirm_identity, make_account, signed_in

POWERS = (identity.Role.ADMINISTRATOR, identity.Role.DPO)


@pytest.mark.parametrize("role", POWERS)
@pytest.mark.parametrize("purpose", Purpose)
def test_role_reaches_no_section_for_any_purpose(house: House, role: identity.Role, purpose: Purpose) -> None:
    holder = _holder(house, role)

    reached = [
        (action, section)
        for action in sorted(set(Action) - {Action.READ_TRAIL})
        for section in (None, *Section)
        if _allowed(house, holder, action, purpose, section)
    ]

    assert reached == []


def test_administrator_does_not_read_the_trail_and_the_dpo_does(house: House) -> None:
    assert not _allowed(house, _holder(house, identity.Role.ADMINISTRATOR), Action.READ_TRAIL)
    assert _allowed(house, _holder(house, identity.Role.DPO), Action.READ_TRAIL)


@pytest.mark.parametrize("role", POWERS)
def test_role_opens_no_dossier_and_finds_no_patient(house: House, role: identity.Role) -> None:
    holder = _holder(house, role)

    with house.database.unit_of_work() as uow:
        assert access.decide_listed(uow, holder, [house.martin]) == {}
    with pytest.raises(access.AccessRefused), house.database.unit_of_work() as uow:
        access.open_dossier(uow, holder, house.martin)


def test_attempt_of_an_administrator_is_in_the_trail_that_the_patient_reads(house: House) -> None:
    filed = house.file()
    administrator = _holder(house, identity.Role.ADMINISTRATOR)

    with pytest.raises(access.AccessRefused):
        house.open(administrator, filed.head.id)

    last = house.trail()[-1]
    assert (last.actor.account, last.actor.role, last.outcome) == (
        administrator.account,
        "administrator",
        ledger.Outcome.REFUSED,
    )


def test_administrator_gets_no_code_for_the_account_of_a_patient(
    house: House, client_for: SignIn, desk: Desk
) -> None:
    """The physician invites the patient; with a new code for that account, its holder would read the dossier."""
    with house.database.unit_of_work() as uow:
        directory.set_status(uow, house.patient.account, identity.AccountStatus.DEPARTED)
        invitation = identity.Invitation("zoe@example.test", "Zoé Martin", identity.Role.PATIENT)
        invited = identity.invite(uow, house.physician, invitation).account
        permit = access.decide(uow, house.physician, Action.SHARE, house.martin)
        access.link_patient(uow, permit, invited)
    client = client_for(_holder(house, identity.Role.ADMINISTRATOR))
    with house.database.unit_of_work() as uow:
        confirm_identity(uow, client.cookies[desk.pages.cookies.name("session")])

    page = client.get(f"/administration/people/{invited}")
    asked = client.post(f"/administration/people/{invited}/code")

    assert (page.status_code, asked.status_code) == (200, 404)
    assert f"/administration/people/{invited}/code" not in page.text


@pytest.mark.parametrize("role", POWERS)
def test_role_files_nothing(house: House, role: identity.Role) -> None:
    with pytest.raises(access.AccessRefused):
        house.file(by=_holder(house, role))
    assert house.lines(house.physician, dossier.Filter()) == ()


def _holder(house: House, role: identity.Role) -> identity.Caller:
    with house.database.unit_of_work() as uow:
        return signed_in(uow, make_account(uow, house.organisation, role))


def _allowed(
    house: House,
    caller: identity.Caller,
    action: Action,
    purpose: Purpose = Purpose.CARE,
    section: Section | None = None,
) -> bool:
    try:
        with house.database.unit_of_work() as uow:
            access.decide(uow, caller, action, house.martin, purpose, section=section)
    except access.AccessRefused:
        return False
    return True
