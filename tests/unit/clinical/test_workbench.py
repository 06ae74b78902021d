"""The workbench as its callers use it: in a confined child, with honest and hostile content."""

import time
from collections.abc import Callable, Iterator

import pytest

from files import hostile
from serment import clinical, kernel
from serment.clinical import Display, Finding, MediaType, samples, workbench
from serment.clinical.requests import pack

LIMITS = kernel.Limits(memory_bytes=768 * 2**20, cpu_seconds=20)


@pytest.fixture(scope="module")
def zygote() -> Iterator[kernel.Zygote]:
    with kernel.Zygote([clinical.PRELOAD], LIMITS) as shared:
        yield shared


def inspect(zygote: kernel.Zygote, content: bytes) -> clinical.Inspection:
    answer = zygote.run(clinical.INSPECT_DOCUMENT, clinical.inspection_request(content), timeout_seconds=20)
    return clinical.read_inspection(answer)


def preview(zygote: kernel.Zygote, media: MediaType, content: bytes, page: int = 0) -> clinical.Preview:
    request = clinical.preview_request(media, content, page=page, side=600)
    return clinical.read_preview(zygote.run(clinical.RENDER_PREVIEW, request, timeout_seconds=20))


def look(content: bytes, size: int | None = None) -> clinical.Inspection:
    return clinical.read_inspection(workbench.inspect_document(clinical.inspection_request(content, size)))


def test_warm_up_brings_all_that_a_child_needs(zygote: kernel.Zygote) -> None:
    workbench.warm_up()
    for media, content in samples.warm_up_samples():
        assert inspect(zygote, content).problem == ""
        assert preview(zygote, media, content).problem == ""


def test_inspect_describes_a_dicom_instance(zygote: kernel.Zygote) -> None:
    content = hostile.dicom(preamble=hostile.PE_STUB.ljust(128, b"\0"))
    found = inspect(zygote, content)

    assert (found.media, found.display, found.pages, found.problem) == (
        MediaType.DICOM,
        Display.INLINE_PREVIEW,
        1,
        "",
    )
    assert found.findings == (Finding.EXECUTABLE_PREAMBLE, Finding.PREAMBLE_CLEARED)
    assert found.dicom is not None
    assert found.dicom.patient_name == "MOREAU^ANNE"
    assert clinical.apply_patches(content, 0, found.patches) == hostile.dicom()


def test_frame_pixels_come_back_whole(zygote: kernel.Zygote) -> None:
    answer = zygote.run(clinical.FRAME_PIXELS, clinical.frame_request(hostile.dicom()), timeout_seconds=10)
    frame = clinical.read_frame(answer)

    assert (frame.header["format"], frame.header["minimum"], len(frame.pixels)) == ("i16", -800, 32)


def test_frame_pixels_names_what_is_wrong() -> None:
    answer = workbench.frame_pixels(clinical.frame_request(hostile.dicom(), frame=5))
    assert clinical.read_frame(answer).problem == "no-such-page"
    whole = clinical.read_frame(workbench.frame_pixels(clinical.frame_request(hostile.dicom())))
    assert whole.problem == ""


def test_inspect_of_a_photograph_says_what_to_clear(zygote: kernel.Zygote) -> None:
    content = hostile.jpeg()
    found = inspect(zygote, content)

    assert found.findings == (Finding.METADATA_CLEARED,)
    assert hostile.SECRET not in clinical.apply_patches(content, 0, found.patches)


@pytest.mark.parametrize(
    ("content", "problem", "display"),
    [
        (b"", "empty", Display.DOWNLOAD_ONLY),
        (hostile.PE_STUB, "executable", Display.DOWNLOAD_ONLY),
        (hostile.protected_pdf(), "password-protected", Display.DOWNLOAD_ONLY),
        (hostile.pdf()[:400], "damaged", Display.DOWNLOAD_ONLY),
        (hostile.png()[:60], "damaged", Display.DOWNLOAD_ONLY),
        (hostile.dicom()[:150], "damaged", Display.DOWNLOAD_ONLY),
        (b"plain words", "", Display.INLINE_PREVIEW),
        (b"<script>alert(1)</script>", "", Display.DOWNLOAD_ONLY),
    ],
)
def test_inspect_names_problems(content: bytes, problem: str, display: Display) -> None:
    found = look(content)

    assert (found.problem, found.display) == (problem, display)


