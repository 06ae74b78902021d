# ruff: noqa: PLR2004 - doses, scores and visit numbers belong to the one sentence they stand in
"""Stories of breath: asthma, chronic obstructive disease, a nodule watched by CT."""

from collections.abc import Iterator

from serment.app.demonstration.blocks import (
    Block,
    bullets,
    callout,
    chart,
    facts,
    heading,
    medicines,
    paragraph,
    table,
)
from serment.app.demonstration.laboratory import BLOOD_COUNT, KIDNEY
from serment.app.demonstration.model import DemoDocument, Kind
from serment.app.demonstration.pen import Note, Pen
from serment.app.demonstration.radiology import Slice, spine_slice
from serment.app.demonstration.stories.metabolic import BIOLOGIST, NURSE, PHARMACIST, RADIOLOGIST

_CT_SLICES = 24


def _spirometry(rows: tuple[tuple[str, str, str, str], ...]) -> Block:
    return table((("Mesure", 3), ("Valeur", 1), ("% de la norme", 1), ("Après bronchodilatateur", 2)), rows)


def asthma(pen: Pen) -> Iterator[DemoDocument]:
    """Allergic asthma: a spring of wheezing, an action plan, peak flows that rise."""
    doctor = pen.patient.physician
    child = pen.age(pen.world.now) < 15
    yield pen.letter(
        Note(pen.days_ago(1120), doctor, "Toux et sifflements récidivants"),
        paragraph(
            "Troisième épisode de sifflements en un an, gêne nocturne deux fois par semaine, rhinite au printemps. Auscultation : sibilants diffus."
        ),
        callout(
            "Décision", "Explorations fonctionnelles, bilan allergologique, début d'un corticoïde inhalé."
        ),
    )
    yield pen.results(
        Note(pen.days_ago(1108), BIOLOGIST, "Bilan allergologique"),
        {"ige": 386, "eos": 0.71},
        (*BLOOD_COUNT, "ige"),
    )
    yield pen.sheet(
        Kind.OTHER,
        Note(pen.days_ago(1090), doctor, "Spirométrie"),
        _spirometry(
            (
                (
                    "VEMS",
                    *(
                        ("1,31 L", "78 %", "1,56 L (+ 19 %)")
                        if child
                        else ("2,31 L", "76 %", "2,74 L (+ 19 %)")
                    ),
                ),
                ("CVF", *(("1,82 L", "96 %", "1,88 L") if child else ("3,22 L", "94 %", "3,30 L"))),
                ("VEMS/CVF", "72 %", "", "83 %"),
            )
        ),
        callout(
            "Conclusion",
            "Trouble ventilatoire obstructif léger, nettement réversible : compatible avec un asthme.",
        ),
    )
    yield from _asthma_visits(pen, doctor)
    yield _action_plan(pen)


def _asthma_visits(pen: Pen, doctor: str) -> Iterator[DemoDocument]:
    child = pen.age(pen.world.now) < 15
    inhaler = (
        "Budésonide 100 microgrammes, poudre"
        if child
        else "Budésonide-formotérol 160/4,5 microgrammes, poudre"
    )
    flows: list[tuple[str, float]] = []
    for step in range(5):
        at = pen.days_ago(1060 - step * 230)
        flows.append((f"{at:%m/%y}", (230 if child else 340) + step * 22 + pen.chance.uniform(-8, 8)))
        yield pen.letter(
            Note(at, doctor, "Suivi de l'asthme"),
            facts(
                ("Contrôle (ACT)", f"{16 + 2 * step if step < 4 else 24}/25"),
                ("Réveils nocturnes", "Aucun" if step else "Un par semaine"),
                ("Technique d'inhalation", "Correcte, vérifiée ce jour"),
            ),
            *(
                [chart("Débit expiratoire de pointe (L/min)", flows, (flows[0][1], flows[0][1] + 90))]
                if step
                else []
            ),
            callout(
                "Conduite à tenir",
                "Asthme contrôlé, même dose."
                if step > 1
                else "Contrôle partiel : vérifier l'éviction des acariens.",
            ),
        )
        if step % 2 == 0:
            yield pen.prescription(
                Note(at, doctor, "Ordonnance"),
                medicines(
                    f"{inhaler} | 1 inhalation matin et soir, rincer la bouche | Pendant 6 mois.",
                    "Salbutamol 100 microgrammes, aérosol | 2 bouffées si gêne | 1 flacon",
                ),
            )


