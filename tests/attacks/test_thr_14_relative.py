"""THR-14: a relative, a former partner, a parent: who acts for a patient reaches no further than they may, nor longer."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from serment import access, dossier, identity, kernel
from serment.access import Action, Against, DelegateKind, DelegationRequest, Section
from serment.edge import fhir
from serment.edge.desk import Desk
from serment.edge.shell import build_application
from support.dossier import PDF, House
from support.edge import SignIn
from support.family import SEEN, Family, make_family, relative_of
from support.keys import bearer, make_key_of
from support.look import SETTINGS

TITLE = "Consultation de contraception"
PAPER = b"%PDF-1.7\n" + b"what she told her physician " * 40 + b"\n%%EOF\n"


@pytest.fixture
def house(embedded_house: House) -> House:
    """On SQLite: delegations and restrictions are held on both databases by tests of their own."""
    return embedded_house


@pytest.fixture
def family(house: House) -> Family:
    return make_family(house)


def file_for(family: Family, title: str, content: bytes = PDF) -> access.EntryId:
    """Let the physician file a document in the girl's dossier."""
    return replace(family.house, martin=family.lou).file(content, title=title).head.id


def reserve(family: Family, entry: access.EntryId, by: identity.Caller | None = None) -> None:
    """Reserve a document to the girl: she does it, or her physician."""
    caller = by or family.child
    with family.house.database.unit_of_work() as uow:
        if caller == family.child:
            permit = access.decide(uow, caller, Action.CONTROL, family.lou)
        else:
            permit = dossier.decide_entry(uow, caller, Action.SHARE, family.lou, entry)
        access.restrict(
            uow, permit, access.RestrictionRequest(Against.DELEGATES, None, Section.CLINICAL, entry)
        )


# What happens in a life, and who reads the girl's dossier afterwards; she was born on 1 June 2010.

MOTHER, FATHER, CHILD, FRIEND, GUARDIAN = "mother", "father", "child", "friend", "guardian"


@dataclass
class Life:
    """The people of the table, and what each was given."""

    family: Family
    friend: identity.Caller
    guardian: identity.Caller
    given: dict[str, access.DelegationId]

    def person(self, name: str) -> identity.Caller:
        others = {FRIEND: self.friend, GUARDIAN: self.guardian}
        return others[name] if name in others else getattr(self.family, name)

    def let_in(self, name: str, kind: str = "parent") -> None:
        self.given[name] = self.family.let_in(self.person(name), DelegateKind(kind)).id

    def end(self, name: str) -> None:
        with self.family.house.database.unit_of_work() as uow:
            permit = self._sharing(uow)
            access.end_delegation(uow, permit, self.given[name], reason="jugement")

    def correct(self, born_on: str) -> None:
        with self.family.house.database.unit_of_work() as uow:
            section = Section.IDENTITY
            permit = access.decide(
                uow, self.family.house.physician, Action.AMEND, self.family.lou, section=section
            )
            known = dossier.identity_of(uow, permit)
            said = replace(known.identity, birth_date=datetime.fromisoformat(born_on).date())
            dossier.amend_identity(uow, permit, said, from_version=known.version)

    def trust(self, name: str, until: str) -> None:
        with self.family.house.database.unit_of_work() as uow:
            permit = access.decide(uow, self.family.child, Action.CONTROL, self.family.lou)
            ends_at = datetime.fromisoformat(until).replace(tzinfo=UTC)
            wanted = DelegationRequest(DelegateKind.TRUSTED_PERSON, frozenset({Section.CLINICAL}), ends_at)
            code = dossier.hand_delegation_code(uow, permit, wanted)
        with self.family.house.database.unit_of_work() as uow:
            access.claim_delegation(uow, self.person(name), code.code)

    def readers(self) -> set[str]:
        """Return who reads the clinical section."""
        everybody = (MOTHER, FATHER, CHILD, FRIEND, GUARDIAN)
        return {name for name in everybody if "clinical" in self.family.reach(self.person(name))}

    def die(self, on: str) -> None:
        with self.family.house.database.unit_of_work() as uow:
            permit = access.decide(uow, self.family.house.physician, Action.MANAGE_TEAM, self.family.lou)
            access.declare_deceased(uow, permit, datetime.fromisoformat(on).date())

    def live_on(self) -> None:
        with self.family.house.database.unit_of_work() as uow:
            permit = access.decide(uow, self.family.house.physician, Action.MANAGE_TEAM, self.family.lou)
            access.retract_death(uow, permit)

    def _sharing(self, uow: kernel.UnitOfWork) -> access.Permit:
        return access.decide(
            uow, self.family.house.physician, Action.SHARE, self.family.lou, section=Section.IDENTITY
        )


