"""What the ledger vouches for of an opening: reckoned as docs/formats/ledger.md says, by whatever release."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from serment import access, identity, kernel
from serment.access import DelayReason, EmergencyReason, Section
from serment.access.emergency import check_emergencies, store
from support.dossier import House

FIRST = access.EmergencyOpening(
    id=access.OpeningId(UUID(int=1)),
    dossier=kernel.DossierId(UUID(int=2)),
    organisation=kernel.OrganisationId(UUID(int=3)),
    account=kernel.AccountId(UUID(int=4)),
    profession=identity.Profession.PHYSICIAN,
    reason=EmergencyReason.LIFE_AT_RISK,
    sections=frozenset({Section.IMAGING, Section.CLINICAL}),
    opened_at=datetime(2026, 3, 12, 9, tzinfo=UTC),
    ends_at=datetime(2026, 3, 12, 10, tzinfo=UTC),
    tell_at=datetime(2026, 3, 12, 9, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("delay", "digest"),
    [
        (None, "36527020b19a7359e4da3dfc3008a0d4daffbd22aabfd4961cfeec87ff7b46b9"),
        (
            DelayReason.PATIENT_AT_RISK,
            "8e014f3e3c1ecb17a55ad228ee21588b84888324badf4de5496a50033ea4d97f",
        ),
    ],
)
def test_digest_of_an_opening_is_as_the_format_says(
    embedded_house: House, delay: DelayReason | None, digest: str
) -> None:
    with embedded_house.database.unit_of_work() as uow:
        store.insert_opening(uow, replace(FIRST, delay=delay), vital=True)

        (row,) = check_emergencies(uow)

    assert row.digest.hex() == digest
