"""The main job, end to end, in a real browser on a real server, from an empty directory.

An administrator invites two physicians; one opens a patient's dossier, files a long PDF (paused and resumed on its
way), a CT dropped as a folder's worth of slices, a dictation and a note; shares with the other and with the patient,
who open everything on screens of their own. What comes back is what was filed; the trail is checked from outside; and
of all that was written, no word is found on the disk.
"""

import hashlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from serment.clinical.ins import control_key
from support.canaries import sweep_folder
from support.films import ct_series, dictation, letter
from support.prefork import run_serment, run_serment_json
from support.screens import Enrolled, Screen, confirm_identity, enrol, open_screen, sign_in
from support.server import RunningServer, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
SLICES = 24
SLOW_BYTES_A_SECOND = 2 * 1024 * 1024
PASSWORD = "guimbarde lanterne {} octobre cascade"
INS = "270031234567" + "8" + control_key("2700312345678")

#: One word of every class that must not be found at rest.
FAMILY, BIRTH, GIVEN = "Quenouillard", "Vertepierre", "Zephyrine"
PHYSICIAN, COLLEAGUE = "Ambroise Tournemain", "Bertille Carrelage"
LOGINS = ("ambroise.tournemain", "bertille.carrelage", "zephyrine.portail")
TITLE, FILE, SAID = "Ophicleide en lettre", "vielle-a-roue.pdf", "canari du texte de la lettre"
FILM_PATIENT, STUDY, SPOKEN = "THEORBE^CANARI", "Epinette axiale", "canari de la dictee"
NOTE, REASON = "Cervelas: note du canari", "Sacqueboute: raison du retrait"


@dataclass
class Clinic:
    """A server on its own directory, with everything that leaves traces outside it gathered beside."""

    server: RunningServer
    administrator: Enrolled
    originals: dict[str, str]
    codes: list[str]


@dataclass
class Journey:
    """What the journey leaves to be looked at."""

    clinic: Clinic
    people: list[Enrolled]
    complaints: list[str]
    secrets: list[str]
    directory: Path


