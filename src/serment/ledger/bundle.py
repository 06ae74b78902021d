"""The trail of one dossier in a file of its own, with what proves it: to be read and checked without us.

A stored ZIP archive, packed in one way only:

    trail.json                     the traces in clear, each with its salt
    entries/<index>                the leaf that a trace opens, 33 bytes
    proofs/<index>.tlog-proof      its way to the signed root: C2SP tlog-proof
    checkpoint, public-key         C2SP tlog-checkpoint, and the key that signed it
    statement                      a signed note that names every other file by its digest
    ...                            what was enclosed for people to read

Source: docs/formats/trail-bundle.md.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from zipfile import ZipFile, ZipInfo

from serment import vault
from serment.kernel import DossierId, OrganisationId, UnitOfWork
from serment.ledger import store, trail_verifier
from serment.ledger.checkpoint import Checkpoint
from serment.ledger.commitment import instant_text, trace_from_text, trace_leaf
from serment.ledger.detail import open_detail
from serment.ledger.errors import ProofRefused
from serment.ledger.model import Trace, TraceRow
from serment.ledger.proofs import inclusion
from serment.ledger.sequencer import PUBLIC_KEY, Log
from serment.ledger.tiles import TileHashes
from serment.ledger.verifier import Finding

BUNDLE_FORMAT = "serment-trail/2"
_OWNER_ONLY = 0o600 << 16
_UNIX = 3


@dataclass(frozen=True)
class BundleRequest:
    """Whose trail is taken out, by which warrant, and what is laid beside it for people to read.

    `reader` is in what quality somebody asks, one word; `shown` says which traces are for them (None: all of them).
    The bundle names the reader and never says whether anything was left out, which would itself be telling.
    """

    organisation: OrganisationId
    dossier: DossierId
    warrant: vault.Warrant
    reader: str
    enclosed: Mapping[str, bytes] = field(default_factory=dict)
    shown: Callable[[Trace], bool] | None = None


def export_bundle(uow: UnitOfWork, log: Log, request: BundleRequest) -> bytes:
    """Return the integrated trail of one dossier, in clear, with what proves each trace.

    It holds health data: it is made for the patient, or for who may lawfully have the trail.

    Raises:
        WarrantRefused: the warrant does not cover the compartment `trace` of this dossier.
        ProofRefused: the log has no checkpoint yet.
        TraceBroken, SealBroken, LogDamaged: what is stored is not what was recorded.
    """
    checkpoint = log.latest()
    if checkpoint is None:
        raise ProofRefused("the log has no checkpoint yet")
    hashes = TileHashes(log.storage.read, checkpoint.size)
    files = {**request.enclosed, "checkpoint": checkpoint.note.encode(), PUBLIC_KEY: log.signer.public_file}
    traces = list[dict[str, object]]()
    for row in store.all_traces(uow.connection, request.organisation, request.dossier):
        if row.leaf is None or row.leaf >= checkpoint.size:
            continue
        salt, text = open_detail(uow.part(vault.Keyring), row, request.warrant)
        if request.shown is None or request.shown(trace_from_text(text)):
            files[f"entries/{row.leaf}"] = trace_leaf(row)
            files[f"proofs/{row.leaf}.tlog-proof"] = inclusion(hashes, checkpoint, row.leaf).text().encode()
            traces.append(_told(row, salt, text))
    traces.sort(key=lambda trace: int(str(trace["index"])))
    files["trail.json"] = _trail(request, traces)
    made_at = instant_text(uow.now)
    files["statement"] = log.signer.sign_text(_statement(request, made_at, checkpoint, files)).encode()
    return _packed(files)


def verify_bundle(data: bytes, key: str | None = None) -> list[Finding]:
    """Check an exported trail by itself; without `key`, by the key that lies in it."""
    return [Finding(place, fact) for place, fact in trail_verifier.findings_in(data, key)]


def _told(row: TraceRow, salt: bytes, text: bytes) -> dict[str, object]:
    return {
        "index": row.leaf,
        "detail": text.decode(),
        "salt": salt.hex(),
        "seal_digest": row.seal_digest.hex(),
    }


def _trail(request: BundleRequest, traces: list[dict[str, object]]) -> bytes:
    trail = {
        "format": BUNDLE_FORMAT,
        "organisation": str(request.organisation),
        "dossier": str(request.dossier),
        "traces": traces,
    }
    return json.dumps(trail, ensure_ascii=False, indent=1).encode()


def _statement(
    request: BundleRequest, made_at: str, checkpoint: Checkpoint, files: Mapping[str, bytes]
) -> str:
    """Return what the log signs about the bundle as a whole; it cannot be taken for a checkpoint, by its first line."""
    root = checkpoint.note.split("\n")[2]
    traces = sum(name.startswith("entries/") for name in files)
    lines = [
        BUNDLE_FORMAT,
        f"organisation {request.organisation}",
        f"dossier {request.dossier}",
        f"made {made_at}",
        f"log {checkpoint.size} {root}",
        f"reader {request.reader}",
        f"traces {traces}",
        *(f"file {sha256(data).hexdigest()} {name}" for name, data in sorted(files.items())),
    ]
    return "\n".join(lines) + "\n"


def _packed(files: Mapping[str, bytes]) -> bytes:
    """Pack files in the order of their names, stored, without times: the same files give the same bytes."""
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        for name, content in sorted(files.items()):
            entry = ZipInfo(name)
            entry.create_system, entry.external_attr = _UNIX, _OWNER_ONLY
            archive.writestr(entry, content)
    return packed.getvalue()
