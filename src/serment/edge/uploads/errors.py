"""What a request for bytes can get wrong."""

from typing import ClassVar

from serment.kernel import SermentError


class MetadataUnreadable(SermentError):
    """`Upload-Metadata` is not as tus 1.0 writes it, or names a kind or a date that there is not."""

    code: ClassVar[str] = "upload.metadata-unreadable"


class LengthMissing(SermentError):
    """tus 1.0 asks for `Upload-Length`, or `Upload-Defer-Length: 1`."""

    code: ClassVar[str] = "upload.length-missing"


class ProtocolUnknown(SermentError):
    """`Tus-Resumable` names another version than 1.0.0."""

    code: ClassVar[str] = "upload.protocol-unknown"


class TypeRefused(SermentError):
    """tus 1.0 sends bytes as `application/offset+octet-stream`."""

    code: ClassVar[str] = "upload.type-refused"
