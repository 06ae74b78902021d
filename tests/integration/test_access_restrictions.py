"""What a patient closes is absent for whom it is closed: lists, reads, history, images, home, trail and errors alike."""

import pytest

from serment import access, dossier, identity, kernel
from serment.access import Action, Against, EntryId, RestrictionRequest, Section
from support.dossier import House


def close(
    house: House,
    against: Against,
    *,
    account: kernel.AccountId | None = None,
    section: Section | None = None,
    entry: EntryId | None = None,
    by: identity.Caller | None = None,
) -> access.Restriction:
    """Close as the patient's page does."""
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, by or house.patient, Action.CONTROL, house.martin)
        return access.restrict(uow, permit, RestrictionRequest(against, account, section, entry))


def lift(house: House, restriction: access.Restriction) -> None:
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, Action.CONTROL, house.martin)
        access.lift_restriction(uow, permit, restriction.id)


def titles(house: House, caller: identity.Caller) -> set[str]:
    return {line.title for line in house.lines(caller)}


def colleague(house: House) -> identity.Caller:
    """A physician who joined the care of the patient."""
    joined = house.caller()
    house.admit(joined)
    return joined


def test_one_entry_closed_to_a_person_is_absent_for_them_alone(house: House) -> None:
    open_one, closed = house.file(title="Ouvert").head.id, house.file(title="Fermé").head.id
    other = colleague(house)
    close(house, Against.PERSON, account=other.account, entry=closed)

    assert titles(house, other) == {"Ouvert"}
    assert titles(house, house.physician) == titles(house, house.patient) == {"Ouvert", "Fermé"}
    assert house.open(other, open_one).head.id == open_one
    with pytest.raises(access.AccessRefused):
        house.open(other, closed)


def test_closed_entry_is_refused_as_one_that_is_not_there(house: House) -> None:
    closed, other = house.file().head.id, colleague(house)
    close(house, Against.PERSON, account=other.account, entry=closed)
    refusals = []
    for asked in (closed, EntryId(kernel.new_id())):
        for decide in (dossier.decide_entry, dossier.decide_named_entry):
            place = (house.martin, asked) if decide is dossier.decide_entry else (asked,)
            with pytest.raises(access.AccessRefused) as refused, house.database.unit_of_work() as uow:
                decide(uow, other, Action.READ, *place)  # type: ignore[operator]
            refusals.append((refused.value.reason, refused.value.code, str(refused.value)))

    assert set(refusals) == {("no-such-entry", "access.refused", "no-such-entry")}


def test_section_closed_to_professionals_leaves_each_what_they_filed(house: House) -> None:
    other = colleague(house)
    house.file(title="Du médecin traitant")
    house.file(title="Du confrère", by=other)
    close(house, Against.PROFESSIONALS, section=Section.CLINICAL)

    assert titles(house, house.physician) == {"Du médecin traitant"}
    assert titles(house, other) == {"Du confrère"}
    assert titles(house, house.patient) == {"Du médecin traitant", "Du confrère"}


def test_everything_closed_leaves_the_name_the_team_and_the_right_to_file(house: House) -> None:
    house.file(title="Avant")
    other = colleague(house)
    close(house, Against.PERSON, account=other.account)

    assert titles(house, other) == set()
    filed = house.file(title="Après", by=other)
    assert titles(house, other) == {"Après"}
    assert house.open(other, filed.head.id) == filed
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, other, Action.READ, house.martin, section=Section.IDENTITY)
        assert dossier.identity_of(uow, permit).identity.family_name == "Martin"
        assert other.account in {part.account for part in access.care_team(uow, permit)}


def test_restriction_takes_no_section_away(house: House) -> None:
    other = colleague(house)
    with house.database.unit_of_work() as uow:
        before = {action: set(access.decide(uow, other, action, house.martin).reach) for action in KEPT}
    close(house, Against.PERSON, account=other.account)

    with house.database.unit_of_work() as uow:
        after = {action: set(access.decide(uow, other, action, house.martin).reach) for action in KEPT}
    assert after == before


KEPT = (Action.LIST, Action.READ, Action.FILE, Action.AMEND, Action.WITHDRAW, Action.SHARE)


@pytest.mark.parametrize("action", [Action.READ, Action.AMEND, Action.WITHDRAW, Action.SHARE])
def test_closed_entry_is_out_of_reach_of_every_act(embedded_house: House, action: Action) -> None:
    house = embedded_house
    closed, other = house.file().head.id, colleague(house)
    close(house, Against.PERSON, account=other.account, entry=closed)

    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, other, action, house.martin)
        assert not permit.covers(Section.CLINICAL, closed)
        assert permit.covers(Section.CLINICAL, None)
    with pytest.raises(access.AccessRefused), house.database.unit_of_work() as uow:
        dossier.decide_entry(uow, other, action, house.martin, closed)


def test_permit_that_was_made_before_does_not_open_what_the_next_one_hides(embedded_house: House) -> None:
    house = embedded_house
    closed, other = house.file().head.id, colleague(house)
    close(house, Against.PERSON, account=other.account, section=Section.CLINICAL)

    with pytest.raises(access.PermitMismatch), house.database.unit_of_work() as uow:
        permit = access.decide(uow, other, Action.READ, house.martin)
        dossier.history_of(uow, permit, closed)


