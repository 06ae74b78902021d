"""Holds everything that is stored against what was promised of it: log, traces, sealed rows, objects.

The log's files are checked by the independent verifier, the rows of traces by the ledger; here each sealed thing is
compared with its anchor, and authenticated in its place. Nothing is given back in clear, and no warrant is needed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from serment import access, dossier, identity, kernel, ledger, vault, vigilance
from serment.app.console import Advance, Voice
from serment.app.wiring import Installation

#: At most as many objects are listed in one transaction.
BATCH = 500
#: What every package says of its own rows, one after the other in one view of the database.
_CHECKS: tuple[Callable[[kernel.UnitOfWork], Iterator[ledger.CheckedRow]], ...] = (
    identity.check_rows, access.check_rows, vigilance.check_rows, dossier.check_rows,
)  # fmt: skip


@dataclass(frozen=True)
class Verification:
    """What was looked at, and what was found."""

    checked: dict[str, int]
    findings: tuple[ledger.Finding, ...]


def verify(installation: Installation, voice: Voice) -> Verification:
    """Check a whole installation; it may be at work meanwhile.

    Raises:
        StoreFailed: the parts of objects cannot be read.
    """
    findings: list[ledger.Finding] = []
    seals = _SealCheck(installation, findings)
    with voice.steps("Checking keys", None), _readable("keys", findings):
        fact = "does not open: it, or what wraps it, was changed or removed"
        findings += [ledger.Finding(place, fact) for place in installation.keyring.broken_keys()]
    with voice.steps("Checking the log", None), _readable("traces", findings):
        findings += ledger.verify_directory(installation.settings.ledger_folder)
        findings += _check_traces(installation)
    with voice.steps("Checking sealed rows", None) as advance, _readable("sealed rows", findings):
        seals.check_rows(advance)
    with voice.steps("Checking objects", None) as advance, _readable("objects", findings):
        seals.check_objects(advance)
        seals.check_what_is_gone()
    checked = {"leaves": _leaves(installation), "rows": seals.rows, "objects": seals.objects}
    return Verification(checked, tuple(findings))


@contextmanager
def _readable(what: str, findings: list[ledger.Finding]) -> Iterator[None]:
    """Turn rows that cannot even be read into a finding, and go on with what comes after them."""
    try:
        yield
    except kernel.StoreUnavailable as error:
        findings.append(ledger.Finding("row database", f"{what} cannot be read: {error}"))
    except (ValueError, TypeError, AttributeError):
        findings.append(ledger.Finding("row database", f"{what} cannot be read: a value is not of its kind"))


def verify_file(bundle: Path, key: str | None) -> tuple[ledger.Finding, ...]:
    """Check an exported trail, without any installation: by the key given, else by the one that lies in it."""
    return tuple(ledger.verify_bundle(bundle.read_bytes(), key))


def _leaves(installation: Installation) -> int:
    try:
        checkpoint = installation.log.latest()
    except ledger.NoteRefused:
        return 0
    return checkpoint.size if checkpoint else 0


def _check_traces(installation: Installation) -> list[ledger.Finding]:
    with installation.rows.reading() as uow:
        try:
            return list(ledger.check_traces(uow, installation.log))
        except ledger.NoteRefused as refusal:
            return [ledger.Finding("checkpoint", f"is not one that this log signed: {refusal}")]


@dataclass
class _SealCheck:
    """Compares what is stored with the newest anchor of each place, as one view of the database shows them."""

    installation: Installation
    findings: list[ledger.Finding]
    rows: int = 0
    objects: int = 0
    _anchors: dict[str, bytes] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    def check_rows(self, advance: Advance) -> None:
        """Authenticate every sealed row, and compare each row that the ledger vouches for with its anchor."""
        with self.installation.rows.reading() as uow:
            self._anchors = dict(ledger.current_anchors(uow))
            for check in _CHECKS:
                for row in check(uow):
                    self._check_row(row)
                    advance(1)

    def _check_row(self, row: ledger.CheckedRow) -> None:
        self.rows += 1
        self._compare(row.place, row.digest, self._anchors.get(row.place))
        if not row.sound:
            self._find(row.place, "its seal is broken: these are not the bytes that were sealed there")
        if row.hidden:
            self._find(row.place, "is hidden: an older version is passed off as the newest")

    def check_objects(self, advance: Advance) -> None:
        """Compare every object with its anchor and authenticate each of its parts."""
        for head in self._heads():
            self.objects += 1
            place = f"object/{head.id}"
            with self.installation.rows.reading() as uow:
                self._compare(place, head.digest, ledger.current_anchor(uow, place))
                check = self._begin(uow, head.id)
            for broken in check.broken_places() if check else ():
                self._find(broken, "is missing or damaged")
            advance(1)

    def check_what_is_gone(self) -> None:
        """Find places that the ledger vouches for and where nothing stands any more."""
        with self.installation.rows.reading() as uow:
            for place in sorted(self._anchors.keys() - self._seen):
                if ledger.current_anchor(uow, place):  # nothing, when it lawfully ended meanwhile
                    self._find(place, "is gone: the ledger vouches for it, and nothing is stored there")

    def _heads(self) -> Iterator[vault.ObjectHead]:
        after: vault.ObjectId | None = None
        while True:
            with self.installation.rows.reading() as uow:
                batch = vault.list_objects(uow, after=after, limit=BATCH)
            yield from batch
            if len(batch) < BATCH:
                return
            after = batch[-1].id

    def _begin(self, uow: kernel.UnitOfWork, object_id: vault.ObjectId) -> vault.ObjectCheck | None:
        try:
            return vault.check_object(uow, object_id)
        except vault.SealBroken as broken:
            self._find(broken.place, "its seal is broken, or its key is gone")
        except vault.ObjectMissing:
            self._find(f"object/{object_id}", "went while it was being checked")
        return None

    def _compare(self, place: str, digest: bytes, anchor: bytes | None) -> None:
        self._seen.add(place)
        if anchor is None:
            self._find(place, "is not in the ledger: nobody vouches for it")
        elif not anchor:
            self._find(place, "still lies here, though the ledger says that it lawfully ended")
        elif digest != anchor:
            self._find(place, "is not what the ledger vouches for: it was changed or put back")

    def _find(self, place: str, fact: str) -> None:
        self.findings.append(ledger.Finding(place, fact))
