"""The workbench of dossiers, with a real confined child behind it."""

import json
from collections.abc import Iterator

import pytest

from serment import clinical, dossier
from serment.app.confined_workbench import ConfinedWorkbench, open_zygote
from serment.clinical.samples import warm_up_samples

SAMPLES = dict(warm_up_samples())


@pytest.fixture(scope="module")
def workbench() -> Iterator[ConfinedWorkbench]:
    with open_zygote() as zygote:
        yield ConfinedWorkbench(zygote)


@pytest.fixture
def closed() -> ConfinedWorkbench:
    """A workbench whose child never answers: every job is refused."""
    zygote = open_zygote()
    zygote.close()
    return ConfinedWorkbench(zygote)


def _inspect(workbench: ConfinedWorkbench, content: bytes) -> dossier.Findings:
    media = clinical.recognise(content[: clinical.RECOGNITION_BYTES], len(content))
    return workbench.inspect(media.value, clinical.BytesReader(content), len(content))


def test_a_sound_document_has_no_problem(workbench: ConfinedWorkbench) -> None:
    assert _inspect(workbench, SAMPLES[clinical.MediaType.PDF]).problem == ""


def test_the_header_of_a_dicom_instance_is_read(workbench: ConfinedWorkbench) -> None:
    found = _inspect(workbench, SAMPLES[clinical.MediaType.DICOM])

    assert found.dicom is not None
    assert found.problem == ""


def test_damaged_content_gives_a_problem_and_no_error(workbench: ConfinedWorkbench) -> None:
    assert _inspect(workbench, SAMPLES[clinical.MediaType.PDF][:200]).problem == "damaged"


def test_a_child_that_does_not_answer_gives_a_problem_and_no_error(closed: ConfinedWorkbench) -> None:
    assert _inspect(closed, SAMPLES[clinical.MediaType.PDF]).problem == "refused"


def test_a_page_is_drawn(workbench: ConfinedWorkbench) -> None:
    drawn = workbench.draw("application/pdf", SAMPLES[clinical.MediaType.PDF], page=0, side=64)

    assert drawn.media_type in {"image/png", "image/jpeg"}
    assert drawn.content[:3] in {b"\x89PN", b"\xff\xd8\xff"}


def test_a_page_that_is_not_there_is_refused(workbench: ConfinedWorkbench) -> None:
    with pytest.raises(dossier.PreviewUnavailable, match="no-such-page"):
        workbench.draw("application/pdf", SAMPLES[clinical.MediaType.PDF], page=99, side=64)


def test_a_frame_comes_with_what_a_viewer_needs(workbench: ConfinedWorkbench) -> None:
    answer = workbench.frame(SAMPLES[clinical.MediaType.DICOM], 0)
    length = int.from_bytes(answer[:4])
    header = json.loads(answer[4 : 4 + length])

    assert len(answer) - 4 - length >= header["rows"] * header["columns"]


def test_a_frame_that_is_not_there_is_refused(workbench: ConfinedWorkbench) -> None:
    with pytest.raises(dossier.PreviewUnavailable):
        workbench.frame(SAMPLES[clinical.MediaType.DICOM], 99)


def test_a_child_that_does_not_answer_draws_nothing(closed: ConfinedWorkbench) -> None:
    with pytest.raises(dossier.PreviewUnavailable, match="refused"):
        closed.draw("application/pdf", SAMPLES[clinical.MediaType.PDF], page=0, side=64)
    with pytest.raises(dossier.PreviewUnavailable, match="refused"):
        closed.frame(SAMPLES[clinical.MediaType.DICOM], 0)
