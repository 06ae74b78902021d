"""Why a password may not be chosen, and why one must be changed, in words."""

from serment import identity
from serment.edge.desk import Desk
from serment.edge.shell import Words, mark

_REASONS: dict[identity.PasswordFlag, str] = {
    identity.PasswordFlag.BREACHED: mark(
        "Votre mot de passe figure dans une liste de mots de passe volés ailleurs : changez-le avant de continuer."
    ),
    identity.PasswordFlag.PROVED_ELSEWHERE: mark(
        "Quelqu'un d'autre a donné votre mot de passe, sans votre second facteur : changez-le avant de continuer."
    ),
    identity.PasswordFlag.DEMANDED: mark(
        "L'administration de votre organisation vous demande de changer votre mot de passe avant de continuer."
    ),
    identity.PasswordFlag.TOO_OLD: mark(
        "Votre mot de passe est trop ancien pour votre rôle : changez-le avant de continuer."
    ),
}
NOT_THE_SAME = mark("Les deux mots de passe ne sont pas les mêmes.")
_TOO_SHORT = mark("Ce mot de passe est trop court : il en faut au moins {n} caractères.")
_TOO_LONG = mark("Ce mot de passe est trop long : il en faut au plus {n} caractères.")
_TOO_GUESSABLE = mark(
    "Ce mot de passe se devine trop facilement. Ajoutez un ou deux mots sans rapport, ni votre nom ni une date."
)
_BREACHED = mark(
    "Ce mot de passe figure dans une liste de mots de passe volés : des robots l'essaient chaque jour. Choisissez-en un autre."
)
_UNCHANGED = mark("C'est votre mot de passe actuel : choisissez-en un autre.")
_WRONG = mark("Ce n'est pas votre mot de passe actuel.")


def reason_for_change(desk: Desk, caller: identity.Caller) -> str | None:
    """Return why the caller's session goes no further before its password is changed; None when it does."""
    if caller.restriction is not identity.Restriction.PASSWORD_CHANGE:
        return None
    with desk.database.reading() as uow:
        return _REASONS[identity.reason_for_change(uow, caller)]


def tell_fault(words: Words, rules: identity.PasswordRules, refused: identity.PasswordRefused) -> str:
    """Say what is wrong with a password, beside its field."""
    if isinstance(refused, identity.PasswordTooShort):
        return words.say(_TOO_SHORT, n=rules.least_characters)
    if isinstance(refused, identity.PasswordTooLong):
        return words.say(_TOO_LONG, n=rules.most_characters)
    if isinstance(refused, identity.PasswordBreached):
        return words.say(_BREACHED)
    if isinstance(refused, identity.PasswordUnchanged):
        return words.say(_UNCHANGED)
    if isinstance(refused, identity.PasswordWrong):
        return words.say(_WRONG)
    return words.say(_TOO_GUESSABLE)
