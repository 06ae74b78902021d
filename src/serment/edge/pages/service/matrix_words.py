"""The words of practice for the matrix of rights."""

from collections.abc import Iterable, Mapping

from serment import access, identity
from serment.access import Action, DelegateKind, Relation, Section
from serment.edge.pages.vocabulary import PROFESSION_WORDS
from serment.edge.shell import mark

RELATION_WORDS: Mapping[Relation, str] = {
    Relation.PATIENT: mark("Le patient lui-même"),
    Relation.DELEGATE: mark("Qui agit pour le patient"),
    Relation.CARE_TEAM: mark("Dans l'équipe de soins du patient"),
    Relation.SAME_ORGANISATION: mark("Dans l'organisation, sans participer aux soins"),
    Relation.EMERGENCY: mark("Après un accès en urgence"),
}
_DELEGATE_WORDS: Mapping[DelegateKind, str] = {
    DelegateKind.PARENT: mark("Parent"),
    DelegateKind.GUARDIAN: mark("Tuteur, tutrice"),
    DelegateKind.TRUSTED_PERSON: mark("Personne de confiance"),
}
#: The actions asked section by section, as a table says them of somebody.
ACTION_WORDS: Mapping[Action, str] = {
    Action.LIST: mark("voit les titres"),
    Action.READ: mark("lit"),
    Action.FILE: mark("ajoute"),
    Action.AMEND: mark("corrige"),
    Action.WITHDRAW: mark("retire"),
    Action.SHARE: mark("partage"),
}
_ALL, _FINDS = mark("tout"), mark("retrouve le nom")
#: The actions asked of a dossier as a whole.
WHOLE_WORDS: Mapping[Action, str] = {
    Action.MANAGE_TEAM: mark("modifie l'équipe de soins"),
    Action.READ_TRAIL: mark("lit qui a regardé"),
    Action.OPEN_EMERGENCY: mark("ouvre un dossier en urgence"),
}
#: Why a proposed matrix cannot hold, by the rule that it breaks.
RULE_WORDS: Mapping[str, str] = {
    "an-action-needs-another": mark("Pour lire, il faut voir les titres ; pour corriger, retirer ou partager, il faut lire."),
    "patients-read-their-own": mark("Le patient voit et lit tout son dossier : la loi le lui garantit."),
    "patients-rewrite-nothing": mark("Le patient ajoute et partage, mais ne corrige ni ne retire ce que d'autres ont écrit."),
    "delegates-stay-below-the-patient": mark("Qui agit pour le patient ne peut pas faire plus que lui."),
    "strangers-find-only": mark("Qui ne participe pas aux soins retrouve un nom, et rien d'autre : une équipe de soins n'est jamais tout l'hôpital."),
    "emergency-stays-below-care": mark("En urgence, on lit au plus ce que la même profession lit dans l'équipe de soins."),
    "reception-reads-nothing-clinical": mark("Le secrétariat classe et retrouve, mais ne lit rien de clinique."),
    "carers-see-the-name": mark("Qui fait quelque chose dans un dossier voit et lit l'identité du patient."),
    "somebody-manages-the-team": mark("Au moins une profession doit pouvoir modifier l'équipe de soins."),
    "unchanged": mark("Rien ne change : ces règles sont déjà en vigueur."),
}  # fmt: skip


def who_word(who: access.Who) -> str:
    """Return in marked words of whom a row of the matrix speaks."""
    if isinstance(who, identity.Profession):
        return PROFESSION_WORDS[who]
    return RELATION_WORDS[Relation.PATIENT] if who is None else _DELEGATE_WORDS[who]


def does_words(section: Section, actions: Iterable[Action]) -> list[str]:
    """Return in marked words what somebody does in a section; who reads sees titles, which is left unsaid."""
    done = set(actions)
    if done == ACTION_WORDS.keys():
        return [_ALL]
    if section is Section.IDENTITY and done == {Action.LIST}:
        return [_FINDS]
    told = done - {Action.LIST} if Action.READ in done else done
    return [word for action, word in ACTION_WORDS.items() if action in told]
