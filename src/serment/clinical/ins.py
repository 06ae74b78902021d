"""The French national health identity (INS): a matricule with its control key, and the authority it comes from.

Source: LAW-82; the matricule is a NIR or a NIA, 13 signs and a key of two digits: 97 minus the rest by 97, where
the Corsican departments 2A and 2B count as 19 and 18.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from serment.clinical.errors import IdentityMalformed

_MATRICULE = re.compile(r"[1-8]\d{4}(?:\d\d|2A|2B)\d{6}\d\d", re.ASCII)
_BODY_LENGTH = 13
_MODULUS = 97


class InsAuthority(StrEnum):
    """The assigning authorities, by their object identifiers; the last two are for tests and demonstrations."""

    NIR = "1.2.250.1.213.1.4.8"
    NIA = "1.2.250.1.213.1.4.9"
    TEST_NIR = "1.2.250.1.213.1.4.10"
    DEMO_NIR = "1.2.250.1.213.1.4.11"


@dataclass(frozen=True)
class Ins:
    """A national identifier: 15 signs, key included, and who assigned it.

    Raises:
        IdentityMalformed: the matricule has another form, or its key does not answer its body.
    """

    matricule: str
    authority: InsAuthority = InsAuthority.NIR

    def __post_init__(self) -> None:
        if not is_matricule(self.matricule):
            raise IdentityMalformed("matricule")


def control_key(body: str) -> str:
    """Return the two-digit key of the 13 signs of a NIR or NIA."""
    digits = int(body.replace("2A", "19").replace("2B", "18"))
    return f"{_MODULUS - digits % _MODULUS:02d}"


def is_matricule(text: str) -> bool:
    """Tell whether `text` is a well-formed matricule: 15 signs without spaces, right key."""
    if _MATRICULE.fullmatch(text) is None:
        return False
    return control_key(text[:_BODY_LENGTH]) == text[_BODY_LENGTH:]
