from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from serment import kernel
from serment.access import DelegateKind, DelegationInvalid, DelegationRequest, Majority, Section
from serment.access.delegations.model import Delegation, DelegationId, Terms
from serment.access.delegations.policy import terms_of

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
CHILD, ADULT = NOW + timedelta(days=800), NOW - timedelta(days=1)
PARENT, GUARDIAN, TRUSTED = DelegateKind.PARENT, DelegateKind.GUARDIAN, DelegateKind.TRUSTED_PERSON
CLINICAL = frozenset({Section.CLINICAL})
YEAR = NOW + timedelta(days=365)


@pytest.mark.parametrize(
    ("born_on", "zone", "reached_at"),
    [
        (date(2008, 3, 12), "Europe/Paris", datetime(2026, 3, 11, 23, 0, tzinfo=UTC)),
        (date(2008, 7, 1), "Europe/Paris", datetime(2026, 6, 30, 22, 0, tzinfo=UTC)),
        (date(2008, 3, 12), "Indian/Reunion", datetime(2026, 3, 11, 20, 0, tzinfo=UTC)),
        (date(2008, 2, 29), "Europe/Paris", datetime(2026, 2, 28, 23, 0, tzinfo=UTC)),
        (date(1970, 3, 12), "Europe/Paris", datetime(1988, 3, 11, 23, 0, tzinfo=UTC)),
    ],
)
def test_majority_begins_at_midnight_where_the_practice_is(
    born_on: date, zone: str, reached_at: datetime
) -> None:
    assert Majority(zone).reached_at(born_on) == reached_at


@pytest.mark.parametrize("kind", [PARENT, GUARDIAN])
def test_who_acts_for_a_child_does_so_until_majority(kind: DelegateKind) -> None:
    terms = terms_of(DelegationRequest(kind, proof="livret de famille"), NOW, CHILD)

    assert terms == Terms(kind, None, CHILD, with_majority=True)


@pytest.mark.parametrize(
    ("ends_at", "last_at"), [(None, None), (YEAR, YEAR - timedelta(microseconds=1))], ids=["none", "a year"]
)
def test_what_ends_at_midnight_is_told_as_the_day_before(
    ends_at: datetime | None, last_at: datetime | None
) -> None:
    terms = Terms(GUARDIAN, None, ends_at, with_majority=False)
    someone, dossier = kernel.AccountId(kernel.new_id()), kernel.DossierId(kernel.new_id())
    house = kernel.OrganisationId(kernel.new_id())

    given = Delegation(DelegationId(kernel.new_id()), house, dossier, someone, terms, NOW, someone)

    assert given.last_at == last_at


@pytest.mark.parametrize("ends_at", [None, YEAR])
def test_guardian_of_an_adult_has_the_end_that_the_judge_set(ends_at: datetime | None) -> None:
    terms = terms_of(DelegationRequest(GUARDIAN, None, ends_at, "jugement"), NOW, ADULT)

    assert terms == Terms(GUARDIAN, None, ends_at, with_majority=False)


def test_trusted_person_has_sections_and_an_end() -> None:
    terms = terms_of(DelegationRequest(TRUSTED, CLINICAL, YEAR), NOW, ADULT)

    assert terms == Terms(TRUSTED, CLINICAL, YEAR, with_majority=False)


@pytest.mark.parametrize(
    ("request_", "adult_at", "reason"),
    [
        (DelegationRequest(PARENT, proof="livret"), ADULT, "adult"),
        (DelegationRequest(PARENT, proof="livret"), NOW, "adult"),
        (DelegationRequest(PARENT, proof="  "), CHILD, "proof"),
        (DelegationRequest(PARENT, proof="x" * 201), CHILD, "proof"),
        (DelegationRequest(PARENT, None, YEAR, "livret"), CHILD, "end"),
        (DelegationRequest(PARENT, CLINICAL, None, "livret"), CHILD, "sections"),
        (DelegationRequest(GUARDIAN), ADULT, "proof"),
        (DelegationRequest(GUARDIAN, CLINICAL, None, "jugement"), ADULT, "sections"),
        (DelegationRequest(GUARDIAN, None, YEAR, "jugement"), CHILD, "end"),
        (DelegationRequest(GUARDIAN, None, NOW, "jugement"), ADULT, "end"),
        (DelegationRequest(GUARDIAN, None, NOW + timedelta(days=21 * 366), "jugement"), ADULT, "end"),
        (DelegationRequest(TRUSTED, CLINICAL, YEAR), CHILD, "minor"),
        (DelegationRequest(TRUSTED, None, YEAR), ADULT, "sections"),
        (DelegationRequest(TRUSTED, frozenset(), YEAR), ADULT, "sections"),
        (DelegationRequest(TRUSTED, CLINICAL | {Section.IDENTITY}, YEAR), ADULT, "sections"),
        (DelegationRequest(TRUSTED, CLINICAL), ADULT, "end"),
        (DelegationRequest(TRUSTED, CLINICAL, NOW), ADULT, "end"),
        (DelegationRequest(TRUSTED, CLINICAL, NOW + timedelta(days=4 * 366)), ADULT, "end"),
    ],
)
def test_nobody_acts_for_a_patient_in_another_way(
    request_: DelegationRequest, adult_at: datetime, reason: str
) -> None:
    with pytest.raises(DelegationInvalid) as refused:
        terms_of(request_, NOW, adult_at)

    assert refused.value.reason == reason


GIVEN = Delegation(
    DelegationId(kernel.new_id()), kernel.OrganisationId(kernel.new_id()), kernel.DossierId(kernel.new_id()),
    kernel.AccountId(kernel.new_id()), Terms(TRUSTED, CLINICAL, YEAR, with_majority=False), NOW,
    kernel.AccountId(kernel.new_id()),
)  # fmt: skip
WEEK, INSTANT = NOW + timedelta(days=7), timedelta(microseconds=1)
OFFERED = replace(GIVEN, account=None, offer_ends_at=WEEK)


@pytest.mark.parametrize(
    ("delegation", "at", "holds"),
    [
        (GIVEN, NOW, True),
        (GIVEN, NOW - INSTANT, False),
        (GIVEN, YEAR - INSTANT, True),
        (GIVEN, YEAR, False),
        (replace(GIVEN, revoked_at=NOW), NOW, False),
        (OFFERED, NOW, False),
    ],
)
def test_delegation_holds_for_somebody_from_its_start_to_its_end(
    delegation: Delegation, at: datetime, holds: bool
) -> None:
    assert delegation.holds(at) is holds


@pytest.mark.parametrize(
    ("delegation", "at", "offered"),
    [
        (OFFERED, NOW, True),
        (OFFERED, WEEK - INSTANT, True),
        (OFFERED, WEEK, False),
        (replace(OFFERED, revoked_at=NOW), NOW, False),
        (replace(OFFERED, terms=replace(GIVEN.terms, ends_at=NOW)), NOW, False),
        (replace(OFFERED, account=GIVEN.account), NOW, False),
        (replace(OFFERED, offer_ends_at=None), NOW, False),
    ],
)
def test_delegation_is_offered_while_a_code_waits_for_somebody(
    delegation: Delegation, at: datetime, offered: bool
) -> None:
    assert delegation.is_offered(at) is offered
