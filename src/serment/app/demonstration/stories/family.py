# ruff: noqa: PLR2004 - doses, scores and visit numbers belong to the one sentence they stand in
"""Stories of the beginning of life: pregnancies and the vaccines of small children."""

from collections.abc import Iterator
from datetime import UTC, datetime, time

from serment.app.demonstration import photographs
from serment.app.demonstration.blocks import (
    bullets,
    callout,
    chart,
    facts,
    heading,
    medicines,
    paragraph,
    table,
)
from serment.app.demonstration.correspondents import OBSTETRICIAN
from serment.app.demonstration.laboratory import BLOOD_COUNT
from serment.app.demonstration.model import DemoDocument, Kind
from serment.app.demonstration.pen import Note, Pen
from serment.app.demonstration.stories.metabolic import BIOLOGIST, NURSE, RADIOLOGIST, SECRETARY

_WEEK = 7
_MONTH = 30.44
# How many days ago each pregnancy began: one is under way, the others are over.
_BEGAN = {"Vasseur": 29 * _WEEK + 2, "Lefebvre": 610, "Traoré": 1180}
_VISITS = (9, 13, 17, 21, 25, 28, 32, 36)
_PRESCRIBED_AT = frozenset({0, 2, 5})  # places in the visits above
_PRESCRIBED_MONTHS = frozenset({2, 12, 24})
_ULTRASOUNDS = (
    (
        12,
        "premier",
        "Embryon unique, activité cardiaque perçue. Longueur crânio-caudale 61 mm. Clarté nucale 1,3 mm. Trophoblaste antérieur.",
    ),
    (
        22,
        "deuxième",
        "Biométries au 48e percentile. Morphologie sans anomalie décelable. Placenta antérieur non bas inséré. Liquide normal. Col 38 mm.",
    ),
    (
        32,
        "troisième",
        "Présentation céphalique. Estimation de poids fœtal 1 870 g, 52e percentile. Doppler ombilical normal. Liquide normal.",
    ),
)
_VACCINES = (
    (2, "DTCaP-Hib-hépatite B, pneumocoque 13, rotavirus", 5.2),
    (3, "Méningocoque B, rotavirus", 6.0),
    (4, "DTCaP-Hib-hépatite B, pneumocoque 13, rotavirus", 6.6),
    (5, "Méningocoque B, deuxième dose", 7.2),
    (11, "DTCaP-Hib-hépatite B, pneumocoque 13", 9.2),
    (12, "Rougeole-oreillons-rubéole, méningocoques B et ACWY", 9.5),
    (17, "Rougeole-oreillons-rubéole, seconde dose", 10.8),
    (24, "Examen des 24 mois, calendrier à jour", 12.1),
    (36, "Examen des 3 ans, calendrier à jour", 14.2),
)


def pregnancy(pen: Pen) -> Iterator[DemoDocument]:
    """A pregnancy followed month by month, with its three ultrasounds."""
    began = _BEGAN[pen.patient.used_name]
    doctor = pen.patient.physician
    for step, week in enumerate(_VISITS):
        days = began - week * _WEEK
        if days < 1:
            break
        at = pen.days_ago(days)
        yield _pregnancy_visit(pen, Note(at, doctor, f"Consultation de grossesse, {week} SA"), week)
        if step in _PRESCRIBED_AT:
            yield _pregnancy_prescription(pen, Note(at, doctor, "Ordonnance"), step)
    yield from _pregnancy_laboratory(pen, began)
    for week, rank, text in _ULTRASOUNDS:
        if began - week * _WEEK > 0:
            at = pen.days_ago(began - week * _WEEK - 1)
            note = Note(
                at, RADIOLOGIST, f"Échographie obstétricale du {rank} trimestre", to=pen.colleague(doctor)
            )
            yield pen.imaging_report(
                note, paragraph(text), callout("Conclusion", f"Examen sans particularité à {week} SA.")
            )
    yield pen.sheet(
        Kind.CONSENT,
        Note(pen.days_ago(began - 12 * _WEEK), doctor, "Consentement au dépistage de la trisomie 21"),
        paragraph(
            f"{pen.mister} a reçu l'information sur le dépistage de la trisomie 21 par les marqueurs sériques et y consent."
        ),
    )
    if began > 300:
        yield _birth(pen, began)


def _pregnancy_visit(pen: Pen, note: Note, week: int) -> DemoDocument:
    return pen.letter(
        note,
        paragraph(
            f"Grossesse de {week} semaines d'aménorrhée, bien vécue. {'Mouvements actifs perçus.' if week > 20 else 'Nausées matinales modérées.'}"
        ),
        facts(
            ("Pression artérielle", f"{pen.chance.randrange(104, 122)}/{pen.chance.randrange(60, 74)} mmHg"),
            ("Poids", f"{58 + round(week * 0.32)} kg"),
            ("Hauteur utérine", f"{max(0, week - 4)} cm" if week > 16 else "non mesurée"),
            ("Bruits du cœur fœtal", f"{pen.chance.randrange(136, 152)} par minute"),
            ("Bandelette urinaire", "Négative"),
        ),
        callout("Conduite à tenir", "Surveillance mensuelle, toxoplasmose et agglutinines au laboratoire."),
    )


def _pregnancy_prescription(pen: Pen, note: Note, step: int) -> DemoDocument:
    if step < 2:
        return pen.prescription(
            note,
            medicines(
                "Acide folique 0,4 mg, comprimé | 1 comprimé le matin | Jusqu'à 12 SA.",
                "Doxylamine 15 mg | 1 comprimé le soir si nausées | 1 boîte",
            ),
        )
    return pen.prescription(
        note,
        medicines(
            "Fer 80 mg, comprimé | 1 comprimé le matin à jeun | Pendant 1 mois.",
            "Sérologie de toxoplasmose, RAI, bandelette urinaire | Au laboratoire, chaque mois | Jusqu'au terme.",
        ),
    )


