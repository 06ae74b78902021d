"""What people type or their devices answer, as proofs of a second factor."""

from serment import identity
from serment.edge.shell import Form, mark

CODE_NOT_CONFIRMED = mark("Ce code n'est pas celui que l'application affiche en ce moment.")
PASSKEY_NOT_CONFIRMED = mark("Cette clé d'accès n'a pas fait sa preuve : recommencez.")
_MOST_CODE = 40
_MOST_CHALLENGE = 200
_MOST_ANSWER = 16_000
_LONGEST_SHORT_CODE = 8


def read_proof(form: Form) -> identity.FactorProof:
    """Return the proof in a form: the field `response` of a passkey, else the field `code`.

    A code of an application is short and a recovery code long: either may be typed in either box.

    Raises:
        FieldRefused: neither was given.
    """
    if form.get("response"):
        return read_assertion(form)
    code = form.text("code", longest=_MOST_CODE)
    signs = "".join(sign for sign in code if sign.isalnum())
    return identity.TotpCode(code) if len(signs) <= _LONGEST_SHORT_CODE else identity.RecoveryCode(code)


def read_assertion(form: Form) -> identity.PasskeyAssertion:
    """Return what a passkey answered to our challenge.

    Raises:
        FieldRefused: challenge or answer is missing.
    """
    return identity.PasskeyAssertion(
        form.text("challenge", longest=_MOST_CHALLENGE), form.text("response", longest=_MOST_ANSWER)
    )


def read_first_code(form: Form, label: str = "") -> identity.TotpConfirmation:
    """Return the first code of a new application; an empty one is a wrong one."""
    return identity.TotpConfirmation(form.get("code")[:_MOST_CODE], label)


def read_registration(form: Form, label: str = "") -> identity.PasskeyRegistration:
    """Return the passkey that a device made for our challenge.

    Raises:
        FieldRefused: challenge or answer is missing.
    """
    answer = read_assertion(form)
    return identity.PasskeyRegistration(answer.challenge, answer.response_json, label)
