"""Passwords as people type, paste and change them: whole, of any kind, and never asked for otherwise (ASVS 6.2)."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from playwright.sync_api import Browser, Page
from typing_extensions import override

from architecture.house import ROOT
from serment import identity, kernel
from serment.edge.desk import Desk
from support.entrance import NewVisitor, Open, Visitor, code_now, signed_in_visitor
from support.identity import PASSWORD, Person, make_administrator, make_organisation, signed_in
from support.nurse import HERE, LOGIN, STEP_UP, change_password, enrol_nurse, sign_in

LONG = ("amphore violette rivage tambour lanterne prairie " * 6)[:255]
PAPER = ROOT / "docs" / "security" / "authentication.md"


@pytest.fixture
def person(doors: Desk, clock: kernel.SettableClock) -> Person:
    """A nurse with a password and an application, enrolled a minute ago."""
    return enrol_nurse(doors, clock)


@pytest.fixture
def raised(doors: Desk, person: Person, new_visitor: NewVisitor) -> Visitor:
    """The nurse's browser, signed in, after a step-up."""
    visitor = signed_in_visitor(doors, new_visitor(), person.account)
    return visitor.open(STEP_UP).send(STEP_UP, code=person.recovery_codes[9])


def test_password_of_256_characters_is_compared_to_its_last(
    person: Person, raised: Visitor, new_visitor: NewVisitor
) -> None:
    change_password(raised, PASSWORD, f"{LONG}k")
    assert raised.address == HERE

    assert sign_in(new_visitor(), f"{LONG}m", person.recovery_codes[0]).status == 401
    assert sign_in(new_visitor(), LONG, person.recovery_codes[0]).status == 401
    assert sign_in(new_visitor(), f"{LONG}k", person.recovery_codes[0]).address == HERE


def test_password_keeps_its_case_and_its_outer_spaces(
    person: Person, raised: Visitor, new_visitor: NewVisitor
) -> None:
    change_password(raised, PASSWORD, " Lanterne prairie 27 tisserand ")

    for other in ("Lanterne prairie 27 tisserand", " lanterne prairie 27 tisserand "):
        assert sign_in(new_visitor(), other, person.recovery_codes[0]).status == 401
    right = sign_in(new_visitor(), " Lanterne prairie 27 tisserand ", person.recovery_codes[0])
    assert right.address == HERE


def test_password_may_be_of_any_composition(raised: Visitor) -> None:
    current, compositions = (
        PASSWORD,
        (
            "73918264051739482261",
            "WQXJKZVPFLMGTRNBHD",
            "wqxjkzvpflmgtrnbhd",
            "§%&/()=?*+~#'_:;><|^",
            "берёзовая роща утренний туман",
            "🌲🎈🐚🧵🍋🪁🎲🧭🪵🥁🛶🪀🧶🫖🪴🎻",
            "lanterne prairie tisserand amphore rivage",
        ),
    )
    for new in compositions:
        change_password(raised, current, new)
        assert (raised.status, raised.address) == (200, HERE), new
        current = new


def test_password_of_a_professional_never_ages(
    person: Person, new_visitor: NewVisitor, doors: Desk, clock: kernel.SettableClock
) -> None:
    for days in (30, 365, 365):
        clock.advance(timedelta(days=days))
        visitor = sign_in(new_visitor(), PASSWORD, code_now(doors, person.seed))

        assert (visitor.status, visitor.address) == (200, HERE)


class _Inputs(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"input", "select", "textarea"}:
            self.found.append({name: value or "" for name, value in attrs})


def inputs_of(visitor: Visitor) -> list[dict[str, str]]:
    parser = _Inputs()
    parser.feed(visitor.text)
    return parser.found


def begin_enrolment(desk: Desk, visitor: Visitor) -> Visitor:
    """Open the page that completes an account."""
    invitation = identity.Invitation("autre@example.test", "Alix Essai", identity.Role.PATIENT)
    with desk.database.unit_of_work() as uow:
        administrator = signed_in(uow, make_administrator(uow, make_organisation(uow)))
        code = identity.invite(uow, administrator, invitation).code
    return visitor.open("/enrol").send("/enrol", login="autre@example.test", code=code)


def test_password_fields_are_masked_and_known_to_password_managers(
    doors: Desk, raised: Visitor, new_visitor: NewVisitor
) -> None:
    pages = (
        new_visitor().open("/sign-in"),
        begin_enrolment(doors, new_visitor()),
        raised.open(f"{HERE}/password"),
    )
    fields = [
        each
        for page in pages
        for each in inputs_of(page)
        if each.get("name") in {"password", "again", "current"}
    ]

    assert [each["name"] for each in fields] == [
        "password", "password", "again", "current", "password", "again",
    ]  # fmt: skip
    assert {each["type"] for each in fields} == {"password"}
    assert {each["autocomplete"] for each in fields} <= {"current-password", "new-password"}
    assert [each for each in fields if "readonly" in each or int(each["maxlength"]) < 256] == []


def test_entrance_asks_for_no_secret_question(doors: Desk, new_visitor: NewVisitor) -> None:
    visitor = new_visitor()
    pages = [inputs_of(visitor.open("/sign-in"))]
    visitor.send("/sign-in", login=LOGIN, password=PASSWORD)
    pages += [
        inputs_of(visitor),
        inputs_of(visitor.open("/enrol")),
        inputs_of(begin_enrolment(doors, visitor)),
    ]
    asked = {
        each.get("name", "")
        for page in pages
        for each in page
        if each.get("type", "text") not in {"hidden", "checkbox"} and "readonly" not in each
    }

    assert asked == {"login", "password", "again", "code"}


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(bypass_csp=True, locale="fr-FR")
    yield context.new_page()
    context.close()


#: Tells every password field that something is pasted, and which of them let it be.
PASTE = """() => [...document.querySelectorAll('input[type=password]')].map(field =>
  field.dispatchEvent(new ClipboardEvent('paste', {bubbles: true, cancelable: true})) &&
  field.dispatchEvent(new InputEvent('beforeinput',
    {bubbles: true, cancelable: true, inputType: 'insertFromPaste', data: 'x'})))"""


@pytest.mark.browser
def test_password_may_be_pasted(open_house: Open, page: Page, clock: kernel.SettableClock) -> None:
    person = enrol_nurse(open_house.desk, clock)
    page.goto(f"{open_house.origin}/sign-in?next={HERE}/password")
    assert page.evaluate(PASTE) == [True]
    page.get_by_label("Identifiant").fill(LOGIN)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_label("Code à six chiffres").fill(code_now(open_house.desk, person.seed))
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(STEP_UP))
    clock.advance(timedelta(minutes=1))
    page.get_by_label("Code à six chiffres").fill(code_now(open_house.desk, person.seed))
    page.keyboard.press("Enter")

    page.wait_for_url(f"{open_house.origin}{HERE}/password")
    assert page.evaluate(PASTE) == [True, True, True]


@pytest.mark.parametrize(
    ("word", "leaning"),
    [
        ("the login", "camille.essai@example.test"),
        ("the person's name", "Essai Camille Essai"),
        ("the name of the organisation", "Cabinet-Tilleuls-Cabinet"),
        ("the name of this software", "Serment-Serment-Serment"),
    ],
)
def test_paper_lists_the_words_that_no_password_leans_on(raised: Visitor, word: str, leaning: str) -> None:
    change_password(raised, PASSWORD, leaning)

    assert (raised.status, "se devine trop facilement" in raised.text) == (422, True)
    assert word in " ".join(PAPER.read_text(encoding="utf-8").split())
