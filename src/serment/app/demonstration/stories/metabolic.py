# ruff: noqa: PLR2004 - doses, scores and visit numbers belong to the one sentence they stand in
"""Long follow-ups in the practice: blood pressure, diabetes, thyroid."""

from collections.abc import Iterator

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
from serment.app.demonstration.correspondents import OPHTHALMOLOGIST
from serment.app.demonstration.laboratory import BLOOD_COUNT, KIDNEY, LIPIDS
from serment.app.demonstration.model import DemoDocument, Kind
from serment.app.demonstration.pen import Note, Pen
from serment.app.demonstration.radiology import Slice, abdomen_magnetic, soft_tissue_ultrasound
from serment.app.demonstration.tracing import Rhythm, electrocardiogram

BIOLOGIST = "philippe.garnier"
NURSE = "sophie.lambert"
PHARMACIST = "emilie.rousseau"
RADIOLOGIST = "anne-laure.vidal"
SECRETARY = "nathalie.picard"
_LIVER_SLICES = 8
_FAMILY_HISTORY = (
    "Père hypertendu, accident vasculaire à 71 ans",
    "Mère hypertendue et diabétique",
    "Frère porteur de deux stents coronaires",
    "Pas d'antécédent familial connu",
)
_THREE_MONTHS = "Pendant 3 mois, à renouveler 1 fois."


def hypertension(pen: Pen) -> Iterator[DemoDocument]:
    """Blood pressure found high, treated in two steps, controlled at last."""
    doctor, start = pen.patient.physician, 1380 + pen.chance.randrange(40)
    yield from _discovery(pen, doctor, start)
    pressures = [(162, 96), (154, 92), (146, 87), (137, 83), (132, 78)]
    points = []
    for step, (systolic, diastolic) in enumerate(pressures):
        at = pen.days_ago(start - 60 - step * 290)
        high, low = systolic + pen.chance.randrange(-3, 4), diastolic + pen.chance.randrange(-3, 4)
        points.append((f"{at:%m/%y}", float(high)))
        yield pen.letter(
            Note(at, doctor, "Consultation de suivi tensionnel"),
            paragraph(
                f"{pen.mister}, {pen.age(at)} ans, consulte pour le suivi de son hypertension artérielle."
            ),
            facts(
                ("Pression artérielle", f"{high}/{low} mmHg au repos, bras gauche"),
                ("Fréquence cardiaque", f"{pen.chance.randrange(62, 78)} par minute, régulière"),
                ("Poids", f"{pen.steady('poids', 66, 84) + pen.chance.randrange(-1, 2)} kg"),
                (
                    "Tolérance",
                    pen.chance.choice(
                        ("Bonne", "Bonne, pas de toux", "Œdèmes discrets des chevilles le soir")
                    ),
                ),
            ),
            *(
                [chart("Pression systolique en consultation (mmHg)", points, (110.0, 140.0))]
                if step > 1
                else []
            ),
            callout(
                "Conduite à tenir",
                "Poursuite du traitement." if step > 3 else "Adaptation du traitement, contrôle dans 3 mois.",
            ),
        )
        if step % 2 == 0:
            yield _pressure_prescription(pen, Note(at, doctor, "Ordonnance"), step)
        if step % 2 == 1:
            given = {"k": 4.1 + pen.chance.random() * 0.4, "ldl": 1.46 - 0.12 * step, "glu": 0.98}
            note = Note(pen.after(at, 12), BIOLOGIST, "Bilan rénal, ionogramme et lipides")
            yield pen.results(note, given, (*KIDNEY, "glu", *LIPIDS))
    yield _home_pressures(pen, 64)
    yield pen.results(
        Note(pen.days_ago(0), BIOLOGIST, "Ionogramme sanguin et créatinine"), {"k": 4.3}, KIDNEY
    )


