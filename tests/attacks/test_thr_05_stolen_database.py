"""THR-05: somebody holds a copy of the row database."""

from datetime import date
from pathlib import Path

import pytest

from serment import access, dossier, identity, kernel
from support.canaries import dump, sweep_bytes, sweep_folder
from support.dossier import House
from support.identity import CHEAP_HASHING, PASSWORD, VISIT, enrol_somebody

LOGIN = "canary-login@example.test"
#: Of every class: identity, words and content of documents, reasons, accounts, factors.
CLINICAL_CANARIES = (
    "Zoé",
    "Martin",
    "Durand",
    "1970-03-12",
    "canary-of-a-letter",
    "canary-title",
    "canary-reason",
    "lettre.pdf",
)


@pytest.fixture
def lived_in(house: House) -> House:
    """A dossier that was used: filed, listed, read, amended, withdrawn."""
    before = house.file(title="canary-title")
    house.lines(house.physician)
    house.read(house.physician, before.head.id)
    draft = dossier.Draft("canary-title again", before.description.kind, date(2026, 3, 11))
    with house.database.unit_of_work() as uow:
        permit = dossier.decide_entry(uow, house.physician, access.Action.AMEND, house.martin, before.head.id)
        amended = dossier.amend_document(uow, permit, before, draft, note="canary-reason")
    with house.database.unit_of_work() as uow:
        permit = dossier.decide_entry(
            uow, house.physician, access.Action.WITHDRAW, house.martin, before.head.id
        )
        dossier.withdraw_document(uow, permit, amended, "canary-reason")
    return house


def test_dump_holds_no_word_of_a_dossier(lived_in: House) -> None:
    assert sweep_bytes(dump(lived_in.database), CLINICAL_CANARIES) == set()


def test_disk_holds_no_word_of_a_dossier(lived_in: House, tmp_path: Path) -> None:
    assert sweep_folder(tmp_path, CLINICAL_CANARIES) == set()


def test_dump_holds_no_name_login_password_or_factor(entrance: identity.Entrance) -> None:
    person = enrol_somebody(entrance, login=LOGIN)

    found = sweep_bytes(
        dump(entrance.database), [LOGIN, "Camille", PASSWORD, person.seed, *person.recovery_codes]
    )

    assert found == set()


def test_dump_holds_no_session_token(entrance: identity.Entrance, clock: kernel.SettableClock) -> None:
    person = enrol_somebody(entrance, login=LOGIN)
    clock.advance(entrance.rules.lives.pending_sign_in)
    pending = identity.begin_sign_in(entrance, identity.Credentials(LOGIN, PASSWORD), VISIT)
    code = identity.TotpCode(identity.code_at(person.seed, clock.now()))
    opened = identity.finish_sign_in(entrance, pending.token, code, VISIT)

    assert sweep_bytes(dump(entrance.database), [opened.token, pending.token]) == set()


def test_password_hash_of_a_dump_matches_nothing_without_the_pepper(entrance: identity.Entrance) -> None:
    enrol_somebody(entrance, login=LOGIN)
    stolen = dump(entrance.database)
    begin = stolen.index(b"$argon2id$")
    stolen_hash = stolen[begin : stolen.index(b"\0", begin)].decode()

    assert entrance.hasher.matches(stolen_hash, PASSWORD)
    assert not identity.PasswordHasher(CHEAP_HASHING, pepper=bytes(32)).matches(stolen_hash, PASSWORD)
