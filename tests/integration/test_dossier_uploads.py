"""Uploads that survive a cut, another process, a lost turn, second thoughts and the end of their time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from typing_extensions import override

from serment import access, clinical, dossier, identity, kernel, vault
from serment.dossier.filing.uploads import KEPT, TURN
from support.dossier import House, PlainWorkbench, furnish
from support.vault import part_files, rows

HEAD = 16 * 1024
BODY = bytes(range(256)) * 300
MOST = 2**30
DRAFT = dossier.Draft("Bilan canary-of-a-title", clinical.DocumentKind.LETTER, date(2026, 3, 10), "bilan.txt")


def begin(
    house: House,
    length: int | None = len(BODY),
    *,
    by: identity.Caller | None = None,
    draft: dossier.Draft = DRAFT,
) -> dossier.Upload:
    caller = by or house.physician
    with house.database.unit_of_work() as uow:
        filing = dossier.plan_filing(uow, caller, house.martin, draft)
        return dossier.begin_upload(uow, caller, filing, length, most_bytes=MOST)


def send(house: House, upload: dossier.Upload, offset: int, piece: bytes) -> dossier.Reception:
    """Send bytes as the edge does, and keep the turn."""
    reception = dossier.resume_upload(house.database, house.physician, upload.id, offset)
    kept = len(reception.parts)
    reception.write(memoryview(piece))
    reception.flush()
    dossier.keep_progress(house.database, upload.id, reception, kept)
    return reception


def leave(house: House, upload: dossier.Upload, reception: dossier.Reception) -> None:
    reception.abandon()
    dossier.leave_upload(house.database, upload.id)


def state(house: House, upload: dossier.Upload, caller: identity.Caller | None = None) -> dossier.Upload:
    with house.database.reading() as uow:
        return dossier.upload_state(uow, caller or house.physician, upload.id)


def conclude(house: House, upload: dossier.Upload, reception: dossier.Reception) -> dossier.Document:
    return dossier.conclude(house.database, house.physician, reception, upload=upload.id)


@pytest.fixture
def elsewhere(
    house: House, reopen: Callable[[], vault.Keyring], part_directory: Path, clock: kernel.SettableClock
) -> Iterator[House]:
    """The same house as another process has it: same files, same rows, nothing remembered."""
    database, keyring = kernel.Database(house.database.url, clock=clock), reopen()
    furnish(database, keyring, vault.ObjectStore(keyring, vault.DirectoryStore(part_directory)))
    yield replace(house, database=database)
    database.close()


def test_upload_goes_on_in_another_process(house: House, elsewhere: House) -> None:
    upload = begin(house)
    leave(house, upload, send(house, upload, 0, BODY[:50_000]))

    assert state(elsewhere, upload).offset == 50_000
    reception = send(elsewhere, upload, 50_000, BODY[50_000:])
    assert reception.filing.draft == DRAFT
    filed = conclude(elsewhere, upload, reception)

    assert (filed.head.id, filed.description.title) == (upload.entry, DRAFT.title)
    assert house.read(house.physician, upload.entry) == BODY


def test_upload_goes_on_from_durable_bytes_only(house: House, elsewhere: House) -> None:
    upload = begin(house)
    cut = dossier.resume_upload(house.database, house.physician, upload.id, 0)
    cut.write(memoryview(BODY[:40_000]))
    leave(house, upload, cut)

    assert state(elsewhere, upload).offset == 0
    filed = conclude(elsewhere, upload, send(elsewhere, upload, 0, BODY))

    assert house.read(house.physician, filed.head.id) == BODY


def test_upload_says_where_it_stands_until_its_end(house: House, clock: kernel.SettableClock) -> None:
    upload = begin(house)

    assert (upload.offset, upload.length, upload.filed) == (0, len(BODY), False)
    assert upload.expires_at == clock.now() + KEPT
    clock.advance(KEPT - timedelta(microseconds=1))
    assert state(house, upload) == upload
    clock.advance(timedelta(microseconds=1))
    with pytest.raises(dossier.UploadNotFound):
        state(house, upload)
    with pytest.raises(dossier.UploadNotFound):
        send(house, upload, 0, BODY)


def test_expired_uploads_are_taken_away_with_their_parts(
    house: House, part_directory: Path, clock: kernel.SettableClock
) -> None:
    old, filed = begin(house), begin(house)
    send(house, old, 0, BODY[:HEAD])
    conclude(house, filed, send(house, filed, 0, BODY))
    clock.advance(timedelta(days=1))
    young = begin(house)
    send(house, young, 0, BODY[:HEAD])
    assert len(part_files(part_directory)) == 3

    clock.advance(KEPT - timedelta(hours=1))

    assert [dossier.discard_expired(house.database) for _ in range(2)] == [2, 0]
    assert len(part_files(part_directory)) == 2
    assert state(house, young).offset == HEAD
    physician = house.caller()
    house.admit(physician)
    assert house.read(physician, filed.entry) == BODY


def test_expired_uploads_are_taken_away_a_few_at_a_time(house: House, clock: kernel.SettableClock) -> None:
    for _ in range(3):
        begin(house)
    clock.advance(KEPT + timedelta(seconds=1))

    assert [dossier.discard_expired(house.database, limit=2) for _ in range(3)] == [2, 1, 0]


def test_upload_takes_bytes_from_one_connection_at_a_time(house: House) -> None:
    upload = begin(house)
    first = send(house, upload, 0, BODY[:HEAD])

    with pytest.raises(dossier.UploadBusy):
        dossier.resume_upload(house.database, house.physician, upload.id, HEAD)
    leave(house, upload, first)
    second = dossier.resume_upload(house.database, house.physician, upload.id, HEAD)

    assert (second.size, second.begun) == (HEAD, first.begun)


def test_connection_that_says_nothing_loses_its_turn(house: House, clock: kernel.SettableClock) -> None:
    upload = begin(house)
    dossier.resume_upload(house.database, house.physician, upload.id, 0)
    clock.advance(TURN)
    with pytest.raises(dossier.UploadBusy):
        dossier.resume_upload(house.database, house.physician, upload.id, 0)

    clock.advance(timedelta(microseconds=1))

    dossier.resume_upload(house.database, house.physician, upload.id, 0)


def test_progress_keeps_the_turn(house: House, clock: kernel.SettableClock) -> None:
    upload = begin(house)
    slow = dossier.resume_upload(house.database, house.physician, upload.id, 0)
    clock.advance(TURN)
    slow.write(memoryview(BODY[:HEAD]))
    slow.flush()
    assert dossier.keep_progress(house.database, upload.id, slow, 0) == 1
    clock.advance(TURN)

    with pytest.raises(dossier.UploadBusy):
        dossier.resume_upload(house.database, house.physician, upload.id, HEAD)


@pytest.mark.parametrize("begun", [True, False])
def test_bytes_of_a_connection_that_lost_its_turn_are_taken_away(
    house: House, part_directory: Path, clock: kernel.SettableClock, begun: bool
) -> None:
    upload = begin(house)
    stands = HEAD if begun else 0
    if begun:
        leave(house, upload, send(house, upload, 0, BODY[:HEAD]))
    slow = dossier.resume_upload(house.database, house.physician, upload.id, stands)
    clock.advance(TURN + timedelta(seconds=1))
    quick = send(house, upload, stands, BODY[stands:])
    slow.write(memoryview(b"x" * HEAD))
    slow.flush()
    durable = len(part_files(part_directory))

    with pytest.raises(dossier.UploadOffsetMismatch):
        dossier.keep_progress(house.database, upload.id, slow, int(begun))

    assert len(part_files(part_directory)) == durable - 1
    conclude(house, upload, quick)
    assert house.read(house.physician, upload.entry) == BODY


def test_progress_without_a_new_part_writes_nothing(house: House) -> None:
    upload = begin(house)
    reception = dossier.resume_upload(house.database, house.physician, upload.id, 0)
    reception.write(memoryview(BODY[:10]))

    assert dossier.keep_progress(house.database, upload.id, reception, 0) == 0
    assert state(house, upload).offset == 0


def test_upload_is_not_resumed_from_elsewhere(house: House) -> None:
    upload = begin(house)
    leave(house, upload, send(house, upload, 0, BODY[:HEAD]))

    for offset in (0, HEAD - 1, HEAD + 1):
        with pytest.raises(dossier.UploadOffsetMismatch, match=str(HEAD)):
            dossier.resume_upload(house.database, house.physician, upload.id, offset)


def test_upload_belongs_to_who_began_it(house: House) -> None:
    house.admit(house.nurse)
    upload = begin(house)

    with pytest.raises(dossier.UploadNotFound):
        state(house, upload, house.nurse)
    with pytest.raises(dossier.UploadNotFound):
        dossier.resume_upload(house.database, house.nurse, upload.id, 0)
    with pytest.raises(dossier.UploadNotFound):
        dossier.discard_upload(house.database, house.nurse, upload.id)
    with pytest.raises(dossier.UploadNotFound), house.database.unit_of_work() as uow:
        dossier.set_length(uow, house.nurse, upload.id, 5, most_bytes=MOST)


def test_upload_is_not_resumed_once_the_right_has_ended(house: House) -> None:
    house.admit(house.nurse)
    upload = begin(house, by=house.nurse)
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, access.Action.MANAGE_TEAM, house.martin)
        access.end_participation(uow, permit, account=house.nurse.account)

    with pytest.raises(access.AccessRefused):
        dossier.resume_upload(house.database, house.nurse, upload.id, 0)


def test_upload_that_is_filed_takes_no_more_bytes(house: House) -> None:
    upload = begin(house)
    conclude(house, upload, send(house, upload, 0, BODY))

    seen = state(house, upload)
    assert (seen.filed, seen.offset, seen.length) == (True, len(BODY), len(BODY))
    with pytest.raises(dossier.UploadNotFound):
        dossier.resume_upload(house.database, house.physician, upload.id, len(BODY))


def test_length_is_said_once_and_no_less_than_what_came(house: House) -> None:
    upload = begin(house, None)
    send(house, upload, 0, BODY[:HEAD])

    with house.database.unit_of_work() as uow:
        for length, refusal in ((HEAD - 1, dossier.UploadOffsetMismatch), (MOST + 1, dossier.UploadTooLarge)):
            with pytest.raises(refusal):
                dossier.set_length(uow, house.physician, upload.id, length, most_bytes=MOST)
        said = dossier.set_length(uow, house.physician, upload.id, HEAD, most_bytes=MOST)
        with pytest.raises(dossier.UploadOffsetMismatch):
            dossier.set_length(uow, house.physician, upload.id, HEAD, most_bytes=MOST)

    assert (said.length, said.offset) == (HEAD, HEAD)
    assert state(house, upload) == said


def test_upload_that_is_too_large_is_refused_before_its_bytes(house: House) -> None:
    assert begin(house, MOST).length == MOST
    with pytest.raises(dossier.UploadTooLarge):
        begin(house, MOST + 1)


def test_words_of_an_upload_are_sealed(house: House) -> None:
    begin(house)

    ((stored,),) = rows(house.database, "SELECT draft FROM uploads")

    assert isinstance(stored, bytes | memoryview)
    assert b"canary" not in bytes(stored)
    assert b"bilan.txt" not in bytes(stored)


@dataclass
class SecondThoughts(PlainWorkbench):
    """While the content is looked into, its sender gives the upload up."""

    give_up: Callable[[], None] = lambda: None

    @override
    def inspect(self, media_type: str, source: clinical.RandomReader, size: int) -> dossier.Findings:
        self.give_up()
        return dossier.Findings()


def test_upload_given_up_while_it_is_looked_into_is_not_filed(house: House, part_directory: Path) -> None:
    """Its parts are gone: a document that stood for them could never be opened (O5)."""
    photo = b"\xff\xd8\xff\xe0" + bytes(HEAD)
    upload = begin(house, len(photo))

    def give_up() -> None:
        dossier.discard_upload(house.database, house.physician, upload.id)

    house.database.put_beside(SecondThoughts(give_up=give_up), dossier.Workbench)
    reception = send(house, upload, 0, photo)

    with pytest.raises(dossier.UploadNotFound):
        conclude(house, upload, reception)

    assert house.lines(house.physician) == ()
    assert part_files(part_directory) == []
    assert rows(house.database, "SELECT count(*) FROM objects") == [(0,)]


def test_upload_is_filed_once(house: House) -> None:
    upload = begin(house)
    reception = send(house, upload, 0, BODY)
    conclude(house, upload, reception)

    with pytest.raises(dossier.UploadNotFound):
        conclude(house, upload, reception)

    assert len(house.lines(house.physician)) == 1


def test_nothing_received_is_not_filed(house: House) -> None:
    with house.database.unit_of_work() as uow:
        filing = dossier.plan_filing(uow, house.physician, house.martin, DRAFT)
        empty = dossier.Reception(uow.part(vault.ObjectStore), filing)
        unflushed = dossier.Reception(uow.part(vault.ObjectStore), filing)
    unflushed.write(memoryview(b"never made durable"))
    begun = dossier.Reception(unflushed._objects, filing)
    begun.flush()

    for reception in (empty, unflushed, begun):
        with pytest.raises(dossier.DocumentRefused, match="content"):
            dossier.conclude(house.database, house.physician, reception)

    assert house.lines(house.physician) == ()


def test_document_sent_twice_is_filed_once(house: House) -> None:
    """Two connections that chose the same identifier: the second one learns that the first came through."""
    entry = access.EntryId(kernel.new_id())
    receptions = []
    for _ in range(2):
        with house.database.unit_of_work() as uow:
            filing = dossier.plan_filing(uow, house.physician, house.martin, DRAFT, entry)
            receptions.append(dossier.Reception(uow.part(vault.ObjectStore), filing))
    for reception in receptions:
        reception.write(memoryview(BODY))
        reception.flush()
    dossier.conclude(house.database, house.physician, receptions[0])

    with pytest.raises(dossier.AlreadyFiled):
        dossier.conclude(house.database, house.physician, receptions[1])

    assert house.read(house.physician, entry) == BODY
    assert rows(house.database, "SELECT count(*) FROM objects") == [(1,)]


def test_upload_given_up_takes_its_parts_along_and_those_still_coming(
    house: House, part_directory: Path
) -> None:
    upload = begin(house)
    reception = send(house, upload, 0, BODY[:HEAD])
    reception.write(memoryview(BODY[HEAD:]))
    reception.flush()
    dossier.discard_upload(house.database, house.physician, upload.id)

    with pytest.raises(dossier.UploadNotFound):
        dossier.keep_progress(house.database, upload.id, reception, 1)

    assert part_files(part_directory) == []
