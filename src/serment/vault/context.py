"""The place a sealed thing belongs to, as bytes: what is sealed for one place opens in no other (CRY-07)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from struct import Struct
from uuid import UUID

from serment import kernel

_LENGTH = Struct(">I").pack
_VERSION = Struct(">Q").pack
_COMPARTMENT = re.compile(r"[a-z][a-z0-9-]{0,62}")


def encode_fields(label: bytes, fields: Iterable[bytes]) -> bytes:
    """Join a label and fields so that no two different lists give the same bytes.

    Layout (bytes), for the label and then each field:  length 4, big-endian | content
    """
    encoded = _LENGTH(len(label)) + label
    for field in fields:
        encoded += _LENGTH(len(field)) + field
    return encoded


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose bytes, and which part of them: one scope has one key.

    `compartment` is a section of the dossier, or a name such as `trace` or `accounts`; `dossier` is None for
    what an organisation holds about no one patient.
    """

    organisation: kernel.OrganisationId
    dossier: kernel.DossierId | None
    compartment: str

    def __post_init__(self) -> None:
        if not _COMPARTMENT.fullmatch(self.compartment):
            raise ValueError("a compartment is named in lower case letters, digits and hyphens")

    def fields(self) -> tuple[bytes, bytes, bytes]:
        """Return the scope as the first three fields of every context."""
        dossier = b"" if self.dossier is None else self.dossier.bytes
        return self.organisation.bytes, dossier, self.compartment.encode()


@dataclass(frozen=True, slots=True)
class SealContext:
    """What is sealed, where it belongs, and which version of it."""

    scope: Scope
    kind: str
    subject: UUID
    version: int = 1
    media_class: str = ""

    @property
    def place(self) -> str:
        """The name of the place, by identifiers only, for errors and findings."""
        return f"{self.kind}/{self.subject}/{self.version}"

    def encode(self) -> bytes:
        """Return the context as bytes.

        Fields:  organisation | dossier or nothing | compartment | kind | subject | version 8 | media class
        Source: docs/formats/sealed-bytes.md, section 3.
        """
        rest = (self.kind.encode(), self.subject.bytes, _VERSION(self.version), self.media_class.encode())
        return encode_fields(b"serment/seal/1", self.scope.fields() + rest)
