from base64 import b64encode
from pathlib import Path
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from serment import access, dossier, identity, kernel, ledger
from support.dossier import PDF, House
from support.edge import MOST_UPLOAD_BYTES, SignIn

TUS = {"tus-resumable": "1.0.0"}
STREAM = {**TUS, "content-type": "application/offset+octet-stream"}
PART = 8 * 1024 * 1024


def metadata(**said: str) -> str:
    return ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in said.items())


@pytest.fixture
def client(house: House, client_for: SignIn) -> TestClient:
    return client_for(house.physician)


def create(client: TestClient, house: House, length: int, **said: str) -> str:
    headers = {**TUS, "upload-length": str(length), "upload-metadata": metadata(**said)}
    created = client.post(f"/uploads/dossiers/{house.martin}", headers=headers)
    assert created.status_code == 201, created.text
    return str(created.headers["location"])


def offset_of(client: TestClient, upload: str) -> int:
    return int(client.head(upload, headers=TUS).headers["upload-offset"])


def send(client: TestClient, upload: str, offset: int, body: bytes) -> int:
    return client.patch(upload, headers={**STREAM, "upload-offset": str(offset)}, content=body).status_code


def content(client: TestClient, house: House, entry: str, **headers: str) -> bytes:
    return client.get(f"/dossiers/{house.martin}/documents/{entry}/content", headers=headers).content


def only_entry(client: TestClient, house: House) -> dict[str, str | int]:
    (found,) = client.get(f"/files/{house.martin}").json()["documents"]
    return dict(found)


def test_file_sent_in_one_request_comes_back(house: House, client: TestClient) -> None:
    said = {"upload-metadata": metadata(title="Lettre de sortie", kind="letter", filename="sortie.pdf")}
    sent = client.put(f"/files/{house.martin}/ref-1", content=PDF, headers=said)

    assert sent.status_code == 201
    back = client.get(f"/files/{house.martin}/ref-1")
    assert (back.status_code, back.content, back.headers["content-type"]) == (200, PDF, "application/pdf")
    assert back.headers["content-disposition"] == "attachment; filename*=UTF-8''sortie.pdf"
    assert back.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert only_entry(client, house)["title"] == "Lettre de sortie"


def test_file_sent_twice_is_filed_once(house: House, client: TestClient) -> None:
    first = client.put(f"/files/{house.martin}/ref-1", content=PDF)
    second = client.put(f"/files/{house.martin}/ref-1", content=PDF)

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["entry"] == first.json()["entry"] == only_entry(client, house)["entry"]


def test_file_for_a_dossier_that_is_not_mine_is_refused_before_its_bytes(
    house: House, client_for: SignIn
) -> None:
    stranger = client_for(house.caller())
    forbidden = stranger.put(f"/files/{house.martin}/ref-1", content=PDF)
    absent = stranger.put(f"/files/{kernel.new_id()}/ref-1", content=PDF)

    assert (forbidden.status_code, absent.status_code) == (404, 404)
    assert set(forbidden.json()) == set(absent.json())
    assert house.trail()[-1].outcome is ledger.Outcome.REFUSED


def test_file_without_session_or_proof_is_refused(house: House, client: TestClient) -> None:
    forged = client.put(f"/files/{house.martin}/a", content=PDF, headers={"x-serment-csrf": "made-up"})
    client.cookies.clear()
    unknown = client.get(f"/files/{house.martin}", headers={"accept": "application/json"})

    assert (forged.status_code, unknown.status_code) == (403, 401)


@pytest.mark.parametrize(
    ("asked", "status", "expected"),
    [
        ("bytes=0-9", 206, PDF[:10]),
        ("bytes=-5", 206, PDF[-5:]),
        ("bytes=10-", 206, PDF[10:]),
        (f"bytes=5-{10**9}", 206, PDF[5:]),
        ("bytes=0-1,4-5", 200, PDF),
        ("lines=1-2", 200, PDF),
        ("bytes=-", 200, PDF),
    ],
)
def test_range_is_served(house: House, client: TestClient, asked: str, status: int, expected: bytes) -> None:
    entry = house.file().head.id

    answer = client.get(f"/dossiers/{house.martin}/documents/{entry}/content", headers={"range": asked})

    assert (answer.status_code, answer.content) == (status, expected)


@pytest.mark.parametrize("asked", [f"bytes={len(PDF)}-", "bytes=9-3"])
def test_range_outside_is_refused(house: House, client: TestClient, asked: str) -> None:
    entry = house.file().head.id

    answer = client.get(f"/dossiers/{house.martin}/documents/{entry}/content", headers={"range": asked})

    assert answer.status_code == 416


def test_range_of_another_version_is_answered_with_the_whole(house: House, client: TestClient) -> None:
    entry = house.file().head.id

    answer = content(client, house, str(entry), **{"range": "bytes=0-3", "if-range": '"other"'})

    assert answer == PDF


def test_upload_in_pieces_becomes_a_document(house: House, client: TestClient) -> None:
    upload = create(
        client, house, len(PDF), title="Lettre", kind="letter", filename="lettre.pdf", date="2026-03-01"
    )

    assert send(client, upload, 0, PDF[:100]) == 204
    assert offset_of(client, upload) == 100
    assert send(client, upload, 100, PDF[100:]) == 204

    entry = only_entry(client, house)
    assert (entry["title"], entry["date"], entry["media_type"]) == ("Lettre", "2026-03-01", "application/pdf")
    assert content(client, house, str(entry["entry"])) == PDF
    assert offset_of(client, upload) == len(PDF)