def _discovery(pen: Pen, doctor: str, start: int) -> Iterator[DemoDocument]:
    yield pen.letter(
        Note(pen.days_ago(start), doctor, "Hypertension artérielle de découverte récente"),
        paragraph(
            "Pression artérielle retrouvée élevée à trois reprises au cabinet, confirmée par une automesure de trois jours "
            "(moyenne 158/94 mmHg). Pas de céphalées, pas de douleur thoracique, pas de dyspnée d'effort."
        ),
        heading("Antécédents et mode de vie"),
        bullets(
            pen.chance.choice(_FAMILY_HISTORY),
            pen.chance.choice(
                (
                    "Pas de tabac, alcool occasionnel",
                    "Tabac sevré depuis 10 ans",
                    "Pas de tabac, pas d'alcool",
                )
            ),
            pen.chance.choice(
                ("Sédentarité, marche le dimanche", "Jardinage, vélo en été", "Travail assis, peu de sport")
            ),
        ),
        heading("Bilan demandé"),
        bullets(
            "Ionogramme, créatinine, glycémie, lipides",
            "Rapport albuminurie sur créatininurie",
            "Électrocardiogramme de repos",
        ),
        callout("Décision", "Règles hygiéno-diététiques et début d'une monothérapie après le bilan."),
    )
    tracing = electrocardiogram(Rhythm(pen.chance.randrange(62, 76)), pen.chance)
    yield pen.sheet(
        Kind.OTHER,
        Note(pen.days_ago(start - 9), doctor, "Électrocardiogramme de repos"),
        facts(("Vitesse et amplitude", "25 mm/s, 10 mm/mV"), ("Rythme", "Sinusal, régulier")),
        tracing,
        callout("Conclusion", "Tracé normal. Pas de signe d'hypertrophie ventriculaire gauche."),
    )
    yield pen.results(
        Note(pen.days_ago(start - 12), BIOLOGIST, "Bilan initial d'hypertension"),
        {"ldl": 1.52, "glu": 1.04, "k": 4.2, "uacr": 1.4},
        (*KIDNEY, "glu", *LIPIDS, "uacr"),
    )


def _pressure_prescription(pen: Pen, note: Note, step: int) -> DemoDocument:
    lines = [f"Ramipril {5 if step == 0 else 10} mg, comprimé | 1 comprimé le matin | " + _THREE_MONTHS]
    if step > 0:
        lines.append("Amlodipine 5 mg, gélule | 1 gélule le soir | " + _THREE_MONTHS)
    if step > 2:
        lines.append("Indapamide 1,5 mg LP, comprimé | 1 comprimé le matin | " + _THREE_MONTHS)
    return pen.prescription(note, medicines(*lines))


def _home_pressures(pen: Pen, days: int) -> DemoDocument:
    rows = []
    for day in ("Lundi", "Mardi", "Mercredi"):
        for moment in ("matin", "soir"):
            cells = [f"{pen.chance.randrange(124, 139)}/{pen.chance.randrange(72, 85)}" for _ in range(3)]
            rows.append([f"{day} {moment}", *cells])
    return pen.photographed_sheet(
        Note(pen.days_ago(days), NURSE, "Relevé d'automesure tensionnelle apporté par le patient"),
        paragraph("Mesures assises, après 5 minutes de repos, trois mesures espacées de 1 à 2 minutes."),
        table((("Jour", 2), ("Mesure 1", 1), ("Mesure 2", 1), ("Mesure 3", 1)), rows),
    )


def diabetes(pen: Pen) -> Iterator[DemoDocument]:
    """Type 2 diabetes: six-monthly visits, yearly checks of kidney, eyes and feet, a medicine added."""
    doctor = pen.patient.physician
    haemoglobins = (8.4, 7.9, 8.1, 7.4, 7.1, 6.8)
    points: list[tuple[str, float]] = []
    for step, value in enumerate(haemoglobins):
        at = pen.days_ago(1400 - step * 262)
        hba1c = value + pen.chance.uniform(-0.15, 0.15)
        points.append((f"{at:%m/%y}", round(hba1c, 1)))
        given = {
            "hba1c": hba1c,
            "glu": 0.55 + hba1c * 0.12,
            "ldl": 1.22 - 0.07 * step,
            "uacr": 3.9 - 0.3 * step,
        }
        yield pen.results(
            Note(pen.after(at, -6), BIOLOGIST, "Bilan semestriel du diabète"),
            given,
            ("glu", "hba1c", *LIPIDS, "crea", "egfr", "uacr"),
        )
        yield _diabetes_visit(pen, Note(at, doctor, "Consultation de suivi du diabète de type 2"), points)
        if step % 2 == 0:
            yield _diabetes_prescription(pen, Note(at, doctor, "Ordonnance"), step)
    yield from _diabetes_checks(pen, doctor)
    if pen.patient.used_name == "Guérin":
        yield from _liver(pen)
    yield pen.results(
        Note(pen.days_ago(0), BIOLOGIST, "Glycémie et HbA1c de contrôle"),
        {"glu": 1.31, "hba1c": 6.9},
        ("glu", "hba1c"),
    )