@pytest.fixture(scope="module")
def journey(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """Walk the whole way once; the tests below look at it from several sides."""
    directory = tmp_path_factory.mktemp("installation")
    data, temporary = directory / "data", directory / "tmp"
    temporary.mkdir()
    founded = run_serment_json("init", "--data", str(data), "--administrator", "alix.admin")
    # Everybody comes in the longest way here, the administrator too: passkeys have journeys of their own.
    lenient = {"SERMENT_ADMINISTRATOR_PASSKEYS": "false"}
    with serving(data, TMPDIR=str(temporary), **lenient) as server:
        screens = [open_screen(chromium, server.origin) for _ in range(4)]
        administrator, physician, colleague, patient = screens
        people, secrets = _open_accounts(administrator, physician, colleague, str(founded["code"]))
        clinic = Clinic(server, people[0], {}, secrets)
        _open_dossier(physician)
        base = _base_of(physician)
        _file_documents(physician, clinic)
        _withdraw_the_note(physician)
        _share(physician, base)
        secrets.append(_invite_patient(physician, people[1], base))
        people.append(enrol(patient, LOGINS[2], secrets[-1], PASSWORD.format("trois")))
        sign_in(patient, people[-1])
        sign_in(colleague, people[2])
        _read_everything(colleague, clinic, base)
        _read_everything(patient, clinic, base)
        _look_at_the_trail(patient, base)
        complaints = [complaint for screen in screens for complaint in screen.complaints]
        tokens = [str(cookie["value"]) for one in screens for cookie in one.context.cookies()]
        for screen in screens:
            screen.context.close()
        yield Journey(clinic, people, complaints, [*secrets, *tokens], directory)
    shutil.rmtree(directory, ignore_errors=True)


def test_what_the_journey_wrote_can_be_verified(journey: Journey) -> None:
    done = run_serment("verify", "--data", str(journey.clinic.server.data))

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_page_on_the_way_is_accessible_and_breaks_no_policy(journey: Journey) -> None:
    assert "\n".join(journey.complaints) == ""


def test_nothing_that_was_written_lies_readable_on_the_disk(journey: Journey) -> None:
    words = [FAMILY, FAMILY.upper(), BIRTH, BIRTH.upper(), GIVEN, INS, TITLE, FILE, SAID, FILM_PATIENT, STUDY]
    words += [SPOKEN, NOTE, REASON, PHYSICIAN, COLLEAGUE, *LOGINS]
    secrets = [*journey.secrets, *(person.password for person in journey.people)]
    secrets += [person.seed for person in journey.people]
    secrets += [code for person in journey.people for code in person.recovery_codes]

    assert sweep_folder(journey.directory, [*words, *secrets]) == set()


def test_the_sweep_finds_a_word_planted_beside(journey: Journey) -> None:
    """The control: the same sweep, over the same files, finds what is really there."""
    planted = journey.directory / "tmp" / "spooled"
    planted.write_bytes(b"\0" * 99 + FAMILY.encode("utf-16-le") + b"\0" * 99)

    found = sweep_folder(journey.directory, [FAMILY, TITLE])

    planted.unlink()
    assert found == {f"tmp/spooled: {FAMILY} in UTF-16"}


def test_the_server_wrote_no_error_on_the_way(journey: Journey) -> None:
    assert [line for line in journey.clinic.server.output().splitlines() if "error" in line.lower()] == []


def _open_accounts(
    administrator: Screen, physician: Screen, colleague: Screen, code: str
) -> tuple[list[Enrolled], list[str]]:
    alix = enrol(administrator, "alix.admin", code, PASSWORD.format("zero"))
    sign_in(administrator, alix)
    people, codes = [alix], [code]
    for name, login, screen in ((PHYSICIAN, LOGINS[0], physician), (COLLEAGUE, LOGINS[1], colleague)):
        administrator.go("/administration/people")
        administrator.look()
        administrator.press("Inviter une personne")
        if screen is physician:
            confirm_identity(administrator, alix)
        administrator.look()
        administrator.fill("Prénom et nom", name)
        administrator.fill("Identifiant", login)
        administrator.page.get_by_label("Qualité").select_option(label="Médecin")
        administrator.press("Inviter")
        codes.append(administrator.page.locator("[data-code]").inner_text())
        administrator.look()
        people.append(enrol(screen, login, codes[-1], PASSWORD.format(login[0])))
    sign_in(physician, people[1])
    return people, codes


def _open_dossier(physician: Screen) -> None:
    physician.look()
    physician.press("Ouvrir un dossier")
    physician.look()
    physician.fill("Nom utilisé", FAMILY)
    physician.fill("Nom de naissance", BIRTH)
    physician.fill("Prénoms de naissance", f"{GIVEN}, Anne")
    physician.fill("Date de naissance", "1970-03-12")
    physician.page.get_by_label("Sexe").select_option(label="Femme")
    physician.fill("Matricule INS", INS)
    physician.press("Ouvrir le dossier")
    expect(physician.page.locator(".banner-name")).to_have_text(f"{FAMILY.upper()} {GIVEN}")
    physician.look()


def _base_of(screen: Screen) -> str:
    found = re.search(r"/dossiers/[0-9a-f-]{36}", screen.page.url)
    assert found is not None
    return found[0]


def _file_documents(physician: Screen, clinic: Clinic) -> None:
    scanned = letter(SAID, padding_bytes=12 * 2**20)
    films = [(f"IM{number:03}", film) for number, film in enumerate(_films())]
    spoken = dictation(3, SPOKEN)
    note = NOTE.encode()
    for name, content in [(TITLE, scanned), ("dictee", spoken), ("note", note), *films]:
        clinic.originals[name] = hashlib.sha256(content).hexdigest()
    _send_paused(physician, scanned)
    _send(physician, [("dictee.wav", spoken), ("note.txt", note)], wait_for="note.txt")
    physician.page.get_by_label("Sorte de document").select_option(label="Image")
    _send(physician, films, wait_for=f"{SLICES} images")
    physician.look()
    physician.go(_base_of(physician))
    expect(physician.page.get_by_text(f"{SLICES} images").first).to_be_visible()
    physician.look()


def _films() -> Iterator[bytes]:
    return ct_series(SLICES, patient=FILM_PATIENT, side=128, label=STUDY)


def _send_paused(physician: Screen, content: bytes) -> None:
    physician.press("Ajouter au dossier de")
    physician.look()
    row = physician.page.locator(".upload", has_text=FILE)
    physician.drop("[data-drop]", [(FILE, content)])
    physician.fill("Titre", TITLE)
    _slow(physician, SLOW_BYTES_A_SECOND)
    physician.press("Ajouter au dossier de")
    expect(row).to_contain_text("encore", timeout=30_000)
    row.get_by_role("button", name="Mettre en pause").click()
    expect(row).to_contain_text("en pause")
    physician.look()
    _slow(physician, -1)
    row.get_by_role("button", name="Reprendre").click()
    expect(row).to_have_attribute("data-state", "done", timeout=30_000)


def _send(physician: Screen, files: list[tuple[str, bytes]], *, wait_for: str) -> None:
    physician.fill("Titre", "")
    physician.drop("[data-drop]", files)
    physician.press("Ajouter au dossier de")
    row = physician.page.locator(".upload", has_text=wait_for)
    expect(row).to_have_attribute("data-state", "done", timeout=60_000)


def _slow(screen: Screen, bytes_a_second: int) -> None:
    session = screen.context.new_cdp_session(screen.page)
    session.send("Network.enable")
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_a_second}
    session.send("Network.emulateNetworkConditions", limits)


