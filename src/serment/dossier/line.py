"""What a list shows of one document: its newest version in brief, read straight from the page that lists it."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from serment import access, clinical, kernel
from serment.dossier.model import EntryHead, Image

_WITHOUT_IMAGE = 12


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a catalogue. A list has hundreds and shows little of each: its members are read when asked for.

    `members` are those of the JSON array that is the line, in the order of docs/formats/rows.md.
    """

    section: access.Section
    members: tuple[Any, ...]

    @property
    def entry_text(self) -> str:
        """The entry's identifier, as text."""
        return str(self.members[0])

    @property
    def entry(self) -> access.EntryId:
        """The entry that it lists."""
        return access.EntryId(UUID(self.members[0]))

    @property
    def version(self) -> int:
        """The newest version of the entry."""
        return int(self.members[1])

    @property
    def title(self) -> str:
        """What its author called it."""
        return str(self.members[2])

    @property
    def kind(self) -> clinical.DocumentKind:
        """Which kind of document it is."""
        return clinical.DocumentKind(self.members[3])

    @property
    def day_text(self) -> str:
        """The day the document speaks of, as YYYY-MM-DD."""
        return str(self.members[4])

    @property
    def document_date(self) -> date:
        """The day the document speaks of."""
        return date.fromisoformat(self.members[4])

    @property
    def recorded_text(self) -> str:
        """The instant this version was filed, in ISO 8601, UTC."""
        return str(self.members[5])

    @property
    def recorded_at(self) -> datetime:
        """The instant this version was filed."""
        return datetime.fromisoformat(self.members[5])

    @property
    def author(self) -> kernel.AccountId:
        """Who filed this version."""
        return kernel.AccountId(UUID(self.members[6]))

    @property
    def author_name(self) -> str:
        """The name of who filed this version."""
        return str(self.members[7])

    @property
    def media_type(self) -> str:
        """What the bytes are, found from the bytes."""
        return str(self.members[8])

    @property
    def size_bytes(self) -> int:
        """How long the document is."""
        return int(self.members[9])

    @property
    def withdrawn(self) -> bool:
        """True when the newest version says that it was filed in error."""
        return bool(self.members[10])

    @property
    def added_by_patient(self) -> bool:
        """True when the patient filed it."""
        return bool(self.members[11])

    @property
    def image(self) -> Image | None:
        """Where it stands in its study, for a DICOM instance."""
        return Image(*self.members[12]) if len(self.members) > _WITHOUT_IMAGE else None

    @property
    def amended(self) -> bool:
        """True when an earlier version exists."""
        return self.version > 1

    def encode(self) -> bytes:
        """Return the line as one JSON array and a line feed."""
        return json.dumps(self.members, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def line_of(head: EntryHead, said: clinical.DocumentDescription) -> Line:
    """Return the line that lists a document."""
    members: tuple[Any, ...] = (
        str(head.id), head.version, said.title, said.kind.value, said.document_date.isoformat(),
        said.filed_at.isoformat(), str(said.author), said.author_name, said.media_type, said.size_bytes,
        int(said.status is clinical.DocumentStatus.ENTERED_IN_ERROR), int(said.added_by_patient),
    )  # fmt: skip
    found = said.dicom
    if found is not None:
        members += ([
            found.study_uid, found.series_uid, found.instance_number, found.modality, found.study_description,
            found.series_description, found.study_date, found.frames, found.series_number,
        ],)  # fmt: skip
    return Line(head.section, members)


def read_lines(page: bytes, section: access.Section) -> list[Line]:
    """Return the lines of a page of a catalogue, in the order in which they were added."""
    together = b"[" + page.rstrip(b"\n").replace(b"\n", b",") + b"]"
    return [Line(section, tuple(members)) for members in json.loads(together)]