#: When, what happens then, and who reads afterwards. Times are UTC; in Paris a summer day begins at 22:00 of the day before.
LIFE = (
    ("2026-03-12T09:00", "", "child"),
    ("2026-03-13T09:00", "let_in mother", "child mother"),
    ("2026-03-14T09:00", "let_in father", "child mother father"),
    ("2026-04-01T09:00", "end father", "child mother"),
    ("2026-05-01T09:00", "let_in father", "child mother father"),
    ("2026-06-01T09:00", "let_in guardian guardian", "child mother father guardian"),
    ("2027-01-10T09:00", "correct 2010-07-01", "child mother father guardian"),
    ("2028-06-01T09:00", "", "child mother father guardian"),
    ("2028-06-30T21:59", "", "child mother father guardian"),
    ("2028-06-30T22:00", "", "child"),
    ("2028-07-01T09:00", "correct 2012-07-01", "child"),
    ("2028-07-01T10:00", "correct 2010-07-01", "child"),
    ("2028-07-02T09:00", "trust mother 2028-12-31", "child mother"),
    ("2028-07-03T09:00", "trust friend 2029-06-30", "child mother friend"),
    ("2028-12-31T00:00", "", "child friend"),
    ("2029-06-30T00:00", "", "child"),
    ("2030-01-01T09:00", "let_in guardian guardian", "child guardian"),
    ("2031-01-01T09:00", "die 2030-12-24", ""),
    ("2031-01-02T09:00", "live_on", "child guardian"),
    ("2031-06-01T09:00", "end guardian", "child"),
)


def test_life_goes_on_and_everybody_reads_as_long_as_they_may(
    family: Family, clock: kernel.SettableClock
) -> None:
    life = Life(family, relative_of(family.house), relative_of(family.house), {})
    seen = []

    for at, what, _ in LIFE:
        clock.advance(datetime.fromisoformat(at).replace(tzinfo=UTC) - clock.now())
        act, *given = what.split()[:1] + what.split()[1:] if what else [""]
        if act:
            getattr(life, act)(*given)
        readers = life.readers()
        seen.append((at, what, " ".join(name for name in _ORDER if name in readers)))

    assert seen == list(LIFE)


_ORDER = (CHILD, MOTHER, FATHER, GUARDIAN, FRIEND)


# What is reserved to an adolescent is nowhere to be seen by who acts for her.


@pytest.fixture
def mother(family: Family) -> identity.Caller:
    family.let_in(family.mother)
    family.let_in(family.father)
    return family.mother


@pytest.fixture
def machines(desk: Desk) -> TestClient:
    application = build_application(fhir.routes(desk), desk.pages, SETTINGS)
    return TestClient(
        application, base_url="https://localhost", raise_server_exceptions=False, client=("192.0.2.7", 50)
    )


def addresses(family: Family, entry: object) -> Iterator[str]:
    """Yield every address of the pages that names one document."""
    one = f"/dossiers/{family.lou}"
    document = f"{one}/documents/{entry}"
    yield from (
        document, f"{document}?version=1", f"{document}/history", f"{document}/amend", f"{document}/withdraw",
        f"{document}/content", f"{document}/preview/0", f"{document}/frames/1", f"{document}/hide",
        f"{document}/reserve", f"{one}/images/{entry}", f"{one}/share?entry={entry}",
    )  # fmt: skip


