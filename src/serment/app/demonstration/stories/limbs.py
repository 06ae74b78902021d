# ruff: noqa: PLR2004 - doses, scores and visit numbers belong to the one sentence they stand in
"""Stories of a knee, a leg that does not heal, and a head that aches."""

from collections.abc import Iterator

from serment.app.demonstration import photographs
from serment.app.demonstration.blocks import bullets, callout, chart, facts, heading, medicines, paragraph
from serment.app.demonstration.correspondents import SURGEON
from serment.app.demonstration.laboratory import BLOOD_COUNT, KIDNEY
from serment.app.demonstration.model import DemoDocument, Kind
from serment.app.demonstration.pen import Note, Pen
from serment.app.demonstration.radiology import Slice, head_slice
from serment.app.demonstration.stories.metabolic import BIOLOGIST, NURSE, RADIOLOGIST, SECRETARY

_CT_SLICES = 22


def knee_injury(pen: Pen) -> Iterator[DemoDocument]:
    """A twisted knee: radiograph, MR, repair of the ligament, back to sport."""
    doctor, start = pen.patient.physician, 420 + pen.chance.randrange(700)
    side = pen.chance.choice(("droit", "gauche"))
    yield from _knee_first_visit(pen, doctor, start, side)
    yield pen.imaging_report(
        Note(
            pen.days_ago(start - 1), RADIOLOGIST, f"Radiographies du genou {side}", to=pen.colleague(doctor)
        ),
        paragraph(
            "Incidences de face, de profil et fémoro-patellaire. Épanchement intra-articulaire. Pas de fracture, pas d'arrachement."
        ),
        callout("Conclusion", "Épanchement sans lésion osseuse."),
    )
    yield pen.imaging_report(
        Note(pen.days_ago(start - 24), RADIOLOGIST, f"IRM du genou {side}", to=pen.colleague(doctor)),
        heading("Technique"),
        paragraph("Séquences T1 et densité de proton avec saturation de la graisse, dans les trois plans."),
        heading("Résultat"),
        paragraph(
            "Rupture complète du ligament croisé antérieur au tiers moyen. Contusions osseuses en miroir. Fissure verticale de la corne postérieure du ménisque médial. Ligaments latéraux continus."
        ),
        callout("Conclusion", "Rupture du ligament croisé antérieur, lésion méniscale médiale stable."),
    )
    yield pen.letter_by_post(
        Note(pen.days_ago(start - 100), SECRETARY, "Compte rendu opératoire reçu par courrier"),
        SURGEON,
        f"Ligamentoplastie du genou {side} aux ischiojambiers sous arthroscopie. Ménisque médial stable au palpeur, respecté. Suites simples, "
        "sortie le soir même. Appui complet protégé par deux cannes pendant trois semaines, rééducation dès le lendemain.",
    )
    yield from _knee_follow_up(pen, start, side)


def _knee_first_visit(pen: Pen, doctor: str, start: int, side: str) -> Iterator[DemoDocument]:
    yield pen.letter(
        Note(pen.days_ago(start), doctor, f"Entorse du genou {side}"),
        paragraph(
            "Torsion en appui au football hier, craquement ressenti, gonflement dans l'heure, impossibilité de reprendre."
        ),
        bullets(
            "Choc rotulien présent",
            "Lachman : arrêt mou, différentiel net",
            "Pas de laxité frontale",
            "Pas de déficit nerveux ni vasculaire",
        ),
        callout(
            "Décision",
            "Radiographies, attelle, antalgiques, IRM à trois semaines. Arrêt de travail de 10 jours.",
        ),
    )
    yield pen.prescription(
        Note(pen.days_ago(start), doctor, "Ordonnance"),
        medicines(
            "Paracétamol 1 g, comprimé | 1 comprimé jusqu'à 3 fois par jour | Pendant 7 jours.",
            "Attelle d'immobilisation du genou | À porter le jour | 1",
            "Cannes anglaises | Appui soulagé | 1 paire",
        ),
    )


def _knee_follow_up(pen: Pen, start: int, side: str) -> Iterator[DemoDocument]:
    doctor = pen.patient.physician
    for days, text in (
        (45, "Attente d'intervention, marche sans canne."),
        (125, "Cicatrices propres, flexion 95°, quadriceps à renforcer."),
        (200, "Flexion complète, course en ligne reprise."),
        (330, "Tests de saut symétriques, reprise du sport autorisée."),
    ):
        yield pen.letter(
            Note(pen.days_ago(start - days), doctor, f"Suivi du genou {side}"),
            paragraph(text),
            callout("Conduite à tenir", "Rééducation poursuivie." if days < 330 else "Fin du suivi."),
        )
        if days < 200:
            yield pen.prescription(
                Note(pen.days_ago(start - days), doctor, "Ordonnance de kinésithérapie"),
                medicines(
                    f"Rééducation du genou {side} | 3 séances par semaine, avec travail proprioceptif | 20 séances"
                ),
            )