def test_home_counts_what_is_left(house: House) -> None:
    other = colleague(house)
    kept = [house.file(title=f"Reste {number}").head.id for number in range(3)]
    closed = [house.file(title=f"Fermé {number}").head.id for number in range(3)]
    for entry in closed:
        close(house, Against.PERSON, account=other.account, entry=entry)

    with house.database.unit_of_work() as uow:
        news = dossier.home_of(uow, other, most_news=3).news
    assert {one.line.entry for one in news} == set(kept)


def test_lifted_restriction_opens_again(house: House) -> None:
    closed, other = house.file(title="Fermé").head.id, colleague(house)
    placed = close(house, Against.PERSON, account=other.account, entry=closed)
    assert titles(house, other) == set()

    lift(house, placed)

    assert titles(house, other) == {"Fermé"}
    with pytest.raises(access.RestrictionNotFound):
        lift(house, placed)


def test_same_restriction_is_placed_once(embedded_house: House) -> None:
    house = embedded_house
    first = close(house, Against.PROFESSIONALS, section=Section.CLINICAL)

    assert close(house, Against.PROFESSIONALS, section=Section.CLINICAL) == first
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, Action.CONTROL, house.martin)
        assert access.restrictions_of(uow, permit) == (first,)


def test_restriction_is_traced_for_the_patient(embedded_house: House) -> None:
    house = embedded_house
    closed = house.file().head.id
    placed = close(house, Against.PERSON, account=house.nurse.account, entry=closed)
    lift(house, placed)

    said = [trace for trace in house.trail() if trace.kind.startswith("restriction.")]
    assert [trace.kind for trace in said] == ["restriction.placed", "restriction.lifted"]
    assert dict(said[0].detail) == {
        "restriction": str(placed.id),
        "against": "person",
        "account": str(house.nurse.account),
        "section": "clinical",
        "entry": str(closed),
    }


def test_professional_controls_nothing(house: House) -> None:
    with pytest.raises(access.AccessRefused):
        close(house, Against.PROFESSIONALS, by=house.physician)


@pytest.mark.parametrize("action", [Action.READ, Action.MANAGE_TEAM, Action.READ_TRAIL])
def test_restrictions_take_a_permit_for_them(embedded_house: House, action: Action) -> None:
    house = embedded_house
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, action, house.martin)
        with pytest.raises(access.PermitMismatch):
            access.restrict(uow, permit, RestrictionRequest(Against.PROFESSIONALS))
        with pytest.raises(access.PermitMismatch):
            access.restrictions_of(uow, permit)
        with pytest.raises(access.PermitMismatch):
            access.lift_restriction(uow, permit, access.RestrictionId(kernel.new_id()))


def test_restriction_names_somebody_and_something(embedded_house: House) -> None:
    house, entry = embedded_house, EntryId(kernel.new_id())
    wrong: list[tuple[str, RestrictionRequest]] = [
        ("account", RestrictionRequest(Against.PERSON)),
        ("account", RestrictionRequest(Against.PROFESSIONALS, house.nurse.account)),
        ("account", RestrictionRequest(Against.PERSON, house.patient.account)),
        ("account", RestrictionRequest(Against.PERSON, kernel.AccountId(kernel.new_id()))),
        ("section", RestrictionRequest(Against.PROFESSIONALS, section=Section.IDENTITY)),
        ("entry", RestrictionRequest(Against.PROFESSIONALS, entry=entry)),
        ("entry", RestrictionRequest(Against.PROFESSIONALS, None, Section.IMAGING, house.file().head.id)),
    ]
    for field, request in wrong:
        with pytest.raises(access.RestrictionInvalid) as refused, house.database.unit_of_work() as uow:
            permit = access.decide(uow, house.patient, Action.CONTROL, house.martin)
            access.restrict(uow, permit, request)
        assert refused.value.field == field


def test_professional_reserves_an_entry_to_the_patient_and_nothing_else(embedded_house: House) -> None:
    house = embedded_house
    entry = house.file().head.id
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, Action.SHARE, house.martin)
        placed = access.restrict(uow, permit, RestrictionRequest(Against.DELEGATES, entry=entry))
        for request in (
            RestrictionRequest(Against.DELEGATES),
            RestrictionRequest(Against.DELEGATES, section=Section.CLINICAL),
            RestrictionRequest(Against.PROFESSIONALS, entry=entry),
            RestrictionRequest(Against.PERSON, house.nurse.account, entry=entry),
        ):
            with pytest.raises(access.RestrictionInvalid):
                access.restrict(uow, permit, request)
        assert access.restrictions_of(uow, permit) == (placed,)
        access.lift_restriction(uow, permit, placed.id)


def test_professional_sees_no_restriction_of_the_patient(embedded_house: House) -> None:
    house = embedded_house
    placed = close(house, Against.PERSON, account=house.nurse.account, entry=house.file().head.id)

    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, Action.SHARE, house.martin)
        assert access.restrictions_of(uow, permit) == ()
        with pytest.raises(access.RestrictionNotFound):
            access.lift_restriction(uow, permit, placed.id)
