"""The catalogue: sealed pages of lines that list a section, so that a list opens pages and not every entry.

Lines are only added; a later line about the same entry stands for it. A full page is never written again.
Source: docs/formats/rows.md, "Catalogue".
"""

from collections.abc import Callable
from hashlib import sha256

from serment import access, clinical, kernel, ledger, vault
from serment.dossier import store
from serment.dossier.line import Line, read_lines
from serment.dossier.model import Filter
from serment.dossier.sealing import catalogue_place, page_context, scope_of

LINES_IN_A_PAGE = 64


def add_line(
    uow: kernel.UnitOfWork, organisation: kernel.OrganisationId, dossier: kernel.DossierId, line: Line
) -> None:
    """Add a line to the last page of its section, or begin a page with it."""
    keyring = uow.part(vault.Keyring)
    scope = scope_of(organisation, dossier, line.section)
    store.lock_dossier(uow, dossier)
    last = store.load_last_page(uow, dossier, line.section)
    encoded = line.encode()
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
    newest: dict[str, Line] = {}
    for section, page, sealed in store.load_pages(uow, permit.dossier, sections):
        context = page_context(scope_of(permit.organisation, permit.dossier, section), page)
        clear = keyring.unseal(sealed, context, permit.warrant)
        newest.update((line.entry_text, line) for line in read_lines(clear, section))
    wants, reached = _wants(wanted), _reached(permit)
    kept = (line for line in newest.values() if reached(line) and wants(line))
    return tuple(sorted(kept, key=lambda line: (line.day_text, line.recorded_text), reverse=True))


def _reached(permit: access.Permit) -> Callable[[Line], bool]:
    """Compare identifiers as lines write them; the same steps whether or not something is hidden (LAW-41)."""
    extents = {section: (_texts(extent.only), _texts(extent.but)) for section, extent in permit.reach.items()}

    def reached(line: Line) -> bool:
        only, but = extents[line.section]
        return (only is None or line.entry_text in only) and (but is None or line.entry_text not in but)

    return reached


def _texts(entries: frozenset[access.EntryId] | None) -> frozenset[str] | None:
    return None if entries is None else frozenset(map(str, entries))


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
