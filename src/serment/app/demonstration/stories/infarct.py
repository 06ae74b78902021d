# ruff: noqa: PLR2004 - doses, scores and visit numbers belong to the one sentence they stand in
"""An infarct, its angioplasty and the years of prevention after it."""

from collections.abc import Iterator
from datetime import datetime

from serment.app.demonstration.blocks import bullets, callout, facts, heading, medicines, paragraph
from serment.app.demonstration.laboratory import BLOOD_COUNT, KIDNEY, LIPIDS
from serment.app.demonstration.model import DemoDocument, Kind
from serment.app.demonstration.pen import Note, Pen
from serment.app.demonstration.radiology import Slice, vessel_magnetic
from serment.app.demonstration.stories.heart import (
    BIOLOGIST,
    CARDIOLOGIST,
    RADIOLOGIST,
    echocardiography,
    family_doctor,
    tracing_sheet,
)
from serment.app.demonstration.tracing import Rhythm

_SIX_MONTHS = "Pendant 6 mois."


def infarct(pen: Pen) -> Iterator[DemoDocument]:
    """Anterior infarct treated by angioplasty, then rehabilitation and prevention."""
    event = 760 + pen.chance.randrange(300)
    yield tracing_sheet(
        pen,
        Note(pen.days_ago(event), CARDIOLOGIST, "Électrocardiogramme des 24 heures"),
        Rhythm(78, scar=True),
        "Rythme sinusal. Ondes Q et rabotage de R de V1 à V4, onde T négative : nécrose antéroseptale constituée.",
    )
    yield pen.results(
        Note(pen.days_ago(event), BIOLOGIST, "Troponine et bilan d'entrée"),
        {"tropo": 3120, "crp": 14.2, "ldl": 1.74, "hdl": 0.38},
        ("tropo", "crp", *BLOOD_COUNT, *KIDNEY, *LIPIDS),
    )
    yield pen.sheet(
        Kind.CONSENT,
        Note(pen.days_ago(event), CARDIOLOGIST, "Consentement à la coronarographie"),
        paragraph(
            f"{pen.mister} déclare avoir reçu, en termes compris, l'information sur la coronarographie, ses bénéfices et ses risques, et y consent."
        ),
        bullets(
            "Alternatives exposées, questions posées et réponses reçues",
            "Droit de revenir sur sa décision à tout moment",
        ),
        facts(
            ("Personne de confiance", "Désignée, formulaire au dossier"),
            ("Exemplaire signé", "Remis au patient, copie conservée"),
        ),
    )
    yield _discharge(pen, pen.days_ago(event - 5))
    yield from echocardiography(
        pen, event - 4, 46, "Hypokinésie apicale et antérieure, fraction d'éjection à 46 %. Pas de thrombus."
    )
    yield from _prevention(pen, event)
    if pen.patient.used_name == "Faucher":
        yield from _scar_imaging(pen, event - 120)
    yield from echocardiography(
        pen, event - 380, 54, "Récupération : fraction d'éjection à 54 %, séquelle apicale limitée."
    )


def _discharge(pen: Pen, left: datetime) -> DemoDocument:
    return pen.sheet(
        Kind.DISCHARGE_SUMMARY,
        Note(left, CARDIOLOGIST, "Compte rendu d'hospitalisation", to=family_doctor(pen)),
        paragraph(
            f"{pen.mister}, {pen.age(left)} ans, a été {pen.by_sex('hospitalisé', 'hospitalisée')} pour un syndrome coronarien aigu avec sus-décalage antérieur, pris en charge à la deuxième heure."
        ),
        heading("Coronarographie, voie radiale droite"),
        bullets(
            "Occlusion de l'interventriculaire antérieure proximale : thrombo-aspiration, un stent actif 3,0 x 24 mm, flux TIMI 3",
            "Circonflexe et coronaire droite : plaques non significatives",
        ),
        heading("Suites"),
        paragraph(
            "Simples. Pic de troponine à 3 120 ng/L. Fraction d'éjection à 46 % au cinquième jour, hypokinésie apicale. Pas de thrombus."
        ),
        heading("Traitement de sortie"),
        medicines(
            "Acide acétylsalicylique 75 mg | 1 sachet le midi | À vie",
            "Ticagrélor 90 mg | 1 comprimé matin et soir | 12 mois, ne jamais interrompre sans avis",
            "Bisoprolol 2,5 mg | 1 comprimé le matin | Au long cours",
            "Ramipril 2,5 mg | 1 gélule le soir | À augmenter",
            "Atorvastatine 80 mg | 1 comprimé le soir | Objectif de LDL inférieur à 0,55 g/L",
        ),
        callout("Suivi", "Réadaptation cardiaque, sevrage tabagique, consultation à 1, 6 et 12 mois."),
    )


def _prevention(pen: Pen, event: int) -> Iterator[DemoDocument]:
    for step, (days, low_density) in enumerate(((35, 0.78), (190, 0.58), (375, 0.52), (620, 0.50))):
        if event - days < 1:
            break
        at = pen.days_ago(event - days)
        yield pen.results(
            Note(pen.days_ago(event - days + 6), BIOLOGIST, "Bilan lipidique et hépatique"),
            {"ldl": low_density, "alt": 28 + step},
            (*LIPIDS, "alt", "crea", "egfr"),
        )
        yield pen.letter(
            Note(at, CARDIOLOGIST, "Consultation de suivi après infarctus", to=family_doctor(pen)),
            paragraph(
                f"{pen.mister} va bien : pas d'angor, pas de dyspnée, marche quotidienne de 40 minutes. Tabac arrêté. Pas de saignement."
            ),
            facts(
                (
                    "Pression artérielle",
                    f"{pen.chance.randrange(112, 130)}/{pen.chance.randrange(66, 80)} mmHg",
                ),
                ("LDL-cholestérol", f"{low_density:.2f} g/L".replace(".", ",")),
            ),
            callout(
                "Conduite à tenir",
                "Arrêt du ticagrélor, acide acétylsalicylique seul."
                if step == 2
                else "Traitement poursuivi.",
            ),
        )
        if step % 2:
            continue
        antiplatelet = ["Ticagrélor 90 mg | 1 comprimé matin et soir | " + _SIX_MONTHS] if step < 2 else []
        yield pen.prescription(
            Note(at, CARDIOLOGIST, "Ordonnance"),
            medicines(
                "Acide acétylsalicylique 75 mg | 1 sachet le midi | " + _SIX_MONTHS,
                *antiplatelet,
                "Bisoprolol 2,5 mg | 1 comprimé le matin | " + _SIX_MONTHS,
                "Ramipril 5 mg | 1 gélule le soir | " + _SIX_MONTHS,
                "Atorvastatine 80 mg | 1 comprimé le soir | " + _SIX_MONTHS,
            ),
        )


def _scar_imaging(pen: Pen, days: int) -> Iterator[DemoDocument]:
    at = pen.days_ago(days)
    yield pen.picture(
        Note(at, RADIOLOGIST, "IRM cardiaque, séquence vasculaire"),
        vessel_magnetic,
        Slice("Écho de gradient"),
        "HEART",
    )
    yield pen.imaging_report(
        Note(at, RADIOLOGIST, "IRM cardiaque de stress", to=pen.colleague(CARDIOLOGIST)),
        paragraph(
            "Rehaussement tardif sous-endocardique du segment antéroseptal apical, inférieur à 50 % de l'épaisseur : viabilité conservée."
        ),
        callout("Conclusion", "Séquelle apicale non transmurale. Pas d'ischémie à distance."),
    )
