"""THR-05: somebody holds a copy of the row database."""

from base64 import b64encode, urlsafe_b64encode
from datetime import date
from pathlib import Path

import argon2
import pytest
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import text
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from serment import access, dossier, identity, kernel
from serment.edge.desk import Desk
from serment.identity.tokens import digest_of
from support.canaries import dump, sweep_bytes, sweep_folder
from support.dossier import House
from support.entrance import SESSION, NewVisitor, signed_in_visitor
from support.identity import CHEAP_HASHING, PASSWORD, VISIT, enrol_somebody, open_session_of

ACCOUNT = "/account/security"
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
    pending = identity.begin_sign_in(entrance, identity.Credentials(LOGIN, PASSWORD))
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


def test_database_without_its_pepper_verifies_no_common_password(entrance: identity.Entrance) -> None:
    """AUT-05: whoever has every hash and tries the ten thousand most used passwords finds nobody's."""
    common = FREQUENCY_LISTS["passwords"][:10_000]
    stolen = [entrance.hasher.hash(common[rank]) for rank in (0, 99, 9_999)]
    guessing, plain = identity.PasswordHasher(CHEAP_HASHING, pepper=bytes(32)), argon2.PasswordHasher()

    found = [
        (stored, guess)
        for stored in stolen
        for guess in common
        if guessing.matches(stored, guess) or _verifies(plain, stored, guess)
    ]

    assert found == []
    assert [
        entrance.hasher.matches(stolen[rank], common[at]) for rank, at in ((0, 0), (1, 99), (2, 9_999))
    ] == [True] * 3


def _verifies(plain: argon2.PasswordHasher, stored: str, guess: str) -> bool:
    try:
        return plain.verify(stored, guess)
    except VerifyMismatchError:
        return False


def test_stolen_row_of_a_session_is_no_cookie(doors: Desk, new_visitor: NewVisitor) -> None:
    """AUT-12: whatever the row of a living session holds, however it is written, opens nothing as a cookie."""
    person = enrol_somebody(doors.entrance, identity.Role.PROFESSIONAL, profession=identity.Profession.NURSE)
    with doors.database.unit_of_work() as uow:
        opened = open_session_of(uow, person.account)
        rows = uow.connection.execute(text("SELECT * FROM sessions")).all()
    written = [way for row in rows for value in row for way in _ways_to_write(value)]

    assert signed_in_visitor(doors, new_visitor(), person.account).open(ACCOUNT).address == ACCOUNT
    for cookie in written:
        visitor = new_visitor()
        visitor.plant(SESSION, cookie)
        assert visitor.open(ACCOUNT).address.startswith("/sign-in"), cookie
    assert digest_of(opened.token).hex() in written
    assert opened.token not in written


def _ways_to_write(value: object) -> list[str]:
    if not isinstance(value, bytes | memoryview):
        return [str(value)] if value else []
    raw = bytes(value)
    return [raw.hex(), urlsafe_b64encode(raw).decode().rstrip("="), b64encode(raw).decode().rstrip("=")]
