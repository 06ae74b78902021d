"""The words for what a trace says. Sentences follow a name: "Dr Camille Essai a lu un document"."""

from collections.abc import Mapping

from serment import access, ledger
from serment.edge.shell import mark

_READ = {
    "identity": mark("a consulté l'identité"),
    "dossier": mark("a ouvert le dossier"),
    "sensitive": mark("a lu un document sensible"),
}
_LIST = {"identity": mark("a vu ce nom dans une liste de patients")}
_SHARE = {"identity": mark("a ouvert la page des comptes du patient et de ses proches")}
_FILE = {"identity": mark("a écrit l'identité"), "sensitive": mark("a ajouté un document sensible")}
_AMEND = {"identity": mark("a corrigé l'identité, ou l'a ouverte pour la corriger")}

_DEEDS: Mapping[str, str] = {
    "dossier.opened": mark("a ouvert ce dossier, pour la première fois"),
    "dossier.withdraw": mark("a retiré un document"),
    "dossier.join-team": mark("a voulu rejoindre l'équipe de soins"),
    "dossier.manage-team": mark("a voulu modifier l'équipe de soins"),
    "dossier.read-trail": mark("a consulté cette page : qui a regardé"),
    "dossier.control": mark("a ouvert la page qui règle qui peut voir"),
    "dossier.open-emergency": mark("a voulu ouvrir ce dossier en urgence"),
    "care-team.left": mark("a mis fin à la participation de {whom}"),
    "grant.given": mark("a ouvert un partage à {whom}, jusqu'au {end}"),
    "grant.revoked": mark("a fermé le partage avec {whom}"),
    "grant.taken-over": mark("répond désormais du partage avec {whom}"),
    "patient.linked": mark("a donné au patient l'accès à son dossier"),
    "emergency.opened": mark("a ouvert ce dossier en urgence (bris de glace)"),
    "emergency.ended": mark("a refermé l'ouverture d'urgence"),
    "emergency.completed": mark("a complété la raison de l'ouverture d'urgence"),
    "emergency.asked": mark("a demandé des explications sur une ouverture d'urgence"),
    "emergency.answered": mark("a expliqué une ouverture d'urgence"),
    "emergency.reviewed": mark("a contrôlé une ouverture d'urgence"),
    "emergency.notice-read": mark("a lu l'avis d'une ouverture d'urgence"),
    "emergency.review-overdue": mark("a signalé un contrôle d'ouverture d'urgence en retard"),
    "delegation.offered": mark("a remis un code pour agir pour le patient"),
    "delegation.given": mark("a donné à {whom} le droit d'agir pour le patient"),
    "delegation.claimed": mark("a accepté d'agir pour le patient"),
    "delegation.ended": mark("a retiré à {whom} le droit d'agir pour le patient"),
    "delegation.renounced": mark("a renoncé à agir pour le patient"),
    "delegation.redated": mark("a changé la fin du droit d'agir pour le patient"),
    "restriction.placed": mark("a masqué une partie du dossier"),
    "restriction.lifted": mark("a cessé de masquer une partie du dossier"),
    "episode.opened": mark("a ouvert un épisode de soins"),
    "episode.closed": mark("a clos un épisode de soins"),
    "episode.joined": mark("a admis {whom} dans un épisode de soins"),
    "episode.reopened": mark("a rouvert un épisode de soins"),
    "death.declared": mark("a déclaré le décès du patient"),
    "death.retracted": mark("a annulé la déclaration de décès"),
    "notices.wished": mark("a choisi d'être prévenu, ou de ne plus l'être"),
    "trail.taken-out": mark("a téléchargé cette trace avec ses preuves"),
    "vigilance.incident.opened": mark("a signalé un incident ou contesté un accès"),
    "vigilance.incident.read": mark("a lu une contestation, ou un incident"),
    "vigilance.incident.closed": mark("a répondu à une contestation, ou clos un incident"),
}
_BY_CATEGORY: Mapping[str, tuple[Mapping[str, str], str]] = {
    "dossier.read": (_READ, mark("a lu un document")),
    "dossier.list": (_LIST, mark("a ouvert la liste des documents")),
    "dossier.file": (_FILE, mark("a ajouté un document")),
    "dossier.amend": (_AMEND, mark("a corrigé un document")),
    "dossier.share": (_SHARE, mark("a préparé un partage")),
}
_JOINED = {
    "declared-taking-part": mark("a déclaré participer aux soins"),
    "admitted-by-the-team": mark("a admis {whom} dans l'équipe de soins"),
}
_SEVERAL = {
    "dossier.read": mark("a lu {n} documents"),
    "dossier.file": mark("a ajouté {n} documents"),
    "dossier.amend": mark("a corrigé {n} documents"),
    "dossier.withdraw": mark("a retiré {n} documents"),
}
#: What was attempted and refused, or failed; what is not here was told as an attempt already.
_TRIED: Mapping[str, str] = {
    "dossier.read": mark("a voulu lire un document"),
    "dossier.list": mark("a voulu ouvrir ce dossier"),
    "dossier.file": mark("a voulu ajouter un document"),
    "dossier.amend": mark("a voulu corriger un document"),
    "dossier.withdraw": mark("a voulu retirer un document"),
    "dossier.share": mark("a voulu partager ce dossier"),
    "dossier.control": mark("a voulu régler qui peut voir"),
    "dossier.read-trail": mark("a voulu consulter qui a regardé"),
}
_OTHER = mark("a agi sur ce dossier ({kind})")