def shape(answer: object, entry: object) -> tuple[int, str]:
    """Return what an answer shows, apart from what differs from one request to the next."""
    text = getattr(answer, "text", "").replace(str(entry), "ENTRY")
    kept = [line for line in text.splitlines() if "data-csrf" not in line and "reference" not in line]
    return getattr(answer, "status_code", 0), str(len(kept))


@pytest.mark.parametrize("by", ["child", "physician"])
def test_reserved_document_answers_as_one_that_there_is_not(
    family: Family, mother: identity.Caller, client_for: SignIn, by: str
) -> None:
    entry = file_for(family, TITLE, PAPER)
    reserve(family, entry, None if by == "child" else family.house.physician)
    client, nothing = client_for(mother), uuid4()

    for hidden, absent in zip(addresses(family, entry), addresses(family, nothing), strict=True):
        answer = client.get(hidden)

        assert answer.status_code == 404, hidden
        assert shape(answer, entry) == shape(client.get(absent), nothing), hidden
    assert client_for(family.child).get(f"/dossiers/{family.lou}/documents/{entry}").status_code == 200
    assert (
        client_for(family.house.physician).get(f"/dossiers/{family.lou}/documents/{entry}").status_code == 200
    )


def test_reserved_document_is_in_no_list_and_no_count(
    family: Family, mother: identity.Caller, client_for: SignIn
) -> None:
    file_for(family, "Vaccin")
    client = client_for(mother)
    pages = [
        "/mine",
        f"/dossiers/{family.lou}",
        f"/dossiers/{family.lou}/images",
        f"/dossiers/{family.lou}/control",
    ]
    before = [_counted(client.get(page).text) for page in pages]
    entry = file_for(family, TITLE, PAPER)
    reserve(family, entry)

    after = [client.get(page).text for page in pages]

    assert [TITLE in page for page in after] == [False] * 4
    assert [str(entry) in page for page in after] == [False] * 4
    assert [_counted(page) for page in after] == before


def _counted(page: str) -> tuple[int, int]:
    """Return how many rows a page has, and how many documents it says there are."""
    return page.count("data-row"), page.count("1\u00a0document") + page.count("1 document<")


def test_reserved_document_leaves_no_line_in_the_trail_of_who_acts(
    family: Family, mother: identity.Caller, client_for: SignIn
) -> None:
    entry = file_for(family, TITLE, PAPER)
    reserve(family, entry)
    with family.house.database.unit_of_work() as uow:
        permit = dossier.decide_entry(uow, family.house.physician, Action.READ, family.lou, entry)
        dossier.open_document(uow, permit, entry)

    def traces(who: identity.Caller) -> list[str]:
        with family.house.database.unit_of_work() as uow:
            permit = access.decide(uow, who, Action.READ_TRAIL, family.lou)
            return [repr(one.trace) for one in access.read_trail(uow, permit)]

    assert [line for line in traces(mother) if str(entry) in line or "restriction" in line] == []
    assert [line for line in traces(family.child) if str(entry) in line] != []
    assert TITLE not in client_for(mother).get(f"/dossiers/{family.lou}/trail").text


def test_reserved_document_is_in_no_notice(family: Family, mother: identity.Caller) -> None:
    entry = file_for(family, TITLE, PAPER)
    reserve(family, entry)
    with family.house.database.unit_of_work() as uow:
        permit = access.decide(uow, mother, Action.CONTROL, family.lou)
        access.wish_for_notices(uow, permit, access.Wish.TOLD)
        access.see_notices(uow, mother)  # the father was let in

    with family.house.database.unit_of_work() as uow:
        permit = dossier.decide_entry(uow, family.house.physician, Action.READ, family.lou, entry)
        dossier.open_document(uow, permit, entry)

    with family.house.database.reading() as uow:
        assert access.unseen_notices(uow, mother) == ()


