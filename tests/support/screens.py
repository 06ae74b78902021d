"""People in front of their own screens: each has a browser context, an account and an application for codes.

Everything goes through pages, by labels and buttons, as French readers see them.
"""

import hashlib
import os
import re
import time
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize, expect

from serment import identity
from support.browser import axe_violations, colour_violations

TABLET = ViewportSize(width=820, height=1180)
_PRESSED: tuple[Literal["button", "link"], ...] = ("button", "link")
_SHOTS = os.environ.get("SERMENT_SHOTS")
_DROP = """([selector, files]) => {
  const carried = new DataTransfer();
  for (const [name, content] of files) {
    const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
    carried.items.add(new File([bytes], name));
  }
  const zone = document.querySelector(selector);
  for (const kind of ["dragover", "drop"]) {
    zone.dispatchEvent(new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true }));
  }
}"""


@dataclass
class Screen:
    """One person's browser, and what it complained of."""

    context: BrowserContext
    page: Page
    origin: str
    complaints: list[str] = field(default_factory=list)
    seen: int = 0

    def go(self, path: str) -> None:
        """Open an address."""
        self.page.goto(f"{self.origin}{path}")

    def press(self, name: str) -> None:
        """Press the button, or follow the link, whose name begins so."""
        wanted = re.compile(f"^{re.escape(name)}")
        button, link = (self.page.get_by_role(role, name=wanted) for role in _PRESSED)
        button.or_(link).first.click()

    def fill(self, label: str, text: str) -> None:
        """Write in the field whose label begins so."""
        self.page.get_by_label(re.compile(f"^{re.escape(label)}( \\(facultatif\\))?$")).fill(text)

    def look(self) -> None:
        """Hold the page that is shown against WCAG 2.2 AA, in light, and its colours in dark."""
        for colours, violations in (("light", axe_violations), ("dark", colour_violations)):
            self.page.emulate_media(color_scheme="dark" if colours == "dark" else "light")
            place = re.sub(r"[0-9a-f-]{36}", "…", self.page.url.removeprefix(self.origin))
            self.complaints += [f"{place} ({colours}): {found}" for found in violations(self.page)]
            self._photograph(colours)
        self.page.emulate_media(color_scheme="light")

    def drop(self, selector: str, files: Sequence[tuple[str, bytes]]) -> None:
        """Let files fall on a zone, as a hand does from a folder."""
        self.page.evaluate(
            _DROP, [selector, [[name, b64encode(content).decode()] for name, content in files]]
        )

    def digest_of(self, path: str) -> str:
        """Fetch an address with this person's session; return the SHA-256 of what comes back."""
        answer = self.page.request.get(f"{self.origin}{path}")
        assert answer.ok, answer.status
        return hashlib.sha256(answer.body()).hexdigest()

    def downloaded(self, link: str) -> bytes:
        """Follow a link that gives a file; return the file."""
        with self.page.expect_download() as fetched:
            self.press(link)
        return Path(fetched.value.path()).read_bytes()

    def listen(self, message: ConsoleMessage) -> None:
        """Keep what the browser complains of: what the policy blocks, what cannot be fetched."""
        if message.type == "error":
            self.complaints.append(f"console: {message.text}")

    def _photograph(self, colours: str) -> None:
        if _SHOTS:
            self.seen += 1
            name = re.sub(r"[0-9a-f-]{36}|\W+", "_", self.page.url.removeprefix(self.origin))[:60]
            Path(_SHOTS).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(_SHOTS) / f"{id(self) % 1000}-{self.seen:02}{name}-{colours}.png")


@dataclass
class Enrolled:
    """What somebody holds once their account is open."""

    login: str
    password: str
    seed: str
    recovery_codes: tuple[str, ...]


def open_screen(chromium: Browser, origin: str, size: ViewportSize = TABLET) -> Screen:
    """Give somebody a screen of their own."""
    context = chromium.new_context(locale="fr-FR", viewport=size, reduced_motion="reduce")
    screen = Screen(context, context.new_page(), origin)
    screen.page.on("pageerror", lambda error: screen.complaints.append(f"error: {error}"))
    screen.page.on("console", screen.listen)
    return screen


def enrol(screen: Screen, login: str, code: str, password: str) -> Enrolled:
    """Open an account with the code that was handed over: password and application for codes."""
    screen.go("/enrol")
    screen.look()
    screen.fill("Identifiant", login)
    screen.fill("Code d’inscription", code)
    screen.page.get_by_role("button", name="Continuer", exact=True).click()
    screen.look()
    seed = screen.page.locator(".secret-text").inner_text().replace(" ", "")
    screen.fill("Mot de passe", password)
    screen.fill("Mot de passe, une seconde fois", password)
    screen.fill("Code à six chiffres", code_of(seed))
    screen.page.get_by_role("button", name=re.compile("avec l’application$")).click()
    screen.page.locator("[data-code]").first.wait_for()
    screen.look()
    codes = tuple(screen.page.locator("[data-code]").all_inner_texts())
    screen.press("Je les ai gardés")
    return Enrolled(login, password, seed, codes)


def sign_in(screen: Screen, person: Enrolled) -> None:
    """Sign in with both factors; the code that opened the account is not taken twice, so the next one is given."""
    screen.go("/sign-in")
    screen.look()
    screen.fill("Identifiant", person.login)
    screen.fill("Mot de passe", person.password)
    screen.page.get_by_role("button", name="Continuer", exact=True).click()
    screen.look()
    screen.fill("Code à six chiffres", code_of(person.seed, ahead_seconds=30))
    screen.press("Se connecter")
    expect(screen.page.locator(".viewer-name, .avatar").first).to_be_visible()


def code_of(seed: str, *, ahead_seconds: int = 0) -> str:
    """Return the code of an application, now or a little later."""
    at = datetime.fromtimestamp(time.time() + ahead_seconds, UTC)
    return identity.code_at(seed, at)


def confirm_identity(screen: Screen, person: Enrolled) -> None:
    """Answer the page that asks who it is once more, with a recovery code: those of the application were just used."""
    screen.look()
    screen.press("Utiliser un code de secours")
    screen.page.get_by_label(re.compile("^Code de secours")).fill(person.recovery_codes[0])
    screen.page.get_by_role("button", name="Confirmer", exact=True).click()
