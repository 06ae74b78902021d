import json
import struct

import pytest

from serment import clinical
from serment.clinical.requests import pack, unpack


def test_messages_survive() -> None:
    header, body = unpack(pack({"a": 1}, b"xyz"))

    assert (header, bytes(body)) == ({"a": 1}, b"xyz")


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\0\0",
        pack({})[:-1],
        struct.pack(">I", 2) + b"[]",
        struct.pack(">I", 2**31),
        struct.pack(">I", 200_000) + b"[" * 200_000,
    ],
)
def test_unpack_refuses(message: bytes) -> None:
    with pytest.raises(clinical.RequestMalformed):
        unpack(message)


INSPECTION: dict[str, object] = {
    "media": "image/png",
    "display": "INLINE_PREVIEW",
    "pages": 1,
    "problem": "",
    "dicom": None,
    "findings": [],
}


@pytest.mark.parametrize(
    "change",
    [{"media": "text/x-evil"}, {"display": "INLINE"}, {"pages": "x"}, {"dicom": "{"}, {"findings": ["odd"]}],
)
def test_read_inspection_refuses_what_a_child_may_not_say(change: dict[str, object]) -> None:
    with pytest.raises(clinical.RequestMalformed):
        clinical.read_inspection(pack({**INSPECTION, **change}, clinical.encode_patches(())))


def test_read_inspection_refuses_missing_members_and_bad_patches() -> None:
    with pytest.raises(clinical.RequestMalformed):
        clinical.read_inspection(pack({}))
    with pytest.raises(clinical.RequestMalformed):
        clinical.read_inspection(pack(INSPECTION, b"x"))


def test_read_inspection_takes_findings_that_are_no_list_for_none() -> None:
    answer = pack({**INSPECTION, "findings": None}, clinical.encode_patches(()))

    assert clinical.read_inspection(answer).findings == ()


@pytest.mark.parametrize("media_type", ["text/html", "image/svg+xml", ""])
def test_read_preview_refuses_types_that_we_do_not_make(media_type: str) -> None:
    with pytest.raises(clinical.RequestMalformed):
        clinical.read_preview(pack({"media_type": media_type, "problem": ""}, b"<script>"))


def test_read_preview_passes_a_problem_on() -> None:
    assert clinical.read_preview(pack({"problem": "damaged"})) == clinical.Preview("", b"", "damaged")


@pytest.mark.parametrize(
    "header",
    [
        {"rows": 2, "columns": 2, "format": "u8"},
        {"rows": 1, "columns": 3, "format": "odd"},
        {"rows": "1", "columns": 3, "format": "u8"},
        {"rows": 1, "columns": None, "format": "u8"},
    ],
)
def test_read_frame_refuses_pixels_that_do_not_fit(header: dict[str, object]) -> None:
    with pytest.raises(clinical.RequestMalformed):
        clinical.read_frame(pack(header, b"abc"))


def test_read_frame_passes_pixels_and_problems_on() -> None:
    header: dict[str, object] = {"rows": 1, "columns": 3, "format": "u8"}

    assert clinical.read_frame(pack({**header, "problem": ""}, b"abc")) == clinical.Frame(header, b"abc")
    assert clinical.read_frame(pack({"problem": "unsupported"})).problem == "unsupported"


def test_requests_carry_their_questions() -> None:
    assert unpack(clinical.inspection_request(b"abc"))[0] == {"size": 3}
    assert unpack(clinical.inspection_request(b"abc", 9))[0] == {"size": 9}
    asked = unpack(clinical.preview_request(clinical.MediaType.PDF, b"x", page=2, side=99_999))[0]
    assert asked == {"media": "application/pdf", "page": 2, "side": 4096}
    assert json.loads(bytes(clinical.frame_request(b"", frame=7)[4:])) == {"frame": 7}
