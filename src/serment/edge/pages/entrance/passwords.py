"""Why a password may not be chosen, in words."""

from serment import identity
from serment.edge.shell import Words, mark

NOT_THE_SAME = mark("Les deux mots de passe ne sont pas les mêmes.")
_TOO_SHORT = mark("Ce mot de passe est trop court : il en faut au moins {n} caractères.")
_TOO_LONG = mark("Ce mot de passe est trop long : il en faut au plus {n} caractères.")
_TOO_GUESSABLE = mark(
    "Ce mot de passe se devine trop facilement. Ajoutez un ou deux mots sans rapport, ni votre nom ni une date."
)
_WRONG = mark("Ce n'est pas votre mot de passe actuel.")


def tell_fault(words: Words, rules: identity.PasswordRules, refused: identity.PasswordRefused) -> str:
    """Say what is wrong with a password, beside its field."""
    if isinstance(refused, identity.PasswordTooShort):
        return words.say(_TOO_SHORT, n=rules.least_characters)
    if isinstance(refused, identity.PasswordTooLong):
        return words.say(_TOO_LONG, n=rules.most_characters)
    if isinstance(refused, identity.PasswordWrong):
        return words.say(_WRONG)
    return words.say(_TOO_GUESSABLE)
