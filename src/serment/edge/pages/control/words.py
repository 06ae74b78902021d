"""The words for those who act for a patient, and why somebody cannot."""

from serment import access
from serment.access import DelegateKind
from serment.edge.shell import mark

QUALITY_WORDS: dict[DelegateKind, str] = {
    DelegateKind.PARENT: mark("Parent"),
    DelegateKind.GUARDIAN: mark("Tuteur ou tutrice"),
    DelegateKind.TRUSTED_PERSON: mark("Personne de confiance"),
}
#: What each may do, told where they are let in.
EFFECTS: dict[DelegateKind, str] = {
    DelegateKind.PARENT: mark("Lit le dossier de l'enfant et agit en son nom, jusqu'à ses 18 ans."),
    DelegateKind.GUARDIAN: mark("Lit le dossier et agit au nom de la personne protégée."),
    DelegateKind.TRUSTED_PERSON: mark(
        "Un compte seulement : c'est le patient qui lui ouvrira son dossier, par un code."
    ),
}
#: Who is offered, to a minor (True) and to an adult: whom the law lets act for each.
KINDS: dict[bool, tuple[DelegateKind, ...]] = {
    True: (DelegateKind.PARENT, DelegateKind.GUARDIAN),
    False: (DelegateKind.GUARDIAN, DelegateKind.TRUSTED_PERSON),
}
_FAULTS: dict[str, tuple[str, str]] = {
    "adult": (
        "quality",
        mark("{field} : cette personne est majeure, ses parents n'agissent plus pour elle."),
    ),
    "end": (
        "last_day",
        mark("{field} : à laisser vide pour un mineur ; sinon un jour à venir, dans les 20 ans."),
    ),
    "proof": ("proof", mark("{field} : dites ce que vous avez vu, en 200 signes au plus.")),
}


def fault_of(refused: access.DelegationInvalid) -> tuple[str, str]:
    """Return the field at fault and its marked sentence."""
    return _FAULTS.get(refused.reason, _FAULTS["end"])
