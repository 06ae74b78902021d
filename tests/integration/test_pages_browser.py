"""The clinical pages in a real browser: what axe finds, what the policy blocks, what works without scripts."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, ViewportSize

from serment import access, clinical, identity, ledger, vault, vigilance
from serment.edge import pages, uploads
from serment.edge.desk import Desk
from serment.edge.shell import ShellSettings, build_application
from support.browser import axe_violations
from support.dossier import House
from support.identity import make_entrance, open_session_of
from support.look import look_of

pytestmark = pytest.mark.browser
PHONE = ViewportSize(width=360, height=740)
DESK = ViewportSize(width=1440, height=900)
SETTINGS = ShellSettings(frozenset({"127.0.0.1"}), b"s" * 32, scheme="http", streams=uploads.STREAMS)
NOTE = "Consultation de suivi. Rien à signaler.\n".encode()


@dataclass(frozen=True)
class Served:
    """The pages of a house, served on loopback."""

    address: str
    desk: Desk

    def enter(self, browser: Browser, caller: identity.Caller, **options: object) -> BrowserContext:
        """Return a browser's context in which somebody is signed in."""
        with self.desk.database.unit_of_work() as uow:
            token = open_session_of(uow, caller.account).token
        context = browser.new_context(locale="fr-FR", **options)  # type: ignore[arg-type]  # options of Playwright
        context.add_cookies(
            [{"name": self.desk.pages.cookies.name("session"), "value": token, "url": self.address}]
        )
        return context


@pytest.fixture
def house(embedded_house: House) -> House:
    return embedded_house


@pytest.fixture
def served(house: House, keyring: vault.Keyring) -> Iterator[Served]:
    shown = look_of(SETTINGS).at(house.database.clock)
    desk = Desk(house.database, shown, make_entrance(house.database, keyring), 1024 * 1024)
    application = build_application([*uploads.routes(desk), *pages.routes(desk)], shown, SETTINGS)
    server = uvicorn.Server(
        uvicorn.Config(application, host="127.0.0.1", port=0, log_level="error", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield Served(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", desk)
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def filled(house: House) -> str:
    """A dossier with two notes and a sensitive one; the address of the first."""
    house.file(NOTE, title="Hémogramme", kind=clinical.DocumentKind.LABORATORY_RESULT)
    house.file(NOTE, title="Entretien", sensitive=True)
    return f"/dossiers/{house.martin}/documents/{house.file(NOTE, title='Lettre').head.id}"


@pytest.mark.parametrize(("size", "colours"), [(DESK, "light"), (PHONE, "dark")])
def test_axe_finds_nothing_and_nothing_runs_over(
    chromium: Browser, served: Served, house: House, filled: str, size: ViewportSize, colours: str
) -> None:
    base, entry = f"/dossiers/{house.martin}", filled.rpartition("/")[2]
    context = served.enter(chromium, house.physician, viewport=size, color_scheme=colours, bypass_csp=True)
    page = context.new_page()
    found: list[str] = []
    views = ["/access", "/trail", "/file", "/share", f"/share?entry={entry}", "/images", "/identity"]
    addresses = ["/", "/patients", "/patients/new", base, *(base + view for view in views)]
    addresses += [filled, f"{filled}/amend", f"{filled}/withdraw", f"{filled}/history"]
    for address in addresses:
        page.goto(served.address + address)
        found += [f"{address}: {violation}" for violation in axe_violations(page)]
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append(f"{address}: wider than the screen")
    context.close()

    assert found == []


def test_axe_finds_nothing_where_a_patient_asks_who_looked(
    chromium: Browser, served: Served, house: House, filled: str
) -> None:
    lines = _contest_and_be_told(house, access.EntryId(UUID(filled.rpartition("/")[2])))
    context = served.enter(chromium, house.patient, viewport=PHONE, color_scheme="dark", bypass_csp=True)
    page, trail = context.new_page(), f"/dossiers/{house.martin}/trail"
    found: list[str] = []
    for address in ("/mine", trail, f"{trail}?view=all", *(f"{trail}/contest/{line}" for line in lines)):
        page.goto(served.address + address)
        found += [f"{address}: {violation}" for violation in axe_violations(page)]
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append(f"{address}: wider than the screen")
    context.close()

    assert found == []


def _contest_and_be_told(house: House, entry: access.EntryId) -> list[ledger.TraceId]:
    """Let the patient be told of a reading, and contest another; return the lines of both."""
    house.open(house.physician, entry)
    with house.database.unit_of_work() as uow:
        control = access.decide(uow, house.patient, access.Action.CONTROL, house.martin)
        access.wish_for_notices(uow, control, access.Wish.TOLD)
        permit = access.decide(uow, house.patient, access.Action.READ_TRAIL, house.martin)
        recorded = access.read_trail(uow, permit)
        lines = [one.id for one in recorded if one.trace.kind in {"dossier.read", "dossier.opened"}]
        kind = vigilance.IncidentKind.ACCESS_CONTESTED
        report = vigilance.Report(
            house.organisation.id, kind, house.physician.account, house.martin, lines[0], "Pourquoi ?"
        )
        vigilance.open_incident(uow, house.patient.actor, report)
    house.open(house.physician, entry)
    return [lines[0], lines[-1]]


def test_document_opens_beside_the_list_and_closes(
    chromium: Browser, served: Served, house: House, filled: str
) -> None:
    context = served.enter(chromium, house.physician, viewport=DESK)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{served.address}/dossiers/{house.martin}")

    page.click("text=Lettre")
    page.wait_for_selector("[data-detail] [data-document]")
    beside = (page.url, page.is_visible("text=Hémogramme"), page.inner_text("[data-detail] h2"))
    page.go_back()
    page.wait_for_selector("[data-detail]", state="hidden")
    context.close()

    assert beside == (served.address + filled, True, "Lettre")
    assert said == []


def test_words_typed_over_the_list_narrow_it(
    chromium: Browser, served: Served, house: House, filled: str
) -> None:
    context = served.enter(chromium, house.physician, viewport=DESK)
    page = context.new_page()
    page.goto(f"{served.address}/dossiers/{house.martin}")

    page.fill("#narrow", "hemo")
    shown = page.locator("[data-row]:visible .line-title").all_inner_texts()
    page.fill("#narrow", "rien de tel")
    none = page.is_visible("text=Aucune ligne ne contient ces mots")
    context.close()

    assert (shown, none) == (["Hémogramme"], True)


def test_pages_work_without_scripts(chromium: Browser, served: Served, house: House, filled: str) -> None:
    context = served.enter(chromium, house.physician, viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(served.address)

    page.fill("#search", "12/03/1970 mar")
    page.press("#search", "Enter")
    page.click("text=MARTIN Zoé")
    page.click("text=Lettre")
    page.click("text=Corriger")
    page.fill("#title", "Lettre de suivi")
    page.fill("#reason", "titre incomplet")
    page.click("text=Corriger dans le dossier")
    corrected = page.inner_text("h1")
    page.goto(f"{served.address}/dossiers/{house.martin}/file")
    told = page.is_visible("noscript .alert")
    context.close()

    assert (corrected, told) == ("Lettre de suivi", True)
