"""The upload script in a real browser: what is sent, cut, paused, refused; and that nothing of it stays behind."""

import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, CDPSession, Dialog, Locator, Page, expect

from serment import kernel
from serment.edge.desk import Desk
from support.browser import axe_violations
from support.dossier import House
from support.edge import MOST_UPLOAD_BYTES
from support.films import ct_series, letter
from support.workshop import Workshop, enter_browser, working

pytestmark = pytest.mark.browser
SLOW_BYTES_A_SECOND = 2 * 1024 * 1024

Slow = Callable[[int], None]


@pytest.fixture
def database(embedded_database: kernel.Database) -> kernel.Database:
    return embedded_database


@pytest.fixture
def workshop(house: House, desk: Desk) -> Iterator[Workshop]:
    with working(house, desk) as served:
        yield served


@pytest.fixture
def page(chromium: Browser, house: House, workshop: Workshop) -> Iterator[Page]:
    context = enter_browser(chromium, house, workshop.address, house.physician, bypass_csp=True)
    page = context.new_page()
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{workshop.address}/trial/{house.martin}")
    yield page
    assert said == []
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    context.close()


@pytest.fixture
def slow(page: Page) -> Slow:
    """Let the page send so many bytes a second; -1 lets it send as fast as it can."""
    session: CDPSession = page.context.new_cdp_session(page)
    session.send("Network.enable")

    def slow_down(bytes_a_second: int) -> None:
        session.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": 0,
                "downloadThroughput": -1,
                "uploadThroughput": bytes_a_second,
            },
        )

    return slow_down


def choose(page: Page, *paths: Path, title: str = "") -> None:
    page.get_by_label("Déposez des fichiers").set_input_files(list(paths))
    if title:
        page.get_by_label("Titre").fill(title)


def send(page: Page) -> None:
    page.get_by_role("button", name="Ajouter au dossier").click()


def row(page: Page, name: str) -> Locator:
    return page.locator(".upload", has_text=name)


def filed(house: House) -> dict[str, str]:
    """Return the title and the digest of every document of the dossier."""
    return {
        line.title: hashlib.sha256(house.read(house.physician, line.entry)).hexdigest()
        for line in house.lines(house.physician)
    }


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


def large(folder: Path, name: str = "film.bin", mebibytes: int = 12) -> Path:
    return write(folder, name, hashlib.shake_256(name.encode()).digest(mebibytes * 2**20))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_files_are_sent_and_each_row_leads_to_its_document(page: Page, house: House, tmp_path: Path) -> None:
    one, other = (
        write(tmp_path, "lettre.pdf", letter("Bonjour")),
        write(tmp_path, "Réponse.txt", b"D'accord."),
    )
    choose(page, one, other)
    assert axe_violations(page) == []
    send(page)

    for name in ("lettre.pdf", "Réponse.txt"):
        expect(row(page, name)).to_have_attribute("data-state", "done", timeout=15_000)
    assert filed(house) == {"lettre": digest(one), "Réponse": digest(other)}
    leads_to = row(page, "lettre.pdf").get_by_role("link", name="Ouvrir le document").get_attribute("href")
    entry = next(line.entry for line in house.lines(house.physician) if line.title == "lettre")
    assert leads_to == f"/dossiers/{house.martin}/documents/{entry}"
    assert axe_violations(page) == []


def test_upload_pauses_and_goes_on_where_it_stood(
    page: Page, house: House, tmp_path: Path, slow: Slow
) -> None:
    path = large(tmp_path)
    offsets: list[int] = []
    page.on("request", lambda sent: offsets.append(int(sent.headers.get("upload-offset", -1))))
    choose(page, path)
    slow(SLOW_BYTES_A_SECOND)
    send(page)
    expect(row(page, "film.bin")).to_contain_text("encore", timeout=15_000)
    page.get_by_role("button", name="Mettre en pause").click()
    expect(row(page, "film.bin")).to_contain_text("en pause")
    assert filed(house) == {}

    slow(-1)
    page.get_by_role("button", name="Reprendre").click()
    expect(row(page, "film.bin")).to_have_attribute("data-state", "done", timeout=15_000)

    assert filed(house) == {"film": digest(path)}
    assert max(offsets) > 0


def test_upload_goes_on_by_itself_after_a_cut(
    page: Page, house: House, tmp_path: Path, slow: Slow, workshop: Workshop
) -> None:
    path = large(tmp_path)
    choose(page, path)
    slow(SLOW_BYTES_A_SECOND)
    send(page)
    expect(row(page, "film.bin")).to_contain_text("encore", timeout=15_000)
    workshop.cut()
    expect(page.get_by_role("status").filter(has_text="reprendra seul")).to_be_visible(timeout=15_000)
    slow(-1)

    expect(row(page, "film.bin")).to_have_attribute("data-state", "done", timeout=30_000)
    assert filed(house) == {"film": digest(path)}