def _diabetes_visit(pen: Pen, note: Note, points: list[tuple[str, float]]) -> DemoDocument:
    last = f"{points[-1][1]:.1f}".replace(".", ",")
    weight = pen.steady("poids", 80, 96) - len(points) // 2
    on_target = points[-1][1] <= 7.2
    return pen.letter(
        note,
        paragraph(
            f"Suivi de {pen.mister}, {pen.age(note.at)} ans, diabète de type 2 connu depuis 2015. HbA1c à {last} %."
        ),
        facts(
            ("Pression artérielle", f"{pen.chance.randrange(124, 142)}/{pen.chance.randrange(72, 86)} mmHg"),
            ("Poids, IMC", f"{weight} kg, {round(weight / 1.72**2)} kg/m²"),
            ("Hypoglycémies", pen.chance.choice(("Aucune", "Une, sans gravité, avant le déjeuner"))),
            ("Pieds", "Pouls perçus, monofilament senti, grade 0"),
        ),
        *([chart("HbA1c (%)", points, (6.0, 7.0))] if len(points) > 1 else []),
        callout(
            "Conduite à tenir",
            "Objectif atteint, traitement inchangé. Prochain bilan dans 6 mois."
            if on_target
            else "Objectif non atteint : renforcement des mesures diététiques avec l'infirmière, adaptation du traitement.",
        ),
    )


def _diabetes_prescription(pen: Pen, note: Note, step: int) -> DemoDocument:
    lines = ["Metformine 1000 mg, comprimé | 1 comprimé matin et soir, au milieu du repas | " + _THREE_MONTHS]
    lines.append("Atorvastatine 20 mg, comprimé | 1 comprimé le soir | " + _THREE_MONTHS)
    if step > 1:  # The gliflozin is added at the third visit.
        lines.append("Empagliflozine 10 mg, comprimé | 1 comprimé le matin | " + _THREE_MONTHS)
    lines.append("Bandelettes et lancettes | 1 contrôle par jour, à jeun | 1 boîte de 100")
    return pen.prescription(note, medicines(*lines))


def _diabetes_checks(pen: Pen, doctor: str) -> Iterator[DemoDocument]:
    yield pen.letter(
        Note(
            pen.days_ago(830),
            doctor,
            "Demande de fond d'œil",
            to=("Cabinet d'ophtalmologie des Halles", "00100 Valorme"),
        ),
        paragraph(
            f"Merci de recevoir {pen.mister} pour la surveillance annuelle de son fond d'œil. Pas de baisse d'acuité "
            "visuelle. Dernier examen sans rétinopathie."
        ),
    )
    yield pen.letter_by_post(
        Note(pen.days_ago(790), SECRETARY, "Compte rendu d'ophtalmologie reçu par courrier"),
        OPHTHALMOLOGIST,
        "Rétinographie des deux yeux après dilatation : absence de rétinopathie diabétique, maculas sèches. Acuité 10/10 "
        "avec correction. Tonus oculaire 14 mmHg à droite, 15 mmHg à gauche. Contrôle dans un an.",
    )
    yield pen.sheet(
        Kind.OTHER,
        Note(pen.days_ago(410), NURSE, "Bilan éducatif infirmier"),
        heading("Ce que le patient sait faire"),
        bullets(
            "Mesurer sa glycémie et noter le résultat",
            "Reconnaître une hypoglycémie et se resucrer",
            "Inspecter ses pieds",
        ),
        heading("Objectifs choisis ensemble"),
        bullets(
            "Marcher 30 minutes, quatre fois par semaine",
            "Remplacer le jus de fruits du matin par un fruit entier",
        ),
    )
    yield pen.sheet(
        Kind.OTHER,
        Note(pen.days_ago(180), PHARMACIST, "Bilan partagé de médication"),
        paragraph(
            "Entretien réalisé à l'officine, traitements apportés par le patient. Observance jugée bonne."
        ),
        table(
            (("Médicament", 2), ("Remarque", 3)),
            [
                ["Metformine", "Bonne tolérance. À suspendre en cas de vomissements ou d'injection d'iode."],
                ["Empagliflozine", "Rappel des signes d'infection génitale et d'acidocétose."],
                ["Automédication", "Ibuprofène occasionnel : à éviter, paracétamol conseillé."],
            ],
        ),
        callout("Proposition au médecin", "Pas de modification. Vérifier la fonction rénale dans 6 mois."),
    )


