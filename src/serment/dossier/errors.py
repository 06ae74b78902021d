"""What can go wrong with a dossier. Absent and forbidden are the same refusal: `access.AccessRefused`."""

from typing import ClassVar

from serment.kernel import SermentError


class SearchTooWide(SermentError):
    """A search names an INS, or a birth date with at most the first three letters of a name."""

    code: ClassVar[str] = "dossier.search-too-wide"


class VersionConflict(SermentError):
    """Somebody amended the entry since it was read; nothing was written."""

    code: ClassVar[str] = "dossier.version-conflict"


class AlreadyWithdrawn(SermentError):
    """The entry was withdrawn; it is neither amended nor withdrawn again."""

    code: ClassVar[str] = "dossier.already-withdrawn"


class DocumentRefused(SermentError):
    """The document cannot be filed as described; `field` names what is at fault."""

    code: ClassVar[str] = "dossier.document-refused"

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class AlreadyFiled(SermentError):
    """The identifier chosen for a document is in the dossier: an earlier attempt came through."""

    code: ClassVar[str] = "dossier.already-filed"


class UploadNotFound(SermentError):
    """No such upload for this person, or it has expired."""

    code: ClassVar[str] = "dossier.upload-not-found"


class UploadOffsetMismatch(SermentError):
    """Bytes were sent for another place than where the upload stands; ask where it stands and go on from there."""

    code: ClassVar[str] = "dossier.upload-offset-mismatch"


class UploadBusy(SermentError):
    """Another connection is sending bytes for this upload."""

    code: ClassVar[str] = "dossier.upload-busy"


class UploadTooLarge(SermentError):
    """More bytes than this installation takes for one document."""

    code: ClassVar[str] = "dossier.upload-too-large"


class PreviewUnavailable(SermentError):
    """No preview can be made of this document; `reason` is a code that pages put in words."""

    code: ClassVar[str] = "dossier.preview-unavailable"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