def test_cancelled_upload_leaves_nothing(
    page: Page, house: House, tmp_path: Path, slow: Slow, part_directory: Path
) -> None:
    choose(page, large(tmp_path))
    slow(SLOW_BYTES_A_SECOND)
    send(page)
    expect(row(page, "film.bin")).to_contain_text("encore", timeout=15_000)
    with page.expect_response(lambda answer: answer.request.method == "DELETE") as gone:
        page.get_by_role("button", name="Annuler l’envoi").click()

    assert gone.value.status == 204
    expect(page.locator(".upload")).to_have_count(0)
    assert filed(house) == {}
    # The cut connection takes its last part away by itself, perhaps a moment after the answer.
    end = time.monotonic() + 10
    while (left := [path for path in part_directory.rglob("*") if path.is_file()]) and time.monotonic() < end:
        page.wait_for_timeout(100)
    assert left == []


def test_refusals_are_said_in_plain_words(page: Page, house: House, tmp_path: Path) -> None:
    too_large = tmp_path / "enorme.bin"
    with too_large.open("wb") as file:
        file.truncate(MOST_UPLOAD_BYTES + 1)
    choose(page, too_large, write(tmp_path, "vide.pdf", b""))
    send(page)

    expect(row(page, "enorme.bin")).to_contain_text(
        "Ce document dépasse la taille acceptée ici. Rien n’a été enregistré."
    )
    expect(row(page, "vide.pdf")).to_contain_text("ne peut pas être classé tel qu’il est décrit")
    expect(page.get_by_role("button", name="Reprendre")).to_have_count(0)
    row(page, "vide.pdf").get_by_role("button", name="Retirer de la liste").click()
    expect(page.locator(".upload")).to_have_count(1)
    assert filed(house) == {}


def test_folder_of_images_has_one_row(page: Page, house: House, tmp_path: Path) -> None:
    folder = tmp_path / "CD"
    for number, content in enumerate(ct_series(30, side=64)):
        write(folder, f"IM{number:04}", content)
    write(folder, ".DS_Store", b"left by a system")
    page.get_by_label("Ou un dossier entier").set_input_files(folder)
    send(page)

    expect(page.locator(".upload")).to_have_count(1)
    expect(row(page, "30 images")).to_have_attribute("data-state", "done", timeout=60_000)
    expect(row(page, "30 images")).to_contain_text("30 sur 30 dans le dossier")
    assert len([line for line in house.lines(house.physician) if line.image is not None]) == 30


def test_a_chosen_file_may_be_left_out(page: Page, house: House, tmp_path: Path) -> None:
    choose(
        page, write(tmp_path, "lettre.pdf", letter("Bonjour")), write(tmp_path, "autre.pdf", letter("Non"))
    )
    row(page, "autre.pdf").get_by_role("button", name="Retirer de la liste").click()
    page.get_by_label("Titre").fill("Courrier de sortie")
    send(page)

    expect(row(page, "lettre.pdf")).to_have_attribute("data-state", "done", timeout=15_000)
    assert list(filed(house)) == ["Courrier de sortie"]


def test_sending_nothing_says_what_to_do(page: Page) -> None:
    send(page)

    expect(page.get_by_role("status").filter(has_text="Choisissez")).to_be_visible()


def test_leaving_while_bytes_are_on_their_way_asks_first(page: Page, tmp_path: Path, slow: Slow) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    choose(page, large(tmp_path))
    slow(SLOW_BYTES_A_SECOND)
    send(page)
    expect(row(page, "film.bin")).to_contain_text("encore", timeout=15_000)
    page.evaluate("setTimeout(() => location.assign('/'))")
    page.wait_for_timeout(300)

    assert asked == ["beforeunload"]
    page.get_by_role("button", name="Annuler l’envoi").click()
    expect(page.locator(".upload")).to_have_count(0)


def test_the_session_is_kept_alive_while_bytes_are_on_their_way(
    page: Page, tmp_path: Path, slow: Slow
) -> None:
    page.clock.install()
    page.reload()
    page.evaluate("document.addEventListener('serment:activity', () => { document.title = 'alive'; })")
    choose(page, large(tmp_path))
    slow(SLOW_BYTES_A_SECOND // 2)
    send(page)
    expect(row(page, "film.bin")).to_contain_text("encore", timeout=15_000)
    with page.expect_request(lambda sent: sent.method == "HEAD", timeout=15_000) as kept:
        page.clock.run_for(301_000)

    assert "/uploads/" in kept.value.url
    expect(page).to_have_title("alive")
    page.get_by_role("button", name="Annuler l’envoi").click()
    expect(page.locator(".upload")).to_have_count(0)


def test_dropped_folders_give_their_files_however_deep(page: Page) -> None:
    script = page.locator("script[src*='js/upload.js']").get_attribute("src") or ""
    names = page.evaluate(
        """async (address) => {
          const { gather } = await import(address);
          const file = (name) => ({ name, isDirectory: false, file: (done) => done(new File([name], name)) });
          const folder = (name, inside) => ({
            name, isDirectory: true,
            createReader: () => { const slices = [inside.slice(0, 2), inside.slice(2), []];
              return { readEntries: (done) => done(slices.shift()) }; },
          });
          const series = folder('SE0', [file('IM0'), file('IM1'), file('IM2')]);
          const found = await gather([folder('CD', [series, file('DICOMDIR'), file('.DS_Store')]), file('lettre.pdf')]);
          return found.map((one) => one.name);
        }""",
        script.replace("upload.js", "upload_folders.js"),
    )

    assert names == ["IM0", "IM1", "IM2", "lettre.pdf"]
