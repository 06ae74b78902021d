"""The pages of vigilance with invented content, for the catalogue."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from serment import access, kernel, vigilance
from serment.edge.pages.vigilance.asked import Asked
from serment.edge.pages.vigilance.incidents import IncidentRow, row_of
from serment.edge.pages.vigilance.reporting import Reported
from serment.edge.pages.vigilance.touched import made_row, totals_of
from serment.edge.pages.vigilance.words import LINK_WORDS, SHORT_LINKS
from serment.edge.pages.vocabulary import SECTION_WORDS
from serment.edge.shell import Link

_NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
_ORGANISATION = kernel.OrganisationId(UUID(int=1))
_ACCOUNT, _OFFICER = kernel.AccountId(UUID(int=2)), kernel.AccountId(UUID(int=3))
_NAMES = {_ACCOUNT: "Camille ROUX", _OFFICER: "Sacha DUVAL"}
_ZOE, _ALI = (kernel.DossierId(UUID(int=number << 96)) for number in (0xA1B2C3D4, 0xE5F60718))


@dataclass(frozen=True)
class _Identity:
    first_given_name: str
    family_name: str
    birth_date: date


def _incident(kind: vigilance.IncidentKind, words: str = "", answer: str = "") -> IncidentRow:
    report = vigilance.Report(_ORGANISATION, kind, _ACCOUNT, _ZOE if words else None, words=words)
    closed_at, closed_by = (_NOW, _OFFICER) if answer else (None, None)
    incident = vigilance.Incident(
        vigilance.IncidentId(UUID(int=4)),
        report,
        _NOW - timedelta(hours=5),
        None,
        closed_at,
        closed_by,
        answer,
    )
    return row_of(incident, _NAMES)


def _deed(about: kernel.DossierId, kind: str, category: str = "clinical", **more: object) -> vigilance.Deed:
    said: dict[str, Any] = {
        "purpose": "care", "account": _ACCOUNT, "role": "physician", "origin": "web 203.0.113.7", "refused": False,
        "first_at": _NOW - timedelta(hours=3), "last_at": _NOW - timedelta(hours=2), "times": 1, **more,
    }  # fmt: skip
    return vigilance.Deed(about, kind, category, **said)


_ENTRY = access.EntryId(UUID(int=5))
_QUESTION = vigilance.Question(vigilance.Link.ACCOUNT, _ACCOUNT, _NOW - timedelta(days=1), _NOW)
ANSWER = vigilance.Answer(
    _ORGANISATION,
    _QUESTION,
    _NOW,
    traces=412,
    deeds=(
        _deed(_ZOE, "dossier.list", "dossier"),
        _deed(_ZOE, "dossier.read", entry=_ENTRY),
        _deed(
            _ZOE, "dossier.content", entry=_ENTRY, version=1, object=UUID(int=6), size_bytes=2_400_000,
            sent_bytes=2_400_000, spans=((0, 2_400_000),), drawings=3,
        ),
        _deed(_ALI, "dossier.list", "identity"),
        _deed(_ALI, "dossier.read", refused=True, times=7),
    ),
    unopened=1,
)  # fmt: skip
_ANSWER_PAGE: dict[str, Any] = {
    "here": "incidents",
    "answer": ANSWER,
    "who": "Camille ROUX",
    "link": SHORT_LINKS[vigilance.Link.ACCOUNT],
    "totals": totals_of(ANSWER),
    "touched": ANSWER.patients,
    "names": {_ZOE: "MARTIN Zoé"},
    "base": "/touched/1",
    "page": 0,
    "newer": None,
    "older": "#",
    "back": "/touched",
    "longest": 2000,
}
_TABS = [Link("Incidents", "#", current=True), Link("Qui a été touché", "#")]
VIGILANCE_PAGES: dict[str, dict[str, Any]] = {
    "vigilance/incidents.html": {
        "here": "incidents",
        "stands_in": False,
        "tabs": _TABS,
        "waiting": [
            _incident(vigilance.IncidentKind.ACCOUNT_FROZEN),
            _incident(vigilance.IncidentKind.ACCESS_CONTESTED, words="Je ne connais pas cette personne."),
        ],
        "closed": [
            _incident(vigilance.IncidentKind.REVIEW_OVERDUE, answer="Relue avec la cheffe de service.")
        ],
        "reported": Reported("", ""),
        "longest": 2000,
    },
    "vigilance/incident.html": {
        "here": "incidents",
        "stands_in": False,
        "row": _incident(vigilance.IncidentKind.ACCESS_CONTESTED, words="Je ne connais pas cette personne."),
        "back": "/incidents",
        "errors": {},
        "longest": 2000,
    },
    "vigilance/touched.html": {
        "here": "incidents",
        "tabs": _TABS,
        "asked": Asked("account", "camille", "2026-03-11T09:00", "2026-03-12T09:00", "Incident 00000004"),
        "links": LINK_WORDS,
        "made": [
            made_row(
                vigilance.Inquiry(
                    vigilance.InquiryId(UUID(int=7)), _QUESTION, _OFFICER, _NOW, "Incident 00000004", 2
                ),
                _NAMES,
            )
        ],
        "longest": 200,
        "base": "/touched",
    },
    "vigilance/answer.html": _ANSWER_PAGE,
    "vigilance/letters.html": {
        "here": "incidents",
        "back": "/touched/1",
        "controller": "Cabinet du Parc",
        "officer": "Sacha DUVAL",
        "answer": ANSWER,
        "touched": ANSWER.patients,
        "people": {
            _ZOE: SimpleNamespace(identity=_Identity("Zoé", "Martin", date(1970, 3, 12))),
            _ALI: SimpleNamespace(identity=_Identity("Ali", "Benali", date(1988, 7, 1))),
        },
        "sections": SECTION_WORDS,
        "done": ["Le compte a été fermé le jour même."],
        "contact": ["Sacha Duval, protection des données"],
    },
}
