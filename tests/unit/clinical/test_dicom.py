import contextlib
import struct
from pathlib import Path

import numpy as np
import pydicom.data
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.encaps import encapsulate
from pydicom.uid import MPEG2MPML

from files import hostile
from serment import clinical
from serment.clinical import dicom, samples
from serment.clinical.dicom import PixelFormat

CORPUS = Path(pydicom.data.__file__).parent / "test_files"


def corpus(name: str) -> bytes:
    return (CORPUS / name).read_bytes()


def test_read_instance_says_what_the_header_says() -> None:
    found = dicom.read_instance(corpus("CT_small.dcm"))

    assert found == clinical.DicomInstance(
        study_uid="1.3.6.1.4.1.5962.1.2.1.20040119072730.12322",
        series_uid="1.3.6.1.4.1.5962.1.3.1.1.20040119072730.12322",
        sop_instance_uid="1.3.6.1.4.1.5962.1.1.1.1.1.20040119072730.12322",
        sop_class_uid="1.2.840.10008.5.1.4.1.1.2",
        transfer_syntax_uid="1.2.840.10008.1.2.1",
        modality="CT",
        study_date="20040119",
        study_description="e+1",
        series_number=1,
        instance_number=1,
        rows=128,
        columns=128,
        frames=1,
        photometric="MONOCHROME2",
        rescale_slope=1.0,
        rescale_intercept=-1024.0,
        pixel_spacing=(0.661468, 0.661468),
        patient_name="CompressedSamples^CT1",
        patient_id="1CT1",
    )


def test_read_instance_needs_no_pixels() -> None:
    whole = corpus("CT_small.dcm")

    assert dicom.read_instance(whole[:6000]) == dicom.read_instance(whole)


def test_read_instance_of_a_report_has_no_pixels() -> None:
    found = dicom.read_instance(corpus("test-SR.dcm"))

    assert (found.has_pixels, found.frames) == (False, 0)


@pytest.mark.parametrize(
    "content", [b"", b"DICM", hostile.dicom()[:140], b"\0" * 128 + b"DICM" + b"\xff" * 400]
)
def test_read_instance_names_what_is_no_instance(content: bytes) -> None:
    with pytest.raises(clinical.ContentDamaged):
        dicom.read_instance(content)


def test_read_instance_survives_deep_sequences() -> None:
    content = hostile.dicom(hostile.nested_sequences(5000))
    with contextlib.suppress(clinical.ContentDamaged):
        assert dicom.read_instance(content).modality == "CT"


def test_read_instance_takes_malformed_numbers_for_none() -> None:
    content = hostile.dicom(hostile.element(0x0028, 0x1050, b"DS", b"1e999 "))

    assert dicom.read_instance(content).window_center is None


def test_read_instance_cleans_and_bounds_texts() -> None:
    content = hostile.dicom(hostile.element(0x0040, 0x0001, b"LO", b"x")).replace(
        b"MOREAU^ANNE ", b"MOREAU^\x01ANNE"
    )

    assert dicom.read_instance(content).patient_name == "MOREAU^ ANNE"


def test_frame_pixels_gives_stored_values() -> None:
    found = dicom.frame_pixels(hostile.dicom())

    assert (found.rows, found.columns, found.format) == (4, 4, PixelFormat.SIGNED_16)
    assert struct.unpack("<16h", found.pixels) == tuple(range(-800, 800, 100))
    assert (found.minimum, found.maximum) == (-800, 700)
    assert (found.window_center, found.window_width) == (-49.5, 1501.0)
    assert not found.invert


def test_frame_pixels_agrees_across_encodings() -> None:
    plain = dicom.frame_pixels(corpus("MR_small.dcm"))
    for name in (
        "MR_small_RLE.dcm",
        "MR_small_jp2klossless.dcm",
        "MR_small_bigendian.dcm",
        "MR_small_implicit.dcm",
    ):
        assert dicom.frame_pixels(corpus(name)).pixels == plain.pixels


@pytest.mark.parametrize("content", list(samples.instances()))
def test_frame_pixels_decodes_each_syntax(content: bytes) -> None:
    found = dicom.frame_pixels(content)

    assert (found.rows, found.columns, found.format) == (16, 16, PixelFormat.GREY_8)
    assert (found.window_center, found.window_width, found.spacing) == (40.0, 400.0, (0.5, 0.5))


