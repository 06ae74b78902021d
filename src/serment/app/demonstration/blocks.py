"""The pieces a sheet is composed of, as plain values that the page template knows."""

from collections.abc import Mapping, Sequence

Block = Mapping[str, object]

_CHART_LEFT_MM = 20.0
_CHART_WIDTH_MM = 140.0
_CHART_HEIGHT_MM = 34.0


def paragraph(text: str) -> Block:
    """Running text."""
    return {"type": "paragraph", "text": text}


def heading(text: str) -> Block:
    """The title of what follows."""
    return {"type": "heading", "text": text}


def bullets(*items: str) -> Block:
    """A short list."""
    return {"type": "bullets", "items": list(items)}


def facts(*rows: tuple[str, str]) -> Block:
    """Labels and their values, one line each."""
    return {"type": "facts", "rows": [list(row) for row in rows]}


def callout(label: str, text: str) -> Block:
    """What the reader must not miss: a conclusion, a warning."""
    return {"type": "callout", "label": label, "text": text}


def table(columns: Sequence[tuple[str, int]], rows: Sequence[Sequence[str]]) -> Block:
    """A table; each column has a label and a relative width."""
    return {
        "type": "table",
        "columns": [label for label, _ in columns],
        "widths": [width for _, width in columns],
        "rows": [list(row) for row in rows],
    }


def medicines(*lines: str) -> Block:
    """Numbered medicines, each written "name | dose | duration"."""
    cells = [[cell.strip() for cell in line.split("|")] for line in lines]
    return {
        "type": "medicines",
        "items": [{"name": name, "dose": dose, "duration": duration} for name, dose, duration in cells],
    }


def chart(label: str, points: Sequence[tuple[str, float]], target: tuple[float, float]) -> Block:
    """A curve in time with its target band; points are (label, value), oldest first."""
    values = [value for _, value in points]
    low, high = min(*values, target[0]), max(*values, target[1])
    margin = (high - low) * 0.12 or 1.0
    low, high = low - margin, high + margin

    def down(value: float) -> float:
        return round(1 + (high - value) / (high - low) * _CHART_HEIGHT_MM, 2)

    step = _CHART_WIDTH_MM / max(1, len(points) - 1)
    return {
        "type": "chart",
        "label": label,
        "band": [down(target[1]), round(down(target[0]) - down(target[1]), 2)],
        "points": [
            [round(_CHART_LEFT_MM + index * step, 2), down(value)] for index, value in enumerate(values)
        ],
        "labels": [name for name, _ in points],
        "ticks": [
            {"y": down(value), "label": f"{value:.4g}".replace(".", ",")} for value in (target[0], target[1])
        ],
    }
