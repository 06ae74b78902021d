"""Whoever looks at the page, and the patient it is about: what the frame of every page shows."""

from dataclasses import dataclass
from datetime import date, datetime

from starlette.requests import Request

#: What stands before a name and tells nobody apart.
_TITLES = frozenset({"Dr", "Pr", "Me", "M", "Mme", "Mr", "Mrs", "Ms", "Prof"})


@dataclass(frozen=True)
class Destination:
    """One place of the rail. `key` is what a page names as `here`; `label` is a marked sentence."""

    key: str
    address: str
    icon: str
    label: str
    waiting: int = 0


@dataclass(frozen=True)
class Alarm:
    """A recovery of the viewer's own account that is open: said on every page, with the button that stops it."""

    asked_by: str
    asked_at: datetime
    works_from: datetime | None


@dataclass(frozen=True)
class OpenedInEmergency:
    """A dossier that the viewer holds open in an emergency: said on every page until it ends, with the way to end it."""

    address: str
    until: datetime
    end_address: str


@dataclass(frozen=True)
class Viewer:
    """The person signed in, as the frame shows them. `role` is a marked sentence.

    `ask` is a marked sentence: whom they ask for what is not open to them.
    `idle_seconds` is after how long without a request the session ends (0: no notice is given).
    """

    name: str
    role: str
    place: str
    destinations: tuple[Destination, ...]
    search_address: str | None = None
    ask: str = ""
    idle_seconds: int = 0
    alarm: Alarm | None = None
    emergencies: tuple[OpenedInEmergency, ...] = ()


@dataclass(frozen=True)
class Link:
    """One of several ways offered side by side: a tab, a filter. `label` is already said in a language."""

    label: str
    address: str
    current: bool = False
    count: int | None = None
    sign: str | None = None


@dataclass(frozen=True)
class Banner:
    """The traits that tell one patient from another, on every page of a dossier.

    `sex` is F, M or I (undetermined). `ins_status` is provisional, retrieved, validated or qualified.
    `alerts` are the allergies and other warnings, worst first; `alerts_known` False when none were asked for.
    """

    address: str
    family_name: str
    given_name: str
    birth_name: str | None
    birth_date: date | None
    sex: str
    ins: str | None
    ins_status: str
    alerts: tuple[str, ...] = ()
    alerts_known: bool = True


def set_viewer(request: Request, viewer: Viewer) -> None:
    """Tell the frame who is signed in; done once per request by whoever authenticates it."""
    request.scope["serment.viewer"] = viewer


def viewer_of(request: Request) -> Viewer | None:
    """Return who is signed in, None before that."""
    viewer = request.scope.get("serment.viewer")
    return viewer if isinstance(viewer, Viewer) else None


def initials(name: str) -> str:
    """Return at most two letters for a name, its title apart: Zoé MARTIN and Dr Zoé MARTIN give ZM."""
    words = [word for word in name.split() if word[0].isalpha() and word.rstrip(".") not in _TITLES]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
