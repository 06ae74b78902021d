"""What dossiers ask of others: somebody who looks into untrusted content, in a place where it can do no harm."""

from dataclasses import dataclass
from typing import Protocol

from serment import clinical


@dataclass(frozen=True)
class Findings:
    """What was found in content: what to lay over it when it is served, its DICOM header, a problem's code, its pages."""

    patches: tuple[clinical.Patch, ...] = ()
    dicom: clinical.DicomInstance | None = None
    problem: str = ""
    pages: int = 0


@dataclass(frozen=True)
class Drawing:
    """What was drawn: a picture, the beginning of a text, or the shape of a sound as JSON."""

    media_type: str
    content: bytes


class Workbench(Protocol):
    """Opens untrusted content in a confined process and tells what is in it, or draws it."""

    def inspect(self, media_type: str, source: clinical.RandomReader, size: int) -> Findings:
        """Say what content holds; content that nothing can be said of gives a problem's code, never an error."""
        ...

    def draw(self, media_type: str, content: bytes, *, page: int, side: int) -> Drawing:
        """Return a drawing of one page or frame, counted from 0, `side` pixels at most each way.

        Raises:
            PreviewUnavailable: none can be made; `reason` says why.
        """
        ...

    def frame(self, content: bytes, number: int) -> bytes:
        """Return one DICOM frame, counted from 0: length of the header 4, big-endian | header, JSON | pixels.

        Raises:
            PreviewUnavailable: none can be had; `reason` says why.
        """
        ...