def _pregnancy_laboratory(pen: Pen, began: int) -> Iterator[DemoDocument]:
    yield pen.sheet(
        Kind.RESULT,
        Note(
            pen.days_ago(began - 8 * _WEEK),
            BIOLOGIST,
            "Sérologies de début de grossesse",
            section="sensitive",
        ),
        table(
            (("Examen", 3), ("Résultat", 2), ("Interprétation", 3)),
            [
                ["VIH 1 et 2, dépistage combiné", "Négatif", "Absence d'infection"],
                ["Antigène HBs", "Négatif", "Absence de portage"],
                ["Syphilis (tréponémique)", "Négatif", "Absence d'infection"],
                ["Rubéole IgG", "86 UI/mL", "Immunité acquise"],
                ["Toxoplasmose IgG, IgM", "Négatif, négatif", "Non immunisée : contrôle mensuel"],
                [
                    "Groupe sanguin",
                    pen.chance.choice(("A positif", "O positif", "B positif")),
                    "Seconde détermination concordante",
                ],
            ],
        ),
    )
    for week, haemoglobin in ((10, 12.4), (25, 11.1), (33, 11.6)):
        if began - week * _WEEK > 0:
            note = Note(pen.days_ago(began - week * _WEEK), BIOLOGIST, f"Hémogramme et ferritine, {week} SA")
            yield pen.results(
                note, {"hb": haemoglobin, "ferritin": haemoglobin * 2}, (*BLOOD_COUNT, "ferritin")
            )
    if pen.patient.used_name == "Vasseur":
        yield pen.results(
            Note(pen.days_ago(0), BIOLOGIST, "Hémogramme et glycémie à jeun"),
            {"hb": 11.4, "glu": 0.84},
            (*BLOOD_COUNT, "glu"),
        )


def _birth(pen: Pen, began: int) -> DemoDocument:
    return pen.letter_by_post(
        Note(pen.days_ago(began - 41 * _WEEK), SECRETARY, "Compte rendu d'accouchement reçu par courrier"),
        OBSTETRICIAN,
        "Accouchement par voie basse à 39 semaines et 4 jours, présentation céphalique, périnée intact. Délivrance naturelle complète. "
        "Nouveau-né de 3 340 g, Apgar 10/10. Suites simples, allaitement maternel. Sortie au troisième jour.",
    )


def vaccination(pen: Pen) -> Iterator[DemoDocument]:
    """The compulsory visits and vaccines of a small child."""
    doctor = pen.patient.physician
    weights: list[tuple[str, float]] = []
    done: list[list[str]] = []
    for months, vaccine, kilograms in _VACCINES:
        days = _days_since_birth(pen) - round(months * _MONTH) - 4
        if days < 2:
            break
        at = pen.days_ago(days)
        weights.append((f"{months} mois", round(kilograms + pen.chance.uniform(-0.3, 0.3), 1)))
        if "calendrier à jour" not in vaccine:
            done.append([f"{at:%d/%m/%Y}", vaccine, f"{pen.chance.randrange(10**5, 10**6)}", "Cuisse droite"])
        yield pen.letter(
            Note(at, doctor, f"Examen de l'enfant, {months} mois"),
            facts(
                ("Poids", f"{weights[-1][1]:.1f} kg".replace(".", ",")),
                ("Taille", f"{round(50 + 25 * (months / 12) ** 0.6)} cm"),
                ("Développement", "Acquisitions conformes à l'âge"),
                ("Alimentation", "Diversifiée" if months > 5 else "Lait maternel et premier âge"),
            ),
            *([chart("Poids (kg)", weights, (5.0, 14.0))] if len(weights) > 1 else []),
            callout("Vaccins du jour", vaccine + ". Bien tolérés, conseils donnés en cas de fièvre."),
        )
        if months in _PRESCRIBED_MONTHS:
            yield pen.prescription(
                Note(at, doctor, "Ordonnance"),
                medicines(
                    "Cholécalciférol 400 UI par goutte | 2 gouttes par jour | Jusqu'au prochain examen.",
                    "Paracétamol 2,4 %, solution | Une dose-poids si fièvre, toutes les 6 heures | 1 flacon",
                ),
            )
    yield from _childhood(pen, doctor, done)


def _childhood(pen: Pen, doctor: str, done: list[list[str]]) -> Iterator[DemoDocument]:
    yield pen.sheet(
        Kind.OTHER,
        Note(pen.days_ago(20), NURSE, "Carnet de vaccination"),
        table((("Date", 2), ("Vaccin", 5), ("Lot", 2), ("Site", 2)), done),
        callout("Prochain rendez-vous", "Selon le calendrier vaccinal en vigueur."),
    )
    fever = pen.days_ago(75)
    yield pen.letter(
        Note(fever, doctor, "Fièvre et éruption"),
        paragraph(
            "Fièvre à 38,7 °C depuis deux jours puis éruption maculeuse du tronc à la défervescence. Enfant tonique, bien hydraté."
        ),
        heading("Examen"),
        bullets("Pas de purpura, nuque souple", "Tympans normaux", "Pharynx érythémateux"),
        callout(
            "Conclusion",
            "Exanthème viral bénin. Surveillance simple, consignes de retour remises aux parents.",
        ),
    )
    yield pen.photograph(Note(fever, doctor, "Photographie de l'éruption du tronc"), photographs.rash)


def _days_since_birth(pen: Pen) -> int:
    born_at = datetime.combine(pen.patient.born_on, time(), UTC)
    return (pen.world.now - born_at).days
