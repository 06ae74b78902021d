"""The sentences that explain a decision to whoever audits it. They follow a name: "Camille Essai: takes part in the care"."""

from collections.abc import Mapping

from serment.access import Action, Ask, Relation
from serment.edge.shell import mark

EXPLANATION_WORDS: Mapping[str, str] = {
    "own-dossier": mark("C'est le dossier de la personne elle-même."),
    "takes-part-in-care": mark("La personne participe aux soins de ce patient, et sa profession ouvre cette partie du dossier."),
    "was-let-in": mark("Un partage ouvert à cette personne l'y autorise."),
    "finds-in-the-organisation": mark("La personne travaille dans l'organisation : elle retrouve un nom, sans rien lire de plus."),
    "answers-for-data-protection": mark("La personne veille à la protection des données de l'organisation."),
    "acts-for-the-patient": mark("La personne agit pour le patient."),
    "opened-in-an-emergency": mark("La personne avait ouvert le dossier en urgence, ce qui est contrôlé ensuite."),
    "not-there": mark("Rien de tel n'existe pour cette personne : ce qui est fermé et ce qui n'existe pas ont la même réponse."),
    "profession-does-not-reach": mark("Sa profession n'ouvre pas cet acte, ou pas cette partie du dossier."),
    "not-among-what-was-shared": mark("Ce document n'est pas parmi ceux qui ont été ouverts à cette personne."),
    "takes-no-part-in-care": mark("La personne ne participe pas aux soins de ce patient, et rien ne lui a été ouvert."),
    "was-let-in-to-read": mark("Un partage ne permet que de lire."),
    "role-reaches-no-dossier": mark("Son rôle n'ouvre le contenu d'aucun dossier."),
    "other-organisation": mark("La personne travaille dans une autre organisation."),
    "does-not-lead-care": mark("La personne ne conduit pas les soins : elle ne modifie pas l'équipe."),
    "trail-not-theirs": mark("La trace de ce dossier n'est pas ouverte à cette personne."),
    "not-the-patient": mark("Cet acte revient au patient, ou à qui agit pour lui."),
    "not-entrusted": mark("Le patient n'a pas confié cela à cette personne."),
    "no-such-right": mark("La personne ne tient pas ce droit du patient."),
    "account-closed": mark("Son compte n'ouvrait plus rien à cet instant."),
    "account-frozen": mark("Son compte était arrêté par précaution, après trop de lectures."),
    "budget-spent": mark("Ce jour-là, son compte avait ouvert plus de dossiers que d'ordinaire : une raison lui était demandée."),
    "patient-deceased": mark("Le décès du patient était déclaré : son compte et ceux qui agissaient pour lui n'ouvrent plus rien."),
    "inquiry-from-console": mark("Une enquête sur une fuite a été menée depuis la machine elle-même ; elle ne lit que des traces."),
    "key-does-not-reach": mark("La clé de son logiciel n'ouvre pas cela."),
    "refused": mark("Refusé pour une raison que cette page ne sait pas dire : voir le code de la règle."),
}  # fmt: skip
#: What was asked for, by the kind of the trace that the decision left.
ASKED_WORDS: Mapping[str, str] = {
    f"dossier.{Action.LIST}": mark("voir les titres"),
    f"dossier.{Action.READ}": mark("lire"),
    f"dossier.{Action.FILE}": mark("ajouter"),
    f"dossier.{Action.AMEND}": mark("corriger"),
    f"dossier.{Action.WITHDRAW}": mark("retirer"),
    f"dossier.{Action.SHARE}": mark("partager"),
    f"dossier.{Action.JOIN_TEAM}": mark("rejoindre l'équipe de soins"),
    f"dossier.{Action.MANAGE_TEAM}": mark("modifier l'équipe de soins"),
    f"dossier.{Action.READ_TRAIL}": mark("lire qui a regardé"),
    f"dossier.{Action.CONTROL}": mark("régler qui peut voir"),
    f"dossier.{Action.OPEN_EMERGENCY}": mark("ouvrir en urgence"),
}
ASK_WORDS: Mapping[Ask, str] = {
    Ask.CARE_TEAM: mark("un membre de l'équipe de soins"),
    Ask.WHOEVER_SHARED: mark("la personne qui a ouvert le partage"),
    Ask.ADMINISTRATOR: mark("l'administration de l'organisation"),
    Ask.DATA_PROTECTION: mark("le délégué à la protection des données"),
    Ask.OWN_KEYS: mark("le titulaire de la clé de logiciel"),
}
TIE_WORDS: Mapping[Relation, str] = {
    Relation.PATIENT: mark("patient"),
    Relation.CARE_TEAM: mark("équipe de soins"),
    Relation.GRANT: mark("partage"),
    Relation.SAME_ORGANISATION: mark("même organisation"),
    Relation.DATA_PROTECTION: mark("protection des données"),
    Relation.DELEGATE: mark("agit pour le patient"),
    Relation.EMERGENCY: mark("accès en urgence"),
}
