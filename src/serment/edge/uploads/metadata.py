"""What is said of a document in `Upload-Metadata` (tus 1.0): `title`, `kind`, `date`, `filename`, `sensitive`."""

import binascii
from base64 import b64decode
from datetime import date
from pathlib import PurePosixPath

from starlette.requests import Request

from serment import clinical, dossier
from serment.edge.uploads.errors import MetadataUnreadable

_LONGEST_HEADER = 8192
_LONGEST_NAME = 255


def read_draft(request: Request, today: date) -> dossier.Draft:
    """Return the draft that a request's metadata describes; what is not said gets an ordinary value.

    Raises:
        MetadataUnreadable: not as tus 1.0 writes it, or a kind or date that there is not.
    """
    said = parse_metadata(request.headers.get("upload-metadata", ""))
    name = PurePosixPath(said.get("filename", "").replace("\\", "/")).name[:_LONGEST_NAME]
    try:
        kind = clinical.DocumentKind(said.get("kind", clinical.DocumentKind.OTHER.value))
        day = date.fromisoformat(said["date"]) if said.get("date") else today
    except ValueError:
        raise MetadataUnreadable("kind or date") from None
    title = said.get("title", "").strip() or PurePosixPath(name).stem or "Document"
    return dossier.Draft(title, kind, day, name, sensitive=said.get("sensitive") == "yes")


def parse_metadata(header: str) -> dict[str, str]:
    """Read the pairs of the header: a key, a space, a value in base64; pairs are set apart by commas.

    Raises:
        MetadataUnreadable: a key given twice, a value that is not base64 of UTF-8, or more than 8 KiB.
    """
    if len(header) > _LONGEST_HEADER:
        raise MetadataUnreadable("length")
    said: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        key, _, encoded = pair.partition(" ")
        if key in said:
            raise MetadataUnreadable("key given twice")
        try:
            said[key] = b64decode(encoded.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError, ValueError):
            raise MetadataUnreadable("value") from None
    return said
