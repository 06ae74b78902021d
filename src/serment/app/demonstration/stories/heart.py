"""Stories of the cardiology service, shared with the practice when it follows the patient too."""

from collections.abc import Iterator
from datetime import datetime

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
from serment.app.demonstration.cast import PRACTICE
from serment.app.demonstration.laboratory import KIDNEY
from serment.app.demonstration.model import DemoDocument, Kind
from serment.app.demonstration.pen import Note, Pen, in_words
from serment.app.demonstration.radiology import Slice, heart_loop
from serment.app.demonstration.tracing import Rhythm, electrocardiogram

CARDIOLOGIST = "antoine.lefevre"
RHYTHMOLOGIST = "ines.haddad"
RADIOLOGIST = "mathieu.caron"
NURSE = "marie-christine.boyer"
BIOLOGIST = "helene.renault"
PRACTICE_BIOLOGIST = "philippe.garnier"
_SIX_MONTHS = "Pendant 6 mois."


def family_doctor(pen: Pen) -> tuple[str, ...]:
    """Return whom a letter of the service is addressed to."""
    return pen.colleague(pen.patient.physician) if pen.follows(PRACTICE) else ("Au médecin traitant",)


def tracing_sheet(pen: Pen, note: Note, rhythm: Rhythm, conclusion: str) -> DemoDocument:
    """Write an electrocardiogram."""
    named = "Fibrillation atriale" if rhythm.irregular else "Sinusal, régulier"
    return pen.sheet(
        Kind.OTHER,
        note,
        facts(
            ("Vitesse et amplitude", "25 mm/s, 10 mm/mV"),
            ("Rythme", named),
            ("Fréquence", f"{rhythm.rate} par minute"),
        ),
        electrocardiogram(rhythm, pen.chance),
        callout("Conclusion", conclusion),
    )


def echocardiography(pen: Pen, days: int, fraction: int, conclusion: str) -> Iterator[DemoDocument]:
    """Write an echocardiography: one loop and its report, measures in keeping with the ejection fraction."""
    at = pen.days_ago(days)
    title = "Échocardiographie transthoracique"
    yield pen.picture(Note(at, CARDIOLOGIST, title), heart_loop, Slice("Apicale 4 cavités"), "HEART")
    yield pen.imaging_report(
        Note(at, CARDIOLOGIST, title, to=family_doctor(pen)),
        table(
            (("Mesure", 3), ("Valeur", 1), ("Repère", 2)),
            [
                [
                    "Fraction d'éjection du ventricule gauche (Simpson biplan)",
                    f"{fraction} %",
                    "supérieure à 52 %",
                ],
                ["Diamètre télédiastolique du ventricule gauche", f"{72 - fraction // 3} mm", "42 à 58 mm"],
                [
                    "Volume indexé de l'oreillette gauche",
                    f"{56 - fraction // 3} mL/m²",
                    "inférieur à 34 mL/m²",
                ],
                ["Rapport E/e'", f"{20 - fraction // 5}", "inférieur à 14"],
                [
                    "Pression artérielle pulmonaire systolique",
                    f"{54 - fraction // 2} mmHg",
                    "inférieure à 35 mmHg",
                ],
                ["TAPSE", f"{14 + fraction // 9} mm", "supérieur à 17 mm"],
            ],
        ),
        paragraph(
            "Valve mitrale souple, insuffisance minime. Sigmoïdes aortiques souples. Péricarde sec. Veine cave inférieure compliante."
        ),
        callout("Conclusion", conclusion),
    )


def heart_failure(pen: Pen) -> Iterator[DemoDocument]:
    """Heart failure with reduced ejection fraction: one admission, four treatments raised step by step, a nurse who calls."""
    admitted = 1190 + pen.chance.randrange(60)
    if pen.follows(PRACTICE):
        yield pen.letter(
            Note(
                pen.days_ago(admitted + 3),
                pen.patient.physician,
                "Demande d'avis cardiologique",
                to=pen.colleague(CARDIOLOGIST),
            ),
            paragraph(
                f"Merci de recevoir rapidement {pen.mister} pour une dyspnée d'effort devenue invalidante en trois semaines (NYHA III), "
                "avec orthopnée à deux oreillers et prise de 6 kg. Crépitants des deux bases, œdèmes des chevilles prenant le godet."
            ),
        )
    yield _admission_letter(pen, admitted)
    yield tracing_sheet(
        pen,
        Note(pen.days_ago(admitted - 1), CARDIOLOGIST, "Électrocardiogramme d'entrée"),
        Rhythm(96),
        "Tachycardie sinusale modérée. QRS fins. Pas de trouble de repolarisation aigu.",
    )
    yield from echocardiography(
        pen,
        admitted - 2,
        32,
        "Cardiopathie dilatée hypokinétique, fraction d'éjection à 32 %. Pressions de remplissage élevées.",
    )
    yield from _titration(pen, admitted)
    yield from echocardiography(
        pen,
        420,
        44,
        "Remodelage inverse sous traitement : fraction d'éjection à 44 %. Pressions de remplissage normales.",
    )
    yield _monitoring_consent(pen, pen.days_ago(admitted - 30))
    yield pen.dictation(Note(pen.days_ago(8), CARDIOLOGIST, "Dictée : courrier de consultation"), 6.0)
    yield pen.results(
        Note(pen.days_ago(0), BIOLOGIST, "NT-proBNP et ionogramme"),
        {"bnp": 640, "k": 4.9, "crea": 112},
        ("bnp", *KIDNEY),
    )


