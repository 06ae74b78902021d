"""Openings in an emergency for the tests: made as the page makes them, and a team whose head looks at them.

opening = open_for(house, stepped_up(house, house.caller()))
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from serment import access, identity, kernel
from serment.access import Action, EmergencyReason, EmergencyRequest, Section
from support.dossier import House
from support.identity import make_account, signed_in

CLINICAL = frozenset({Section.CLINICAL})


def stepped_up(house: House, caller: identity.Caller) -> identity.Caller:
    return replace(caller, stepped_up_at=house.database.clock.now())


def asking(**changes: Any) -> EmergencyRequest:  # noqa: ANN401 - any field of a request
    usual = EmergencyRequest(
        EmergencyReason.LIFE_AT_RISK, CLINICAL, timedelta(hours=1), "Arrêt cardiaque au bloc."
    )
    return replace(usual, **changes)


def open_for(
    house: House, caller: identity.Caller, request: EmergencyRequest | None = None
) -> access.EmergencyOpening:
    """Open the dossier as the page does."""
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, caller, Action.OPEN_EMERGENCY, house.martin)
        return access.open_emergency(uow, permit, request or asking())


def permit_for(
    house: House, uow: kernel.UnitOfWork, caller: identity.Caller, action: Action = Action.LIST
) -> access.Permit:
    section = Section.IDENTITY if action is Action.LIST else None
    return access.decide(uow, caller, action, house.martin, section=section)


def make_team(
    uow: kernel.UnitOfWork, house: House, chief: identity.Caller, *members: identity.Caller
) -> identity.Team:
    administrator = signed_in(
        uow, make_account(uow, house.organisation, identity.Role.ADMINISTRATOR, name="Alix Essai")
    )
    team = identity.create_team(uow, administrator, "Urgences")
    for member in (chief, *members):
        identity.add_member(uow, administrator, team.id, member.account)
    identity.name_head(uow, administrator, team.id, chief.account)
    return team
