"""How rows of a dossier are sealed: canonical FHIR JSON, compressed, bound to its place, anchored in the ledger.

Source: docs/formats/rows.md.
"""

import json
import zlib
from hashlib import sha256
from typing import Any

from serment import access, kernel, ledger, vault
from serment.dossier import store
from serment.dossier.errors import DocumentRefused
from serment.dossier.model import EntryHead, SealedVersion

FHIR_JSON = "application/fhir+json"
LINES = "application/jsonl"
COMPRESSION = 6
#: A sealed row that inflates beyond this was not written by us.
LARGEST_ROW_BYTES = 8 * 1024 * 1024


def scope_of(
    organisation: kernel.OrganisationId, dossier: kernel.DossierId, section: access.Section
) -> vault.Scope:
    """Return the scope under whose key a section of a dossier is sealed."""
    return vault.Scope(organisation, dossier, section.value)


def entry_place(entry: access.EntryId, version: int) -> str:
    """Return the name of a version in the ledger."""
    return f"entry/{entry}/{version}"


def catalogue_place(dossier: kernel.DossierId, section: str, page: int) -> str:
    """Return the name of a page of a section's catalogue in the ledger."""
    return f"catalogue/{dossier}/{section}/{page}"


def version_context(scope: vault.Scope, entry: access.EntryId, version: int) -> vault.SealContext:
    """Return the place of one version of one entry."""
    return vault.SealContext(scope, "entry", entry, version, FHIR_JSON)


def page_context(scope: vault.Scope, page: int) -> vault.SealContext:
    """Return the place of one page of a section's catalogue."""
    if scope.dossier is None:
        raise ValueError("a catalogue belongs to a dossier")
    return vault.SealContext(scope, "catalogue", scope.dossier, page, LINES)


def write_version(
    uow: kernel.UnitOfWork, organisation: kernel.OrganisationId, head: EntryHead, resource: dict[str, Any]
) -> None:
    """Seal one version of an entry, store it, and commit its seal to the ledger.

    Raises:
        DocumentRefused: more words than could be read again.
    """
    encoded = kernel.canonical_json(resource)
    if len(encoded) > LARGEST_ROW_BYTES:
        raise DocumentRefused("length")
    context = version_context(scope_of(organisation, head.dossier, head.section), head.id, head.version)
    sealed = uow.part(vault.Keyring).seal(zlib.compress(encoded, COMPRESSION), context)
    store.insert_version(uow, head.dossier, SealedVersion(head.id, head.version, uow.now, sealed))
    place = entry_place(head.id, head.version)
    ledger.anchor(uow, place, sha256(sealed).digest(), organisation=organisation)


def open_version(
    uow: kernel.UnitOfWork, permit: access.Permit, head: EntryHead, version: SealedVersion
) -> Any:  # noqa: ANN401 - JSON, parsed by clinical into a precise type
    """Return the resource that a version holds.

    Raises:
        SealBroken: the stored bytes fail authentication, or are of another place.
    """
    context = version_context(
        scope_of(permit.organisation, permit.dossier, head.section), head.id, version.version
    )
    clear = uow.part(vault.Keyring).unseal(version.sealed, context, permit.warrant)
    return json.loads(inflate(clear, context.place))


def inflate(compressed: bytes, place: str) -> bytes:
    """Return what was compressed before it was sealed, within bounds.

    Raises:
        SealBroken: it is no row of ours.
    """
    engine = zlib.decompressobj()
    try:
        clear = engine.decompress(compressed, LARGEST_ROW_BYTES)
    except zlib.error as error:
        raise vault.SealBroken(place) from error
    if not engine.eof:
        raise vault.SealBroken(place)
    return clear
