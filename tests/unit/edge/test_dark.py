"""What is dark differs in colours alone, so that a page is held against its colours there, and nothing more."""

import re
from pathlib import Path

from serment import edge

STYLES = Path(edge.__file__).parent / "static" / "css"
_DARK = re.compile(r"(prefers-color-scheme|data-theme=\"dark\")[^{]*\{(?:\s*:root[^{]*\{)?([^{}]*)\}")


def test_dark_sets_colours_and_nothing_else() -> None:
    text = "".join(path.read_text("utf-8") for path in sorted(STYLES.glob("*.css")))
    blocks = [block[2] for block in _DARK.finditer(text)]

    names = {line.partition(":")[0].strip() for block in blocks for line in block.split(";")} - {""}

    assert len(blocks) == len(re.findall(r"prefers-color-scheme|data-theme=\"dark\"", text)) > 1
    assert [name for name in names if not name.startswith("--")] == ["color-scheme"]
    assert names & set(_lengths(text)) == set()


def _lengths(text: str) -> list[str]:
    """Return the custom properties that size or place something."""
    return re.findall(
        r"(?:width|height|padding|margin|gap|font-size|display|inset)[a-z-]*:\s*var\((--[a-z-]+)\)", text
    )
