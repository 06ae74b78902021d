"""What of a trail waits while openings are to be told later: what names them, who opened, and who looks at them."""

import pytest

from serment import kernel, ledger
from serment.access.emergency.notices import is_told
from serment.access.emergency.traces import OPENING
from serment.access.model import Purpose

OPENER, COLLEAGUE = (kernel.AccountId(kernel.new_id()) for _ in range(2))
LATER, TOLD = "opening-told-later", "opening-told"
UNTOLD = frozenset({LATER, str(OPENER)})


def trace(kind: str, purpose: Purpose, opening: str = "", by: kernel.AccountId = OPENER) -> ledger.Trace:
    organisation = kernel.OrganisationId(kernel.new_id())
    return ledger.Trace(
        kind=kind, actor=ledger.Actor(by, organisation, "professional", "web"), organisation=organisation, dossier=None,
        category="dossier", purpose=purpose.value, outcome=ledger.Outcome.ALLOWED,
        detail={OPENING: opening} if opening else {},
    )  # fmt: skip


@pytest.mark.parametrize(
    "kept_back",
    [
        trace("emergency.opened", Purpose.EMERGENCY, LATER),
        trace("emergency.asked", Purpose.ADMINISTRATION, LATER, COLLEAGUE),
        trace("dossier.open-emergency", Purpose.CARE),
        trace("dossier.content", Purpose.EMERGENCY),
        trace("dossier.list", Purpose.ADMINISTRATION, by=COLLEAGUE),
        trace("dossier.read-trail", Purpose.ADMINISTRATION, by=COLLEAGUE),
    ],
    ids=lambda one: f"{one.kind}-{one.purpose}",
)
def test_what_tells_of_an_opening_waits_until_the_opening_is_told(kept_back: ledger.Trace) -> None:
    assert not is_told(kept_back, UNTOLD)
    assert is_told(kept_back, frozenset())


@pytest.mark.parametrize(
    "shown",
    [
        trace("dossier.read", Purpose.EMERGENCY, TOLD),
        trace("dossier.open-emergency", Purpose.CARE, by=COLLEAGUE),
        trace("dossier.content", Purpose.EMERGENCY, by=COLLEAGUE),
        trace("dossier.read", Purpose.CARE),
        trace("dossier.list", Purpose.CARE),
        trace("dossier.read", Purpose.ADMINISTRATION),
    ],
    ids=lambda one: f"{one.kind}-{one.purpose}",
)
def test_what_tells_of_no_opening_does_not_wait_for_any(shown: ledger.Trace) -> None:
    assert is_told(shown, UNTOLD)
