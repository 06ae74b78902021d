"""The FHIR face: a key within its limits, the same decisions and traces as the pages, refusals as OperationOutcomes."""

import gzip
import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import jsonschema_rs
import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from serment import access, clinical, dossier, identity, ledger
from serment.edge import fhir
from serment.edge.desk import Desk
from serment.edge.shell import build_application
from support.dossier import PDF, House
from support.identity import make_organisation
from support.keys import Machine, bearer, make_key_of
from support.look import SETTINGS

BASE = "https://localhost:8443/fhir"


@dataclass(frozen=True)
class Program:
    """A program with a key of its own."""

    client: TestClient
    headers: dict[str, str]

    def get(self, path: str, **headers: str) -> Response:
        return self.client.get(f"/fhir/{path}", headers={**self.headers, **headers})

    def search(self, kind: str, **said: str) -> Response:
        return self.client.post(f"/fhir/{kind}/_search", data=said, headers=self.headers)


Programs = Callable[..., Program]


@pytest.fixture(scope="module")
def fhir_r4() -> jsonschema_rs.Validator:
    schema = Path(__file__).parents[1] / "files" / "fhir" / "fhir-r4.schema.json.gz"
    return jsonschema_rs.validator_for(json.loads(gzip.decompress(schema.read_bytes())))


@pytest.fixture
def client(desk: Desk) -> TestClient:
    application = build_application(fhir.routes(desk), desk.pages, SETTINGS)
    return TestClient(
        application,
        base_url=BASE.removesuffix("/fhir"),
        raise_server_exceptions=False,
        client=("192.0.2.7", 50),
    )


@pytest.fixture
def program(house: House, client: TestClient) -> Programs:
    def of(caller: identity.Caller | None = None, **terms: object) -> Program:
        made = make_key_of(house.database, caller or house.physician, **terms)  # type: ignore[arg-type] # as given
        return Program(client, bearer(made.token))

    return of


def outcome(answer: Response) -> tuple[int, str]:
    """Return the status of a refusal and the code of its issue; every refusal is an OperationOutcome."""
    assert answer.headers["content-type"] == "application/fhir+json", answer.text
    said = answer.json()
    assert said["resourceType"] == "OperationOutcome"
    return answer.status_code, said["issue"][0]["code"]


def test_everybody_is_told_what_the_face_can_do(client: TestClient, fhir_r4: jsonschema_rs.Validator) -> None:
    answer = client.get("/fhir/metadata")

    # 4.0.1 is R4 with its technical corrections; the schema of R4 was not told of that number.
    fhir_r4.validate({**answer.json(), "fhirVersion": "4.0.0"})
    assert answer.headers["content-type"] == "application/fhir+json"
    assert {one["type"] for one in answer.json()["rest"][0]["resource"]} == {
        "Patient",
        "DocumentReference",
        "Binary",
    }


def test_patient_is_found_by_who_they_are_and_read_by_name(
    house: House, program: Programs, fhir_r4: jsonschema_rs.Validator
) -> None:
    physician = program()

    found = physician.search("Patient", birthdate="1970-03-12", family="Durand")
    read = physician.get(f"Patient/{house.martin}")

    fhir_r4.validate(found.json())
    fhir_r4.validate(read.json())
    assert (found.json()["type"], found.json()["total"]) == ("searchset", 1)
    assert found.json()["entry"][0]["fullUrl"] == f"{BASE}/Patient/{house.martin}"
    assert read.json() == found.json()["entry"][0]["resource"]
    assert read.headers["etag"] == 'W/"1"'


@pytest.mark.parametrize(
    ("said", "total"),
    [
        ({"birthdate": "eq1970-03-12"}, 1),
        ({"birthdate": "1970-03-13"}, 0),
        ({"birthdate": "1970-03-12", "family": "Marteau"}, 0),
        ({"birthdate": "1970-03-12", "family": "Zoé"}, 0),
        ({"identifier": "269054958815780"}, 0),
        ({"identifier": "urn:oid:1.2.250.1.213.1.4.8|269054958815780"}, 0),
    ],
)
def test_search_finds_those_who_are_meant(program: Programs, said: dict[str, str], total: int) -> None:
    assert program().search("Patient", **said).json()["total"] == total


