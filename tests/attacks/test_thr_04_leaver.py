"""THR-04: somebody who left, or should have, and comes back by what they still hold; and a head who reaches further.

The membership, the account, the day of departure: whichever ends, every face is closed at the next request.
"""

from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from httpx2 import Response
from starlette.requests import Request
from starlette.responses import StreamingResponse

from serment import access, dossier, identity, kernel
from serment.access import Action
from serment.edge.desk import Desk
from serment.edge.uploads.serving import serve
from serment.edge.uploads.watch import Matter, Watch, reading_of, watch_session
from support.apart import run_apart
from support.dossier import PDF, House
from support.edge import SignIn
from support.entrance import SESSION
from support.identity import VISIT, confirm_identity, make_administrator, make_professional, signed_in
from support.keys import make_key_of

TUS = {"tus-resumable": "1.0.0"}
STREAM = {**TUS, "content-type": "application/offset+octet-stream"}
TITLE = b64encode(b"Lettre").decode()
LONG = bytes(range(256)) * 4096 * 5  # five pieces of 1 MiB
MONTH = timedelta(days=30)

Ending = Callable[["Case"], None]


class Case:
    """A physician who reads by the membership of a team alone, with work under way on every face."""

    def __init__(self, house: House, client_for: SignIn, clock: kernel.SettableClock) -> None:
        self.house, self.clock = house, clock
        with house.database.unit_of_work() as uow:
            self.administrator = replace(
                signed_in(uow, make_administrator(uow, house.organisation)), stepped_up_at=uow.now
            )
            signed_in(uow, make_administrator(uow, house.organisation))
            self.team = identity.create_team(uow, self.administrator, "Cardiologie")
            self.leaver = signed_in(uow, make_professional(uow, house.organisation))
            permit = access.decide(uow, house.physician, Action.MANAGE_TEAM, house.martin)
            access.admit_to_care_team(uow, permit, team=self.team.id)
            identity.add_member(uow, self.administrator, self.team.id, self.leaver.account)
        self.entry = house.file(LONG).head.id
        self.client = client_for(self.leaver)
        self.upload = self.begin_upload()

    def begin_upload(self) -> str:
        headers = {**TUS, "upload-length": str(len(PDF)), "upload-metadata": f"title {TITLE}"}
        begun = self.client.post(f"/uploads/dossiers/{self.house.martin}", headers=headers)
        return str(begun.headers.get("location"))

    def statuses(self) -> dict[str, int]:
        """Ask every face once more."""
        base, files = f"/dossiers/{self.house.martin}", f"/files/{self.house.martin}"
        content = f"{base}/documents/{self.entry}/content"
        ask = self.client.get
        return {
            "content": ask(content).status_code,
            "range": ask(content, headers={"range": "bytes=0-9"}).status_code,
            "document": ask(f"{base}/documents/{self.entry}").status_code,
            "timeline": self._listed(ask(base)),
            "files": self._listed(ask(files)),
            "trail": ask(f"{base}/trail").status_code,
            "around": ask(f"{base}/access").status_code,
            "share": ask(f"{base}/share").status_code,
            "put": self.client.put(f"{files}/ref-2", content=PDF).status_code,
            "patch": self.client.patch(
                self.upload, headers={**STREAM, "upload-offset": "0"}, content=PDF
            ).status_code,
        }

    def _listed(self, answer: Response) -> int:
        """A colleague of the house may know that the patient exists; what is in the dossier is not told."""
        return answer.status_code if str(self.entry) in answer.text else 404


@pytest.fixture
def case(house: House, client_for: SignIn, clock: kernel.SettableClock) -> Case:
    return Case(house, client_for, clock)


def _request_of(desk: Desk, case: Case) -> Request:
    """A request with the session that the client has."""
    name = desk.pages.cookies.name("session")
    cookie = f"{name}={case.client.cookies.get(name)}".encode()
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": b"",
        "headers": [(b"cookie", cookie)],
    }
    return Request(scope)


def membership_ended(case: Case) -> None:
    with case.house.database.unit_of_work() as uow:
        identity.end_membership(uow, case.administrator, case.team.id, case.leaver.account)


def membership_ran_out(case: Case) -> None:
    with case.house.database.unit_of_work() as uow:
        until = uow.now + timedelta(minutes=1)
        identity.add_member(uow, case.administrator, case.team.id, case.leaver.account, until=until)
    case.clock.advance(timedelta(minutes=1))


def suspended(case: Case) -> None:
    with case.house.database.unit_of_work() as uow:
        identity.suspend_account(uow, case.administrator, case.leaver.account)


def departed(case: Case) -> None:
    with case.house.database.unit_of_work() as uow:
        access.let_go(uow, case.administrator, case.leaver.account)


def day_of_departure_came(case: Case) -> None:
    with case.house.database.unit_of_work() as uow:
        at = uow.now + timedelta(minutes=1)
        access.let_go(uow, case.administrator, case.leaver.account, at)
    case.clock.advance(timedelta(minutes=1))


ENDINGS: tuple[Ending, ...] = (
    membership_ended, membership_ran_out, suspended, departed, day_of_departure_came,
)  # fmt: skip


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.__name__)
def test_every_face_is_closed_at_the_next_request(case: Case, ending: Ending) -> None:
    ending(case)

    refused = {303, 401, 404}
    assert {face: status for face, status in case.statuses().items() if status not in refused} == {}
    lines = case.house.lines(case.house.physician)
    assert [line.entry for line in lines] == [case.entry]


