"""What opens or closes a dossier is vouched for by the ledger: each act keeps it so, and no row is changed unseen."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, text

from serment import access, identity, kernel, ledger
from serment.access import Action, Against, RestrictionRequest, Section
from serment.identity.directory import store as directory
from support.dossier import House
from support.identity import make_administrator, make_patient_account, signed_in

#: Somebody's part in the care once more, under another name.
_COPY = """INSERT INTO participations
    SELECT dossier, dossier, account, team, started_at, ended_at, reason, episode FROM participations LIMIT 1"""
CLINICAL = frozenset({Section.CLINICAL})


def unvouched(house: House) -> set[str]:
    """Return the kinds of rows that are not what the ledger vouches for, or that it knows and that are gone."""
    with house.database.reading() as uow:
        anchors = dict(ledger.current_anchors(uow))
        stored = {one.place: one.digest for one in access.check_rows(uow)}
    kinds = {place.partition("/")[0] for place in stored}
    known = {place for place in anchors if place.partition("/")[0] in kinds}
    return {
        place.partition("/")[0] for place in known | stored.keys() if stored.get(place) != anchors.get(place)
    }


def live_a_life(house: House) -> None:
    """Let everything happen that writes such a row."""
    with house.database.unit_of_work() as uow:
        caring = access.decide(uow, house.physician, Action.MANAGE_TEAM, house.martin)
        access.admit_to_care_team(uow, caring, account=house.nurse.account)
        access.end_participation(uow, caring, account=house.nurse.account)
        filing = access.decide(uow, house.physician, Action.FILE, house.martin)
        reading = access.decide(uow, house.physician, Action.READ, house.martin)
        asked = access.EpisodeRequest(access.EpisodeKind.VISITS, "Suivi", Section.CLINICAL, timedelta(days=7))
        episode = access.open_episode(uow, caring, filing, asked).id
        access.admit_to_care_team(uow, caring, account=house.secretary.account, episode=episode)
        access.close_episode(uow, caring, reading, episode, access.Closing(uow.now, timedelta(days=7)))
        access.reopen_episode(uow, caring, reading, episode)
        given = share(house, uow)
        access.take_over_grant(uow, access.decide(uow, house.patient, Action.SHARE, house.martin), given)
        own = access.decide(uow, house.patient, Action.CONTROL, house.martin)
        access.lift_restriction(uow, own, restrict(house, uow))
        restrict(house, uow)
        access.revoke_grant(uow, access.decide(uow, house.physician, Action.SHARE, house.martin), given)
        share(house, uow)
        access.declare_deceased(uow, caring, uow.now.date())
        access.retract_death(uow, caring)


def share(house: House, uow: kernel.UnitOfWork) -> access.GrantId:
    permit = access.decide(uow, house.physician, Action.SHARE, house.martin)
    until = uow.now + timedelta(days=1)
    asked = access.GrantRequest(house.nurse.account, None, CLINICAL, None, access.Purpose.CARE, until)
    return access.grant_access(uow, permit, asked).id


def restrict(house: House, uow: kernel.UnitOfWork) -> access.RestrictionId:
    own = access.decide(uow, house.patient, Action.CONTROL, house.martin)
    return access.restrict(uow, own, RestrictionRequest(Against.PROFESSIONALS, None, Section.IMAGING)).id


def test_every_act_keeps_the_ledger_right(house: House) -> None:
    live_a_life(house)
    with house.database.unit_of_work() as uow:
        directory.set_status(uow, house.patient.account, identity.AccountStatus.DEPARTED)
        permit = access.decide(uow, house.physician, Action.SHARE, house.martin)
        access.link_patient(uow, permit, make_patient_account(uow, house.organisation).id)
        administrator = signed_in(uow, make_administrator(uow, house.organisation))
        access.let_go(uow, confirmed(administrator, uow), house.secretary.account)

    with house.database.reading() as uow:
        checked = {one.place.partition("/")[0] for one in access.check_rows(uow)}
    assert checked >= {"custody", "participation", "grant", "patient", "restriction"}
    assert unvouched(house) == set()


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("UPDATE participations SET ended_at = NULL WHERE ended_at IS NOT NULL", "participation"),
        ("UPDATE participations SET account = dossier", "participation"),
        (_COPY, "participation"),
        ("UPDATE grants SET revoked_at = NULL WHERE revoked_at IS NOT NULL", "grant"),
        ("UPDATE grants SET sections = '[\"clinical\", \"sensitive\"]'", "grant"),
        ("UPDATE grants SET ends_at = '2036-01-01 00:00:00.000000'", "grant"),
        ("UPDATE patients SET account = dossier", "patient"),
        ("UPDATE custody SET organisation = dossier", "custody"),
        ("UPDATE restrictions SET lifted_at = placed_at", "restriction"),
        ("DELETE FROM restrictions WHERE lifted_at IS NULL", "restriction"),
    ],
)  # fmt: skip
def test_row_changed_behind_everybodys_back_is_found(embedded_house: House, change: str, kind: str) -> None:
    live_a_life(embedded_house)
    with embedded_house.database.unit_of_work() as uow:
        assert uow.connection.execute(text(change)).rowcount > 0

    assert unvouched(embedded_house) == {kind}


def test_vouching_costs_an_act_one_statement(embedded_house: House) -> None:
    """An opening is written, anchored and traced; reading and filing write no such row."""
    house, given = embedded_house, list[access.GrantId]()
    assert anchored_by(house, lambda uow: given.append(share(house, uow))) == 1
    assert anchored_by(house, lambda uow: access.revoke_grant(uow, sharing(house, uow), given[0])) == 1
    assert anchored_by(house, lambda uow: access.decide(uow, house.physician, Action.READ, house.martin)) == 0


def sharing(house: House, uow: kernel.UnitOfWork) -> access.Permit:
    return access.decide(uow, house.physician, Action.SHARE, house.martin)


def anchored_by(house: House, act: Callable[[kernel.UnitOfWork], object]) -> int:
    """Count the statements of an act that are there for the ledger's vouching: rows come back from their own writing."""
    statements: list[str] = []
    with house.database.unit_of_work() as uow:
        engine = uow.connection.engine

        def note(*sent: object) -> None:
            statements.append(str(sent[2]))

        event.listen(engine, "before_cursor_execute", note)
        try:
            act(uow)
        finally:
            event.remove(engine, "before_cursor_execute", note)
    return sum("ledger_anchors" in one for one in statements)


def confirmed(caller: identity.Caller, uow: kernel.UnitOfWork) -> identity.Caller:
    return replace(caller, stepped_up_at=uow.now)
