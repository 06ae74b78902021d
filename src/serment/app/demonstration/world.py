"""Puts the cast, its ties and its documents together."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from serment.app.demonstration.cast import HOSPITAL, ORGANISATIONS, PRACTICE, TEAMS
from serment.app.demonstration.model import CareRelation, DemoDocument, Grant, Kind, Patient, World
from serment.app.demonstration.pen import Pen
from serment.app.demonstration.population import patients, professionals
from serment.app.demonstration.press import Press
from serment.app.demonstration.stories import STORIES
from serment.app.demonstration.stories.rhythm import shared_with_the_practice

_SEED = 1948  # the year of the Declaration of Geneva
_ENDED = (("p04", "sophie.lambert"), ("p28", "sophie.lambert"))


def build_world(seed: int = _SEED, *, now: datetime) -> World:
    """Return the whole cast with its care relations and grants; the same for the same seed and `now`.

    `now` is aware; every date of the demonstration lies before it, the latest within the last three hours.
    """
    empty = World(
        seed=seed,
        now=now,
        organisations=ORGANISATIONS,
        professionals=professionals(),
        teams=TEAMS,
        patients=tuple(patients(seed, now)),
    )
    written = list(documents(empty))
    return replace(
        empty, care_relations=tuple(_relations(empty, written)), grants=tuple(_grants(empty, written))
    )


def documents(world: World) -> Iterator[DemoDocument]:
    """Yield every document, patient after patient, each patient's oldest first; bytes are made by `content()`."""
    press = Press()
    for patient in world.patients:
        yield from sorted(
            _told(world, patient, press), key=lambda document: (document.dated_at, document.key)
        )


def _told(world: World, patient: Patient, press: Press) -> Iterator[DemoDocument]:
    pen = Pen(world, patient, press)
    yield from STORIES[patient.story](pen)
    if len(patient.dossiers) > 1:
        yield from shared_with_the_practice(pen)


def _relations(world: World, written: list[DemoDocument]) -> Iterator[CareRelation]:
    """Yield who follows whom: each author of a document, and the usual doctor."""
    following = {(document.organisation, document.patient, document.author) for document in written}
    following |= {
        (PRACTICE, patient.key, patient.physician)
        for patient in world.patients
        if PRACTICE in patient.dossiers
    }
    for place in sorted(following):
        yield CareRelation(*place)
    for patient_key, nurse in _ENDED:
        if (PRACTICE, patient_key, nurse) not in following:
            yield CareRelation(PRACTICE, patient_key, nurse, world.now - timedelta(days=90))


def _grants(world: World, written: list[DemoDocument]) -> Iterator[Grant]:
    """Yield openings between practice and hospital: whole dossiers for shared patients, one document for an advice."""
    for patient in world.patients:
        if patient.dossiers == (HOSPITAL, PRACTICE):
            yield Grant(
                HOSPITAL, patient.key, "antoine.lefevre", patient.physician, None, "dossier", "care", None
            )
            until = world.now + timedelta(days=180)
            yield Grant(
                PRACTICE,
                patient.key,
                patient.physician,
                None,
                "suivi-insuffisance-cardiaque",
                "dossier",
                "care",
                until,
            )
    for document in written:
        if document.kind is Kind.LETTER and document.title == "Hypertension artérielle de découverte récente":
            until = world.now + timedelta(days=30)
            yield Grant(
                PRACTICE, document.patient, document.author, "ines.haddad", None, document.key, "care", until
            )