def _monitoring_consent(pen: Pen, at: datetime) -> DemoDocument:
    return pen.sheet(
        Kind.CONSENT,
        Note(at, NURSE, "Consentement à la télésurveillance"),
        paragraph(
            f"{pen.mister} accepte la télésurveillance de son insuffisance cardiaque (poids, symptômes), après une information "
            "claire sur son but, les données recueillies, leur durée de conservation et le droit d'y mettre fin à tout moment."
        ),
        facts(("Information donnée par", "Marie-Christine Boyer"), ("Remise d'un double", "Oui")),
    )


def _admission_letter(pen: Pen, admitted: int) -> DemoDocument:
    entered, left = pen.days_ago(admitted), pen.days_ago(admitted - 9)
    return pen.sheet(
        Kind.DISCHARGE_SUMMARY,
        Note(left, CARDIOLOGIST, "Compte rendu d'hospitalisation", to=family_doctor(pen)),
        paragraph(
            f"{pen.mister}, {pen.age(left)} ans, a séjourné dans le service du {in_words(entered.date())} au {in_words(left.date())}."
        ),
        heading("Motif"),
        paragraph("Décompensation cardiaque globale, première poussée."),
        heading("Antécédents"),
        bullets(
            "Hypertension artérielle traitée depuis 12 ans",
            "Dyslipidémie",
            "Tabagisme sevré en 2009, 25 paquets-années",
        ),
        heading("Évolution dans le service"),
        paragraph(
            "Traitement par furosémide intraveineux, 80 mg par jour pendant quatre jours, avec perte de 5,8 kg et disparition des œdèmes. "
            "La coronarographie par voie radiale ne montre pas de lésion significative. Introduction des quatre classes recommandées, bien tolérée."
        ),
        table(
            (("Examen", 3), ("Entrée", 1), ("Sortie", 1), ("Unité", 1)),
            [
                ["NT-proBNP", "6 240", "1 810", "ng/L"],
                ["Créatinine", "118", "106", "µmol/L"],
                ["Potassium", "4,1", "4,4", "mmol/L"],
                ["Poids", "83,2", "77,4", "kg"],
            ],
        ),
        heading("Traitement de sortie"),
        medicines(
            "Sacubitril-valsartan 24/26 mg | 1 comprimé matin et soir | À augmenter selon la tension",
            "Bisoprolol 2,5 mg | 1 comprimé le matin | À augmenter toutes les 2 semaines",
            "Spironolactone 25 mg | 1 comprimé le matin | Surveillance du potassium",
            "Dapagliflozine 10 mg | 1 comprimé le matin | Au long cours",
            "Furosémide 40 mg | 1 comprimé le matin | Adapter au poids",
        ),
        callout(
            "Suivi",
            "Consultation infirmière à 7 jours, cardiologue à 1 mois. Alerter en cas de prise de plus de 2 kg en 3 jours.",
        ),
    )


def _titration(pen: Pen, admitted: int) -> Iterator[DemoDocument]:
    weights: list[tuple[str, float]] = []
    for step, (peptide, dose) in enumerate(((1650, 2.5), (1180, 3.75), (910, 5.0), (760, 7.5), (690, 10.0))):
        at = pen.days_ago(admitted - 40 - step * 190)
        weights.append((f"{at:%m/%y}", 77.0 + pen.chance.uniform(-1.2, 1.2)))
        author = NURSE if step % 2 == 0 else CARDIOLOGIST
        yield pen.letter(
            Note(at, author, "Consultation d'insuffisance cardiaque", to=family_doctor(pen)),
            facts(
                ("Dyspnée", "NYHA II" if step > 0 else "NYHA II à III"),
                (
                    "Pression artérielle",
                    f"{pen.chance.randrange(104, 122)}/{pen.chance.randrange(60, 72)} mmHg, pas d'hypotension debout",
                ),
                ("Fréquence cardiaque", f"{72 - step * 3} par minute"),
                ("Poids", f"{weights[-1][1]:.1f} kg".replace(".", ",")),
                ("Œdèmes", "Absents"),
            ),
            *([chart("Poids (kg)", weights, (75.5, 78.5))] if step > 0 else []),
            callout(
                "Conduite à tenir",
                f"Bisoprolol porté à {dose:g} mg selon le protocole de titration. Ionogramme dans 2 semaines.".replace(
                    ".75", ",75"
                )
                .replace("2.5", "2,5")
                .replace("7.5", "7,5"),
            ),
        )
        given = {
            "bnp": peptide + pen.chance.randrange(60),
            "k": 4.4 + 0.1 * step,
            "crea": 104 + 2 * step,
            "egfr": 60 - step,
        }
        yield pen.results(
            Note(pen.after(at, 14), BIOLOGIST, "NT-proBNP et ionogramme"), given, ("bnp", *KIDNEY)
        )
