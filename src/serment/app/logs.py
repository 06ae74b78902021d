"""Logs that name nobody: an allow-list decides which fields are written; what libraries say comes without values."""

import logging
import re
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any

import structlog
from typing_extensions import override

#: All that a log line may hold: when, what, where in the code, identifiers and counts.
ALLOWED = frozenset(
    {
        "code", "count", "event", "job", "job_kind", "kind", "level", "method", "milliseconds", "path", "places",
        "process", "reference", "size", "source", "status", "template", "timestamp",
    }
)  # fmt: skip
_IDENTIFIER = re.compile(
    r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}|\.?[a-z][a-z-]{0,23}(\.[a-z]{2,5})?|[0-9]{1,6}"
)
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def keep_allowed(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every field that is not on the list."""
    return {name: value for name, value in event.items() if name in ALLOWED}


def redacted_path(path: str) -> str:
    """Return a path with only its words and identifiers; whatever else somebody wrote there becomes `*`."""
    return "/".join(part if not part or _IDENTIFIER.fullmatch(part) else "*" for part in path.split("/"))


def set_up_logs(level: str) -> None:
    """Write logs to standard error: one JSON object a line, in colours where a person looks on."""
    lowest = _LEVELS[level]
    target = sys.stderr
    person = target.isatty()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            keep_allowed,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer() if person else structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(lowest),
        logger_factory=lambda *_: _LossyLogger(target),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers = [_OthersMessages(max(lowest, logging.WARNING))]
    root.setLevel(max(lowest, logging.WARNING))
    logging.captureWarnings(capture=True)


class _LossyLogger(structlog.PrintLogger):
    """Loses what cannot be written: a full disk under the log must not keep anybody from their answer.

    Accesses are not told here but in the ledger, and nothing is read that the ledger cannot write down.
    """

    @override
    def msg(self, message: str) -> None:
        with suppress(OSError):
            super().msg(message)

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


class _OthersMessages(logging.Handler):
    """What libraries say: their template and the class of an error, never the values they put in."""

    @override
    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[0] if record.exc_info else None
        structlog.get_logger().log(
            record.levelno,
            "library.said",
            source=record.name,
            template=record.msg.strip() if isinstance(record.msg, str) else "",
            kind=error.__name__ if error else "",
        )
