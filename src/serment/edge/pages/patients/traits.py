"""The form of an identity: the strict traits, and how far they were checked."""

from dataclasses import dataclass
from datetime import date

from serment import clinical, dossier
from serment.edge.pages.answers import Answers
from serment.edge.shell import mark

SEX_WORDS = {
    clinical.Sex.FEMALE.value: mark("Femme"),
    clinical.Sex.MALE.value: mark("Homme"),
    clinical.Sex.UNKNOWN.value: mark("Sexe indéterminé"),
}
_FIELDS = ("family_name", "birth_name", "given_names", "birth_date", "sex", "birth_place_code", "ins")
_NO_GIVEN_NAME = mark("Donnez au moins un prénom.")
_NOT_YET = mark("Cette date est à venir.")
_NO_INS = mark("Ce n'est pas un matricule INS : 15 signes, dont la clé. Vérifiez chaque chiffre.")
_NO_PLACE = mark("Le code du lieu de naissance a 5 signes (code INSEE) ; laissez vide s'il n'est pas connu.")
_FIRST_LIVED = date(1880, 1, 1)
_TOO_OLD = mark("Vérifiez l'année de naissance.")


@dataclass(frozen=True)
class Traits:
    """What the form holds, as it is shown again: every field by its name; `checked`: seen on an identity document."""

    values: dict[str, str]
    checked: bool


def traits_of(patient: dossier.Patient) -> Traits:
    """Return an identity as its form shows it."""
    who = patient.identity
    values = {
        "family_name": who.family_name, "birth_name": who.birth_name, "given_names": ", ".join(who.given_names),
        "birth_date": who.birth_date.isoformat(), "sex": who.sex.value, "birth_place_code": who.birth_place_code,
        "ins": who.ins.matricule if who.ins is not None else "",
    }  # fmt: skip
    checked = who.status in {clinical.IdentityStatus.VALIDATED, clinical.IdentityStatus.QUALIFIED}
    return Traits(values, checked)


def typed_traits(answers: Answers) -> Traits:
    """Return what was typed, to be shown again."""
    return Traits({name: answers.form.get(name) for name in _FIELDS}, answers.form.has("checked"))


def read_identity(answers: Answers, today: date) -> clinical.PatientIdentity | None:
    """Return the identity that was filled in, None when `answers.errors` says what is wrong."""
    family_name = answers.text("family_name", longest=100)
    birth_name = answers.optional("birth_name", longest=100) or family_name
    given = tuple(name for name in (part.strip() for part in answers.text("given_names").split(",")) if name)
    born = answers.day("birth_date")
    if born > today:
        answers.refuse("birth_date", _NOT_YET)
    elif date.min < born < _FIRST_LIVED:
        answers.refuse("birth_date", _TOO_OLD)
    sex = clinical.Sex(answers.choice("sex", tuple(SEX_WORDS)))
    place = answers.optional("birth_place_code", longest=5).upper()
    ins = _read_ins(answers)
    if not given:
        answers.refuse("given_names", _NO_GIVEN_NAME)
    if answers.errors:
        return None
    bare = _bare(answers, (family_name, birth_name), given, born, sex=sex, place=place)
    return None if bare is None else _with_trust(bare, ins, checked=answers.form.has("checked"))


def _read_ins(answers: Answers) -> clinical.Ins | None:
    matricule = "".join(answers.optional("ins", longest=30).split()).upper()
    if not matricule:
        return None
    if not clinical.is_matricule(matricule):
        answers.refuse("ins", _NO_INS)
        return None
    return clinical.Ins(matricule)


def _bare(
    answers: Answers,
    names: tuple[str, str],
    given: tuple[str, ...],
    born: date,
    *,
    sex: clinical.Sex,
    place: str,
) -> clinical.PatientIdentity | None:
    try:
        return clinical.PatientIdentity(
            family_name=names[0], birth_name=names[1],
            given_names=given, first_given_name=given[0], birth_date=born, sex=sex, birth_place_code=place,
        )  # fmt: skip
    except clinical.IdentityMalformed:
        answers.refuse("birth_place_code", _NO_PLACE)
        return None


def _with_trust(
    bare: clinical.PatientIdentity, ins: clinical.Ins | None, *, checked: bool
) -> clinical.PatientIdentity:
    known = bare if ins is None else clinical.retrieve_ins(bare, ins)
    return clinical.confirm_by_document(known) if checked else known
