"""What a decision reads: the ties of the dossiers in question, and of mandates, emergencies and filings the caller's own."""

from dataclasses import replace
from datetime import timedelta

import pytest

from serment import access, identity, kernel
from serment.access import Action, Against, RestrictionRequest, Section
from serment.access.ties.store import load_ties
from support.dossier import House
from support.family import Family, make_family

#: What is read of a dossier whoever asks: the names in these rows are compared afterwards.
EVERYBODYS = {"custody", "patient", "care", "grant", "restriction", "listener"}


@pytest.fixture
def family(house: House) -> Family:
    """A girl in whose dossier there is a tie of every kind: her mother's mandate, the physician's emergency and letter."""
    family = make_family(house)
    family.let_in(family.mother)
    with house.database.unit_of_work() as uow:
        physician = replace(house.physician, stepped_up_at=uow.now)
        filing, sharing, controlling, urgent = (
            access.decide(uow, who, action, family.lou)
            for who, action in (
                (physician, Action.FILE),
                (physician, Action.SHARE),
                (family.child, Action.CONTROL),
                (physician, Action.OPEN_EMERGENCY),
            )
        )
        file_and_share(uow, filing, sharing, house.nurse)
        access.wish_for_notices(uow, controlling, access.Wish.TOLD)
        access.restrict(uow, controlling, RestrictionRequest(Against.PROFESSIONALS, section=Section.CLINICAL))
        reason, clinical = access.EmergencyReason.LIFE_AT_RISK, frozenset({Section.CLINICAL})
        asked = access.EmergencyRequest(reason, clinical, timedelta(hours=1), "Arrêt cardiaque.")
        access.open_emergency(uow, urgent, asked)
    return family


def file_and_share(
    uow: kernel.UnitOfWork, filing: access.Permit, sharing: access.Permit, nurse: identity.Caller
) -> None:
    """File a letter and an image, and let the nurse into what is clinical."""
    access.note_filing(uow, filing, Section.CLINICAL, access.EntryId(kernel.new_id()))
    access.note_filing(uow, filing, Section.IMAGING, access.EntryId(kernel.new_id()))
    sections, ends_at = frozenset({Section.CLINICAL}), uow.now + timedelta(days=1)
    request = access.GrantRequest(nurse.account, None, sections, None, access.Purpose.CARE, ends_at)
    access.grant_access(uow, sharing, request)


def kinds(house: House, who: identity.Caller, *dossiers: kernel.DossierId) -> list[str]:
    """Return of which kinds the ties are that are read, in order."""
    with house.database.reading() as uow:
        return sorted(tie.kind for tie in load_ties(uow, who.account, dossiers))


def test_each_reads_mandates_emergencies_and_filings_of_their_own(house: House, family: Family) -> None:
    """Of what they filed, only what some restriction bears on."""
    assert kinds(house, house.nurse, family.lou) == sorted(EVERYBODYS)
    assert kinds(house, family.mother, family.lou) == sorted({*EVERYBODYS, "delegate"})
    assert kinds(house, house.physician, family.lou) == sorted({*EVERYBODYS, "emergency", "filing"})


@pytest.mark.parametrize("who", ["physician", "mother"])
def test_ties_of_other_dossiers_are_not_read(house: House, family: Family, who: str) -> None:
    caller = house.physician if who == "physician" else family.mother
    absent = kernel.DossierId(kernel.new_id())

    for asked in ([house.martin], [house.martin, absent]):
        assert kinds(house, caller, *asked) == ["care", "custody", "patient"]


@pytest.mark.parametrize(
    ("closed", "read"),
    [
        ("everything", {"mine", "image"}),
        ("section", {"mine"}),
        ("entry", {"mine"}),
        ("entry-of-another", set()),
        ("nothing-any-more", set()),
        ("everything-elsewhere", set()),
    ],
)
def test_of_ones_filings_those_are_read_that_a_restriction_bears_on(
    house: House, closed: str, read: set[str]
) -> None:
    """They stay open to who filed them; of the others a decision asks nothing."""
    house.admit(house.nurse)
    mine, image = note(house, house.physician), note(house, house.physician, Section.IMAGING)
    theirs = note(house, house.nurse)
    asked = {
        "section": RestrictionRequest(Against.PROFESSIONALS, section=Section.CLINICAL),
        "entry": RestrictionRequest(Against.PROFESSIONALS, entry=mine),
        "entry-of-another": RestrictionRequest(Against.PROFESSIONALS, entry=theirs),
    }
    place(house, closed, asked.get(closed, RestrictionRequest(Against.PROFESSIONALS)))

    with house.database.reading() as uow:
        ties = load_ties(uow, house.physician.account, [house.martin])
    names = {mine: "mine", image: "image", theirs: "theirs"}
    assert {names[tie.entry] for tie in ties if tie.kind == "filing" and tie.entry is not None} == read


def note(house: House, who: identity.Caller, section: Section = Section.CLINICAL) -> access.EntryId:
    entry = access.EntryId(kernel.new_id())
    with house.database.unit_of_work() as uow:
        access.note_filing(uow, access.decide(uow, who, Action.FILE, house.martin), section, entry)
    return entry


def place(house: House, closed: str, request: RestrictionRequest) -> None:
    """Close it in the patient's dossier or in the girl's, and perhaps open it again."""
    family = make_family(house)
    elsewhere = closed == "everything-elsewhere"
    who, where = (family.child, family.lou) if elsewhere else (house.patient, house.martin)
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, who, Action.CONTROL, where)
        placed = access.restrict(uow, permit, request)
        if closed == "nothing-any-more":
            access.lift_restriction(uow, permit, placed.id)
