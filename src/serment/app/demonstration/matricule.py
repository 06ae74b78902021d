"""Test matricules of the national health identity (INS), with their control key.

Source: ANS, "Liste des OID des autorités d'affectation des INS"; NIR key, decree 82-103.
"""

from datetime import date

from serment.app.demonstration.model import Ins

TEST_OID = "1.2.250.1.213.1.4.10"  # INS-NIR in test; a production matricule bears 1.2.250.1.213.1.4.8
_MODULUS = 97
_CORSICA = {"2A": "19", "2B": "18"}


def control_key(body: str) -> str:
    """Return the two digits that close a matricule of 13 characters (97 less the remainder by 97)."""
    digits = body
    for department, replacement in _CORSICA.items():
        digits = digits.replace(department, replacement)
    return f"{_MODULUS - int(digits) % _MODULUS:02d}"


def make_ins(sex: str, born_on: date, department: str, order: int) -> Ins:
    """Return a test identity that agrees with sex and birth date.

    The commune is 990, a code never given in any department: no living person can bear the matricule.
    """
    body = f"{'1' if sex == 'M' else '2'}{born_on:%y%m}{department}990{order:03d}"
    return Ins(matricule=body + control_key(body), oid=TEST_OID)
