"""What a decision asks of the database: as much with a restriction as without, one question more for an adopted matrix."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import event

from serment import access, dossier, identity, kernel
from serment.access import Action, Against, RestrictionRequest, Section
from support.dossier import House
from support.identity import make_administrator, signed_in


def asked(house: House, act: Callable[[kernel.UnitOfWork], object]) -> int:
    """Count the statements that an act sends, when it is done for the second time."""
    statements: list[str] = []

    def note(*sent: object) -> None:
        statements.append(str(sent[2]))

    for _ in range(2):
        statements.clear()
        with house.database.unit_of_work() as uow:
            engine = uow.connection.engine
            event.listen(engine, "before_cursor_execute", note)
            try:
                act(uow)
            finally:
                event.remove(engine, "before_cursor_execute", note)
    return len(statements)


def reading(house: House, caller: identity.Caller) -> Callable[[kernel.UnitOfWork], object]:
    return lambda uow: access.decide(uow, caller, Action.READ, house.martin)


def listing(house: House, caller: identity.Caller) -> Callable[[kernel.UnitOfWork], object]:
    return lambda uow: access.decide_listed(uow, caller, [house.martin])


def close(house: House, *requests: RestrictionRequest) -> None:
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, Action.CONTROL, house.martin)
        for request in requests:
            access.restrict(uow, permit, request)


def adopt(house: House) -> None:
    with house.database.unit_of_work() as uow:
        administrator = signed_in(uow, make_administrator(uow, house.organisation))
        proposed = replace(access.SHIPPED, opens_emergency=frozenset[identity.Profession]())
        access.adopt_matrix(uow, replace(administrator, stepped_up_at=uow.now), proposed, 0)


def test_restrictions_ask_nothing_more(house: House) -> None:
    house.admit(house.nurse)
    entry = house.file(by=house.nurse).head.id
    acts = [act(house, house.nurse) for act in (reading, listing)]
    before = [asked(house, act) for act in acts]

    close(
        house,
        RestrictionRequest(Against.PERSON, house.nurse.account, entry=entry),
        RestrictionRequest(Against.PROFESSIONALS, section=Section.IMAGING),
        RestrictionRequest(Against.DELEGATES),
    )

    assert [asked(house, act) for act in acts] == before


def test_adopted_matrix_asks_one_question_more(house: House) -> None:
    house.admit(house.nurse)
    acts = [act(house, house.nurse) for act in (reading, listing)]
    before = [asked(house, act) for act in acts]

    adopt(house)

    assert [asked(house, act) for act in acts] == [count + 1 for count in before]


def test_teams_and_departures_are_asked_about_only_where_a_tie_names_them(embedded_house: House) -> None:
    house, reader = embedded_house, embedded_house.caller()
    house.admit(reader)
    act = reading(house, reader)
    alone = asked(house, act)

    let_in(house, account=reader.account)
    opened = asked(house, act)
    let_in(house, team=team_of(house))
    named = asked(house, act)

    assert (opened, named) == (alone + 1, alone + 2)


def let_in(
    house: House, account: kernel.AccountId | None = None, team: identity.TeamId | None = None
) -> None:
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, Action.SHARE, house.martin)
        sections, ends_at = frozenset({Section.CLINICAL}), uow.now + timedelta(days=1)
        access.grant_access(
            uow, permit, access.GrantRequest(account, team, sections, None, access.Purpose.CARE, ends_at)
        )


def team_of(house: House) -> identity.TeamId:
    with house.database.unit_of_work() as uow:
        administrator = signed_in(uow, make_administrator(uow, house.organisation))
        return identity.create_team(uow, administrator, "Astreinte").id


def test_professionals_are_not_asked_for_whom_they_act(embedded_house: House) -> None:
    house = embedded_house
    of_patient, of_physician = (
        asked(house, lambda uow, caller=caller: access.my_dossiers(uow, caller))  # type: ignore[misc] # bound now
        for caller in (house.patient, house.physician)
    )

    assert of_patient == of_physician + 1


def test_preview_asks_as_much_for_three_carers_as_for_one(embedded_house: House) -> None:
    house = embedded_house
    with house.database.unit_of_work() as uow:
        administrator = signed_in(uow, make_administrator(uow, house.organisation))
    proposed = access.SHIPPED.with_rights(
        access.Relation.CARE_TEAM, identity.Profession.NURSE, Section.IMAGING, ()
    )
    counts = []
    for carers in ([house.nurse], [house.caller(identity.Profession.NURSE) for _ in range(2)]):
        for carer in carers:
            house.admit(carer)
        counts.append(asked(house, lambda uow: access.preview_matrix(uow, administrator, proposed)))

    assert counts[0] == counts[1]


def test_hidden_entry_is_refused_with_as_many_questions_as_one_that_is_not_there(house: House) -> None:
    house.admit(house.nurse)
    close(house, RestrictionRequest(Against.PERSON, house.nurse.account, entry=house.file().head.id))
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, Action.CONTROL, house.martin)
        (placed,) = access.restrictions_of(uow, permit)
    assert placed.entry is not None

    counts = [
        asked(house, attempting(house, entry)) for entry in (placed.entry, access.EntryId(kernel.new_id()))
    ]

    assert counts[0] == counts[1]


def test_page_of_a_trail_asks_as_much_however_long_the_trail_is(embedded_house: House) -> None:
    house = embedded_house

    def page(uow: kernel.UnitOfWork) -> None:
        permit = access.decide(uow, house.patient, Action.READ_TRAIL, house.martin)
        access.read_trail(uow, permit, limit=2)

    before = asked(house, page)
    for _ in range(5):
        asked(house, reading(house, house.physician))

    assert asked(house, page) == before


def attempting(house: House, entry: access.EntryId) -> Callable[[kernel.UnitOfWork], object]:
    def attempt(uow: kernel.UnitOfWork) -> None:
        with suppress(access.AccessRefused):
            dossier.decide_entry(uow, house.nurse, Action.READ, house.martin, entry)

    return attempt


def test_whoever_heads_no_team_is_asked_nothing_about_openings(house: House) -> None:
    """Whether the account stands, the brake, the teams: every first page asks what waits to be looked at."""
    assert asked(house, lambda uow: access.pending_reviews(uow, house.physician)) == 3
