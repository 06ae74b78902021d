"""The one table from what went wrong to how it is answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from serment import kernel
from serment.edge.shell.languages import mark


@dataclass(frozen=True)
class Problem:
    """An answer to something that went wrong: its status, what happened, and what to do now.

    `name` is the end of the problem document's type; without one it is the error's own code. `way` is the page
    that puts it right: whoever asked for a page is led there, and back with `next`.
    """

    status: int
    title: str
    advice: str
    name: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    way: str | None = None


# One answer, to the letter, for what is forbidden and for what does not exist (promise O4).
_ABSENT = Problem(
    404,
    mark("Cette page n'existe pas, ou elle ne vous est pas ouverte."),
    mark(
        "Rien n'a été modifié. Si vous suivez ce patient, demandez à un membre de son équipe de soins de vous y ajouter."
    ),
    name="absent",
)
_SIGN_IN_NEEDED = Problem(
    401,
    mark("Vous n'êtes plus connecté."),
    mark("Rien n'a été modifié. Connectez-vous, puis recommencez."),
    way="/sign-in",
)
_STEP_UP_NEEDED = Problem(
    403,
    mark("Cet acte demande de confirmer votre identité."),
    mark("Rien n'a été modifié. Confirmez avec votre second facteur, puis recommencez."),
    way="/account/step-up",
)
_SLOW_DOWN = Problem(
    429,
    mark("Trop de demandes en peu de temps."),
    mark("Rien n'a été modifié. Patientez quelques instants, puis recommencez."),
)
_UNAVAILABLE = Problem(
    503,
    mark("Le service ne peut pas répondre pour le moment."),
    mark(
        "Rien n'a été montré ni modifié. Recommencez dans un instant ; si cela dure, prévenez l'administrateur."
    ),
)
_SEAL_BROKEN = Problem(
    503,
    mark("Ce contenu ne peut pas être ouvert : son sceau est rompu."),
    mark(
        "Rien de douteux ne vous est montré. L'alerte est donnée ; transmettez la référence à l'administrateur."
    ),
)
_CONFLICT = Problem(
    409,
    mark("Quelqu'un a modifié ce contenu entre-temps."),
    mark(
        "Votre modification n'a pas été enregistrée. Revenez en arrière, relisez la version actuelle, puis recommencez."
    ),
)
_BUDGET_SPENT = Problem(
    429,
    mark("Vous avez ouvert plus de dossiers que d'ordinaire."),
    mark(
        "Rien n'a été montré ni modifié. Dites pourquoi, puis recommencez : vos collègues ne sont pas touchés."
    ),
    way="/brake",
)
_INVALID = Problem(
    422,
    mark("Un champ n'est pas rempli comme il le faut."),
    mark("Rien n'a été enregistré. Revenez en arrière et corrigez la saisie."),
)
_UNREADABLE = Problem(
    400,
    mark("La demande est mal formée."),
    mark("Rien n'a été enregistré. Revenez en arrière et recommencez."),
)
_TOO_LARGE = Problem(
    413,
    mark("L'envoi est trop volumineux pour cette page."),
    mark("Rien n'a été enregistré. Raccourcissez le texte, ou joignez-le comme document."),
)
_TYPE_REFUSED = Problem(
    415,
    mark("Ce type d'envoi n'est pas accepté ici."),
    mark("Rien n'a été enregistré. Revenez en arrière et recommencez depuis la page."),
)
_NO_PREVIEW = Problem(
    422,
    mark("Cet aperçu ne peut pas être montré."),
    mark("Le document lui-même est intact : téléchargez-le pour l'ouvrir."),
)
UNFORESEEN = Problem(
    500,
    mark("Quelque chose d'imprévu s'est produit."),
    mark(
        "Rien n'a été montré. Recommencez ; si cela se reproduit, transmettez la référence à l'administrateur."
    ),
)

_LOOK_AT_TEAM = mark("Rien n'a été modifié. Rechargez la page de l'équipe : elle dit qui en fait partie.")
_GO_BACK = mark("Rien n'a été enregistré. Revenez en arrière et corrigez la saisie.")

#: The answer to each error, by its stable code; a test proves that none is missing.
PROBLEMS: Mapping[str, Problem] = {
    # the shell
    "page.not-found": _ABSENT,
    "request.forged": Problem(
        403,
        mark("Cet envoi ne vient pas de nos pages, ou la page est restée ouverte trop longtemps."),
        mark("Rien n'a été enregistré. Revenez à la page, rechargez-la, puis recommencez."),
    ),
    "request.host-unknown": Problem(
        421, mark("Ce service ne répond pas à cette adresse."), mark("Vérifiez l'adresse saisie.")
    ),
    "form.unreadable": _UNREADABLE,
    "form.too-large": _TOO_LARGE,
    "form.type-refused": _TYPE_REFUSED,
    "form.field-refused": _INVALID,
    # documents on their way in and out
    "upload.metadata-unreadable": _UNREADABLE,
    "upload.length-missing": _UNREADABLE,
    "upload.protocol-unknown": Problem(
        412, _TYPE_REFUSED.title, _TYPE_REFUSED.advice, headers={"tus-version": "1.0.0"}
    ),
    "upload.type-refused": _TYPE_REFUSED,
    "dossier.upload-not-found": _ABSENT,
    "dossier.upload-offset-mismatch": Problem(
        409,
        mark("L'envoi a repris au mauvais endroit."),
        mark("Ce qui est arrivé est gardé. Reprenez l'envoi : il continuera où il s'est arrêté."),
    ),
    "dossier.upload-busy": Problem(
        423,
        mark("Cet envoi est déjà en cours sur une autre connexion."),
        mark("Ce qui est arrivé est gardé. Attendez un instant, puis reprenez."),
    ),
    "dossier.upload-too-large": Problem(
        413,
        mark("Ce document dépasse la taille acceptée ici."),
        mark("Rien n'a été enregistré. Réduisez-le ; l'administrateur dit quelle taille est acceptée."),
    ),
    # machines that speak FHIR
    "fhir.format-refused": Problem(
        406,
        mark("Cette réponse ne se donne pas sous cette forme."),
        mark(
            "Demandez application/fhir+json ; pour un contenu de plus de 4 Mio, demandez ses octets, avec */*."
        ),
    ),
    "fhir.parameter-refused": Problem(
        400,
        mark("Un paramètre de cette recherche n'est pas connu, manque, ou n'a pas la forme voulue."),
        mark("Rien n'a été cherché. Les paramètres sont dits dans /fhir/metadata."),
    ),
    "fhir.search-in-address": Problem(
        405,
        mark("Un patient ne se cherche pas par une adresse : ce qui l'identifie y resterait écrit."),
        mark("Rien n'a été cherché. Envoyez la même recherche par POST à /fhir/Patient/_search."),
        headers={"allow": "POST"},
    ),
    # the dossier
    "dossier.search-too-wide": Problem(
        422,
        mark("La recherche est trop large."),
        mark("Donnez l'INS, ou la date de naissance et les premières lettres du nom."),
    ),
    "dossier.version-conflict": _CONFLICT,
    "dossier.already-withdrawn": Problem(
        409,
        mark("Ce document a déjà été retiré du dossier."),
        mark("Rien n'a été modifié. Son historique dit qui l'a retiré, et pourquoi."),
    ),
    "dossier.document-refused": Problem(
        422, mark("Ce document ne peut pas être classé tel qu'il est décrit."), _GO_BACK
    ),
    "dossier.already-filed": Problem(
        409,
        mark("Ce document est déjà dans le dossier."),
        mark("Un envoi précédent a abouti ; rien n'a été ajouté deux fois."),
    ),
    "dossier.preview-unavailable": _NO_PREVIEW,
    # knowledge of formats
    "clinical.identity-malformed": Problem(
        422, mark("L'identité du patient est incomplète ou se contredit."), _GO_BACK
    ),
    "clinical.resource-malformed": _SEAL_BROKEN,
    "clinical.content-damaged": _NO_PREVIEW,
    "clinical.content-protected": _NO_PREVIEW,
    "clinical.content-too-large": _NO_PREVIEW,
    "clinical.content-unsupported": _NO_PREVIEW,
    "clinical.no-such-page": _ABSENT,
    "clinical.request-malformed": _UNAVAILABLE,
    "confined.failure": _UNAVAILABLE,
    # who may
    "access.refused": _ABSENT,
    "access.permit-mismatch": _ABSENT,
    "access.emergency-invalid": _INVALID,
    "access.opening-not-found": _ABSENT,
    "access.review-closed": Problem(
        409,
        mark("Cette ouverture d'urgence a déjà été examinée, ou a déjà son explication."),
        mark("Rien n'a été modifié. Revenez en arrière et relisez ce qui y est écrit."),
    ),
    "access.grant-not-found": _ABSENT,
    "vigilance.incident-not-found": _ABSENT,
    "vigilance.incident-closed": _CONFLICT,
    "vigilance.words-missing": _INVALID,
    "vigilance.question-invalid": _INVALID,
    "vigilance.inquiry-not-found": _ABSENT,
    "access.not-admissible": _ABSENT,
    "access.not-in-care-team": Problem(
        409, mark("Cette personne ne fait pas partie de l'équipe de soins."), _LOOK_AT_TEAM
    ),
    "access.already-in-care-team": Problem(
        409, mark("Cette personne fait déjà partie de l'équipe de soins."), _LOOK_AT_TEAM
    ),
    "access.grant-invalid": Problem(
        422,
        mark("Ce partage ne peut pas être fait ainsi."),
        mark(
            "Rien n'a été partagé. Donnez une date de fin à venir, et ne partagez que ce qui vous est ouvert."
        ),
    ),
    "access.matrix-invalid": Problem(
        422,
        mark("Ces règles ne peuvent pas être adoptées."),
        mark("Rien n'a été modifié. Relisez la ligne indiquée : la loi fixe des bornes à ce qui s'ouvre."),
    ),
    "access.matrix-outdated": Problem(
        409,
        mark("Quelqu'un a adopté d'autres règles entre-temps."),
        mark("Rien n'a été modifié. Relisez les règles en vigueur, puis recommencez."),
    ),
    "access.death-invalid": Problem(
        422,
        mark("Cette déclaration de décès ne peut pas être enregistrée."),
        mark("Rien n'a été modifié. Donnez un jour passé, ou regardez ce qui est déjà déclaré."),
    ),
    "access.restriction-not-found": _ABSENT,
    "access.restriction-invalid": Problem(
        422,
        mark("Cette fermeture ne peut pas être enregistrée ainsi."),
        mark("Rien n'a été modifié. Choisissez une autre personne, ou un document de ce dossier."),
    ),
    "access.delegation-not-found": _ABSENT,
    "access.delegation-invalid": Problem(
        422,
        mark("Personne ne peut agir pour ce patient de cette façon."),
        mark("Rien n'a été enregistré. Vérifiez l'âge du patient, la date de fin, et ce qui est ouvert."),
    ),
    "access.patient-linked": Problem(
        409,
        mark("Ce patient a déjà un compte qui ouvre ce dossier."),
        mark(
            "Rien n'a été enregistré. Si ce compte ne doit plus servir, l'administration déclare d'abord son départ ; un accès perdu se rend depuis « Équipe et accès »."
        ),
    ),
    "access.already-delegate": Problem(
        409,
        mark("Cette personne agit déjà pour ce patient."),
        mark("Rien n'a été modifié. La liste de ses proches dit depuis quand, et jusqu'à quand."),
    ),
    "access.delegation-code-refused": Problem(
        422,
        mark("Ce code ne peut pas servir."),
        mark(
            "Vérifiez chaque signe. Un code sert une seule fois, pendant sept jours ; demandez-en un autre."
        ),
    ),
    "access.episode-not-found": _ABSENT,
    "access.episode-closed": Problem(
        409,
        mark("Cet épisode de soins a changé entre-temps."),
        mark("Rien n'a été modifié. Revenez à la liste des épisodes et regardez où il en est."),
    ),
    "access.episode-invalid": Problem(
        422,
        mark("Cet épisode de soins ne peut pas être enregistré ainsi."),
        mark(
            "Rien n'a été enregistré. Donnez un intitulé court, une fin passée et un suivi d'un an au plus."
        ),
    ),
    "access.braked": _BUDGET_SPENT,
    "access.budget-spent": _BUDGET_SPENT,
    "access.account-frozen": Problem(
        403,
        mark("Votre compte est arrêté."),
        mark(
            "Rien n'a été montré ni modifié. La personne chargée de la protection des données, ou l'administration, peut le remettre en marche."
        ),
        way="/brake/frozen",
    ),
    "access.nothing-held": Problem(
        409,
        mark("Aucune raison ne vous est demandée."),
        mark("Rien n'a été modifié. Continuez votre travail."),
    ),
    "access.freeze-not-found": _ABSENT,
    # who it is
    "identity.sign-in.refused": Problem(
        401, mark("La connexion n'a pas abouti."), mark("Vérifiez ce que vous avez saisi, puis recommencez.")
    ),
    "identity.throttled": _SLOW_DOWN,
    "identity.work.demanded": _SLOW_DOWN,
    "identity.device.unknown": _ABSENT,
    "identity.session.invalid": _SIGN_IN_NEEDED,
    "identity.step-up.needed": _STEP_UP_NEEDED,
    "identity.step-up.refused": Problem(
        403,
        mark("Votre identité n'est pas confirmée."),
        mark("Rien n'a été modifié. Recommencez avec votre second facteur."),
    ),
    "identity.session.restricted": Problem(
        403,
        mark("Une chose est à faire avant de continuer."),
        mark("Rien n'a été modifié. Faites ce qui vous est demandé, puis recommencez."),
    ),
    "identity.session.password-change-needed": Problem(
        403,
        mark("Votre mot de passe est à changer avant de continuer."),
        mark("Rien n'a été montré ni modifié. Changez-le depuis la page de votre compte, puis recommencez."),
        way="/account/security/password",
    ),
    "identity.session.factor-addition-needed": Problem(
        403,
        mark("Une clé d'accès est à ajouter à votre compte avant de continuer."),
        mark("Rien n'a été montré ni modifié. Ajoutez-la, puis recommencez."),
        way="/account/security/add",
    ),
    "identity.enrolment.refused": Problem(
        403,
        mark("Ce lien d'inscription ne peut pas servir."),
        mark("Il a expiré ou a déjà servi. Demandez-en un nouveau à l'administrateur de votre organisation."),
    ),
    "identity.password.refused": Problem(
        422,
        mark("Ce mot de passe ne convient pas."),
        mark("Rien n'a été modifié. Choisissez-en un plus long, que personne ne puisse deviner."),
    ),
    "identity.password.breached": Problem(
        422,
        mark("Ce mot de passe figure dans une liste de mots de passe volés."),
        mark("Rien n'a été modifié. Choisissez-en un autre, que vous n'utilisez nulle part ailleurs."),
    ),
    "identity.password.list-damaged": _UNAVAILABLE,
    "identity.password.wrong": Problem(
        422,
        mark("Le mot de passe actuel n'est pas celui-là."),
        mark("Rien n'a été modifié. Recommencez ; s'il est oublié, faites-vous rendre l'accès sur place."),
    ),
    "identity.factor.not-confirmed": Problem(
        422,
        mark("Ce second facteur n'a pas fait sa preuve."),
        mark("Il n'a pas été ajouté. Recommencez depuis le début."),
    ),
    "identity.passkey.needed": Problem(
        403,
        mark("Les comptes d'administration s'ouvrent avec une clé d'accès, et avec rien d'autre."),
        mark("Rien n'a été modifié. Ajoutez une seconde clé d'accès, gardée ailleurs que la première."),
    ),
    "identity.recovery.not-found": Problem(
        409,
        mark("Cette récupération n'est plus ouverte, ou elle n'attend pas d'approbation."),
        mark("Rien n'a été modifié. Demandez-en une autre si elle est encore nécessaire."),
    ),
    "identity.recovery.second-person-too-new": Problem(
        403,
        mark("Vos moyens de connexion sont trop récents pour approuver une récupération."),
        mark(
            "Rien n'a été modifié. Une personne qui tient les siens depuis une semaine au moins peut l'approuver."
        ),
    ),
    "identity.factor.not-found": _ABSENT,
    "identity.factor.last": Problem(
        409,
        mark("C'est votre dernier second facteur."),
        mark("Il n'a pas été retiré. Ajoutez-en d'abord un autre."),
    ),
    "identity.provider.unavailable": Problem(
        503,
        mark("Le service d'identité ne répond pas."),
        mark("Rien n'a été modifié. Connectez-vous par un autre moyen, ou recommencez dans un instant."),
    ),
    "identity.token.refused": _UNREADABLE,
    "identity.link.refused": Problem(
        403,
        mark("Cette identité n'a pas été liée à votre compte."),
        mark("Rien n'a été modifié. Recommencez depuis la sécurité de votre compte."),
    ),
    "identity.link.taken": Problem(
        409,
        mark("Cette identité ne peut pas être liée à ce compte."),
        mark("Rien n'a été modifié. Une identité ouvre un seul compte, et un compte n'en a qu'une."),
    ),
    "identity.link.not-found": _ABSENT,
    "identity.login.malformed": Problem(422, mark("Cet identifiant ne convient pas."), _GO_BACK),
    "identity.login.taken": Problem(
        409, mark("Cet identifiant est déjà pris."), mark("Rien n'a été enregistré. Choisissez-en un autre.")
    ),
    "identity.not-permitted": _ABSENT,
    "identity.account.own-suspension": Problem(
        409,
        mark("On ne suspend pas son propre compte."),
        mark("Rien n'a été modifié. Demandez-le à un autre administrateur."),
    ),
    "identity.account.own-departure": Problem(
        409,
        mark("On ne décide pas de son propre départ, ni de sa propre place."),
        mark("Rien n'a été modifié. Demandez-le à un autre administrateur."),
    ),
    "identity.account.last-administrator": Problem(
        409,
        mark("Il ne resterait plus personne pour administrer votre organisation."),
        mark("Rien n'a été modifié. Invitez d'abord un autre administrateur, puis recommencez."),
    ),
    "identity.account.departure-refused": Problem(
        409,
        mark("Ce départ ne peut pas être déclaré ainsi."),
        mark(
            "Rien n'a été modifié. Donnez un jour à venir, dans l'année ; un départ qui a eu lieu est définitif."
        ),
    ),
    "identity.team.rhythm-refused": Problem(
        422,
        mark("Une équipe est revue au moins une fois par an, et au plus une fois par mois."),
        mark("Rien n'a été modifié. Donnez un nombre de jours entre 30 et 365."),
    ),
    "identity.account.not-found": _ABSENT,
    "identity.organisation.not-found": _ABSENT,
    "identity.team.not-found": _ABSENT,
    "identity.membership.not-found": _ABSENT,
    "identity.installation.in-use": _UNAVAILABLE,
    "identity.installation.not-a-demonstration": _ABSENT,
    # keys of machines
    "identity.access-key.refused": Problem(
        401,
        mark("Cette clé n'ouvre rien ici."),
        mark(
            "Vérifiez la clé, sa preuve et l'adresse d'où elle sert, ou demandez-en une autre à son titulaire."
        ),
        headers={
            "www-authenticate": 'Bearer realm="serment", DPoP realm="serment", algs="ES256 Ed25519 EdDSA"'
        },
    ),
    "identity.access-key.not-found": _ABSENT,
    "identity.access-key.terms-refused": _INVALID,
    "identity.access-key.too-many": Problem(
        409,
        mark("Vous avez déjà vingt clés de logiciel."),
        mark("Rien n'a été enregistré. Retirez-en une qui ne sert plus, puis recommencez."),
    ),
    # the trail
    "ledger.log.inconsistent": _UNAVAILABLE,
    "ledger.log.damaged": _UNAVAILABLE,
    "ledger.note.refused": _UNAVAILABLE,
    "ledger.proof.refused": _UNAVAILABLE,
    "ledger.trace.broken": _SEAL_BROKEN,
    "ledger.retention.too-short": Problem(
        409,
        mark("La loi demande de garder ces traces plus longtemps."),
        mark("Rien n'a été effacé. Donnez une durée plus longue."),
    ),
    # sealed bytes and keys
    "vault.message-broken": _SEAL_BROKEN,
    "vault.seal-broken": _SEAL_BROKEN,
    "vault.object-missing": _SEAL_BROKEN,
    "vault.warrant-refused": _ABSENT,
    "vault.notary-taken": _UNAVAILABLE,
    "vault.root-key-damaged": _UNAVAILABLE,
    "vault.passphrase-wrong": _UNAVAILABLE,
    "vault.root-key-exists": _UNAVAILABLE,
    "vault.store-full": Problem(
        507,
        mark("Il n'y a plus de place pour ce document."),
        mark("Rien n'a été gardé de cet envoi. Prévenez l'administrateur, puis recommencez."),
    ),
    "vault.store-failed": _UNAVAILABLE,
    "vault.object-too-large": _TOO_LARGE,
    # the installation
    "installation.part-missing": _UNAVAILABLE,
    "store.unavailable": _UNAVAILABLE,
}

STATUSES: Mapping[int, Problem] = {
    400: _UNREADABLE,
    401: _SIGN_IN_NEEDED,
    403: _STEP_UP_NEEDED,
    404: _ABSENT,
    405: Problem(
        405,
        mark("Cette adresse ne se prête pas à cet acte."),
        mark("Rien n'a été modifié. Revenez en arrière et recommencez depuis la page."),
    ),
    409: _CONFLICT,
    413: _TOO_LARGE,
    422: _INVALID,
    429: _SLOW_DOWN,
    503: _UNAVAILABLE,
}


def problem_of(error: kernel.SermentError) -> Problem:
    """Return the answer to an error, else to the family it belongs to, else the one to the unforeseen."""
    codes = (kind.code for kind in type(error).__mro__ if issubclass(kind, kernel.SermentError))
    return next((PROBLEMS[code] for code in codes if code in PROBLEMS), UNFORESEEN)
