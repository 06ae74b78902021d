"""Those outside who write on paper: their letters arrive by post and are photographed at the desk."""

from dataclasses import dataclass

from serment.app.demonstration.model import Organisation, Place


@dataclass(frozen=True)
class Correspondent:
    """An invented doctor who writes from `organisation`, which uses nothing of ours."""

    name: str
    speciality: str
    organisation: Organisation


def _organisation(name: str, subtitle: str, street: str, colour: str) -> Organisation:
    place = Place((street,), "00100 Valorme", "02 61 91 85 40", "secretariat@valorme.example")
    return Organisation("", name, subtitle, place, "0B0100992", colour)


OPHTHALMOLOGIST = Correspondent(
    "Dr Paul Garrigue",
    "Ophtalmologie",
    _organisation(
        "Cabinet d'ophtalmologie des Halles",
        "Consultations et rétinographie",
        "11, rue des Halles",
        "#4a4a68",
    ),
)
OBSTETRICIAN = Correspondent(
    "Dr Anna Kowal",
    "Gynécologie obstétrique",
    _organisation("Clinique du Parc-aux-Biches", "Maternité", "2, allée du Parc", "#8a3b5c"),
)
SURGEON = Correspondent(
    "Dr Benoît Salvat",
    "Chirurgie orthopédique et traumatologique",
    _organisation(
        "Clinique de l'Arche-Neuve", "Chirurgie ambulatoire", "40, boulevard de l'Arche", "#7a4a1e"
    ),
)
PATHOLOGIST = Correspondent(
    "Dr Judith Amar",
    "Anatomie et cytologie pathologiques",
    _organisation(
        "Laboratoire de pathologie du Val", "Anatomie pathologique", "7, rue du Microscope", "#3d5a2a"
    ),
)