def test_reserved_document_is_absent_for_the_program_of_who_acts(
    family: Family, mother: identity.Caller, machines: TestClient
) -> None:
    open_to_her = file_for(family, "Vaccin")
    entry = file_for(family, TITLE, PAPER)
    reserve(family, entry)
    headers = bearer(make_key_of(family.house.database, mother).token)
    found = machines.post(
        "/fhir/DocumentReference/_search", data={"patient": f"Patient/{family.lou}"}, headers=headers
    )

    assert [one["resource"]["id"] for one in found.json()["entry"]] == [str(open_to_her)]
    assert found.json()["total"] == 1
    for kind in ("DocumentReference", "Binary"):
        refused, absent = (machines.get(f"/fhir/{kind}/{one}", headers=headers) for one in (entry, uuid4()))
        assert (refused.status_code, absent.status_code) == (404, 404)
        assert refused.json().keys() == absent.json().keys()


def test_reserved_document_is_not_shared_by_who_acts(
    family: Family, mother: identity.Caller, client_for: SignIn
) -> None:
    entry, colleague = file_for(family, TITLE, PAPER), family.house.caller()
    reserve(family, entry)
    said = {"entry": str(entry), "days": "7", "to": f"account:{colleague.account}"}

    assert client_for(mother).post(f"/dossiers/{family.lou}/share", data=said).status_code == 404


# Nobody who acts for her undoes what she closed, or closes anything to the other parent.


def restrictions(family: Family, who: identity.Caller) -> list[access.Restriction]:
    with family.house.database.unit_of_work() as uow:
        permit = access.decide(uow, who, Action.CONTROL, family.lou)
        return [one for one in access.restrictions_of(uow, permit) if one.lifted_at is None]


@pytest.mark.parametrize("against", ["delegates", "father", "mother"])
def test_parent_neither_sees_nor_opens_what_the_child_closed(
    family: Family, mother: identity.Caller, against: str
) -> None:
    account = None if against == "delegates" else getattr(family, against).account
    kind = Against.DELEGATES if account is None else Against.PERSON
    with family.house.database.unit_of_work() as uow:
        permit = access.decide(uow, family.child, Action.CONTROL, family.lou)
        closed = access.restrict(uow, permit, access.RestrictionRequest(kind, account, Section.IMAGING))

    assert restrictions(family, mother) == []
    with family.house.database.unit_of_work() as uow, pytest.raises(access.RestrictionNotFound):
        access.lift_restriction(uow, access.decide(uow, mother, Action.CONTROL, family.lou), closed.id)
    with family.house.database.unit_of_work() as uow:
        permit = access.decide(uow, mother, Action.READ_TRAIL, family.lou)
        kinds = [one.trace.kind for one in access.read_trail(uow, permit)]
    assert "restriction.placed" not in kinds
    assert len(restrictions(family, family.child)) == 1


def test_parent_closes_nothing_to_the_other(
    family: Family, mother: identity.Caller, client_for: SignIn
) -> None:
    with family.house.database.unit_of_work() as uow:
        permit = access.decide(uow, mother, Action.CONTROL, family.lou)
        for request in (
            access.RestrictionRequest(Against.PERSON, family.father.account, Section.CLINICAL),
            access.RestrictionRequest(Against.PERSON, family.child.account, Section.CLINICAL),
            access.RestrictionRequest(Against.DELEGATES, None, Section.CLINICAL),
        ):
            with pytest.raises(access.RestrictionInvalid):
                access.restrict(uow, permit, request)
    said = {"who": f"account:{family.father.account}", "what": "all", "understood": "on"}
    answer = client_for(mother).post(f"/dossiers/{family.lou}/control/restrict", data=said)

    assert answer.status_code == 422
    assert restrictions(family, family.child) == []


