"""The one table from what went wrong to how it is answered."""

from collections.abc import Mapping
from dataclasses import dataclass

from serment import kernel
from serment.edge.shell.languages import mark


@dataclass(frozen=True)
class Problem:
    """An answer to something that went wrong: its status, what happened, and what to do now."""

    status: int
    title: str
    advice: str


_ABSENT = Problem(
    404,
    mark("Cette page n'existe pas, ou elle ne vous est pas ouverte."),
    mark(
        "Rien n'a été modifié. Si vous suivez ce patient, demandez à un membre de son équipe de soins de vous y ajouter."
    ),
)
_SIGN_IN_NEEDED = Problem(
    401,
    mark("Vous n'êtes plus connecté."),
    mark("Rien n'a été modifié. Connectez-vous, puis recommencez."),
)
_STEP_UP_NEEDED = Problem(
    403,
    mark("Cet acte demande de confirmer votre identité."),
    mark("Rien n'a été modifié. Confirmez avec votre second facteur, puis recommencez."),
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
UNFORESEEN = Problem(
    500,
    mark("Quelque chose d'imprévu s'est produit."),
    mark(
        "Rien n'a été montré. Recommencez ; si cela se reproduit, transmettez la référence à l'administrateur."
    ),
)

PROBLEMS: Mapping[str, Problem] = {
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
    "form.type-refused": Problem(
        415, mark("Ce type d'envoi n'est pas accepté ici."), mark("Rien n'a été enregistré.")
    ),
    "form.field-refused": _INVALID,
    "installation.part-missing": _UNAVAILABLE,
    "store.unavailable": _UNAVAILABLE,
}

STATUSES: Mapping[int, Problem] = {
    400: _UNREADABLE,
    401: _SIGN_IN_NEEDED,
    403: _STEP_UP_NEEDED,
    404: _ABSENT,
    405: Problem(405, mark("Cette adresse ne se prête pas à cet acte."), mark("Rien n'a été modifié.")),
    409: _CONFLICT,
    413: _TOO_LARGE,
    422: _INVALID,
    429: _SLOW_DOWN,
    503: _UNAVAILABLE,
}


def problem_of(error: kernel.SermentError) -> Problem:
    """Return the answer to an error; one without its line in the table is answered as unforeseen."""
    return PROBLEMS.get(error.code, UNFORESEEN)