def test_every_face_is_open_before(case: Case) -> None:
    """Refusals prove something only where the same requests were let in."""
    statuses = case.statuses()

    assert {face for face, status in statuses.items() if status >= 300} == set()


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.__name__)
def test_long_answer_stops_at_the_next_look(case: Case, desk: Desk, ending: Ending) -> None:
    request = _request_of(desk, case)
    with desk.database.recorded_reading() as uow:
        permit = dossier.decide_entry(uow, case.leaver, Action.READ, case.house.martin, case.entry)
        content = dossier.open_content(uow, permit, case.entry)
    answer = serve(request, content, watch_session(desk, request, reading_of(content.document)))
    assert isinstance(answer, StreamingResponse)

    async def take() -> int:
        pieces, taken = answer.body_iterator, 0
        async for _ in pieces:
            taken += 1
            if taken == 2:
                ending(case)
                case.clock.advance(timedelta(seconds=3))
        return taken

    with pytest.raises((access.AccessRefused, identity.SessionInvalid)):
        run_apart(take())


def test_long_answer_of_somebody_who_stays_comes_whole(case: Case) -> None:
    content = case.client.get(f"/dossiers/{case.house.martin}/documents/{case.entry}/content").content

    assert content == LONG


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.__name__)
def test_upload_under_way_files_nothing_after_the_end(case: Case, ending: Ending) -> None:
    """The end comes while the body does: the bytes are there, and the document is not."""

    def body() -> Iterator[bytes]:
        yield PDF[:10]
        ending(case)
        yield PDF[10:]

    answer = case.client.patch(case.upload, headers={**STREAM, "upload-offset": "0"}, content=body())

    assert answer.status_code in {401, 404}
    assert [line.entry for line in case.house.lines(case.house.physician)] == [case.entry]


@pytest.mark.parametrize("ending", [suspended, departed, day_of_departure_came], ids=lambda one: one.__name__)
def test_key_of_a_leaver_enters_no_more(case: Case, ending: Ending) -> None:
    database = case.house.database
    made = make_key_of(database, case.leaver)
    shown = identity.PresentedKey(
        made.token, None, identity.Face.FHIR, "GET", "https://localhost:8443/fhir/Patient", "fhir 203.0.113.7"
    )
    assert identity.enter_by_key(database, shown).account == case.leaver.account

    ending(case)

    with pytest.raises(identity.KeyRefused):
        identity.enter_by_key(database, shown)


def test_code_that_a_leaver_noted_down_opens_nothing(case: Case, desk: Desk) -> None:
    with desk.database.unit_of_work() as uow:
        invitation = identity.Invitation("zoe@example.test", "Zoé Martin", identity.Role.PATIENT)
        code = identity.invite(uow, case.leaver, invitation)
    day_of_departure_came(case)

    with pytest.raises(identity.EnrolmentRefused):
        identity.begin_enrolment(desk.entrance, "zoe@example.test", code.code, VISIT)


def test_opening_that_a_leaver_gave_to_a_friend_is_closed(case: Case) -> None:
    friend = case.house.caller()
    with case.house.database.unit_of_work() as uow:
        permit = access.decide(uow, case.leaver, Action.SHARE, case.house.martin)
        clinical = frozenset({access.Section.CLINICAL})
        ends_at = uow.now + MONTH
        request = access.GrantRequest(friend.account, None, clinical, None, access.Purpose.CARE, ends_at)
        access.grant_access(uow, permit, request)
    assert case.house.open(friend, case.entry).head.id == case.entry

    day_of_departure_came(case)

    with pytest.raises(access.AccessRefused):
        case.house.open(friend, case.entry)


def test_administrator_does_not_bring_a_departed_account_back(case: Case, client_for: SignIn) -> None:
    departed(case)
    office = client_for(case.administrator)
    with case.house.database.unit_of_work() as uow:
        confirm_identity(uow, office.cookies[SESSION])
    person = f"/administration/people/{case.leaver.account}"

    acts = ["reinstate", "suspend", "wake", "code", "departure/withdraw"]
    statuses = {act: office.post(f"{person}/{act}").status_code for act in acts}

    assert {act for act, status in statuses.items() if status < 400} == set()
    with case.house.database.reading() as uow:
        status = identity.open_account(uow, case.leaver.account).status
    assert status is identity.AccountStatus.DEPARTED


def test_head_of_one_team_reaches_no_other(case: Case, client_for: SignIn) -> None:
    house = case.house
    with house.database.unit_of_work() as uow:
        head = signed_in(uow, make_professional(uow, house.organisation))
        own = identity.create_team(uow, case.administrator, "Radiologie")
        identity.add_member(uow, case.administrator, own.id, head.account)
        identity.name_head(uow, case.administrator, own.id, head.account)
    client = client_for(head)
    verdict = {f"verdict-{case.leaver.account}": "leaves"}

    tried = [
        client.get(f"/teams/{case.team.id}/review"),
        client.post(f"/teams/{case.team.id}/review", data=verdict),
        client.post(f"/teams/{own.id}/review", data=verdict),
        client.post(f"/administration/teams/{own.id}/members", data={"account": str(case.leaver.account)}),
        client.post(f"/administration/teams/{case.team.id}/members/{head.account}/head"),
    ]

    assert [answer.status_code for answer in tried] == [404] * 5
    with house.database.reading() as uow:
        assert [one.account for one in identity.members_of(uow, case.team.id)] == [case.leaver.account]


def test_watch_looks_at_most_every_three_seconds(clock: kernel.SettableClock) -> None:
    looks: list[int] = []
    watch = Watch(clock, lambda: looks.append(1))

    async def pass_time() -> None:
        for _ in range(4):
            await watch.look()
            clock.advance(timedelta(seconds=1))
        await watch.look()

    run_apart(pass_time())
    assert looks == [1]
    assert Matter(Action.FILE, kernel.DossierId(kernel.new_id())).section is None
