import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from typing_extensions import override

from serment.app.logs import redacted_path, set_up_logs

CANARY = "Zoe-Martinet-1970"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is logged while the test runs; afterwards logging is as it was."""
    said = io.StringIO()
    monkeypatch.setattr("sys.stderr", said)
    root = logging.getLogger()
    before = (root.handlers, root.level)
    set_up_logs("info")
    yield said
    root.handlers, level = before
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def test_only_allowed_fields_are_written(written: io.StringIO) -> None:
    structlog.get_logger().info("request", status=200, patient=CANARY, path="/")

    line = json.loads(written.getvalue())
    assert set(line) == {"event", "level", "path", "status", "timestamp"}


def test_libraries_are_heard_without_their_values(written: io.StringIO) -> None:
    logging.getLogger("some.library").warning("cannot open %s", CANARY)

    line = json.loads(written.getvalue())
    assert (line["template"], line["source"]) == ("cannot open %s", "some.library")
    assert CANARY not in written.getvalue()


def test_the_text_of_an_error_is_not_written(written: io.StringIO) -> None:
    try:
        int(CANARY)
    except ValueError:
        logging.getLogger("some.library").exception("failed")

    assert json.loads(written.getvalue())["kind"] == "ValueError"
    assert CANARY not in written.getvalue()


def test_what_is_below_the_level_is_not_written(written: io.StringIO) -> None:
    structlog.get_logger().debug("detail")
    logging.getLogger("some.library").info("detail")

    assert written.getvalue() == ""


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/", "/"),
        (
            "/dossiers/0b7d8f52-6a0e-4c3c-9a53-6f3b8f1f9c11/entries",
            "/dossiers/0b7d8f52-6a0e-4c3c-9a53-6f3b8f1f9c11/entries",
        ),
        ("/static/a1b2c3/css/serment.css", "/static/*/css/serment.css"),
        (f"/patients/{CANARY}", "/patients/*"),
        ("/patients/1700312345678", "/patients/*"),
        ("/.well-known/security.txt", "/.well-known/security.txt"),
    ],
)
def test_paths_keep_words_and_identifiers_only(path: str, kept: str) -> None:
    assert redacted_path(path) == kept


class _FullDisk(io.StringIO):
    @override
    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


def test_log_on_a_full_disk_is_lost_and_nothing_else(
    written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr", _FullDisk())
    set_up_logs("info")

    structlog.get_logger().error("edge.answer-failed", code="store.unavailable")
    logging.getLogger("some.library").error("failed")
