"""The pages of the shell with invented content, to be looked at and tried in a browser.

Run `python tests/support/catalogue.py DIRECTORY` to photograph every one of them.
"""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import uvicorn
from markupsafe import Markup
from playwright.sync_api import ViewportSize, sync_playwright
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from serment import kernel
from serment.edge import shell
from support.brake_pages import BRAKE_PAGES
from support.browser import ARGUMENTS
from support.vigilance_pages import VIGILANCE_PAGES
from support.work import work_asked

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
_TEMPLATES = Path(__file__).parent.parent / "files" / "templates"

BANNER = shell.Banner(
    address="/dossiers/1",
    family_name="Martin",
    given_name="Zoé",
    birth_name="Delacroix",
    birth_date=date(1970, 3, 12),
    sex="F",
    ins="270037512345678",
    ins_status="qualified",
    alerts=("pénicilline", "latex"),
)
OTHER = shell.Banner(
    "/dossiers/2", "Martin", "Zoë", None, date(2024, 11, 2), "F", None, "provisional", alerts_known=False
)
VIEWER = shell.Viewer(
    "Camille ROUX",
    "Médecin",
    "Cabinet du Parc",
    (
        shell.Destination("patients", "/catalogue", "users", "Patients"),
        shell.Destination("messages", "/messages", "message-square", "Messages", waiting=3),
        shell.Destination("consultations", "/consultations", "video", "Consultations"),
        shell.Destination("administration", "/administration", "settings", "Administration"),
    ),
    search_address="/patients/search",
)
_FACTORS = [
    {
        "kind": "passkey",
        "word": "Clé d'accès",
        "label": "Tablette du cabinet",
        "added_at": NOW,
        "used_at": NOW,
        "backed_up": True,
        "remove_address": "#",
    },
    {
        "kind": "totp",
        "word": "Application d'authentification",
        "label": "",
        "added_at": NOW,
        "used_at": None,
        "backed_up": False,
        "remove_address": None,
    },
]
_SESSIONS = [
    {
        "place": "192.0.2.9",
        "browser": "Firefox, Linux",
        "method": "avec une clé d'accès",
        "began_at": NOW,
        "seen_at": NOW,
        "current": True,
        "end_address": "#",
    },
    {
        "place": "198.51.100.42",
        "browser": "Safari, iPad",
        "method": "avec un code de secours",
        "began_at": NOW,
        "seen_at": NOW - timedelta(hours=3),
        "current": False,
        "end_address": "#",
    },
]
_DEVICES = [
    {
        "browser": "Firefox, Linux",
        "place": "192.0.2.9",
        "since": NOW - timedelta(days=90),
        "seen_at": NOW,
        "current": True,
        "forget_address": "#",
    },
    {
        "browser": "Safari, iPad",
        "place": "2001:db8:85a3:8d3:1319:8a2e:370:7348",
        "since": NOW - timedelta(days=12),
        "seen_at": NOW - timedelta(hours=3),
        "current": False,
        "forget_address": "#",
    },
]
_EVENTS = [
    {"word": "Connexion", "at": NOW, "place": "192.0.2.9", "alarming": False},
    {
        "word": "Connexion refusée",
        "at": NOW - timedelta(days=1),
        "place": "203.0.113.250",
        "alarming": True,
    },
]
_CODES = [f"{a}{b}7Q-2M9{a}" for a in "KFRT" for b in "WX"]
_OFFERED = {
    "name": "Camille ROUX",
    "login": "camille.roux",
    "seed": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    "drawing": Markup('<svg viewBox="0 0 41 41" class="qr"><path stroke="#000" d="M2 2.5h7m1 0h3"/></svg>'),
    "challenge": "challenge",
    "options": "{}",
    "passkeys_only": False,
}
SIGNED_OUT: dict[str, dict[str, Any]] = {
    "sign-in/sign-in.html": {
        "login": "",
        "error": None,
        "wait": 0,
        "next": "/",
        "provider": "Pro Santé Connect",
    },
    "sign-in/work-demanded.html": {},
    "sign-in/second-step.html": {
        "recovery": False,
        "error": "La connexion n'a pas abouti.",
        "next": "/patients",
        "again": "/sign-in?next=%2Fpatients",
        "work": work_asked(),
    },
    "sign-in/signed-out.html": {"still_in": False, "provider": None, "provider_address": None},
    "sign-in/enrol.html": {"login": "camille.roux", "error": "Trop d'essais en peu de temps.", "wait": 30},
    "sign-in/enrol-factor.html": {
        "offered": _OFFERED,
        "door": {"address": "/enrol", "recovering": False},
        "carried": {"token": "token", "seed": _OFFERED["seed"]},
        "shortest": 12,
        "longest": 256,
        "errors": {"password": "Ce mot de passe est trop court : il en faut au moins 12 caractères."},
    },
    "sign-in/recovery-codes.html": {
        "codes": _CODES,
        "login": "camille.roux",
        "first": True,
        "recovering": False,
        "onward": "/sign-in",
    },
}
SIGNED_IN: dict[str, dict[str, Any]] = {
    **VIGILANCE_PAGES,
    **BRAKE_PAGES,
    "account/security.html": {
        "factors": _FACTORS,
        "passkeys_only": False,
        "lonely": False,
        "recovery_left": 2,
        "open_sessions": 2,
        "provider": "Pro Santé Connect",
        "may_make_keys": True,
        "events": _EVENTS,
    },
    "account/devices.html": {"sessions": _SESSIONS, "devices": _DEVICES},
    "catalogue.html": {
        "banner": BANNER,
        "other": OTHER,
        "here": "patients",
        "now": NOW,
        "birth": date(2026, 3, 1),
        "tabs": [
            shell.Link("Chronologie", "#", current=True, sign="history"),
            shell.Link("Équipe", "#"),
            shell.Link("Accès", "#"),
        ],
        "chips": [
            shell.Link("Tout", "#", current=True, count=214),
            shell.Link("Clinique", "#", count=120),
            shell.Link("Imagerie", "#", count=14),
        ],
    },
}


