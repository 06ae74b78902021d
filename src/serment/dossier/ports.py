"""What dossiers ask of others: somebody who looks into untrusted content, in a place where it can do no harm."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from serment import clinical


@dataclass(frozen=True)
class Findings:
    """What was found in content: what to lay over it when it is served, its DICOM header, a problem's code."""

    patches: tuple[clinical.Patch, ...] = ()
    dicom: clinical.DicomInstance | None = None
    problem: str = ""


class Workbench(Protocol):
    """Opens untrusted content in a confined process and tells what is in it, or draws it."""

    def inspect(self, media_type: str, source: clinical.RandomReader, size: int) -> Findings:
        """Say what content holds; content that nothing can be said of gives a problem's code, never an error."""
        ...

    def draw(self, media_type: str, content: bytes, wish: Mapping[str, int]) -> bytes:
        """Return a picture (PNG) of one page or frame.

        Raises:
            PreviewUnavailable: none can be made; `reason` says why.
        """
        ...

    def frame(self, content: bytes, number: int) -> bytes:
        """Return the pixels of one DICOM frame with what a viewer needs to window them.

        Raises:
            PreviewUnavailable: none can be had; `reason` says why.
        """
        ...
