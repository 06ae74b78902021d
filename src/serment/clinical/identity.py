"""Who the patient is: the strict traits, the national identifier and how far both can be trusted.

Source: LAW-82; the French national reference for identity vigilance (RNIV) and the INS reference.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from serment.clinical.errors import IdentityMalformed
from serment.clinical.ins import Ins


class Sex(StrEnum):
    """Administrative sex, a strict trait; the values are those of FHIR."""

    MALE = "male"
    FEMALE = "female"
    UNKNOWN = "unknown"


class IdentityStatus(StrEnum):
    """How far an identity is established; only a qualified one may reference data sent elsewhere."""

    PROVISIONAL = "provisional"
    RETRIEVED = "retrieved"
    VALIDATED = "validated"
    QUALIFIED = "qualified"


_WITH_INS = frozenset({IdentityStatus.RETRIEVED, IdentityStatus.QUALIFIED})


@dataclass(frozen=True)
class PatientIdentity:
    """The traits of one patient.

    `family_name` is the name used in daily life; `birth_name` the one of the birth certificate. `given_names`
    are those of the birth certificate, in order; `first_given_name` is the one written first there, and the
    one that lists show. `birth_place_code` is the INSEE code of the commune or country (5 signs), or empty.

    Raises:
        IdentityMalformed: an empty name, a birth place code of another form, an INS beside a status that
            has none, or a status that demands one without it.
    """

    family_name: str
    birth_name: str
    given_names: tuple[str, ...]
    first_given_name: str
    birth_date: date
    sex: Sex
    birth_place_code: str = ""
    status: IdentityStatus = IdentityStatus.PROVISIONAL
    ins: Ins | None = None

    def __post_init__(self) -> None:
        if not (self.family_name.strip() and self.birth_name.strip() and self.first_given_name.strip()):
            raise IdentityMalformed("name")
        if self.first_given_name not in self.given_names:
            raise IdentityMalformed("given_names")
        if self.birth_place_code and not _is_place_code(self.birth_place_code):
            raise IdentityMalformed("birth_place_code")
        if (self.ins is not None) != (self.status in _WITH_INS):
            raise IdentityMalformed("ins")

    @property
    def may_reference_data(self) -> bool:
        """Whether the national identifier may accompany data that leave: the identity is qualified."""
        return self.status is IdentityStatus.QUALIFIED


def retrieve_ins(identity: PatientIdentity, ins: Ins) -> PatientIdentity:
    """Return the identity with the INS that the national service gave for it.

    A provisional identity becomes retrieved, a validated one qualified. An INS already there is replaced.
    """
    checked = identity.status in {IdentityStatus.VALIDATED, IdentityStatus.QUALIFIED}
    status = IdentityStatus.QUALIFIED if checked else IdentityStatus.RETRIEVED
    return replace(identity, ins=ins, status=status)


def confirm_by_document(identity: PatientIdentity) -> PatientIdentity:
    """Return the identity once its traits were compared with an identity document of high confidence."""
    status = IdentityStatus.VALIDATED if identity.ins is None else IdentityStatus.QUALIFIED
    return replace(identity, status=status)


def _is_place_code(code: str) -> bool:
    digits = code.replace("2A", "20", 1).replace("2B", "20", 1) if code[:2] in {"2A", "2B"} else code
    return len(digits) == 5 and digits.isascii() and digits.isdigit()  # noqa: PLR2004 - the INSEE code has 5 signs
