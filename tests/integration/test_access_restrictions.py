"""What a patient closes is absent for whom it is closed: lists, reads, history, images, home, trail and errors alike."""

from datetime import timedelta

import pytest

from serment import access, dossier, identity, kernel
from serment.access import Action, Against, EntryId, RestrictionRequest, Section
from support.closing import at_home, attempt, close, closings_seen_by, colleague, lift, titles, trail_of
from support.dossier import House
from support.family import make_family


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
                decide(uow, other, Action.READ, *place)
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


@pytest.mark.parametrize("act", ["amend", "withdraw"])
def test_what_somebody_else_wrote_over_ones_own_is_hidden_with_it(embedded_house: House, act: str) -> None:
    house, other = embedded_house, colleague(embedded_house)
    mine, theirs = house.file(title="Ancien"), house.file(title="Du confrère", by=other)
    house.file(title="Jamais repris")
    _rewrite(house, house.physician, theirs, "amend", "Repris par son confrère")
    _rewrite(house, house.physician, mine, "amend", "Repris par son auteur")
    close(house, Against.PERSON, account=house.physician.account, section=Section.CLINICAL)
    assert titles(house, house.physician) == {"Repris par son auteur", "Jamais repris"}

    _rewrite(house, other, house.open(other, mine.head.id), act, "Ce que le patient a confié")

    assert titles(house, house.physician) == {"Jamais repris"}
    with pytest.raises(access.AccessRefused):
        house.open(house.physician, mine.head.id)


def _rewrite(house: House, who: identity.Caller, before: dossier.Document, act: str, title: str) -> None:
    with house.database.unit_of_work() as uow:
        permit = dossier.decide_entry(uow, who, Action(act), house.martin, before.head.id)
        if act == "withdraw":
            dossier.withdraw_document(uow, permit, before, title)
            return
        draft = dossier.Draft(title, before.description.kind, before.description.document_date, "lettre.pdf")
        dossier.amend_document(uow, permit, before, draft)


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
    assert closings_seen_by(house, house.patient) == (first,)


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


def test_trail_of_a_professional_is_silent_on_what_is_closed_to_them(house: House) -> None:
    other = colleague(house)
    before = trail_of(house, other)
    closed = house.file(title="Fermé").head.id
    house.open(house.physician, closed)
    placed = close(house, Against.PERSON, account=other.account, entry=closed)
    attempt(house, other, closed, by_itself=True)
    house.open(house.patient, closed)
    lift(house, placed)
    close(house, Against.PERSON, account=other.account, entry=closed)

    assert trail_of(house, other) == before
    told = {trace.kind for trace in trail_of(house, house.patient)[len(before) :]}
    assert told == {
        "dossier.file",
        "dossier.read",
        "dossier.control",
        "restriction.placed",
        "restriction.lifted",
    }


def test_trail_shows_an_attempt_on_a_closed_entry_as_on_one_that_is_not_there(house: House) -> None:
    closed, absent, other = house.file().head.id, EntryId(kernel.new_id()), colleague(house)
    close(house, Against.PERSON, account=other.account, entry=closed)
    attempt(house, other, closed)
    attempt(house, other, absent)

    *_, on_closed, on_absent = trail_of(house, other)
    assert on_closed.detail == {**on_absent.detail, "entry": str(closed)}
    assert on_absent.detail["because"] == "no-such-entry"
    assert (on_closed.kind, on_closed.category, on_closed.purpose, on_closed.outcome) == (
        on_absent.kind, on_absent.category, on_absent.purpose, on_absent.outcome,
    )  # fmt: skip


def test_trail_tells_no_professional_that_another_was_kept_away(house: House) -> None:
    closed, other = house.file().head.id, colleague(house)
    before = trail_of(house, house.physician)
    close(house, Against.PERSON, account=other.account, entry=closed)
    attempt(house, other, closed)

    assert trail_of(house, house.physician) == before
    assert trail_of(house, house.patient)[-1].detail["entry"] == str(closed)


