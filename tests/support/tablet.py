"""A tablet with a fingerprint reader, and a finger that is on it only when a test says so."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, ViewportSize

_SIZE = ViewportSize(width=820, height=1180)
_READER = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": False,
}


@dataclass(frozen=True)
class Tablet:
    """A browser and its reader. Sign-in pages offer passkeys by themselves: a finger left there would sign in."""

    page: Page
    device: CDPSession
    reader: str

    @contextmanager
    def finger_on(self) -> Iterator[None]:
        """Keep a finger on the reader while something is asked of it."""
        self._present(present=True)
        yield
        self._present(present=False)

    def _present(self, *, present: bool) -> None:
        answer = {"authenticatorId": self.reader, "enabled": present}
        self.device.send("WebAuthn.setAutomaticPresenceSimulation", answer)


@contextmanager
def tablet(chromium: Browser) -> Iterator[Tablet]:
    """Give somebody a tablet; its context bypasses the content policy, for axe."""
    context = chromium.new_context(bypass_csp=True, viewport=_SIZE, locale="fr-FR")
    yield with_reader(context, context.new_page())
    context.close()


def with_reader(context: BrowserContext, page: Page) -> Tablet:
    """Give a page of a browser a fingerprint reader."""
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    added = device.send("WebAuthn.addVirtualAuthenticator", {"options": _READER})
    return Tablet(page, device, added["authenticatorId"])
