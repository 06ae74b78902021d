"""The pen of a story: writes one patient's documents, from facts to lazily made bytes."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from serment.app.demonstration import photographs
from serment.app.demonstration.blocks import Block
from serment.app.demonstration.cast import PRACTICE
from serment.app.demonstration.correspondents import Correspondent
from serment.app.demonstration.dice import dice
from serment.app.demonstration.dictation import dictation
from serment.app.demonstration.laboratory import filtration_rate, measure, result_rows
from serment.app.demonstration.model import (
    DemoDocument,
    IdentityStatus,
    Kind,
    Organisation,
    Patient,
    World,
)
from serment.app.demonstration.press import Press
from serment.app.demonstration.radiology import Maker, Slice, Study
from serment.app.demonstration.tracing import signature

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
_IDENTITY_WORDS = {
    IdentityStatus.PROVISIONAL: "provisoire",
    IdentityStatus.RETRIEVED: "récupérée",
    IdentityStatus.VALIDATED: "validée",
    IdentityStatus.QUALIFIED: "qualifiée",
}
_SATURDAY = 5
_BY_POST = " reçu par courrier"


def in_words(day: date) -> str:
    """Return a date as it is written: 3 mars 2026."""
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"


@dataclass(frozen=True)
class Note:
    """What a document says of itself: when, by whom, under which title, in which section."""

    at: datetime
    author: str
    title: str
    section: str = "clinical"
    to: tuple[str, ...] = ()


class Pen:
    """Writes the documents of one patient; each goes to the dossier that its author's organisation keeps.

    `chance` belongs to that patient alone, so that no story moves another.
    """

    def __init__(self, world: World, patient: Patient, press: Press) -> None:
        self.world = world
        self.patient = patient
        self.chance = dice(world.seed, patient.key, "story")
        self._press = press
        self._count = 0
        self._before: dict[str, dict[str, float]] = {}  # by organisation: one never reads the other's

    def days_ago(self, days: int) -> datetime:
        """Return an hour of practice that many days before now, never a week-end; 0 is just now, whatever the day."""
        if days == 0:
            return self.world.now - timedelta(minutes=self.chance.randrange(12, 180))
        at = self.world.now - timedelta(days=days)
        at = at.replace(hour=7, minute=0, second=0, microsecond=0) + timedelta(
            minutes=self.chance.randrange(30, 600)
        )
        while at.weekday() >= _SATURDAY:
            at -= timedelta(days=1)
        return (
            at if at < self.world.now else self.world.now - timedelta(minutes=self.chance.randrange(12, 90))
        )

    def after(self, at: datetime, days: int) -> datetime:
        """Return a working moment `days` after `at`, or a little before now if that is still to come."""
        return self.days_ago((self.world.now - at).days - days)

    def steady(self, label: str, low: int, high: int) -> int:
        """Return a number from `low` to `high` that this patient keeps through the whole story."""
        return dice(self.world.seed, self.patient.key, label).randint(low, high)

    def follows(self, organisation: str) -> bool:
        """Tell whether that organisation keeps a dossier on the patient."""
        return organisation in self.patient.dossiers

    def colleague(self, key: str) -> tuple[str, ...]:
        """Return the lines that address a letter to a colleague."""
        person = self.world.professional(key)
        return (person.name, person.speciality, self.world.organisation(person.organisation).name)

    @property
    def mister(self) -> str:
        """The patient as a letter names them."""
        if self.age(self.world.now) < 18:  # noqa: PLR2004 - coming of age
            return f"{'le jeune' if self.patient.sex == 'M' else 'la jeune'} {self.patient.name}"
        return f"{'Monsieur' if self.patient.sex == 'M' else 'Madame'} {self.patient.name}"

    def age(self, at: datetime) -> int:
        """Return the patient's age in whole years."""
        born = self.patient.born_on
        return at.year - born.year - ((at.month, at.day) < (born.month, born.day))

    def by_sex(self, masculine: str, feminine: str) -> str:
        """Choose the words that agree with the patient."""
        return masculine if self.patient.sex == "M" else feminine

    def sheet(self, kind: Kind, note: Note, *content: Block) -> DemoDocument:
        """Write a sheet that becomes a PDF."""
        sheet = self._sheet(note, content)
        return self._document(kind, note, ("pdf", "application/pdf"), lambda: self._press.pdf(sheet, note.at))

    def letter(self, note: Note, *content: Block) -> DemoDocument:
        """Write a letter."""
        return self.sheet(Kind.LETTER, note, *content)

    def prescription(self, note: Note, *content: Block) -> DemoDocument:
        """Write a prescription."""
        return self.sheet(Kind.PRESCRIPTION, note, *content)

    def results(self, note: Note, given: Mapping[str, float], codes: Sequence[str]) -> DemoDocument:
        """Write a laboratory report; what was measured before is recalled beside."""
        values = measure(codes, given, self.chance)
        if {"crea", "egfr"} <= values.keys():
            values["egfr"] = filtration_rate(values["crea"], self.age(note.at), self.patient.sex)
        before = self._before.setdefault(self._organisation(note.author).key, {})
        table = result_rows(values, before)
        before.update(values)
        conditions: Block = {
            "type": "paragraph",
            "text": f"Prélèvement veineux du {in_words(note.at.date())} à {note.at:%H h %M}, échantillon conforme. "
            "Méthodes : cytométrie en flux, immunodosage et spectrophotométrie.",
        }
        closing: Block = {
            "type": "paragraph",
            "text": "Résultats validés par le biologiste responsable. À interpréter avec la clinique.",
        }
        return self.sheet(Kind.RESULT, note, conditions, table, closing)

    def imaging_report(self, note: Note, *content: Block) -> DemoDocument:
        """Write the report of an imaging examination."""
        return self.sheet(Kind.IMAGING_REPORT, replace(note, section="imaging"), *content)

    def photograph(
        self, note: Note, take: Callable[[photographs.Shot], bytes], scale: float = 1.0
    ) -> DemoDocument:
        """Take a photograph."""
        shot = photographs.Shot(note.at, self.chance.randrange(1 << 30), scale)
        return self._document(Kind.PHOTOGRAPH, note, ("jpg", "image/jpeg"), lambda: take(shot))

    def photographed_sheet(self, note: Note, *content: Block) -> DemoDocument:
        """Photograph a paper that the patient brought."""
        sheet = self._sheet(note, content)
        return self.photograph(note, photographs.sheet_on_desk(lambda: self._press.png(sheet)))

    def letter_by_post(self, note: Note, sender: Correspondent, text: str) -> DemoDocument:
        """Photograph a letter that someone outside wrote a week before and sent on paper."""
        written_at = note.at - timedelta(days=7)
        sheet = self._sheet(
            replace(note, at=written_at, title=note.title.removesuffix(_BY_POST)),
            ({"type": "paragraph", "text": text},),
        )
        sheet["organisation"] = _letterhead(sender.organisation)
        sheet["author"] = {"name": sender.name, "speciality": sender.speciality, "rpps": ""}
        sheet["signature"] = signature(dice("signature", sender.name))
        sheet["place_date"] = f"{sender.organisation.place.town[6:]}, le {in_words(written_at.date())}"
        sheet["recipient"] = list(self.colleague(self.patient.physician))
        sheet["signed"] = ""
        return self.photograph(note, photographs.sheet_on_desk(lambda: self._press.png(sheet)))

    def dictation(self, note: Note, seconds: float) -> DemoDocument:
        """Record a dictation."""
        seed = self.chance.randrange(1 << 30)
        return self._document(Kind.DICTATION, note, ("wav", "audio/wav"), lambda: dictation(seed, seconds))

    def picture(self, note: Note, maker: Maker, place: Slice, body_part: str) -> DemoDocument:
        """Acquire one DICOM instance; notes with the same title and day make one study."""
        study = Study(
            patient=self.patient,
            label=f"{note.title} {note.at:%Y%m%d}",
            description=note.title,
            body_part=body_part,
            institution=self._organisation(note.author).name,
            made_at=note.at,
        )
        numbered = replace(
            note,
            section="imaging",
            title=note.title if place.count == 1 else f"{note.title} ({place.number}/{place.count})",
        )
        return self._document(
            Kind.DICOM_INSTANCE, numbered, ("dcm", "application/dicom"), lambda: maker(study, place)
        )

    def _organisation(self, author: str) -> Organisation:
        return self.world.organisation(self.world.professional(author).organisation)

    def _document(
        self, kind: Kind, note: Note, form: tuple[str, str], render: Callable[[], bytes]
    ) -> DemoDocument:
        self._count += 1
        extension, media_type = form
        return DemoDocument(
            key=f"{self.patient.key}-{self._count:04d}",
            organisation=self._organisation(note.author).key,
            patient=self.patient.key,
            author=note.author,
            kind=kind,
            section=note.section,
            title=note.title,
            dated_at=note.at,
            file_name=f"{note.at:%Y-%m-%d}_{slug(note.title)}.{extension}",
            media_type=media_type,
            render=render,
        )

    def _sheet(self, note: Note, content: tuple[Block, ...]) -> dict[str, object]:
        author = self.world.professional(note.author)
        organisation = self._organisation(note.author)
        return {
            "title": note.title,
            "reference": f"Réf. {self.patient.key.upper()}-{note.at:%y%m%d}-{self._count + 1:03d}",
            "place_date": f"{organisation.place.town[6:]}, le {in_words(note.at.date())}",
            "recipient": list(note.to),
            "signed": f"Signé électroniquement le {note.at:%d/%m/%Y} à {note.at:%H:%M}",
            "organisation": _letterhead(organisation),
            "author": {"name": author.name, "speciality": author.speciality, "rpps": author.rpps},
            "patient": self._identity(note.at),
            "signature": signature(dice("signature", author.key)),
            "blocks": list(content),
        }

    def _identity(self, at: datetime) -> dict[str, str]:
        patient = self.patient
        title = self.mister if self.age(self.world.now) >= 18 else patient.name  # noqa: PLR2004 - coming of age
        return {
            "name": title,
            "sex": patient.sex,
            "age": _age_in_words(patient.born_on, at.date()),
            "birth_name": patient.birth_name,
            "given_names": ", ".join(patient.given_names),
            "born": f"{patient.born_on:%d/%m/%Y}",
            "birth_place": patient.birth_place,
            "ins": patient.ins.matricule if patient.ins else "",
            "identity": _IDENTITY_WORDS[patient.identity_status],
        }


def slug(text: str) -> str:
    """Return a text as the stem of a file name: lower case, no accents, hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def _letterhead(organisation: Organisation) -> dict[str, object]:
    place = organisation.place
    return {
        "name": organisation.name,
        "subtitle": organisation.subtitle,
        "lines": list(place.lines),
        "town": place.town,
        "telephone": place.telephone,
        "mail": place.mail,
        "finess": organisation.finess,
        "colour": organisation.colour,
        "mark": "leaf" if organisation.key == PRACTICE else "cross",
    }


def _age_in_words(born: date, at: date) -> str:
    months = (at.year - born.year) * 12 + at.month - born.month - (at.day < born.day)
    return f"{months} mois" if months < 24 else f"{months // 12} ans"  # noqa: PLR2004 - infants are counted in months