def catalogue_application(pages: shell.Pages, settings: shell.ShellSettings) -> ASGIApp:
    """Return an application with one address per page: `/catalogue`, `/sign-in/enrol`, ..."""

    def show(request: Request) -> Response:
        name = f"{request.path_params['name']}.html"
        if name in SIGNED_IN:
            shell.set_viewer(request, VIEWER)
        return pages.show(request, name, **({**SIGNED_OUT, **SIGNED_IN}[name]))

    return shell.build_application([Route("/show/{name:path}", show)], pages, settings)


def catalogue_settings() -> shell.ShellSettings:
    """Return settings for plain HTTP on loopback."""
    return shell.ShellSettings(frozenset({"127.0.0.1", "localhost"}), secret=bytes(32), scheme="http")


def catalogue_pages() -> shell.Pages:
    """Return pages that also find the catalogue's own template."""
    return shell.Pages(catalogue_settings(), kernel.SettableClock(NOW), more_templates=(_TEMPLATES,))


@contextmanager
def serving_catalogue() -> Iterator[str]:
    """Serve the catalogue on a free port of loopback; gives its address."""
    application = catalogue_application(catalogue_pages(), catalogue_settings())
    server = uvicorn.Server(
        uvicorn.Config(application, host="127.0.0.1", port=0, log_level="error", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


_Look = tuple[int, int, Literal["light", "dark"], str]
_LOOKS: tuple[_Look, ...] = (
    (360, 740, "light", "fr"),
    (360, 740, "dark", "en"),
    (820, 1180, "dark", "en"),
    (820, 1180, "light", "fr"),
    (1440, 900, "light", "fr"),
    (1440, 900, "dark", "fr"),
)


def photograph(directory: Path, names: list[str]) -> None:
    """Photograph pages at three widths, light and dark, in both languages."""
    directory.mkdir(parents=True, exist_ok=True)
    with serving_catalogue() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(ARGUMENTS))
        for width, height, colours, language in _LOOKS:
            size = ViewportSize(width=width, height=height)
            context = browser.new_context(viewport=size, color_scheme=colours, locale=language)
            page = context.new_page()
            for name in names:
                plain = name.removesuffix(".html")
                page.goto(f"{address}/show/{plain}")
                page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
                shot = f"{plain.replace('/', '-')}-{width}-{colours}-{language}.png"
                page.screenshot(path=directory / shot, full_page=True)
            context.close()
        browser.close()


if __name__ == "__main__":
    photograph(Path(sys.argv[1]), sys.argv[2:] or [*SIGNED_OUT, *SIGNED_IN])
