"""The lines of a dossier as its timeline shows them: a document is one row, a study of many images is one row."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from babel.dates import format_date
from markupsafe import Markup

from serment import access, clinical, dossier, kernel
from serment.edge.pages.circle import Circle, tell_audience
from serment.edge.pages.vocabulary import KIND_WORDS, Family, family_of, sign_of
from serment.edge.shell import Words

#: Says who reads one line.
TellSees = Callable[[dossier.Line], Markup]


@dataclass(frozen=True)
class Row:
    """One row: where it leads, what it is, who filed it and who reads it. `kind` is a marked sentence."""

    address: str
    when: date
    title: str
    kind: str
    sign: str
    family: Family
    line: dossier.Line
    sees: Markup
    images: int = 0
    modalities: str = ""

    @property
    def is_study(self) -> bool:
        """True when the row stands for a study of images, and leads to the viewer."""
        return self.images > 0


@dataclass(frozen=True)
class Month:
    """The rows of one month, newest first."""

    label: str
    rows: tuple[Row, ...]


def sees_teller(circle: Circle, words: Words, patient_word: str) -> TellSees:
    """Return what says, of each line, who reads it; lines of one section with the same guests are said once."""
    apart = {entry for grant in circle.open_grants for entry in grant.request.entries or ()}
    apart |= {one.entry for one in circle.closed if one.entry is not None}
    told: dict[tuple[access.Section, access.EntryId | None, kernel.AccountId | None], Markup] = {}

    def tell(line: dossier.Line) -> Markup:
        entry = line.entry if apart and line.entry in apart else None
        # What somebody filed stays theirs to see: where something is closed, each author has a line of their own.
        place = (line.section, entry, line.author if circle.closed else None)
        if place not in told:
            audience = tell_audience(words, circle.audience(*place), patient_word)
            told[place] = words.show("Visible par {audience}", audience=audience)
        return told[place]

    return tell


def rows_of(base: str, lines: Sequence[dossier.Line], tell: TellSees) -> tuple[Row, ...]:
    """Return the rows of these lines, newest first; `base` is the address of the dossier."""
    documents = [
        Row(
            address=f"{base}/documents/{line.entry}", when=line.document_date, title=line.title,
            kind=KIND_WORDS[line.kind], sign=sign_of(line.kind), family=family_of(line.kind), line=line,
            sees=tell(line),
        )
        for line in lines
        if line.image is None or line.withdrawn
    ]  # fmt: skip
    studies = dossier.group_images(line for line in lines if not line.withdrawn)
    rows = [*documents, *(study_row(base, study, tell) for study in studies)]
    return tuple(sorted(rows, key=lambda row: (row.when, row.line.recorded_at), reverse=True))


def study_row(base: str, study: dossier.StudyLine, tell: TellSees) -> Row:
    """Return the row of a study: it leads to the viewer, at its first image."""
    first = study.first
    return Row(
        address=f"{base}/images/{first.entry}", when=first.document_date, title=study.description or first.title,
        kind=KIND_WORDS[clinical.DocumentKind.IMAGE], sign="scan", family=Family.IMAGES, line=first,
        sees=tell(first), images=study.count, modalities=", ".join(study.modalities),
    )  # fmt: skip


def by_month(rows: Iterable[Row], language: str) -> tuple[Month, ...]:
    """Group rows, newest first, under the names of their months."""
    return tuple(
        Month(_month(year, month, language), tuple(members))
        for (year, month), members in groupby(rows, key=lambda row: (row.when.year, row.when.month))
    )


def _month(year: int, month: int, language: str) -> str:
    name = format_date(date(year, month, 1), "MMMM y", locale=language)
    return name[:1].upper() + name[1:]