def test_patient_is_found_by_national_identifier(house: House, program: Programs) -> None:
    ins = clinical.Ins("269054958815780", clinical.InsAuthority.TEST_NIR)
    qualified = clinical.retrieve_ins(clinical.confirm_by_document(_identity(house)), ins)
    with house.database.unit_of_work() as uow:
        permit = access.decide(
            uow, house.physician, access.Action.AMEND, house.martin, section=access.Section.IDENTITY
        )
        dossier.amend_identity(uow, permit, qualified, from_version=1)
    physician, system = program(), f"urn:oid:{clinical.InsAuthority.TEST_NIR.value}"

    answers = [
        physician.search("Patient", identifier=said).json()["total"]
        for said in (ins.matricule, f"{system}|{ins.matricule}", f"urn:oid:1.2|{ins.matricule}")
    ]

    assert answers == [1, 1, 0]
    assert physician.get(f"Patient/{house.martin}").headers["etag"] == 'W/"2"'


def _identity(house: House) -> clinical.PatientIdentity:
    with house.database.unit_of_work() as uow:
        permit = access.decide(
            uow, house.physician, access.Action.READ, house.martin, section=access.Section.IDENTITY
        )
        return dossier.identity_of(uow, permit).identity


def test_who_a_patient_is_never_stands_in_an_address(program: Programs, client: TestClient) -> None:
    physician = program()

    refused = physician.get("Patient?birthdate=1970-03-12&family=Martin")
    beside = client.post(
        "/fhir/Patient/_search?family=Martin", data={"birthdate": "1970-03-12"}, headers=physician.headers
    )

    assert outcome(refused) == outcome(beside) == (405, "not-supported")
    assert "/fhir/Patient/_search" in refused.text
    assert "Martin" not in refused.text


def test_documents_are_listed_read_and_opened(
    house: House, program: Programs, fhir_r4: jsonschema_rs.Validator
) -> None:
    filed, physician = house.file(), program()

    listed = physician.get(f"DocumentReference?patient=Patient/{house.martin}").json()
    read = physician.get(f"DocumentReference/{filed.head.id}")
    address = read.json()["content"][0]["attachment"]["url"]
    content = physician.get(address.removeprefix(f"{BASE}/"), accept="*/*")

    fhir_r4.validate(listed)
    fhir_r4.validate(read.json())
    assert (listed["total"], listed["entry"][0]["resource"]["id"]) == (1, str(filed.head.id))
    assert read.json()["subject"] == {"reference": f"Patient/{house.martin}"}
    assert read.headers["etag"] == 'W/"1"'
    assert (content.status_code, content.content) == (200, PDF)
    assert content.headers["content-type"] == "application/pdf"
    assert content.headers["content-security-policy"] == "default-src 'none'; sandbox"


def test_bytes_are_written_into_json_for_whoever_insists(
    house: House, program: Programs, fhir_r4: jsonschema_rs.Validator
) -> None:
    filed = house.file()

    answer = program().get(f"Binary/{filed.head.id}.1", accept="application/fhir+json")

    fhir_r4.validate(answer.json())
    assert b64decode(answer.json()["data"]) == PDF


def test_bytes_beyond_the_limit_are_not_written_into_json(house: House, program: Programs) -> None:
    filed = house.file(b"%PDF-1.7\n" + bytes(4 * 1024 * 1024))
    physician, place = program(), f"Binary/{filed.head.id}.1"

    assert outcome(physician.get(place, accept="application/fhir+json")) == (406, "not-supported")
    assert physician.get(place, accept="*/*").status_code == 200


def test_list_comes_in_pages_by_links(house: House, program: Programs) -> None:
    for number in range(5):
        house.file(title=f"Lettre {number}")
    physician = program()
    seen: list[str] = []
    links: dict[str, str] = {}
    address = f"DocumentReference?patient={house.martin}&_count=2"
    while address:
        page = physician.get(address).json()
        assert page["total"] == 5
        seen += [entry["resource"]["id"] for entry in page["entry"]]
        links = {link["relation"]: link["url"] for link in page["link"]}
        address = links.get("next", "").removeprefix(f"{BASE}/")

    assert len(seen) == len(set(seen)) == 5
    assert "previous" in links


def test_search_by_post_gives_what_search_by_address_gives(house: House, program: Programs) -> None:
    house.file()
    physician = program()

    assert (
        physician.search("DocumentReference", patient=str(house.martin)).json()
        == physician.get(f"DocumentReference?patient={house.martin}").json()
    )