def leg_ulcer(pen: Pen) -> Iterator[DemoDocument]:
    """A venous ulcer that the nurse dresses and photographs until it is closed."""
    doctor, start = pen.patient.physician, 300 + pen.chance.randrange(200)
    yield pen.letter(
        Note(pen.days_ago(start), doctor, "Ulcère veineux de jambe"),
        paragraph(
            "Plaie de la face interne de la cheville gauche depuis six semaines, sur dermite ocre. Pouls perçus. Index de pression systolique 0,98."
        ),
        callout(
            "Décision",
            "Pansements par l'infirmière, compression multicouche, bilan nutritionnel, écho-doppler veineux.",
        ),
    )
    yield pen.results(
        Note(pen.days_ago(start - 4), BIOLOGIST, "Bilan nutritionnel et infectieux"),
        {"albumin": 33.8, "prealb": 0.19, "crp": 11.0, "hb": 11.8},
        ("albumin", "prealb", "crp", *BLOOD_COUNT, *KIDNEY),
    )
    yield pen.imaging_report(
        Note(
            pen.days_ago(start - 11),
            RADIOLOGIST,
            "Écho-doppler veineux des membres inférieurs",
            to=pen.colleague(doctor),
        ),
        paragraph(
            "Réseau profond perméable et continent. Incontinence de la grande veine saphène gauche jusqu'au tiers moyen de jambe."
        ),
        callout("Conclusion", "Insuffisance veineuse superficielle gauche."),
    )
    yield from _dressings(pen, doctor, start)


def _dressings(pen: Pen, doctor: str, start: int) -> Iterator[DemoDocument]:
    surfaces: list[tuple[str, float]] = []
    for step, scale in enumerate((1.0, 0.92, 0.80, 0.66, 0.50, 0.36, 0.22)):
        at = pen.days_ago(start - 14 - step * 35)
        surfaces.append((f"{at:%d/%m}", round(14.5 * scale**2, 1)))
        yield pen.photograph(
            Note(at, NURSE, "Photographie de la plaie, cheville gauche"), photographs.leg_ulcer, scale
        )
        if step % 2 == 0:
            yield pen.sheet(
                Kind.OTHER,
                Note(at, NURSE, "Feuille de soins de plaie"),
                facts(
                    ("Surface", f"{surfaces[-1][1]:.1f} cm²".replace(".", ",")),
                    ("Lit", "Bourgeonnant 70 %, fibrine 30 %" if step < 3 else "Bourgeonnant 95 %"),
                    ("Exsudat", "Modéré" if step < 3 else "Faible"),
                    ("Douleur au soin", f"{max(1, 5 - step)}/10"),
                ),
                *([chart("Surface de la plaie (cm²)", surfaces, (0.0, 4.0))] if step else []),
                callout(
                    "Soin",
                    "Détersion mécanique, hydrofibre puis compression multicouche. Prochain passage dans 3 jours.",
                ),
            )
        if step % 3 == 0:
            yield pen.prescription(
                Note(at, doctor, "Ordonnance de pansements"),
                medicines(
                    "Pansement hydrofibre 10 x 10 cm | 1 application tous les 3 jours par infirmière | Pendant 1 mois.",
                    "Bandes de compression multicouche | À chaque pansement | 8 kits",
                ),
            )


def headache(pen: Pen) -> Iterator[DemoDocument]:
    """New headaches, a head CT that reassures, migraine treated."""
    doctor = pen.patient.physician
    yield pen.letter(
        Note(pen.days_ago(260), doctor, "Céphalées récentes"),
        paragraph(
            "Céphalées pulsatiles droites depuis deux mois, six jours par mois, avec nausées et photophobie. Une crise inhabituelle par son intensité la semaine dernière. Examen neurologique normal."
        ),
        callout("Décision", "Scanner cérébral sans injection, calendrier des crises."),
    )
    at = pen.days_ago(252)
    for number in range(1, _CT_SLICES + 1):
        yield pen.picture(
            Note(at, RADIOLOGIST, "Scanner cérébral sans injection"),
            head_slice,
            Slice("Axiale 5 mm, filtre os", number, _CT_SLICES),
            "HEAD",
        )
    yield pen.imaging_report(
        Note(at, RADIOLOGIST, "Scanner cérébral", to=pen.colleague(doctor)),
        paragraph(
            "Pas d'hémorragie intracrânienne, pas d'effet de masse. Système ventriculaire de taille normale, structures médianes en place. Sinus et mastoïdes bien aérés."
        ),
        callout("Conclusion", "Scanner cérébral normal."),
    )
    for days in (240, 150, 60, 6):
        yield pen.letter(
            Note(pen.days_ago(days), doctor, "Suivi de migraine"),
            facts(
                ("Jours de céphalée par mois", str(2 + days // 50)),
                ("Prises de triptan par mois", str(1 + days // 80)),
                ("HIT-6", str(50 + days // 20)),
            ),
            callout(
                "Conduite à tenir",
                "Traitement de crise précoce, prophylaxie poursuivie."
                if days < 200
                else "Début d'un traitement de fond.",
            ),
        )
        yield pen.prescription(
            Note(pen.days_ago(days), doctor, "Ordonnance"),
            medicines(
                "Propranolol 40 mg, comprimé | 1 comprimé matin et soir | Pendant 3 mois.",
                "Zolmitriptan 2,5 mg, orodispersible | 1 comprimé dès le début de la crise, 2 au plus par jour | 1 boîte de 6",
            ),
        )
    yield pen.dictation(Note(pen.days_ago(6), doctor, "Dictée : suivi de migraine"), 4.5)
