from dataclasses import replace

import pytest

from serment import identity, ledger
from support.identity import (
    VISIT,
    make_administrator,
    make_organisation,
    make_professional,
    signed_in,
)


def kinds(entrance: identity.Entrance, caller: identity.Caller) -> list[str]:
    with entrance.database.reading() as uow:
        log = ledger.read_security_log(uow, caller.organisation, limit=50)
    return [each.trace.kind.removeprefix("identity.") for each in reversed(log)]


@pytest.fixture
def administrator(entrance: identity.Entrance) -> identity.Caller:
    with entrance.database.unit_of_work() as uow:
        return signed_in(uow, make_administrator(uow, make_organisation(uow)))


def test_every_act_of_an_administrator_leaves_its_trace(
    entrance: identity.Entrance, administrator: identity.Caller
) -> None:
    with entrance.database.unit_of_work() as uow:
        organisation = identity.open_organisation(uow, administrator.organisation)
        nurse = make_professional(uow, organisation, identity.Profession.NURSE)
        team = identity.create_team(uow, administrator, "Cardiologie")
        identity.add_member(uow, administrator, team.id, nurse.id)
        identity.end_membership(uow, administrator, team.id, nurse.id)
        identity.list_accounts(uow, administrator)
        identity.suspend_account(uow, administrator, nurse.id)
        identity.reinstate_account(uow, administrator, nurse.id)
        invitation = identity.Invitation("new@example.test", "Camille Essai", identity.Role.DPO)
        identity.renew_enrolment_code(
            uow, administrator, identity.invite(uow, administrator, invitation).account
        )
        identity.end_other_sessions(uow, replace(administrator, stepped_up_at=uow.now))
        identity.end_session(uow, administrator, administrator.session)

    assert kinds(entrance, administrator) == [
        "organisation.founded",
        "session.opened",
        "team.created",
        "team.member-added",
        "team.membership-ended",
        "accounts.listed",
        "account.suspended",
        "account.reinstated",
        "account.invited",
        "account.invited",
        "session.ended",
        "session.ended",
    ]


def test_refused_enrolments_leave_their_trace(
    entrance: identity.Entrance, administrator: identity.Caller
) -> None:
    with entrance.database.unit_of_work() as uow:
        invitation = identity.Invitation("new@example.test", "Camille Essai", identity.Role.DPO)
        identity.invite(uow, administrator, invitation)
    with pytest.raises(identity.EnrolmentRefused):
        identity.begin_enrolment(entrance, "new@example.test", "AAAA-BBBB-CCCC", VISIT)

    assert kinds(entrance, administrator)[-1] == "enrolment.refused"


def test_traces_survive_the_rollback_of_what_they_tell(
    entrance: identity.Entrance, administrator: identity.Caller
) -> None:
    invitation = identity.Invitation("new@example.test", "Camille Essai", identity.Role.DPO)
    with pytest.raises(ValueError, match="rolled back"), entrance.database.unit_of_work() as uow:
        account = identity.invite(uow, administrator, invitation).account
        raise ValueError("rolled back")

    assert kinds(entrance, administrator)[-1] == "account.invited"
    with pytest.raises(identity.AccountNotFound), entrance.database.reading() as uow:
        identity.open_account(uow, account)