def _liver(pen: Pen) -> Iterator[DemoDocument]:
    """An abdominal MR asked for a fatty liver that hid a lesion."""
    at = pen.days_ago(300)
    title = "IRM abdominale"
    for number in range(1, _LIVER_SLICES + 1):
        place = Slice("Axiale T1 après injection", number, _LIVER_SLICES)
        yield pen.picture(Note(at, RADIOLOGIST, title), abdomen_magnetic, place, "ABDOMEN")
    yield pen.imaging_report(
        Note(at, RADIOLOGIST, title, to=pen.colleague(pen.patient.physician)),
        paragraph(
            "Stéatose hépatique modérée. Lésion du foie droit de 42 mm, en hyposignal hétérogène après injection, refoulant sans "
            "envahir les vaisseaux voisins. Reins, rate et pancréas sans anomalie. Pas d'épanchement."
        ),
        callout("Conclusion", "Lésion hépatique droite à caractériser en réunion de concertation."),
    )


def thyroid(pen: Pen) -> Iterator[DemoDocument]:
    """Hypothyroidism found by fatigue, a benign nodule watched, hormone adjusted in steps."""
    doctor = pen.patient.physician
    yield pen.letter(
        Note(pen.days_ago(1330), doctor, "Asthénie et frilosité"),
        paragraph(
            "Fatigue depuis quatre mois, prise de 5 kg, frilosité, constipation. Goitre souple à la palpation, pas d'adénopathie."
        ),
        callout("Décision", "Dosage de TSH, échographie cervicale."),
    )
    for step, (tsh, t4, dose) in enumerate(
        ((14.8, 7.1, 50), (7.2, 10.4, 75), (4.6, 12.5, 88), (2.1, 14.8, 88), (1.9, 15.0, 88))
    ):
        at = pen.days_ago(1318 - step * 275)
        yield pen.results(
            Note(at, BIOLOGIST, "Bilan thyroïdien"),
            {"tsh": tsh + pen.chance.uniform(-0.2, 0.2), "t4": t4},
            ("tsh", "t4"),
        )
        yield pen.prescription(
            Note(pen.after(at, 5), doctor, "Ordonnance"),
            medicines(
                f"Lévothyroxine {dose} microgrammes, comprimé | 1 comprimé le matin à jeun, 30 minutes avant le petit déjeuner | Pendant 6 mois."
            ),
        )
    yield from _thyroid_ultrasound(pen, 1300, "9 x 6 x 7 mm")
    yield from _thyroid_ultrasound(pen, 560, "10 x 6 x 7 mm")
    yield pen.results(
        Note(pen.days_ago(35), BIOLOGIST, "TSH et numération"),
        {"tsh": 2.0, "hb": 12.9},
        ("tsh", *BLOOD_COUNT),
    )
    yield pen.dictation(Note(pen.days_ago(30), doctor, "Dictée : synthèse du suivi thyroïdien"), 5.0)


def _thyroid_ultrasound(pen: Pen, days: int, size: str) -> Iterator[DemoDocument]:
    at = pen.days_ago(days)
    yield pen.picture(
        Note(at, RADIOLOGIST, "Échographie cervicale, doppler"),
        soft_tissue_ultrasound,
        Slice("Doppler énergie"),
        "NECK",
    )
    yield pen.imaging_report(
        Note(at, RADIOLOGIST, "Échographie cervicale", to=pen.colleague(pen.patient.physician)),
        heading("Indication"),
        paragraph("Hypothyroïdie, goitre palpable."),
        heading("Résultat"),
        paragraph(
            "Glande thyroïde augmentée de volume (22 mL), d'échostructure hétérogène, hypervascularisée au doppler énergie. Nodule "
            f"isoéchogène du lobe droit, bien limité, de {size}, sans microcalcification. Ganglions jugulo-carotidiens d'allure banale."
        ),
        callout(
            "Conclusion",
            "Aspect de thyroïdite. Nodule du lobe droit classé EU-TIRADS 3, sous le seuil de cytoponction.",
        ),
    )
