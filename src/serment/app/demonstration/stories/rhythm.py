"""Atrial fibrillation, and what the family doctor keeps on the hospital's patients."""

from collections.abc import Iterator

from serment.app.demonstration.blocks import callout, facts, medicines, paragraph
from serment.app.demonstration.cast import PRACTICE
from serment.app.demonstration.laboratory import BLOOD_COUNT, KIDNEY
from serment.app.demonstration.model import DemoDocument
from serment.app.demonstration.pen import Note, Pen
from serment.app.demonstration.stories.heart import (
    BIOLOGIST,
    RHYTHMOLOGIST,
    echocardiography,
    family_doctor,
    tracing_sheet,
)
from serment.app.demonstration.stories.metabolic import BIOLOGIST as PRACTICE_BIOLOGIST
from serment.app.demonstration.tracing import Rhythm

_SIX_MONTHS = "Pendant 6 mois."


def atrial_fibrillation(pen: Pen) -> Iterator[DemoDocument]:
    """Atrial fibrillation: found, anticoagulated, slowed, watched."""
    start = 900 + pen.chance.randrange(400)
    if pen.follows(PRACTICE):
        yield pen.letter(
            Note(
                pen.days_ago(start + 4),
                pen.patient.physician,
                "Palpitations : demande d'avis",
                to=pen.colleague(RHYTHMOLOGIST),
            ),
            paragraph(
                f"Merci de voir {pen.mister} pour des palpitations irrégulières depuis dix jours, sans syncope. Pouls à 110, irrégulier."
            ),
        )
    yield tracing_sheet(
        pen,
        Note(pen.days_ago(start), RHYTHMOLOGIST, "Électrocardiogramme"),
        Rhythm(108, irregular=True),
        "Fibrillation atriale à réponse ventriculaire rapide. Pas de signe d'ischémie.",
    )
    yield pen.letter(
        Note(pen.days_ago(start), RHYTHMOLOGIST, "Consultation de rythmologie", to=family_doctor(pen)),
        paragraph(
            f"{pen.mister}, {pen.age(pen.days_ago(start))} ans, présente une fibrillation atriale persistante, bien tolérée."
        ),
        facts(
            ("CHA2DS2-VASc", f"{3 if pen.patient.sex == 'M' else 4}"),
            ("HAS-BLED", "1"),
            ("Clairance (Cockcroft)", f"{pen.chance.randrange(52, 78)} mL/min"),
        ),
        callout(
            "Décision",
            "Anticoagulation par apixaban et ralentissement par bisoprolol. Information donnée sur le risque de saignement.",
        ),
    )
    yield from echocardiography(
        pen,
        start - 6,
        56,
        "Fonction systolique conservée. Oreillette gauche dilatée. Pas de valvulopathie significative.",
    )
    yield from _rhythm_visits(pen, start)
    yield pen.dictation(Note(pen.days_ago(5), RHYTHMOLOGIST, "Dictée : Holter des 24 heures"), 4.0)


def _rhythm_visits(pen: Pen, start: int) -> Iterator[DemoDocument]:
    for step in range(4):
        days = start - 60 - step * 200
        if days < 1:
            break
        at = pen.days_ago(days)
        yield pen.results(
            Note(pen.days_ago(days + 5), BIOLOGIST, "Hémogramme et fonction rénale"),
            {"hb": 13.2 - 0.2 * step, "k": 4.4},
            (*BLOOD_COUNT, *KIDNEY),
        )
        yield pen.letter(
            Note(at, RHYTHMOLOGIST, "Suivi de fibrillation atriale", to=family_doctor(pen)),
            paragraph(
                "Pas de saignement, pas de malaise. Fréquence bien contrôlée, dyspnée inchangée (NYHA I). Observance de l'anticoagulant vérifiée."
            ),
            facts(
                ("Fréquence de repos", f"{pen.chance.randrange(66, 84)} par minute"),
                (
                    "Pression artérielle",
                    f"{pen.chance.randrange(118, 136)}/{pen.chance.randrange(68, 80)} mmHg",
                ),
            ),
            callout("Conduite à tenir", "Traitement inchangé. Fonction rénale tous les 6 mois."),
        )
        if step % 2 == 0:
            yield pen.prescription(
                Note(at, RHYTHMOLOGIST, "Ordonnance"),
                medicines(
                    "Apixaban 5 mg | 1 comprimé matin et soir, sans interruption | " + _SIX_MONTHS,
                    "Bisoprolol 2,5 mg | 1 comprimé le matin | " + _SIX_MONTHS,
                ),
            )


def shared_with_the_practice(pen: Pen) -> Iterator[DemoDocument]:
    """What the family doctor keeps on a patient whom the hospital follows too."""
    doctor = pen.patient.physician
    for days in (420, 45):
        at = pen.days_ago(days)
        yield pen.letter(
            Note(at, doctor, "Consultation de médecine générale"),
            paragraph(
                f"{pen.mister} consulte entre deux rendez-vous de cardiologie. Pas de plainte nouvelle. Courriers du service relus ensemble."
            ),
            facts(
                (
                    "Pression artérielle",
                    f"{pen.chance.randrange(116, 132)}/{pen.chance.randrange(66, 80)} mmHg",
                ),
                ("Autonomie", "Conservée"),
                ("Vaccins", "Grippe à jour"),
            ),
            callout("Conduite à tenir", "Traitements poursuivis sans changement."),
        )
    note = Note(pen.days_ago(30), PRACTICE_BIOLOGIST, "Ionogramme et hémogramme de ville")
    yield pen.results(note, {"k": 4.5, "hb": 13.1}, (*BLOOD_COUNT, *KIDNEY))
