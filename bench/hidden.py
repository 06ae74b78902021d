"""Can what is hidden be told from what never was, by the time or the shape of an answer? FIG-05, LAW-41.

A nurse of the care team asks a real server, over TLS on loopback, for documents that the patient closed to
professionals, that her profession does not reach, that lie in a dossier she does not follow, and for documents that
never were. Classes take turns in random order, on one connection. An area under the curve (AUC) of 0.5 is a coin's.

Two classes hold the bench itself to account: other documents that never were, which nothing can tell apart (how far
chance goes), and documents that are open to her, which must be told apart (else the clock sees nothing). Compared
besides are status, body and each header, without what differs between any two answers.

Run: python -m bench.hidden [--samples 2000]
"""

import argparse
import http.client
import json
import random
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from bench.installation import PATIENT, enter, served, settings_with_passwords
from bench.signin.discern import ks_p, rank_auc
from serment import access, clinical, dossier, identity, kernel, vault
from serment.app.wiring import Installation, opened

DOCUMENTS = 20
FACES = ("", "/content")
#: Each class beside the one of documents that never were in the same dossier.
PAIRS = (
    ("closed by the patient", "never was"),
    ("beyond the profession", "never was"),
    ("in a dossier not followed", "never was, there"),
    ("never was either", "never was"),
    ("open to her", "never was"),
)
#: Rounds before the clock counts: the handshake, and what is read once.
WARMING = 5
_PEOPLE = (
    ("medecin", identity.Role.PROFESSIONAL, identity.Profession.PHYSICIAN),
    ("infirmiere", identity.Role.PROFESSIONAL, identity.Profession.NURSE),
    ("patiente", identity.Role.PATIENT, identity.Profession.NONE),
)
_OWN_HEADERS = {"date", "x-serment-reference", "content-security-policy", "set-cookie"}
#: In a body: the reference of the answer, proofs of forms and scripts, and the identifiers that the address named.
_OWN = re.compile(
    rb"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b|(?<=content=\")[\w.:-]{20,}|(?<=value=\")[\w.:-]{20,}|(?<=nonce=\")[^\"]+"
    rb"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)


@dataclass(frozen=True)
class Scene:
    """The nurse's cookie, and the addresses of each class of documents."""

    cookie: str
    documents: dict[str, list[str]]


def main() -> None:
    """Print how well each pair of classes can be told apart."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--samples", type=int, default=2000, help="answers of each class and face")
    samples = parser.parse_args().samples
    folder = Path(tempfile.mkdtemp(prefix="serment-bench-"))
    try:
        scene = _prepare(folder / "data")
        with served(folder / "data") as (port, _):
            for face in FACES:
                _report(face or "/", *_measure(scene, port, face, samples))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(data: Path) -> Scene:
    command = [sys.executable, "-m", "serment.app", "init", "--data", str(data), "--json"]
    said = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603 - our own command
    with opened(settings_with_passwords(data), "https://localhost:8443") as installation:
        administrator, _ = enter(installation, said["login"], said["code"])
        people = {}
        for login, role, profession in _PEOPLE:
            with installation.rows.unit_of_work() as uow:
                new = identity.Invitation(login, f"{login} Essai", role, profession)
                code = identity.invite(uow, administrator, new).code
            people[login] = enter(installation, login, code)
        return _furnish(installation, people)


def _furnish(installation: Installation, people: dict[str, tuple[identity.Caller, str]]) -> Scene:
    (physician, _), (nurse, token), (patient, _) = people.values()
    with installation.rows.unit_of_work() as uow:
        followed = dossier.create_dossier(uow, physician, PATIENT)
        other = dossier.create_dossier(uow, physician, PATIENT)
        leading = access.decide(uow, physician, access.Action.MANAGE_TEAM, followed)
        access.admit_to_care_team(uow, leading, account=nurse.account)
        sharing = access.decide(uow, physician, access.Action.SHARE, followed)
        access.link_patient(uow, sharing, patient.account)
    closed = _file(installation, physician, followed, access.Section.CLINICAL)
    beyond = _file(installation, physician, followed, access.Section.SENSITIVE)
    seen = _file(installation, physician, followed, access.Section.CLINICAL)
    elsewhere = _file(installation, physician, other, access.Section.CLINICAL)
    with installation.rows.unit_of_work() as uow:
        control = access.decide(uow, patient, access.Action.CONTROL, followed)
        for entry in closed:
            asked = access.RestrictionRequest(access.Against.PROFESSIONALS, entry=entry)
            access.restrict(uow, control, asked)
    never, either = ([access.EntryId(kernel.new_id()) for _ in range(DOCUMENTS)] for _ in range(2))
    lists = {
        "closed by the patient": (followed, closed),
        "beyond the profession": (followed, beyond),
        "never was": (followed, never),
        "never was either": (followed, either),
        "open to her": (followed, seen),
        "in a dossier not followed": (other, elsewhere),
        "never was, there": (other, never),
    }
    documents = {
        name: [f"/dossiers/{where}/documents/{entry}" for entry in entries]
        for name, (where, entries) in lists.items()
    }
    return Scene(f"__Host-serment={token}", documents)


def _file(
    installation: Installation,
    author: identity.Caller,
    where: kernel.DossierId,
    section: access.Section,
) -> list[access.EntryId]:
    filed = []
    for number in range(DOCUMENTS):
        entry = access.EntryId(kernel.new_id())
        draft = dossier.Draft(f"Document {number}", clinical.DocumentKind.LETTER, date(2026, 3, 10), "a.txt")
        with installation.rows.unit_of_work() as uow:
            permit = access.decide(uow, author, access.Action.FILE, where, section=section, entry=entry)
            scope = vault.Scope(permit.organisation, where, section.value)
            writer = uow.part(vault.ObjectStore).begin(scope)
            writer.write(memoryview(b"text"))
            writer.flush_part()
            stored = vault.finish_object(uow, writer)
            content = dossier.Content(stored.id, section, len(b"text"), clinical.MediaType.TEXT.value)
            dossier.file_document(uow, permit, entry, draft, content)
        filed.append(entry)
    return filed


def _measure(
    scene: Scene, port: int, face: str, samples: int
) -> tuple[dict[str, list[float]], dict[str, set[tuple[object, ...]]]]:
    browser = http.client.HTTPSConnection("localhost", port, context=ssl._create_unverified_context())  # noqa: S323, SLF001 - a throw-away certificate on loopback
    draw, names = random.Random(1), list(scene.documents)  # noqa: S311 - an order, not a secret
    times: dict[str, list[float]] = defaultdict(list)
    shapes: dict[str, set[tuple[object, ...]]] = defaultdict(set)
    for turn in range(-WARMING, samples):
        for name in draw.sample(names, len(names)):
            begun = time.perf_counter()
            browser.request(
                "GET", draw.choice(scene.documents[name]) + face, headers={"Cookie": scene.cookie}
            )
            answer = browser.getresponse()
            body = answer.read()
            if turn >= 0:
                times[name].append(time.perf_counter() - begun)
            headers = tuple(one for one in answer.getheaders() if one[0].lower() not in _OWN_HEADERS)
            shapes[name].add((answer.status, _OWN.sub(b"", body), headers))
    return times, shapes


def _report(face: str, times: dict[str, list[float]], shapes: dict[str, set[tuple[object, ...]]]) -> None:
    count = len(next(iter(times.values())))
    sys.stdout.write(f"\n{face}: {count} answers of each class\n")
    sys.stdout.write(f"{'class':<30}{'p50 ms':>9}{'AUC':>8}{'KS p':>8}  status, body and headers\n")
    for name, absent in PAIRS:
        mine, theirs = np.array(times[name]), np.array(times[absent])
        same = (
            "the same"
            if shapes[name] == shapes[absent]
            else "others: " + _told(shapes[name] ^ shapes[absent])
        )
        auc, p = rank_auc(theirs, mine), ks_p(theirs, mine)
        sys.stdout.write(f"{name:<30}{np.median(mine) * 1e3:9.2f}{auc:8.3f}{p:8.3f}  {same}\n")
    sys.stdout.flush()


def _told(shapes: set[tuple[object, ...]]) -> str:
    """Return what is said of answers that are not alike: their status."""
    return " / ".join(sorted({str(status) for status, *_ in shapes}))


if __name__ == "__main__":
    main()
