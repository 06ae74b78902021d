# ruff: noqa: PLR2004 - doses, scores and visit numbers belong to the one sentence they stand in
"""Stories that ask for tact: a mole to watch, a depression that heals."""

from collections.abc import Iterator

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
from serment.app.demonstration.correspondents import PATHOLOGIST
from serment.app.demonstration.laboratory import BLOOD_COUNT, KIDNEY
from serment.app.demonstration.model import DemoDocument, Kind
from serment.app.demonstration.pen import Note, Pen
from serment.app.demonstration.stories.metabolic import BIOLOGIST, SECRETARY


def mole(pen: Pen) -> Iterator[DemoDocument]:
    """A pigmented lesion photographed from year to year, then removed."""
    doctor = pen.patient.physician
    for days, scale in ((1050, 0.78), (700, 0.86), (360, 1.0), (120, 1.12)):
        at = pen.days_ago(days)
        millimetres = f"{7.2 * scale:.1f}".replace(".", ",")
        yield pen.photograph(Note(at, doctor, "Photographie d'un nævus du dos"), photographs.mole, scale)
        yield pen.letter(
            Note(at, doctor, "Surveillance d'un nævus"),
            table(
                (("Critère", 2), ("Constat", 3)),
                [
                    ["Asymétrie", "Discrète" if scale >= 1 else "Non"],
                    ["Bords", "Irréguliers à un pôle" if scale > 1 else "Réguliers"],
                    ["Couleur", "Deux tons de brun"],
                    ["Diamètre", f"{millimetres} mm"],
                    ["Évolution", "Croissance lente" if scale >= 1 else "Stable"],
                ],
            ),
            callout(
                "Conduite à tenir",
                "Avis dermatologique pour exérèse."
                if scale > 1
                else "Photographie de contrôle, protection solaire.",
            ),
        )
    yield pen.letter_by_post(
        Note(pen.days_ago(70), SECRETARY, "Compte rendu d'anatomopathologie reçu par courrier"),
        PATHOLOGIST,
        "Exérèse fusiforme de peau du dos, 22 x 10 mm. Nævus mélanocytaire composé avec atypies architecturales légères. Absence de signe de "
        "malignité. Exérèse complète, marges latérales 3 mm, marge profonde 5 mm.",
    )
    yield pen.letter(
        Note(pen.days_ago(60), doctor, "Consultation de résultat"),
        paragraph(
            "Résultat rassurant expliqué. Cicatrice de bonne qualité. Autosurveillance selon la règle ABCDE, examen annuel."
        ),
    )
    yield pen.prescription(
        Note(pen.days_ago(60), doctor, "Ordonnance"),
        medicines("Écran solaire, indice 50 | Avant toute exposition, toutes les 2 heures | 2 tubes"),
    )


def depression(pen: Pen) -> Iterator[DemoDocument]:
    """A depressive episode, kept in the sensitive section, from the first visit to the end of treatment."""
    doctor = pen.patient.physician
    scores: list[tuple[str, float]] = []
    for step, score in enumerate((19, 15, 11, 7, 5, 4)):
        at = pen.days_ago(540 - step * 85)
        scores.append((f"{at:%m/%y}", float(score)))
        yield pen.letter(
            Note(at, doctor, "Consultation de suivi psychologique", section="sensitive"),
            paragraph(
                "Tristesse, perte d'élan et insomnie du petit matin depuis deux mois, dans un contexte de surcharge au travail. Pas d'idée suicidaire."
                if step == 0
                else "Amélioration de l'humeur et du sommeil, reprise des activités. Pas d'idée suicidaire. Traitement bien toléré."
            ),
            facts(
                ("PHQ-9", f"{score}/27"),
                ("Sommeil", "4 heures" if step == 0 else f"{5 + min(step, 2)} heures"),
                ("Alcool", "Deux verres par semaine"),
            ),
            *([chart("Score PHQ-9", scores, (0.0, 5.0))] if step else []),
            callout(
                "Conduite à tenir",
                "Suivi rapproché et psychothérapie."
                if step < 3
                else "Consolidation, arrêt progressif à six mois.",
            ),
        )
        yield pen.prescription(
            Note(at, doctor, "Ordonnance", section="sensitive"),
            medicines("Sertraline 50 mg, gélule | 1 gélule le matin | Pendant 3 mois."),
        )
    yield from _around_the_depression(pen, doctor)


def _around_the_depression(pen: Pen, doctor: str) -> Iterator[DemoDocument]:
    yield pen.results(
        Note(pen.days_ago(532), BIOLOGIST, "Bilan d'asthénie"),
        {"tsh": 1.7, "ferritin": 88},
        ("tsh", "ferritin", *BLOOD_COUNT, *KIDNEY),
    )
    yield pen.letter(
        Note(
            pen.days_ago(500),
            doctor,
            "Demande de psychothérapie",
            section="sensitive",
            to=("Centre de consultations du Val", "00420 Saint-Aubrac-sur-Lorenne"),
        ),
        paragraph(
            f"Merci de recevoir {pen.mister}, {pen.age(pen.world.now)} ans, pour une psychothérapie de soutien au décours d'un épisode dépressif d'intensité moyenne."
        ),
        heading("Attentes"),
        bullets("Retrouver un rythme de sommeil", "Préparer le retour au travail"),
    )
    yield pen.sheet(
        Kind.CONSENT,
        Note(pen.days_ago(498), doctor, "Opposition au partage des documents sensibles", section="sensitive"),
        paragraph(
            f"{pen.mister} souhaite que les documents de ce suivi restent réservés à son médecin traitant."
        ),
    )