def test_total_counts_what_the_key_opens(house: House, program: Programs) -> None:
    house.file()
    hidden = house.file(sensitive=True)
    everything, clinical_only = program(), program(sections=frozenset({"clinical"}))
    place = f"DocumentReference?patient={house.martin}"

    assert everything.get(place).json()["total"] == 2
    assert clinical_only.get(place).json()["total"] == 1
    for refused in (
        f"DocumentReference/{hidden.head.id}",
        f"Binary/{hidden.head.id}.1",
        f"Patient/{house.martin}",
    ):
        assert outcome(clinical_only.get(refused)) == (404, "not-found")
    assert clinical_only.search("Patient", birthdate="1970-03-12").json()["total"] == 0


def test_key_reaches_no_further_than_its_owner(house: House, program: Programs) -> None:
    """Sections beyond the owner's profession may be written in a key; they open nothing."""
    filed = house.file(sensitive=True)
    nurse, outsider = program(house.nurse), program(house.caller())
    place = f"DocumentReference/{filed.head.id}"

    assert outcome(nurse.get(place)) == outcome(outsider.get(place)) == (404, "not-found")
    house.admit(house.nurse)
    assert outcome(nurse.get(place)) == (404, "not-found")


def test_end_of_care_ends_what_the_key_opens(house: House, program: Programs) -> None:
    filed, nurse = house.file(), program(house.nurse)
    house.admit(house.nurse)
    assert nurse.get(f"Binary/{filed.head.id}.1", accept="*/*").content == PDF
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.physician, access.Action.MANAGE_TEAM, house.martin)
        access.end_participation(uow, permit, account=house.nurse.account)

    assert outcome(nurse.get(f"Binary/{filed.head.id}.1")) == (404, "not-found")


def test_patient_reads_their_own_dossier_with_a_program(house: House, program: Programs) -> None:
    filed = house.file()

    assert program(house.patient).get(f"Binary/{filed.head.id}.1", accept="*/*").content == PDF


def test_what_is_forbidden_answers_as_what_is_absent(house: House, program: Programs) -> None:
    filed, outsider = house.file(), program(house.caller(organisation=_elsewhere(house)))
    nobody = "8e1d8a2c-9f43-4f3a-9a70-0d9a6e1f0c11"
    pairs = [
        (f"Patient/{house.martin}", f"Patient/{nobody}"),
        (f"DocumentReference?patient={house.martin}", f"DocumentReference?patient={nobody}"),
        (f"DocumentReference/{filed.head.id}", f"DocumentReference/{nobody}"),
        (f"Binary/{filed.head.id}.1", f"Binary/{nobody}.1"),
        (f"Binary/{filed.head.id}.9", "Binary/x"),
    ]

    for there, nowhere in pairs:
        answers = [outsider.get(there), outsider.get(nowhere)]
        assert [outcome(answer) for answer in answers] == [(404, "not-found")] * 2
        first, second = (answer.text.rpartition("[")[0] for answer in answers)
        assert first == second


def _elsewhere(house: House) -> identity.Organisation:
    with house.database.unit_of_work() as uow:
        return make_organisation(uow, "Clinique de la Baie")


def test_every_answer_left_its_trace(house: House, program: Programs) -> None:
    filed, physician = house.file(), program()
    before = len(house.trail())
    physician.search("Patient", birthdate="1970-03-12")
    physician.get(f"Patient/{house.martin}")
    physician.get(f"DocumentReference?patient={house.martin}")
    physician.get(f"DocumentReference/{filed.head.id}")
    physician.get(f"Binary/{filed.head.id}.1")

    left = house.trail()[before:]
    assert [(trace.kind, trace.category) for trace in left] == [
        ("dossier.list", "identity"),
        ("dossier.read", "identity"),
        ("dossier.list", "dossier"),
        ("dossier.read", "clinical"),
        ("dossier.read", "clinical"),
        ("dossier.content", "clinical"),
    ]
    assert {trace.actor.origin for trace in left} == {"fhir 192.0.2.7"}
    assert {trace.actor.account for trace in left} == {house.physician.account}
    assert len({trace.detail["key"] for trace in left}) == 1


def test_refusal_by_the_key_is_traced_as_such(house: House, program: Programs) -> None:
    filed = house.file(sensitive=True)
    program(sections=frozenset({"clinical"})).get(f"Binary/{filed.head.id}.1")

    refused = house.trail()[-1]
    assert (refused.outcome, refused.detail["because"]) == (
        ledger.Outcome.REFUSED,
        "section-not-reached",
    )
    assert "key" in refused.detail