def test_hidden_lines_shorten_no_page_of_a_trail(embedded_house: House) -> None:
    house = embedded_house
    other = colleague(house)
    closed = house.file().head.id
    close(house, Against.PERSON, account=other.account, entry=closed)
    for _ in range(5):
        house.open(house.physician, closed)

    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, other, Action.READ_TRAIL, house.martin)
        assert len(access.read_trail(uow, permit, limit=3)) == 3


def grant(
    house: House,
    whom: identity.Caller,
    by: identity.Caller,
    *entries: EntryId,
    section: Section = Section.CLINICAL,
) -> access.Grant:
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, by, Action.SHARE, house.martin)
        request = access.GrantRequest(
            whom.account, None, frozenset({section}), frozenset(entries) or None, access.Purpose.CARE,
            uow.now + timedelta(days=1),
        )  # fmt: skip
        return access.grant_access(uow, permit, request)


def grants_seen_by(house: House, caller: identity.Caller) -> list[frozenset[EntryId] | None]:
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, caller, Action.LIST, house.martin)
        return [one.request.entries for one in access.grants_of(uow, permit)]


def test_restriction_wins_over_a_grant(house: House) -> None:
    expert, closed = house.caller(), house.file(title="Fermé").head.id
    house.file(title="Ouvert")
    grant(house, expert, house.patient)
    close(house, Against.PERSON, account=expert.account, entry=closed)

    assert titles(house, expert) == {"Ouvert"}


def test_grant_lets_nobody_further_in_than_who_answers_for_it(house: House) -> None:
    """Else somebody who is kept away would have a friend look."""
    giver, friend, closed = colleague(house), house.caller(), house.file(title="Fermé").head.id
    house.file(title="Ouvert")
    grant(house, friend, giver)
    assert titles(house, friend) == {"Ouvert", "Fermé"}

    close(house, Against.PERSON, account=giver.account, entry=closed)

    assert titles(house, friend) == {"Ouvert"}
    with pytest.raises(access.GrantInvalid):
        grant(house, friend, giver, closed)


def test_closed_entry_is_shared_like_one_that_is_not_there(embedded_house: House) -> None:
    house = embedded_house
    giver, closed = colleague(house), house.file().head.id
    close(house, Against.PERSON, account=giver.account, entry=closed)
    said = []
    for entry in (closed, EntryId(kernel.new_id())):
        with pytest.raises(access.GrantInvalid) as refused:
            grant(house, house.nurse, giver, entry)
        said.append(str(refused.value))

    assert said[0] == said[1]


def test_list_of_openings_names_no_closed_entry(house: House) -> None:
    reader, one, two = colleague(house), house.file().head.id, house.file().head.id
    grant(house, house.nurse, house.patient, one, two)
    only_closed = grant(house, house.nurse, house.patient, one)
    close(house, Against.PERSON, account=reader.account, entry=one)

    assert grants_seen_by(house, reader) == [frozenset({two})]
    assert len(grants_seen_by(house, house.patient)) == 2
    with pytest.raises(access.GrantNotFound), house.database.unit_of_work() as uow:
        permit = access.decide(uow, reader, Action.SHARE, house.martin)
        access.revoke_grant(uow, permit, only_closed.id)


def test_nobody_keeps_themselves_away(embedded_house: House) -> None:
    """Who acts for a patient would else seem not to, and a professional says so by no restriction."""
    family = make_family(embedded_house)
    family.let_in(family.mother)
    with embedded_house.database.unit_of_work() as uow:
        permit = access.decide(uow, family.mother, Action.CONTROL, family.lou)
        with pytest.raises(access.RestrictionInvalid) as refused:
            access.restrict(uow, permit, RestrictionRequest(Against.PERSON, family.mother.account))
    assert refused.value.field == "account"


def test_parent_sees_no_restriction_on_what_is_reserved(embedded_house: House) -> None:
    """Else the list of what is closed to professionals would name what the child keeps for herself."""
    family = make_family(embedded_house)
    family.let_in(family.mother)
    there = at_home(family)
    entry = there.file().head.id
    close(there, Against.DELEGATES, entry=entry)
    close(there, Against.PROFESSIONALS, entry=entry)
    seen = close(there, Against.PROFESSIONALS, section=Section.IMAGING, by=family.mother)

    assert closings_seen_by(there, family.mother) == (seen,)