PURPOSES: Mapping[str, str] = {
    access.Purpose.CARE: mark("pour les soins"),
    access.Purpose.EMERGENCY: mark("en urgence"),
    access.Purpose.PATIENT_REQUEST: mark("à la demande du patient"),
    access.Purpose.ADMINISTRATION: mark("pour l'administration"),
    access.Purpose.RESEARCH: mark("pour la recherche"),
    access.Purpose.LEGAL: mark("pour une obligation légale"),
}
#: By which tie an act was allowed, or why it was refused.
BECAUSE: Mapping[str, str] = {
    "patient": mark("c'est son propre dossier"),
    "delegate": mark("agit pour le patient"),
    "emergency": mark("une urgence était ouverte"),
    "care-team": mark("fait partie de l'équipe de soins"),
    "grant": mark("un partage lui était ouvert"),
    "same-organisation": mark("travaille dans l'organisation, sans participer aux soins"),
    "data-protection": mark("veille à la protection des données"),
    "no-care-relation": mark("ne participait pas aux soins"),
    "no-grant": mark("aucun partage ne lui était ouvert"),
    "grants-open-reading-only": mark("un partage ne donne qu'à lire"),
    "profession-without-this-action": mark("sa profession ne le permet pas"),
    "section-not-reached": mark("cette partie du dossier ne lui est pas ouverte"),
    "entry-not-reached": mark("ce document ne lui est pas ouvert"),
    "role-without-care": mark("son rôle ne donne accès à aucun contenu"),
    "trail-not-theirs": mark("cette trace ne lui est pas ouverte"),
    "does-not-lead-care": mark("ne peut pas modifier l'équipe de soins"),
    "other-organisation": mark("travaille dans une autre organisation"),
    "account-closed": mark("son compte était fermé"),
    "no-such-entry": mark("ce document n'existe pas"),
    "no-emergency-here": mark("aucune urgence ne peut être ouverte ainsi"),
    "no-opening": mark("aucune urgence n'était ouverte"),
    "no-such-right": mark("ne tient pas ce droit du patient"),
    "not-entrusted": mark("le patient ne lui a pas confié cela"),
    "patient-deceased": mark("le patient est décédé"),
    "account-frozen": mark("son compte était arrêté par précaution"),
    "budget-spent": mark("son compte avait ouvert beaucoup de dossiers : une raison lui était demandée"),
    "key-without-this-action": mark("la clé de son logiciel ne le permet pas"),
    "key-without-these-sections": mark("la clé de son logiciel n'ouvre pas cette partie du dossier"),
}

#: Decisions told by what followed from them in the same instant.
PRELUDES = frozenset({
    "dossier.share", "dossier.join-team", "dossier.manage-team", "dossier.control", "dossier.open-emergency",
    "dossier.read-trail",
})  # fmt: skip


def deed_of(trace: ledger.Trace, documents: int = 1) -> str:
    """Return the marked sentence of what was done; its holes are `whom`, `end`, `kind` and `n`, of the documents."""
    if trace.outcome is not ledger.Outcome.ALLOWED and trace.kind in _TRIED:
        return _TRIED[trace.kind]
    if documents > 1 and trace.kind in _SEVERAL and trace.category != "identity":
        return _SEVERAL[trace.kind]
    if trace.kind in _BY_CATEGORY:
        special, usual = _BY_CATEGORY[trace.kind]
        return special.get(trace.category, usual)
    if trace.kind == "care-team.joined":
        return _JOINED.get(trace.detail.get("reason", ""), _OTHER)
    return _DEEDS.get(trace.kind, _OTHER)