def test_parent_ends_neither_the_others_part_nor_names_a_friend(
    family: Family, mother: identity.Caller, client_for: SignIn
) -> None:
    client, base = client_for(mother), f"/dossiers/{family.lou}"
    with family.house.database.unit_of_work() as uow:
        section = Section.IDENTITY
        permit = access.decide(uow, family.house.physician, Action.SHARE, family.lou, section=section)
        theirs = {one.account: one.id for one in access.delegations_of(uow, permit)}

    named = {"delegation": str(theirs[family.father.account])}
    ended = client.post(f"{base}/control/trust/end", data=named)
    by_reason = client.post(f"{base}/access/relatives/end", data={**named, "reason": "dispute"})
    given_up = client.post("/mine/renounce", data=named)

    assert [one.status_code for one in (ended, by_reason, given_up)] == [404] * 3
    assert client.get(f"{base}/control/trust").status_code == 404
    assert client.get(f"{base}/access/relatives/new").status_code == 404
    assert family.reach(family.father) != set()


def test_parent_ends_their_own_openings_and_those_of_professionals(
    family: Family, mother: identity.Caller, client_for: SignIn
) -> None:
    """What the girl opened to somebody, and what her father did, is theirs: ended neither by hand nor by taking over."""
    openings = {
        name: open_to_stranger(family, by)
        for name, by in {
            "mother": mother, "physician": family.house.physician, "child": family.child, "father": family.father,
        }.items()
    }  # fmt: skip
    base = f"/dossiers/{family.lou}/access"
    client = client_for(mother)
    page = client.get(base)

    for name, grant in openings.items():
        for act in ("take-over", "revoke"):
            client.post(f"{base}/{act}", data={"grant": str(grant)})
        if name in {"child", "father"}:
            with pytest.raises(access.GrantNotFound), family.house.database.unit_of_work() as uow:
                access.take_over_grant(uow, access.decide(uow, mother, Action.SHARE, family.lou), grant)

    with family.house.database.unit_of_work() as uow:
        known = access.grants_of(uow, access.decide(uow, family.child, Action.LIST, family.lou))
    still = {one.id for one in known if one.revoked_at is None}
    assert still == {openings["child"], openings["father"]}
    assert {name for name, one in openings.items() if f'value="{one}"' in page.text} == {
        "mother",
        "physician",
    }
    # The girl ends what anybody opened of hers.
    for grant in still:
        with family.house.database.unit_of_work() as uow:
            access.revoke_grant(uow, access.decide(uow, family.child, Action.SHARE, family.lou), grant)


def open_to_stranger(family: Family, by: identity.Caller) -> access.GrantId:
    stranger = family.house.caller()
    with family.house.database.unit_of_work() as uow:
        until = uow.now + timedelta(days=7)
        sections = frozenset({Section.CLINICAL})
        request = access.GrantRequest(stranger.account, None, sections, None, access.Purpose.CARE, until)
        permit = access.decide(uow, by, Action.SHARE, family.lou)
        return access.grant_access(uow, permit, request).id


def test_relative_reaches_no_other_dossier(
    family: Family, mother: identity.Caller, client_for: SignIn
) -> None:
    client, other = client_for(mother), family.house.martin

    for page in ("", "/images", "/access", "/trail", "/control", "/share", "/file", "/control/restrict"):
        assert client.get(f"/dossiers/{other}{page}").status_code == 404