@pytest.mark.parametrize(
    "name",
    [
        "SC_rgb_rle.dcm",
        "SC_rgb_rle_16bit.dcm",
        "examples_palette.dcm",
        "examples_ybr_color.dcm",
        "SC_rgb_jpeg_dcmtk.dcm",
    ],
)
def test_frame_pixels_gives_colour_as_red_green_blue(name: str) -> None:
    found = dicom.frame_pixels(corpus(name))

    assert found.format is PixelFormat.RGB_8
    assert len(found.pixels) == found.rows * found.columns * 3
    assert dicom.displayed(found).shape == (found.rows, found.columns, 3)


def test_frame_pixels_reaches_the_last_frame_and_no_further() -> None:
    content = corpus("SC_rgb_rle_2frame.dcm")

    assert dicom.frame_pixels(content, 1).pixels != dicom.frame_pixels(content, 0).pixels
    for frame in (-1, 2):
        with pytest.raises(clinical.NoSuchPage):
            dicom.frame_pixels(content, frame)


@pytest.mark.parametrize("name", ["test-SR.dcm", "rtdose.dcm", "MR_small_jpeg_ls_lossless.dcm"])
def test_frame_pixels_says_what_it_cannot_decode(name: str) -> None:
    with pytest.raises(clinical.ContentUnsupported):
        dicom.frame_pixels(corpus(name))


def test_frame_pixels_refuses_a_syntax_it_knows_nothing_of() -> None:
    with pytest.raises(clinical.ContentUnsupported):
        dicom.frame_pixels(samples.instance(MPEG2MPML, encapsulate([bytes(16)])))


def test_frame_pixels_refuses_a_frame_beyond_measure() -> None:
    with pytest.raises(clinical.ContentTooLarge):
        dicom.frame_pixels(hostile.dicom(rows=65_000, columns=65_000))


def test_frame_pixels_names_missing_pixels() -> None:
    with pytest.raises(clinical.ContentDamaged):
        dicom.frame_pixels(hostile.dicom()[:-8])


def test_displayed_maps_the_window_to_eight_bits_and_inverts() -> None:
    frame = dicom.frame_pixels(hostile.dicom())
    inverted = dicom.frame_pixels(hostile.dicom().replace(b"MONOCHROME2 ", b"MONOCHROME1 "))

    shown = dicom.displayed(frame)
    assert (int(shown.min()), int(shown.max())) == (0, 255)
    assert np.array_equal(np.diff(shown.ravel().astype(int)) >= 0, [True] * 15)
    assert inverted.invert
    assert np.all(np.abs(dicom.displayed(inverted).astype(int) + shown - 255) <= 1)


def test_enhanced_instances_lend_the_window_that_their_frames_share() -> None:
    window = hostile.element(0x0028, 0x1050, b"DS", b"50") + hostile.element(0x0028, 0x1051, b"DS", b"350 ")
    inner = hostile.element(0x0028, 0x9132, b"SQ", item(window))
    content = hostile.dicom(hostile.element(0x5200, 0x9229, b"SQ", item(inner)))

    found = dicom.read_instance(content)
    assert (found.window_center, found.window_width) == (50.0, 350.0)


def item(content: bytes) -> bytes:
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(content)) + content


@pytest.mark.parametrize("spacing", [b"0\\0.5 ", b"0.5 ", b"-1\\1"])
def test_read_instance_takes_an_impossible_spacing_for_none(spacing: bytes) -> None:
    assert (
        dicom.read_instance(hostile.dicom(hostile.element(0x0028, 0x0030, b"DS", spacing))).pixel_spacing
        is None
    )


def test_frame_pixels_refuses_an_odd_number_of_samples() -> None:
    one, four = (hostile.element(0x0028, 0x0002, b"US", bytes([count, 0])) for count in (1, 4))

    with pytest.raises(clinical.ContentUnsupported):
        dicom.frame_pixels(hostile.dicom().replace(one, four))


MUTATIONS = st.lists(st.tuples(st.integers(0, 9000), st.integers(0, 255)), min_size=1, max_size=12)


@given(
    st.sampled_from(["MR_small_RLE.dcm", "MR_small_jp2klossless.dcm", "SC_rgb_jpeg_dcmtk.dcm", "rtplan.dcm"]),
    MUTATIONS,
)
def test_reading_mutated_files_ends_in_a_name(name: str, mutations: list[tuple[int, int]]) -> None:
    content = bytearray(corpus(name))
    for place, value in mutations:
        content[place % len(content)] = value
    with contextlib.suppress(
        clinical.ContentDamaged, clinical.ContentUnsupported, clinical.ContentTooLarge, clinical.NoSuchPage
    ):
        dicom.read_instance(bytes(content))
        dicom.displayed(dicom.frame_pixels(bytes(content)))