def test_writing_is_not_offered_whatever_the_key_may(house: House, program: Programs) -> None:
    filer = program(scope=identity.KeyScope.READ_AND_FILE)
    for method in ("PUT", "POST", "DELETE", "PATCH"):
        answer = filer.client.request(method, f"/fhir/Patient/{house.martin}", headers=filer.headers)
        assert outcome(answer) == (405, "not-supported")


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("DocumentReference", {}, 400),
        ("DocumentReference?patient=x", {}, 400),
        ("DocumentReference?patient={martin}&patient={martin}", {}, 400),
        ("DocumentReference?patient={martin}&kind=letter", {}, 400),
        ("DocumentReference?patient={martin}&_count=-1", {}, 400),
        ("DocumentReference?patient={martin}&_offset=ten", {}, 400),
        ("DocumentReference?patient={martin}", {"accept": "application/fhir+xml"}, 406),
        ("DocumentReference?patient={martin}&_format=xml", {}, 406),
        ("Observation", {}, 404),
        ("", {}, 404),
    ],
)
def test_request_that_is_not_understood_is_refused_in_words(
    house: House, program: Programs, path: str, headers: dict[str, str], status: int
) -> None:
    assert outcome(program().get(path.format(martin=house.martin), **headers))[0] == status


@pytest.mark.parametrize("said", [{}, {"family": "Martin"}, {"identifier": "|"}])
def test_search_that_is_too_wide_is_refused(program: Programs, said: dict[str, str]) -> None:
    assert outcome(program().search("Patient", **said))[0] == 422


@pytest.mark.parametrize(
    "said", [{"birthdate": "12/03/1970"}, {"name": "Martin"}, {"birthdate": "ge1970-03-12"}]
)
def test_parameter_of_another_form_is_refused(program: Programs, said: dict[str, str]) -> None:
    assert outcome(program().search("Patient", **said))[0] == 400


def test_form_of_another_type_is_refused(program: Programs) -> None:
    physician = program()
    answer = physician.client.post(
        "/fhir/Patient/_search",
        content=b"<x/>",
        headers={**physician.headers, "content-type": "application/fhir+xml"},
    )

    assert outcome(answer) == (415, "not-supported")


@pytest.mark.parametrize(
    "authorization", ["", "Basic Y2xhdWRlOnNlY3JldA==", "Bearer", "Bearer x", "Digest x", "x"]
)
def test_nothing_but_a_key_is_taken(client: TestClient, authorization: str) -> None:
    headers = {"authorization": authorization} if authorization else {}
    answer = client.get("/fhir/Patient/8e1d8a2c-9f43-4f3a-9a70-0d9a6e1f0c11", headers=headers)

    assert outcome(answer) == (401, "login")
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    assert "DPoP" in answer.headers["www-authenticate"]
    assert "set-cookie" not in answer.headers


def test_bound_key_comes_with_its_proof_for_each_request(
    house: House, desk: Desk, client: TestClient
) -> None:
    machine = Machine()
    token = make_key_of(
        house.database, house.physician, binding=identity.KeyBinding.PUBLIC_KEY, public_key=machine.public_key
    ).token
    path, now = f"/fhir/Patient/{house.martin}", house.database.clock.now()
    address = f"https://localhost:8443{path}"
    right = machine.headers(token, "GET", address, at=now)

    assert client.get(path, headers=right).status_code == 200
    stolen = [
        right,
        bearer(token),
        {"authorization": f"DPoP {token}"},
        {**bearer(token), "dpop": machine.sign(machine.claims(token, "GET", address, now))},
        Machine().headers(token, "GET", address, at=now),
        machine.headers(token, "GET", f"{address}x", at=now),
        machine.headers(token, "POST", address, at=now),
    ]
    assert [outcome(client.get(path, headers=headers)) for headers in stolen] == [(401, "login")] * len(
        stolen
    )


def test_two_proofs_are_none(house: House, client: TestClient) -> None:
    machine = Machine()
    token = make_key_of(
        house.database, house.physician, binding=identity.KeyBinding.PUBLIC_KEY, public_key=machine.public_key
    ).token
    path, now = f"/fhir/Patient/{house.martin}", house.database.clock.now()
    proofs = [machine.sign(machine.claims(token, "GET", f"https://localhost:8443{path}", now)) for _ in "12"]

    answer = client.get(
        path, headers=[("authorization", f"DPoP {token}"), *(("dpop", proof) for proof in proofs)]
    )

    assert outcome(answer) == (401, "login")


def test_refusals_name_no_patient_and_no_key(house: House, program: Programs) -> None:
    physician = program(face=identity.Face.WEBDAV)
    answer = physician.get(f"Patient/{house.martin}")

    assert outcome(answer) == (401, "login")
    assert "srmk_" not in answer.text
    assert json.dumps(str(house.martin)) not in answer.text
