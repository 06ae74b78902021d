"""Language and colours: chosen in any page, kept by the browser, working without scripts."""

from starlette.requests import Request
from starlette.responses import Response

from serment.edge.shell.bodies import read_form
from serment.edge.shell.languages import LANGUAGES
from serment.edge.shell.rendering import THEMES, Pages


class Preferences:
    """Answers `POST /preferences` (fields: language and/or theme, back)."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def keep(self, request: Request) -> Response:
        """Keep what was chosen and lead back to the page it was chosen on."""
        form = read_form(request)
        response = self._pages.go(safe_way_back(form.get("back", "/")))
        if form.has("language"):
            self._pages.cookies.put(response, "language", form.choice("language", LANGUAGES))
        if form.has("theme"):
            self._pages.cookies.put(response, "theme", form.choice("theme", THEMES))
        return response


def safe_way_back(address: str) -> str:
    """Return `address` when it is a path of this service, else the first page (no open redirect)."""
    ours = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if ours and "\\" not in address and len(address) < 500 else "/"  # noqa: PLR2004 -- no path of ours is longer