def test_trusted_person_acts_in_nothing(family: Family, house: House, client_for: SignIn) -> None:
    """Reading what was chosen, and no more: no trail, no circle, no control, no sharing, no filing."""
    friend = relative_of(house)
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, Action.CONTROL, house.martin)
        until = uow.now + timedelta(days=30)
        wanted = DelegationRequest(DelegateKind.TRUSTED_PERSON, frozenset({Section.CLINICAL}), until)
        code = dossier.hand_delegation_code(uow, permit, wanted)
    client, one = client_for(friend), f"/dossiers/{house.martin}"
    client.post("/mine/code", data={"code": code.code})
    entry = house.file().head.id

    for page in (
        "/access",
        "/trail",
        "/control",
        "/control/restrict",
        f"/share?entry={entry}",
        "/file",
        "/identity",
    ):
        assert client.get(one + page).status_code == (200 if page == "/identity" else 404), page
    shown = client.get(one).text
    assert f"{one}/access" not in shown
    assert f"{one}/trail" not in shown
    assert client.get(f"{one}/documents/{entry}").status_code == 200


def test_stolen_session_neither_names_a_friend_nor_opens_again(house: House, client_for: SignIn) -> None:
    """A partner at an unlocked tablet gives themself nothing: a factor is proved once more."""
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, Action.CONTROL, house.martin)
        request = access.RestrictionRequest(Against.PERSON, house.nurse.account)
        closed = access.restrict(uow, permit, request)
    client, base = client_for(house.patient), f"/dossiers/{house.martin}/control"

    lifted = client.post(f"{base}/lift", data={"restriction": str(closed.id)}, follow_redirects=False)
    named = client.post(f"{base}/trust", data={"section": "clinical", "last_day": "2026-12-31"})

    assert lifted.headers["location"].startswith("/account/step-up?next=")
    assert named.status_code == 403
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, house.patient, Action.CONTROL, house.martin)
        assert [one.lifted_at for one in access.restrictions_of(uow, permit)] == [None]
        assert access.delegations_of(uow, permit) == ()


def test_relative_gives_themself_nothing_by_a_code_of_their_own(family: Family) -> None:
    """A code is drawn for whoever may give, never for who would like to have: 100 bits are not guessed."""
    stranger = relative_of(family.house)
    with family.house.database.unit_of_work() as uow:
        with pytest.raises(access.AccessRefused):
            access.decide(uow, stranger, Action.CONTROL, family.lou)
        with pytest.raises(access.DelegationCodeRefused):
            access.claim_delegation(uow, stranger, "")

    assert family.reach(stranger) == set()


def test_proof_is_told_to_everybody_who_reads_the_trail(family: Family, mother: identity.Caller) -> None:
    with family.house.database.unit_of_work() as uow:
        permit = access.decide(uow, family.child, Action.READ_TRAIL, family.lou)
        told = [one.trace for one in access.read_trail(uow, permit) if one.trace.kind == "delegation.given"]

    assert {trace.detail["account"] for trace in told} == {
        str(mother.account), str(family.father.account),
    }  # fmt: skip
    assert {trace.detail["proof"] for trace in told} == {SEEN}


def test_parent_who_is_a_nurse_shares_with_herself_no_more_than_she_sees(
    family: Family, mother: identity.Caller
) -> None:
    """Her other account is a professional's: an opening that she gives carries nothing that is reserved from her."""
    house, herself = family.house, family.house.caller(identity.Profession.NURSE)
    open_to_her = file_for(family, "Vaccin")
    before = file_for(family, TITLE, PAPER)
    reserve(family, before)
    with house.database.unit_of_work() as uow:
        permit = access.decide(uow, mother, Action.SHARE, family.lou, section=Section.CLINICAL)
        until, sections = uow.now + timedelta(days=30), frozenset({Section.CLINICAL})
        request = access.GrantRequest(herself.account, None, sections, None, access.Purpose.CARE, until)
        access.grant_access(uow, permit, request)
    after = file_for(family, TITLE, PAPER)
    reserve(family, after)

    def reads(entry: access.EntryId) -> bool:
        try:
            with house.database.unit_of_work() as uow:
                dossier.decide_entry(uow, herself, Action.READ, family.lou, entry)
        except access.AccessRefused:
            return False
        return True

    assert [reads(entry) for entry in (open_to_her, before, after)] == [True, False, False]
