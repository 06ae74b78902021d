"""From a template to an answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from serment import kernel
from serment.edge.shell.assets import Assets, load_assets
from serment.edge.shell.cookies import Cookies
from serment.edge.shell.csrf import FIELD, csrf_token
from serment.edge.shell.languages import LANGUAGES, Language, Words, choose_language, load_words
from serment.edge.shell.notices import read_notice, write_notice
from serment.edge.shell.settings import ShellSettings
from serment.edge.shell.signing import Signer
from serment.edge.shell.speech import Speech
from serment.edge.shell.viewer import initials, viewer_of

_HERE = Path(__file__).parent.parent
THEMES = frozenset({"auto", "light", "dark"})


@dataclass(frozen=True)
class Tongue:
    """All that speaks one language: sentences, dates and the templates bound to them."""

    words: Words
    speech: Speech
    environment: Environment


class Pages:
    """Shows templates in the language and the colours of whoever asks.

    One is made when the service starts and handed to every handler. `more_templates` are folders searched
    after our own.
    """

    def __init__(
        self, settings: ShellSettings, clock: kernel.Clock, *, more_templates: tuple[Path, ...] = ()
    ) -> None:
        self.cookies = Cookies(settings.scheme)
        self.assets = load_assets(_HERE / "static")
        self._signer = Signer(settings.secret)
        self._still: dict[tuple[Language, str], bytes] = {}
        words = load_words(_HERE / "locale")
        templates = (_HERE / "templates", *more_templates)
        self._tongues: dict[Language, Tongue] = {
            language: _make_tongue(
                words[language], Speech(words[language], clock, settings.time_zone), self.assets, templates
            )
            for language in LANGUAGES
        }

    def tongue(self, request: Request) -> Tongue:
        """Return the sentences and dates in the language of this request."""
        return self._tongues[choose_language(request, self.cookies.read(request, "language"))]

    def show(
        self,
        request: Request,
        name: str,
        /,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **context: Any,  # noqa: ANN401 -- what a template is given has every type
    ) -> HTMLResponse:
        """Render `templates/<name>` with `context` for whoever asks."""
        tongue = self.tongue(request)
        notice = read_notice(request, self.cookies, self._signer)
        frame = self._frame(request, tongue) | {"notice": tongue.words.say(notice) if notice else None}
        response = HTMLResponse(
            tongue.environment.get_template(name).render(**frame, **context), status, headers
        )
        if notice is not None:
            self.cookies.drop(response, "notice")
        return response

    def show_still(
        self, request: Request, name: str, /, *, status: int, headers: Mapping[str, str]
    ) -> HTMLResponse:
        """Answer a page that is the same for everybody in a language; it is rendered once, so it costs nothing."""
        tongue = self.tongue(request)
        body = self._still.get((tongue.words.language, name))
        if body is None:
            body = tongue.environment.get_template(name).render(lang=tongue.words.language).encode()
            self._still[tongue.words.language, name] = body
        return HTMLResponse(body, status, headers)

    def go(self, address: str, *, notice: str | None = None) -> RedirectResponse:
        """Send the browser to `address` after an act (303); `notice` is a marked sentence shown once there.

        The notice holds no names and no health data: it waits in a signed cookie.
        """
        response = RedirectResponse(address, 303)
        if notice is not None:
            write_notice(response, self.cookies, self._signer, notice)
        return response

    def _frame(self, request: Request, tongue: Tongue) -> dict[str, Any]:
        token = csrf_token(request)
        return {
            "lang": tongue.words.language,
            "theme": theme_of(self.cookies.read(request, "theme")),
            "viewer": viewer_of(request),
            "path": request.url.path,
            "place": place_of(request),
            "csrf_token": token,
            "csrf_field": Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, token),
            "reference": reference_of(request),
        }


def theme_of(kept: str | None) -> str:
    """Return the colours chosen before, `auto` when none were."""
    return kept if kept in THEMES and kept is not None else "auto"


def place_of(request: Request) -> str:
    """Return path and query, to come back to."""
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


def reference_of(request: Request) -> str:
    """Return the reference of this request, for support: eight characters and a hyphen."""
    return str(request.scope.get("serment.reference", ""))


def _make_tongue(words: Words, speech: Speech, assets: Assets, templates: tuple[Path, ...]) -> Tongue:
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(
        t=words.show,
        gettext=words.show,
        ngettext=words.show_many,
        static=assets.address,
        icon=_icon_maker(assets),
        initials=initials,
        **{name: getattr(speech, name) for name in _SPOKEN},
    )
    return Tongue(words, speech, environment)


_SPOKEN = ("day", "hour", "moment", "moment_with_zone", "iso", "ago", "span", "age", "size", "number")


def _icon_maker(assets: Assets) -> Callable[[str], Markup]:
    address = assets.address("icons.svg")

    def icon(name: str) -> Markup:
        if name not in assets.icons:
            raise KeyError(name)
        return Markup(
            '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>'
        ).format(address, name)

    return icon
