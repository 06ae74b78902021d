"""Sheets to PDF, through typst: data goes in as JSON beside a fixed template, never as markup."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import typst

_BEFORE_DOUBLE_SIGN = re.compile(r" ([:;?!%»])")
_NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
_PIXELS_PER_INCH = 110.0


def set_in_french(value: object) -> object:
    """Return `value` with French typography in each of its texts: curly apostrophes, spaces that do not break."""
    if isinstance(value, str):
        curly = value.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}").replace("« ", "«" + _NO_BREAK_SPACE)
        return _BEFORE_DOUBLE_SIGN.sub(_NO_BREAK_SPACE + r"\1", curly)
    if isinstance(value, Mapping):
        return {key: item if key == "type" else set_in_french(item) for key, item in value.items()}
    if isinstance(value, list):
        return [set_in_french(item) for item in value]
    return value


class Press:
    """Holds the template, ready to print; one press serves a whole demonstration."""

    def __init__(self) -> None:
        template = Path(__file__).with_name("sheet.typ")
        self._compiler = typst.Compiler(
            input=str(template), ignore_system_fonts=True, sys_inputs={"sheet": "{}"}
        )

    def pdf(self, sheet: Mapping[str, object], dated_at: datetime) -> bytes:
        """Return the sheet as a PDF that bears its own date, the same bytes at each call."""
        stamp = int(dated_at.timestamp())
        return _whole(self._compiler.compile(format="pdf", sys_inputs=_inputs(sheet), timestamp=stamp))

    def png(self, sheet: Mapping[str, object]) -> bytes:
        """Return the first page of the sheet as a picture, 110 pixels per inch."""
        return _whole(self._compiler.compile(format="png", ppi=_PIXELS_PER_INCH, sys_inputs=_inputs(sheet)))


def _whole(printed: bytes | list[bytes] | None) -> bytes:
    """Return what was printed, or its first page when pages come one by one."""
    pages = printed if isinstance(printed, list) else [printed or b""]
    return pages[0]


def _inputs(sheet: Mapping[str, object]) -> dict[str, str]:
    """Return the inputs of one compilation; left out, typst would keep those of the sheet before."""
    return {"sheet": json.dumps(set_in_french(sheet), ensure_ascii=False)}
