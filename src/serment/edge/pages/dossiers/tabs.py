"""The views of a dossier, side by side; only those that may be opened are offered."""

from serment import access, kernel
from serment.edge.pages.circle import Circle
from serment.edge.shell import Link, Words, mark

_VIEWS = {
    "timeline": (mark("Chronologie"), "", "history"),
    "images": (mark("Images"), "/images", "scan"),
    "access": (mark("Équipe et accès"), "/access", "users"),
    "control": (mark("Qui peut voir"), "/control", "eye-off"),
    "trail": (mark("Qui a regardé"), "/trail", "eye"),
}


def tabs_of(dossier: kernel.DossierId, circle: Circle, words: Words, current: str) -> list[Link]:
    """Return the tabs of a dossier for whoever is looking; `current` is the view they are on."""
    return [
        Link(words.say(label), f"/dossiers/{dossier}{end}", current=view == current, sign=sign)
        for view, (label, end, sign) in _VIEWS.items()
        if _is_offered(view, circle)
    ]


def _is_offered(view: str, circle: Circle) -> bool:
    match view:
        case "trail":
            return circle.reads_trail
        case "control":
            return circle.controls
        case "access":
            confided = circle.relation is access.Relation.DELEGATE and not circle.controls
            return not confided and not circle.is_officer
        case _:
            return not circle.is_officer
