"""The words of practice for the codes of the domains, and the sign that goes with each."""

from enum import StrEnum

from serment import access, clinical, identity
from serment.edge.shell import mark

Kind = clinical.DocumentKind

PROFESSION_WORDS: dict[identity.Profession, str] = {
    identity.Profession.PHYSICIAN: mark("Médecin"),
    identity.Profession.RADIOLOGIST: mark("Radiologue"),
    identity.Profession.BIOLOGIST: mark("Biologiste"),
    identity.Profession.NURSE: mark("Infirmier, infirmière"),
    identity.Profession.PHARMACIST: mark("Pharmacien, pharmacienne"),
    identity.Profession.SECRETARY: mark("Secrétariat"),
    identity.Profession.NONE: mark("Sans profession de santé"),
}
ROLE_WORDS: dict[identity.Role, str] = {
    identity.Role.PROFESSIONAL: mark("Professionnel de santé"),
    identity.Role.ADMINISTRATOR: mark("Administration"),
    identity.Role.DPO: mark("Protection des données"),
    identity.Role.PATIENT: mark("Patient"),
}
SECTION_WORDS: dict[access.Section, str] = {
    access.Section.IDENTITY: mark("Identité"),
    access.Section.CLINICAL: mark("Dossier clinique"),
    access.Section.IMAGING: mark("Imagerie"),
    access.Section.MEASUREMENTS: mark("Mesures"),
    access.Section.EXCHANGES: mark("Échanges"),
    access.Section.SENSITIVE: mark("Données sensibles"),
}
KIND_WORDS: dict[clinical.DocumentKind, str] = {
    Kind.LETTER: mark("Courrier"),
    Kind.CONSULTATION_REPORT: mark("Compte rendu de consultation"),
    Kind.REFERRAL: mark("Lettre d'adressage"),
    Kind.LABORATORY_RESULT: mark("Résultat de biologie"),
    Kind.PATHOLOGY_REPORT: mark("Compte rendu d'anatomopathologie"),
    Kind.PRESCRIPTION: mark("Ordonnance"),
    Kind.IMAGING_REPORT: mark("Compte rendu d'imagerie"),
    Kind.IMAGE: mark("Image"),
    Kind.PHOTOGRAPH: mark("Photographie"),
    Kind.TRACING: mark("Tracé"),
    Kind.DICTATION: mark("Dictée"),
    Kind.OPERATIVE_NOTE: mark("Compte rendu opératoire"),
    Kind.DISCHARGE_SUMMARY: mark("Lettre de sortie"),
    Kind.NURSING_NOTE: mark("Note de soins"),
    Kind.VACCINATION: mark("Vaccination"),
    Kind.CERTIFICATE: mark("Certificat"),
    Kind.CONSENT: mark("Consentement"),
    Kind.ADVANCE_DIRECTIVE: mark("Directives anticipées"),
    Kind.ADMINISTRATIVE: mark("Document administratif"),
    Kind.PATIENT_NOTE: mark("Note du patient"),
    Kind.OTHER: mark("Autre document"),
}


class Family(StrEnum):
    """Kinds that are looked for together: the filters of a timeline."""

    REPORTS = "reports"
    RESULTS = "results"
    IMAGES = "images"
    PRESCRIPTIONS = "prescriptions"
    OTHERS = "others"


FAMILY_WORDS: dict[Family, str] = {
    Family.REPORTS: mark("Comptes rendus et courriers"),
    Family.RESULTS: mark("Résultats"),
    Family.IMAGES: mark("Images"),
    Family.PRESCRIPTIONS: mark("Ordonnances"),
    Family.OTHERS: mark("Autres"),
}
_FAMILIES: dict[clinical.DocumentKind, Family] = {
    **dict.fromkeys(
        (
            Kind.LETTER, Kind.CONSULTATION_REPORT, Kind.REFERRAL, Kind.OPERATIVE_NOTE, Kind.DISCHARGE_SUMMARY,
            Kind.IMAGING_REPORT, Kind.NURSING_NOTE,
        ),
        Family.REPORTS,
    ),
    **dict.fromkeys((Kind.LABORATORY_RESULT, Kind.PATHOLOGY_REPORT, Kind.TRACING), Family.RESULTS),
    **dict.fromkeys((Kind.IMAGE, Kind.PHOTOGRAPH), Family.IMAGES),
    **dict.fromkeys((Kind.PRESCRIPTION, Kind.VACCINATION), Family.PRESCRIPTIONS),
}  # fmt: skip
_SIGNS: dict[clinical.DocumentKind, str] = {
    Kind.LETTER: "mail",
    Kind.CONSULTATION_REPORT: "stethoscope",
    Kind.REFERRAL: "mail",
    Kind.LABORATORY_RESULT: "flask-conical",
    Kind.PATHOLOGY_REPORT: "flask-conical",
    Kind.PRESCRIPTION: "pill",
    Kind.IMAGING_REPORT: "scan",
    Kind.IMAGE: "image",
    Kind.PHOTOGRAPH: "image",
    Kind.TRACING: "activity",
    Kind.DICTATION: "play",
    Kind.NURSING_NOTE: "heart-pulse",
}


def family_of(kind: clinical.DocumentKind) -> Family:
    """Return the filter under which a kind is found."""
    return _FAMILIES.get(kind, Family.OTHERS)


def sign_of(kind: clinical.DocumentKind) -> str:
    """Return the icon of a kind."""
    return _SIGNS.get(kind, "file-text")