def test_inspect_of_a_beginning_recognises_and_clears_preambles() -> None:
    content = hostile.dicom(preamble=b"x" * 128)

    assert look(hostile.jpeg()[:200], 10**9).problem == "too-large-to-preview"
    assert look(hostile.pdf(), 10**9).pages == 0
    assert look(content, 10**9).patches == (clinical.Patch(0, bytes(128)),)


def test_render_preview_names_problems() -> None:
    for media, content, problem in (
        (MediaType.HTML, b"<p>", "unsupported"),
        (MediaType.PDF, hostile.protected_pdf(), "password-protected"),
        (MediaType.PNG, hostile.png_bomb(9_500), "too-large-to-preview"),
    ):
        answer = workbench.render_preview(clinical.preview_request(media, content))
        assert clinical.read_preview(answer).problem == problem


def test_render_preview_bounds_the_side() -> None:
    answer = workbench.render_preview(pack({"media": "image/png", "page": 0, "side": -4}, hostile.png()))

    assert clinical.read_preview(answer).media_type == "image/png"


HOSTILE = {
    "png bomb": (MediaType.PNG, hostile.png_bomb(14_000)),
    "pdf bomb": (MediaType.PDF, hostile.pdf_bomb(64)),
    "10,000 pages": (MediaType.PDF, hostile.pdf(10_000)),
    "zip bomb": (MediaType.ZIP, hostile.zip_bomb(64)),
    "deep sequences": (MediaType.DICOM, hostile.dicom(hostile.nested_sequences(20_000))),
    "a frame beyond measure": (MediaType.DICOM, hostile.dicom(rows=65_000, columns=65_000)),
    "protected": (MediaType.PDF, hostile.protected_pdf()),
    "mislabelled": (MediaType.JPEG, hostile.pdf()),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_content_gets_a_typed_answer_in_bounded_time(zygote: kernel.Zygote, name: str) -> None:
    media, content = HOSTILE[name]
    start = time.monotonic()
    answers = []
    questions: list[Callable[[], str]] = [
        lambda: inspect(zygote, content).problem,
        lambda: preview(zygote, media, content).problem,
    ]
    for ask in questions:
        try:
            answers.append(ask())
        except kernel.ConfinedFailure as failure:
            answers.append(failure.reason.value)

    assert set(answers) <= {
        "",
        "damaged",
        "password-protected",
        "too-large-to-preview",
        "unsupported",
        "memory",
        "crashed",
        "timeout",
    }
    assert time.monotonic() - start < 42
    assert inspect(zygote, b"still here").problem == ""


def test_one_page_of_many_is_drawn(zygote: kernel.Zygote) -> None:
    content = hostile.pdf(10_000)

    assert inspect(zygote, content).pages == 10_000
    assert preview(zygote, MediaType.PDF, content, 9_999).media_type == "image/png"


@pytest.mark.parametrize(
    "media", [MediaType.JPEG, MediaType.PNG, MediaType.PDF, MediaType.DICOM, MediaType.WAV]
)
def test_content_cut_short_anywhere_gets_an_answer(media: MediaType) -> None:
    makers: dict[MediaType, Callable[[], bytes]] = {
        MediaType.JPEG: hostile.jpeg,
        MediaType.PNG: hostile.png,
        MediaType.PDF: hostile.pdf,
        MediaType.DICOM: hostile.dicom,
        MediaType.WAV: lambda: hostile.wav(0.02),
    }
    for cut in hostile.truncations(makers[media](), 13):
        look(cut)
        clinical.read_preview(workbench.render_preview(clinical.preview_request(media, cut, side=64)))
