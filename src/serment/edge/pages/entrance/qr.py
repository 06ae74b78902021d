"""QR codes, drawn inside the page."""

import segno
from markupsafe import Markup

from serment.edge.shell import FieldRefused

#: What a drawing of this density holds. Source: ISO/IEC 18004, version 40-M.
MOST_BYTES = 2331


def qr_code(text: str) -> Markup:
    """Return a QR code as a drawing: no address of its own, no style, nothing to fetch.

    Raises:
        FieldRefused: more than a drawing holds; what is drawn may have come back in a form.
    """
    if len(text.encode()) > MOST_BYTES:
        raise FieldRefused("uri")
    drawn = segno.make(text, error="m", micro=False)
    svg = drawn.svg_inline(border=2, omitsize=True, svgclass="qr", lineclass=None)
    return Markup(svg)  # noqa: S704 -- made of numbers only
