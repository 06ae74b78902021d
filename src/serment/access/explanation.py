"""Why a decision fell as it did, for an auditor: one sentence, whom a refused person asks, and all that it rested on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from serment import ledger
from serment.access.model import ABSENT, Action, Relation


class Ask(StrEnum):
    """Whom a refused person asks."""

    CARE_TEAM = "care-team"
    WHOEVER_SHARED = "whoever-shared"
    ADMINISTRATOR = "administrator"
    DATA_PROTECTION = "data-protection"
    OWN_KEYS = "own-keys"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Explanation:
    """What one decision rested on. `code` names the sentence that a page shows; `ask` whom it points to.

    `matrix` is the version that held (0: as shipped), `rule` the very reason that the judge gave, `relation` the tie
    that allowed it.
    """

    code: str
    ask: Ask
    rule: str
    relation: Relation | None = None
    matrix: int | None = None


#: For each reason of the judge: the code of a sentence, and whom to ask.
_REASONS: Mapping[str, tuple[str, Ask]] = MappingProxyType(
    {
        Relation.PATIENT.value: ("own-dossier", Ask.NOBODY),
        Relation.CARE_TEAM.value: ("takes-part-in-care", Ask.NOBODY),
        Relation.GRANT.value: ("was-let-in", Ask.NOBODY),
        Relation.SAME_ORGANISATION.value: ("finds-in-the-organisation", Ask.NOBODY),
        Relation.DATA_PROTECTION.value: ("answers-for-data-protection", Ask.NOBODY),
        Relation.DELEGATE.value: ("acts-for-the-patient", Ask.NOBODY),
        Relation.EMERGENCY.value: ("opened-in-an-emergency", Ask.NOBODY),
        "no-such-dossier": ("not-there", Ask.CARE_TEAM),
        ABSENT: ("not-there", Ask.CARE_TEAM),
        "section-not-reached": ("profession-does-not-reach", Ask.CARE_TEAM),
        "entry-not-reached": ("not-among-what-was-shared", Ask.WHOEVER_SHARED),
        "no-care-relation": ("takes-no-part-in-care", Ask.CARE_TEAM),
        "no-grant": ("takes-no-part-in-care", Ask.CARE_TEAM),
        "grants-open-reading-only": ("was-let-in-to-read", Ask.CARE_TEAM),
        "profession-without-this-action": ("profession-does-not-reach", Ask.CARE_TEAM),
        "role-without-care": ("role-reaches-no-dossier", Ask.DATA_PROTECTION),
        "other-organisation": ("other-organisation", Ask.CARE_TEAM),
        "does-not-lead-care": ("does-not-lead-care", Ask.CARE_TEAM),
        "trail-not-theirs": ("trail-not-theirs", Ask.DATA_PROTECTION),
        "not-the-patient": ("not-the-patient", Ask.CARE_TEAM),
        "not-entrusted": ("not-entrusted", Ask.CARE_TEAM),
        "no-emergency-here": ("profession-does-not-reach", Ask.ADMINISTRATOR),
        "no-opening": ("takes-no-part-in-care", Ask.CARE_TEAM),
        "no-such-right": ("no-such-right", Ask.ADMINISTRATOR),
        "account-closed": ("account-closed", Ask.ADMINISTRATOR),
        "account-frozen": ("account-frozen", Ask.DATA_PROTECTION),
        "budget-spent": ("budget-spent", Ask.NOBODY),
        "patient-deceased": ("patient-deceased", Ask.CARE_TEAM),
        "not-a-professional": ("role-reaches-no-dossier", Ask.ADMINISTRATOR),
        "inquiry-from-console": ("inquiry-from-console", Ask.NOBODY),
        "key-without-this-action": ("key-does-not-reach", Ask.OWN_KEYS),
        "key-without-these-sections": ("key-does-not-reach", Ask.OWN_KEYS),
    }
)
_UNKNOWN = ("refused", Ask.DATA_PROTECTION)


#: What decisions leave; traces of another kind may say why they are there, and are no decisions.
_DECISIONS = frozenset(f"dossier.{action}" for action in Action)


def explain_trace(trace: ledger.Trace) -> Explanation | None:
    """Explain a decision to an auditor, from the trace that it left; None: the trace is of no decision."""
    reason = trace.detail.get("because")
    if reason is None or trace.kind not in _DECISIONS:
        return None
    relation, version = trace.detail.get("relation"), trace.detail.get("matrix")
    return replace(
        explain(reason),
        relation=None if relation is None else Relation(relation),
        matrix=None if version is None else int(version),
    )


def explain(reason: str) -> Explanation:
    """Explain a verdict by its reason; what is hidden and what is not there have one reason, hence one explanation."""
    code, ask = _REASONS.get(reason, _UNKNOWN)
    return Explanation(code, ask, reason)