def _withdraw_the_note(physician: Screen) -> None:
    base = _base_of(physician)
    physician.page.get_by_role("link", name=re.compile("^note")).first.click()
    expect(physician.page.get_by_text(NOTE)).to_be_visible()
    physician.page.get_by_role("link", name="Retirer").click()
    physician.look()
    physician.fill("Raison du retrait", REASON)
    physician.press("Retirer du dossier de")
    physician.go(base)


def _share(physician: Screen, base: str) -> None:
    physician.go(f"{base}/share")
    physician.look()
    physician.page.get_by_label("Imagerie").check()
    physician.page.get_by_label("Dossier clinique").check()
    physician.page.get_by_role("button", name=re.compile(COLLEAGUE)).click()
    physician.look()
    physician.press(f"Partager avec {COLLEAGUE}")
    physician.go(f"{base}/access")
    expect(physician.page.locator(".line", has_text=COLLEAGUE)).to_be_visible()
    physician.look()


def _invite_patient(physician: Screen, claude: Enrolled, base: str) -> str:
    physician.go(f"{base}/access/patient")
    confirm_identity(physician, claude)
    physician.look()
    physician.fill("Identifiant de connexion", LOGINS[2])
    physician.press("Créer l’accès de")
    physician.look()
    return physician.page.locator(".handed").inner_text()


def _read_everything(reader: Screen, clinic: Clinic, base: str) -> None:
    """Open each document on this person's own screen; what comes back is what was filed."""
    reader.look()
    reader.page.locator(f"a[href='{base}']").first.click()
    reader.look()
    reader.page.get_by_role("link", name=re.compile(TITLE)).first.click()
    expect(reader.page.locator("img.sheet").first).to_have_js_property("complete", value=True)
    reader.look()
    assert hashlib.sha256(reader.downloaded("Télécharger")).hexdigest() == clinic.originals[TITLE]
    _listen(reader, clinic, base)
    _leaf_through(reader, clinic, base)


def _listen(reader: Screen, clinic: Clinic, base: str) -> None:
    reader.go(base)
    reader.page.get_by_role("link", name=re.compile("^dictee")).first.click()
    expect(reader.page.locator("figcaption")).to_have_text("Enregistrement de 3 secondes")
    sound = reader.page.locator("audio")
    assert reader.digest_of(sound.get_attribute("src") or "") == clinic.originals["dictee"]
    seconds = sound.evaluate(
        """(audio) => new Promise((told, refused) => {
          audio.addEventListener('seeked', () => told([audio.duration, audio.currentTime]));
          audio.addEventListener('loadedmetadata', () => { audio.currentTime = 2; });
          audio.addEventListener('error', () => refused(audio.error.message));
          audio.preload = 'auto';
          audio.load();
        })"""
    )
    assert seconds == [3, 2]
    reader.look()


def _leaf_through(reader: Screen, clinic: Clinic, base: str) -> None:
    reader.go(base)
    reader.page.get_by_role("link", name=re.compile(f"{SLICES} images")).first.click()
    expect(reader.page.locator(".viewer-window")).to_have_text("C 40 · L 400")
    reader.look()
    place = reader.page.locator(".viewer-place")
    for number in range(SLICES):
        expect(place).to_have_text(f"Coupe {number + 1} sur {SLICES}")
        link = reader.page.get_by_role("link", name="Télécharger").get_attribute("href") or ""
        path = re.sub(r"^\.\./", f"{base}/", link)
        assert reader.digest_of(path) == clinic.originals[f"IM{number:03}"]
        reader.page.keyboard.press("ArrowDown")


def _look_at_the_trail(patient: Screen, base: str) -> None:
    patient.go(f"{base}/trail")
    patient.look()
    expect(patient.page.get_by_text(COLLEAGUE).first).to_be_visible()
    patient.page.get_by_role("navigation", name="Pages").get_by_role("link").last.click()
    expect(patient.page.get_by_text(PHYSICIAN).first).to_be_visible()
    patient.go("/account/security")
    patient.look()