def _action_plan(pen: Pen) -> DemoDocument:
    return pen.sheet(
        Kind.OTHER,
        Note(pen.days_ago(700), NURSE, "Plan d'action de l'asthme"),
        table(
            (("Zone", 1), ("Ce que je ressens", 3), ("Ce que je fais", 3)),
            [
                ["Verte", "Je respire bien, je dors, je cours", "Mon traitement de fond matin et soir"],
                [
                    "Orange",
                    "Toux, sifflements, réveil la nuit",
                    "Salbutamol 2 à 4 bouffées, j'appelle le cabinet sous 24 heures",
                ],
                ["Rouge", "Essoufflement pour parler", "Salbutamol 10 bouffées et j'appelle le 15"],
            ],
        ),
    )


def copd(pen: Pen) -> Iterator[DemoDocument]:
    """Chronic obstructive disease: tobacco, spirometry each year, one flare-up, help to stop smoking."""
    doctor = pen.patient.physician
    yield pen.letter(
        Note(
            pen.days_ago(1290),
            doctor,
            "Dyspnée d'effort chez un fumeur"
            if pen.patient.sex == "M"
            else "Dyspnée d'effort chez une fumeuse",
        ),
        paragraph(
            "Dyspnée à la marche rapide (mMRC 2), toux matinale depuis trois hivers. Tabac : 42 paquets-années, non sevré."
        ),
        callout(
            "Décision", "Spirométrie, radiographie thoracique, conseil d'arrêt et substitution nicotinique."
        ),
    )
    yield pen.imaging_report(
        Note(pen.days_ago(1280), RADIOLOGIST, "Radiographie thoracique de face", to=pen.colleague(doctor)),
        paragraph(
            "Distension thoracique avec aplatissement des coupoles. Pas de foyer, pas de masse. Silhouette cardiaque de taille normale."
        ),
        callout("Conclusion", "Signes de distension. Pas d'image suspecte."),
    )
    yield from _copd_years(pen, doctor)
    yield pen.letter(
        Note(pen.days_ago(820), doctor, "Exacerbation : consultation en urgence"),
        paragraph(
            "Majoration de la dyspnée et expectoration purulente depuis trois jours. Température 38,1 °C, saturation 91 %, sibilants. Pas de signe de gravité."
        ),
        callout("Décision", "Amoxicilline 7 jours, prednisolone 40 mg 5 jours, contrôle à 48 heures."),
    )
    yield pen.results(
        Note(pen.days_ago(819), BIOLOGIST, "CRP et hémogramme"),
        {"crp": 64, "wbc": 13.4, "neut": 10.6},
        ("crp", *BLOOD_COUNT, *KIDNEY),
    )
    yield pen.sheet(
        Kind.OTHER,
        Note(pen.days_ago(150), PHARMACIST, "Entretien pharmaceutique : arrêt du tabac"),
        bullets("Motivation 8/10", "Timbre 21 mg par 24 heures et gommes 2 mg", "Appel de suivi à 7 jours"),
    )


