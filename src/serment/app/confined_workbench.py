"""Looks into foreign content and draws it, in a confined child: the workbench that dossiers ask for."""

from collections.abc import Iterator
from contextlib import contextmanager

from serment import clinical, dossier, kernel

#: What is handed over whole; of a longer DICOM instance the beginning says enough, others are served as they are.
LARGEST_WHOLE_BYTES = 64 * 1024 * 1024
BEGINNING_BYTES = 4 * 1024 * 1024
INSPECTION_SECONDS = 30.0
DRAWING_SECONDS = 20.0


def open_zygote() -> kernel.Zygote:
    """Return the place where foreign bytes are parsed; its helper process starts with the first job."""
    return kernel.Zygote([clinical.PRELOAD], kernel.Limits())


@contextmanager
def _malformed_is_damaged() -> Iterator[None]:
    """Take an answer that is none for what it is: the work of content that overcame the child."""
    try:
        yield
    except clinical.RequestMalformed as nonsense:
        raise dossier.PreviewUnavailable("damaged") from nonsense


class ConfinedWorkbench:
    """Satisfies `dossier.Workbench`; what overcomes the child costs the content its preview and nobody else."""

    def __init__(self, zygote: kernel.Zygote) -> None:
        self._zygote = zygote

    def inspect(self, media_type: str, source: clinical.RandomReader, size: int) -> dossier.Findings:  # noqa: ARG002 -- found anew
        """Say what content holds; content that nothing can be said of gives a problem's code, never an error."""
        content = source.read_at(0, size if size <= LARGEST_WHOLE_BYTES else BEGINNING_BYTES)
        request = clinical.inspection_request(content, size)
        try:
            answer = self._zygote.run(clinical.INSPECT_DOCUMENT, request, timeout_seconds=INSPECTION_SECONDS)
            found = clinical.read_inspection(answer)
        except kernel.ConfinedFailure as failure:
            return dossier.Findings(problem=failure.reason.value)
        except clinical.RequestMalformed:
            return dossier.Findings(problem="damaged")
        return dossier.Findings(found.patches, found.dicom, found.problem, found.pages)

    def draw(self, media_type: str, content: bytes, *, page: int, side: int) -> dossier.Drawing:
        """Return a drawing of one page or frame, counted from 0, `side` pixels at most each way.

        Raises:
            PreviewUnavailable: none can be made; `reason` says why.
        """
        request = clinical.preview_request(clinical.MediaType(media_type), content, page=page, side=side)
        answer = self._run(clinical.RENDER_PREVIEW, request)
        with _malformed_is_damaged():
            preview = clinical.read_preview(answer)
        if preview.problem:
            raise dossier.PreviewUnavailable(preview.problem)
        return dossier.Drawing(preview.media_type, preview.content)

    def frame(self, content: bytes, number: int) -> bytes:
        """Return one DICOM frame: length of the header 4, big-endian | header, JSON | pixels.

        Raises:
            PreviewUnavailable: none can be had; `reason` says why.
        """
        request = clinical.frame_request(content, frame=number)
        answer = self._run(clinical.FRAME_PIXELS, request)
        with _malformed_is_damaged():
            problem = clinical.read_frame(answer).problem
        if problem:
            raise dossier.PreviewUnavailable(problem)
        return answer

    def _run(self, function: str, request: bytes) -> bytes:
        try:
            return self._zygote.run(function, request, timeout_seconds=DRAWING_SECONDS)
        except kernel.ConfinedFailure as failure:
            raise dossier.PreviewUnavailable(failure.reason.value) from failure