def test_upload_over_several_parts_comes_back_whole(house: House, client: TestClient) -> None:
    body = bytes(range(256)) * (PART // 256) + b"and a little more"
    upload = create(client, house, len(body), title="Scanner")

    assert send(client, upload, 0, body) == 204

    assert content(client, house, str(only_entry(client, house)["entry"])) == body


def test_upload_from_another_offset_is_a_conflict(house: House, client: TestClient) -> None:
    upload = create(client, house, len(PDF))

    assert send(client, upload, 7, PDF[7:]) == 409
    assert offset_of(client, upload) == 0


def test_upload_longer_than_declared_is_refused(house: House, client: TestClient) -> None:
    upload = create(client, house, 10)

    assert send(client, upload, 0, PDF) == 413
    assert client.get(f"/files/{house.martin}").json() == {"documents": []}


def test_upload_too_large_is_refused_at_once(house: House, client: TestClient) -> None:
    headers = {**TUS, "upload-length": str(MOST_UPLOAD_BYTES + 1)}

    assert client.post(f"/uploads/dossiers/{house.martin}", headers=headers).status_code == 413


def test_upload_of_somebody_else_is_not_found(house: House, client: TestClient, client_for: SignIn) -> None:
    house.admit(house.nurse)
    upload = create(client, house, len(PDF))

    other = client_for(house.nurse)

    assert other.head(upload, headers=TUS).status_code == 404
    assert send(other, upload, 0, PDF) == 404
    assert other.delete(upload, headers=TUS).status_code == 404


def test_upload_given_up_is_gone(house: House, client: TestClient) -> None:
    upload = create(client, house, len(PDF))
    send(client, upload, 0, PDF[:50])

    assert client.delete(upload, headers=TUS).status_code == 204
    assert client.head(upload, headers=TUS).status_code == 404


def test_upload_declares_its_length_later(house: House, client: TestClient) -> None:
    created = client.post(f"/uploads/dossiers/{house.martin}", headers={**TUS, "upload-defer-length": "1"})
    upload = created.headers["location"]
    assert client.head(upload, headers=TUS).headers["upload-defer-length"] == "1"

    headers = {**STREAM, "upload-offset": "0", "upload-length": str(len(PDF))}
    assert client.patch(upload, headers=headers, content=PDF).status_code == 204

    assert content(client, house, str(only_entry(client, house)["entry"])) == PDF


def test_upload_comes_with_its_creation(house: House, client: TestClient) -> None:
    headers = {**STREAM, "upload-length": str(len(PDF))}
    created = client.post(f"/uploads/dossiers/{house.martin}", headers=headers, content=PDF)

    assert (created.status_code, created.headers["upload-offset"]) == (201, str(len(PDF)))
    assert content(client, house, str(only_entry(client, house)["entry"])) == PDF


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"tus-resumable": "0.2.2", "upload-length": "5"}, 412),
        ({"tus-resumable": "1.0.0"}, 400),
        ({"tus-resumable": "1.0.0", "upload-length": "-5"}, 400),
        ({"tus-resumable": "1.0.0", "upload-length": "5", "upload-metadata": "title ###"}, 400),
        ({"tus-resumable": "1.0.0", "upload-length": "5", "upload-metadata": metadata(kind="spell")}, 400),
        (
            {"tus-resumable": "1.0.0", "upload-length": "5", "upload-metadata": metadata(date="2030-01-01")},
            422,
        ),
        ({"tus-resumable": "1.0.0", "upload-length": "0"}, 422),
    ],
)
def test_creation_that_makes_no_sense_is_refused(
    house: House, client: TestClient, headers: dict[str, str], status: int
) -> None:
    assert client.post(f"/uploads/dossiers/{house.martin}", headers=headers).status_code == status


def test_server_says_what_it_speaks(client: TestClient) -> None:
    said = client.options("/uploads/")

    assert (said.status_code, said.headers["tus-version"]) == (204, "1.0.0")


def test_right_that_ended_during_the_upload_ends_the_filing(house: House, client_for: SignIn) -> None:
    house.admit(house.nurse)
    client = client_for(house.nurse)
    upload = create(client, house, len(PDF))
    send(client, upload, 0, PDF[:50])
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, access.Action.MANAGE_TEAM, house.martin)
        access.end_participation(uow, permit, account=house.nurse.account)

    assert send(client, upload, 50, PDF[50:]) == 404
    assert house.lines(house.physician) == ()


def test_caller_is_a_name_in_the_list(house: House, client: TestClient) -> None:
    house.file(by=house.patient)

    assert only_entry(client, house)["author"] == "Zoé Martin"
    assert only_entry(client, house)["added_by_patient"] is True
    assert house.patient.role is identity.Role.PATIENT


def test_upload_given_up_while_bytes_come_leaves_no_part(
    house: House, client: TestClient, part_directory: Path
) -> None:
    upload = create(client, house, len(PDF))
    number = dossier.UploadId(UUID(upload.rpartition("/")[2]))
    reception = dossier.resume_upload(house.database, house.physician, number, 0)
    reception.write(memoryview(PDF[:500]))
    reception.flush()
    dossier.discard_upload(house.database, house.physician, number)

    with pytest.raises(dossier.UploadNotFound):
        dossier.keep_progress(house.database, number, reception, 0)

    assert [path for path in part_directory.rglob("*") if path.is_file()] == []


def test_creation_says_where_the_document_will_be(house: House, client: TestClient) -> None:
    headers = {**TUS, "upload-length": str(len(PDF))}
    created = client.post(f"/uploads/dossiers/{house.martin}", headers=headers)
    send(client, created.headers["location"], 0, PDF)

    entry = only_entry(client, house)["entry"]
    assert created.headers["serment-document"] == f"/dossiers/{house.martin}/documents/{entry}"
