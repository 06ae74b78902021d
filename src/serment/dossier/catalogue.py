"""The catalogue: sealed pages of lines that list a section, so that a list opens pages and not every entry.

Lines are only added; a later line about the same entry stands for it. A full page is never written again.
Source: docs/formats/rows.md, "Catalogue".
"""

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from serment import access, clinical, kernel, ledger, vault
from serment.dossier import store
from serment.dossier.model import Filter, Image, Line
from serment.dossier.sealing import catalogue_place, page_context, scope_of

LINES_IN_A_PAGE = 64
_WITHOUT_IMAGE = 12


def add_line(
    uow: kernel.UnitOfWork, organisation: kernel.OrganisationId, dossier: kernel.DossierId, line: Line
) -> None:
    """Add a line to the last page of its section, or begin a page with it."""
    keyring = uow.part(vault.Keyring)
    scope = scope_of(organisation, dossier, line.section)
    last = store.load_last_page(uow, dossier, line.section)
    encoded = _encode(line)
    if last is None or last[1] >= LINES_IN_A_PAGE:
        page = 1 if last is None else last[0] + 1
        sealed = keyring.seal(encoded, page_context(scope, page))
        store.insert_page(uow, dossier, line.section, page, sealed)
    else:
        page, lines, before = last
        context = page_context(scope, page)
        sealed = keyring.extend(before, encoded, context)
        store.update_page(uow, dossier, line.section, page, lines=lines + 1, sealed=sealed)
    place = catalogue_place(dossier, line.section, page)
    ledger.anchor(uow, place, sha256(sealed).digest(), organisation=organisation)


def lines(uow: kernel.UnitOfWork, permit: access.Permit, wanted: Filter) -> tuple[Line, ...]:
    """Return what the permit reaches and the filter wants, newest document first.

    Raises:
        SealBroken: a page fails authentication.
    """
    keyring = uow.part(vault.Keyring)
    sections = frozenset(permit.reach) - {access.Section.IDENTITY}
    if wanted.sections is not None:
        sections &= wanted.sections
    newest: dict[access.EntryId, Line] = {}
    read = _Reader()
    for section, page, sealed in store.load_pages(uow, permit.dossier, sections):
        context = page_context(scope_of(permit.organisation, permit.dossier, section), page)
        clear = keyring.unseal(sealed, context, permit.warrant)
        newest.update((line.entry, line) for line in read.lines(clear, section))
    wants = _wants(wanted)
    kept = (line for line in newest.values() if permit.covers(line.section, line.entry) and wants(line))
    return tuple(sorted(kept, key=lambda line: (line.document_date, line.recorded_at), reverse=True))


def _wants(wanted: Filter) -> Callable[[Line], bool]:
    words = clinical.normalise_name(wanted.text).split()

    def wants(line: Line) -> bool:
        if line.withdrawn and not wanted.withdrawn:
            return False
        if wanted.kinds is not None and line.kind not in wanted.kinds:
            return False
        if wanted.since is not None and line.document_date < wanted.since:
            return False
        if not words:
            return True
        said = clinical.normalise_name(f"{line.title} {line.author_name}")
        return all(word in said for word in words)

    return wants


def _encode(line: Line) -> bytes:
    """Return a line as one JSON array and a line feed; the order of its members is the format."""
    image = line.image
    members: list[Any] = [
        str(line.entry), line.version, line.title, line.kind, line.document_date.isoformat(),
        line.recorded_at.isoformat(), str(line.author), line.author_name, line.media_type, line.size_bytes,
        int(line.withdrawn), int(line.added_by_patient),
    ]  # fmt: skip
    if image is not None:
        members.append([
            image.study, image.series, image.instance, image.modality, image.study_description,
            image.series_description, image.study_date, image.frames,
        ])  # fmt: skip
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


class _Reader:
    """Reads pages; what recurs from line to line (kinds, authors) is made once."""

    def __init__(self) -> None:
        self._kinds = {kind.value: kind for kind in clinical.DocumentKind}
        self._authors: dict[str, kernel.AccountId] = {}

    def lines(self, page: bytes, section: access.Section) -> Iterator[Line]:
        """Yield the lines of a page, in the order in which they were added."""
        for members in json.loads(b"[" + page.rstrip(b"\n").replace(b"\n", b",") + b"]"):
            yield self._line(members, section)

    def _line(self, members: list[Any], section: access.Section) -> Line:
        author = self._authors.get(members[6])
        if author is None:
            author = self._authors[members[6]] = kernel.AccountId(UUID(members[6]))
        return Line(
            entry=access.EntryId(UUID(members[0])),
            section=section,
            version=members[1],
            title=members[2],
            kind=self._kinds[members[3]],
            document_date=date.fromisoformat(members[4]),
            recorded_at=datetime.fromisoformat(members[5]),
            author=author,
            author_name=members[7],
            media_type=members[8],
            size_bytes=members[9],
            withdrawn=bool(members[10]),
            added_by_patient=bool(members[11]),
            image=Image(*members[12]) if len(members) > _WITHOUT_IMAGE else None,
        )
