"""What can stop the ledger."""

from typing import ClassVar

from serment.kernel import SermentError


class LogInconsistent(SermentError):
    """What would be signed does not continue what was signed before, or the rows do not bear it out."""

    code: ClassVar[str] = "ledger.log.inconsistent"


class LogDamaged(SermentError):
    """A file of the log is missing or is not what was written; `place` is its path inside the log."""

    code: ClassVar[str] = "ledger.log.damaged"

    def __init__(self, place: str, fact: str) -> None:
        super().__init__(f"{place}: {fact}")
        self.place = place


class NoteRefused(SermentError):
    """A signed note is malformed, is not signed by this key, or names another origin."""

    code: ClassVar[str] = "ledger.note.refused"


class ProofRefused(SermentError):
    """A proof does not lead to the root, or was asked for a leaf that the tree does not hold."""

    code: ClassVar[str] = "ledger.proof.refused"


class TraceBroken(SermentError):
    """A stored trace does not match its own commitment; `place` names it."""

    code: ClassVar[str] = "ledger.trace.broken"

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


class RetentionTooShort(SermentError):
    """Detail was to be purged before the time that the law keeps it for."""

    code: ClassVar[str] = "ledger.retention.too-short"