def _copd_years(pen: Pen, doctor: str) -> Iterator[DemoDocument]:
    for step, forced in enumerate((1.62, 1.58, 1.60, 1.55)):
        at = pen.days_ago(1260 - step * 380)
        litres = f"{forced:.2f}".replace(".", ",")
        yield pen.sheet(
            Kind.OTHER,
            Note(at, doctor, "Spirométrie"),
            _spirometry(
                (
                    ("VEMS", f"{litres} L", f"{round(forced * 36)} %", f"{litres} L"),
                    ("CVF", "2,91 L", "88 %", "2,95 L"),
                    ("VEMS/CVF", f"{round(forced / 2.91 * 100)} %", "", "non réversible"),
                )
            ),
            callout("Conclusion", "Trouble ventilatoire obstructif non réversible, stade GOLD 2."),
        )
        yield pen.letter(
            Note(at, doctor, "Suivi de bronchopneumopathie obstructive"),
            facts(
                ("CAT", f"{18 - step}/40"),
                ("Exacerbations dans l'année", "1" if step == 1 else "0"),
                ("Saturation", f"{94 + step % 2} % en air ambiant"),
                ("Vaccins", "Grippe et pneumocoque à jour"),
            ),
            callout("Conduite à tenir", "Traitement poursuivi, réadaptation respiratoire proposée."),
        )
        yield pen.prescription(
            Note(at, doctor, "Ordonnance"),
            medicines(
                "Indacatérol-glycopyrronium 85/43 microgrammes, gélule à inhaler | 1 inhalation le matin | Pendant 6 mois.",
                "Salbutamol 100 microgrammes, aérosol | 2 bouffées si gêne | 2 flacons",
            ),
        )


def pulmonary_nodule(pen: Pen) -> Iterator[DemoDocument]:
    """A nodule found by chance, watched by CT until it is declared stable."""
    doctor = pen.patient.physician
    yield pen.letter(
        Note(pen.days_ago(800), doctor, "Demande de scanner thoracique", to=pen.colleague(RADIOLOGIST)),
        paragraph(
            f"{pen.mister}, {pen.age(pen.days_ago(800))} ans, ancien fumeur, dorsalgies et toux persistante. Merci de réaliser un scanner thoracique."
        ),
    )
    for days, size in ((780, "6 mm"), (590, "6 mm"), (400, "6 mm")):
        yield _nodule_report(pen, days, size)
    yield pen.results(Note(pen.days_ago(52), BIOLOGIST, "Créatinine avant injection"), {"crea": 84}, KIDNEY)
    at = pen.days_ago(40)
    for number in range(1, _CT_SLICES + 1):
        place = Slice("Axiale 5 mm, filtre standard", number, _CT_SLICES)
        yield pen.picture(
            Note(at, RADIOLOGIST, "Scanner thoracique, rachis dorsal"), spine_slice, place, "CHEST"
        )
    yield _nodule_report(pen, 40, "5 mm")
    for days in (760, 390, 33):
        yield pen.letter(
            Note(pen.days_ago(days), doctor, "Consultation : résultat du scanner"),
            paragraph(
                "Résultat expliqué : petit nodule d'allure bénigne, sans évolution. Le patient est rassuré. Pas d'amaigrissement, examen normal."
            ),
            callout(
                "Conduite à tenir", "Nouveau contrôle prévu." if days > 100 else "Fin de la surveillance."
            ),
        )
    yield pen.dictation(Note(pen.days_ago(33), doctor, "Dictée : synthèse du suivi du nodule"), 5.0)


def _nodule_report(pen: Pen, days: int, size: str) -> DemoDocument:
    return pen.imaging_report(
        Note(pen.days_ago(days), RADIOLOGIST, "Scanner thoracique", to=pen.colleague(pen.patient.physician)),
        heading("Technique"),
        paragraph(
            "Acquisition hélicoïdale, coupes axiales de 5 mm, après injection de produit de contraste iodé. PDL 214 mGy.cm."
        ),
        heading("Résultat"),
        paragraph(
            f"Nodule solide du segment apical du lobe inférieur droit, de {size}, à contours réguliers. Pas d'autre nodule. Pas d'adénopathie "
            "médiastinale. Aorte thoracique de calibre normal. Arthrose dorsale étagée sans tassement."
        ),
        callout(
            "Conclusion",
            "Nodule stable ou diminué, d'allure bénigne."
            if days < 700
            else "Nodule de 6 mm : contrôle à 6 mois.",
        ),
    )
