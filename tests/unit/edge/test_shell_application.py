"""The shell around routes: headers, hosts, bodies, proof of origin, errors."""

import json
from collections.abc import Callable
from typing import ClassVar

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from serment import kernel
from serment.edge import shell
from serment.edge.shell.bodies import Bodies
from serment.edge.shell.viewer import initials
from support.apart import run_apart
from support.catalogue import SIGNED_IN, VIEWER, catalogue_application, catalogue_pages, catalogue_settings
from support.shell import client_of, token_in

FORM = {"content-type": "application/x-www-form-urlencoded"}


class SecretLeaked(kernel.SermentError):
    """An error that nobody gave a line in the table."""

    code: ClassVar[str] = "test.unlisted"


class Busy(kernel.SermentError):
    """An error that says how long to wait."""

    code: ClassVar[str] = "store.unavailable"
    retry_after_seconds = 7


def echo(request: Request) -> Response:
    return PlainTextResponse(shell.read_form(request).get("q", "none"))


async def echo_json(request: Request) -> Response:
    return JSONResponse(await request.json())


async def echo_stream(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


def raising(error: Exception) -> Callable[[Request], Response]:
    def handler(request: Request) -> Response:
        raise error

    return handler


async def cut_short(request: Request) -> Response:
    async def body() -> object:
        yield b"half"
        raise RuntimeError("canary")

    return StreamingResponse(body())  # type: ignore[arg-type]  # an async generator of bytes


@pytest.fixture
def client() -> TestClient:
    return client_of(
        [
            Route("/echo", echo, methods=["GET", "POST"]),
            Route("/json", echo_json, methods=["POST"]),
            Route("/uploads/x", echo_stream, methods=["PUT"]),
            Route("/absent", raising(shell.PageNotFound())),
            Route("/unlisted", raising(SecretLeaked("canary"))),
            Route("/unforeseen", raising(RuntimeError("canary"))),
            Route("/busy", raising(Busy())),
            Route("/http", raising(HTTPException(429, headers={"retry-after": "9"}))),
            Route("/teapot", raising(HTTPException(418))),
            Route("/cut", cut_short),
        ]
    )


def first_token(client: TestClient) -> str:
    return token_in(client.get("/nowhere", headers={"accept": "text/html"}).text)


def test_every_answer_carries_the_security_headers(client: TestClient) -> None:
    for path in ("/echo", "/nowhere", "/unforeseen"):
        headers = client.get(path).headers
        assert headers["content-security-policy"] == shell.CONTENT_POLICY
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
        assert headers["cache-control"] == "no-store"
        assert "strict-transport-security" not in headers


def test_hsts_is_sent_over_tls_only() -> None:
    settings = shell.ShellSettings(frozenset({"care.example"}), bytes(32))
    client = TestClient(
        shell.build_application([], catalogue_pages(), settings), base_url="https://care.example"
    )

    assert client.get("/").headers["strict-transport-security"] == "max-age=63072000; includeSubDomains"


@pytest.mark.parametrize("host", ["evil.example", "", "127.0.0.1.evil.example", "[::1]:80"])
def test_another_host_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/echo", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["LOCALHOST:8000", "127.0.0.1"])
def test_our_hosts_are_answered_with_any_port_and_case(client: TestClient, host: str) -> None:
    assert client.get("/echo", headers={"host": host}).status_code == 200


def test_an_act_with_the_token_of_our_page_is_done(client: TestClient) -> None:
    token = first_token(client)

    assert client.post("/echo", data={"csrf": token, "q": "é"}).text == "é"
    assert client.post("/json", json={"a": 1}, headers={"x-serment-csrf": token}).json() == {"a": 1}


def test_an_act_without_token_is_refused(client: TestClient) -> None:
    first_token(client)

    assert client.post("/echo", data={"q": "x"}).status_code == 403


def test_a_token_without_its_cookie_is_refused(client: TestClient) -> None:
    token = first_token(client)
    client.cookies.clear()

    assert client.post("/echo", data={"csrf": token}).status_code == 403


def test_a_form_cookie_that_we_did_not_sign_is_refused(client: TestClient) -> None:
    token = first_token(client)
    client.cookies.clear()
    client.cookies.set("serment-form", "chosen.by-another")

    assert client.post("/echo", data={"csrf": token}).status_code == 403


def test_the_token_of_one_session_does_not_serve_another(client: TestClient) -> None:
    client.cookies.set("serment", "session-a")
    token = first_token(client)
    assert client.post("/echo", data={"csrf": token}).status_code == 200

    client.cookies.clear()
    client.cookies.set("serment", "session-b")
    assert client.post("/echo", data={"csrf": token}).status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin", "origin": "http://127.0.0.1"}, 200),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site", "origin": "http://127.0.0.1"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"sec-fetch-site": "same-origin", "origin": "http://evil.example"}, 403),
        ({"origin": "https://127.0.0.1"}, 403),
        ({}, 200),
    ],
)
def test_an_act_from_another_origin_is_refused_even_with_the_token(
    client: TestClient, headers: dict[str, str], status: int
) -> None:
    token = first_token(client)

    assert client.post("/echo", data={"csrf": token}, headers=headers).status_code == status


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"q=%zz", FORM, 400),
        (b"q=" + b"x" * 65536, FORM, 413),
        (b"q=x", {"content-type": "multipart/form-data; boundary=x"}, 415),
        (b"q=x", {"content-type": "application/x-www-form-urlencoded; charset=latin-1"}, 415),
        (b"q=x", {}, 415),
    ],
)
def test_a_body_that_no_page_reads_is_refused(
    client: TestClient, body: bytes, headers: dict[str, str], status: int
) -> None:
    token = first_token(client)

    assert (
        client.post("/echo", content=body, headers={**headers, "x-serment-csrf": token}).status_code == status
    )


def test_a_body_of_undeclared_length_is_cut_at_the_limit(client: TestClient) -> None:
    token = first_token(client)
    answer = client.post(
        "/echo", content=iter([b"q=", b"x" * 40000, b"x" * 40000]), headers={**FORM, "x-serment-csrf": token}
    )

    assert answer.status_code == 413


def test_a_stream_is_left_to_its_handler_but_still_proves_its_origin(client: TestClient) -> None:
    token = first_token(client)

    assert (
        client.put("/uploads/x", content=b"x" * 100_000, headers={"x-serment-csrf": token}).text == "100000"
    )
    assert client.put("/uploads/x", content=b"x").status_code == 403


def test_a_page_error_says_what_happened_and_gives_its_reference(client: TestClient) -> None:
    answer = client.get("/absent", headers={"accept": "text/html", "accept-language": "en"})

    assert answer.status_code == 404
    assert "This page does not exist" in answer.text
    assert answer.headers["x-serment-reference"] in answer.text


def test_absent_route_and_absent_content_answer_alike(client: TestClient) -> None:
    one, other = (client.get(path, headers={"accept": "text/html"}) for path in ("/absent", "/nowhere"))
    hide = [one.headers["x-serment-reference"], other.headers["x-serment-reference"], "/absent", "/nowhere"]
    texts = [one.text, other.text]
    for word in hide:
        texts = [text.replace(word, "") for text in texts]

    assert one.status_code == other.status_code == 404
    assert texts[0] == texts[1]


def test_a_json_client_gets_a_problem_document(client: TestClient) -> None:
    answer = client.get("/absent", headers={"accept": "application/json"})

    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.text) == {
        "type": "urn:serment:problem:absent",
        "title": "Cette page n\u2019existe pas, ou elle ne vous est pas ouverte.",
        "detail": "Rien n\u2019a été modifié. Si vous suivez ce patient, demandez à un membre de son équipe de soins de vous y ajouter.",
        "status": 404,
        "reference": answer.headers["x-serment-reference"],
    }


@pytest.mark.parametrize(
    ("path", "status"),
    [("/unlisted", 500), ("/unforeseen", 500), ("/teapot", 500), ("/busy", 503), ("/http", 429)],
)
def test_errors_answer_without_a_word_of_their_own(
    client: TestClient, capsys: pytest.CaptureFixture[str], path: str, status: int
) -> None:
    answer = client.get(path, headers={"accept": "text/html"})

    assert answer.status_code == status
    assert "canary" not in answer.text + capsys.readouterr().out


def test_an_error_that_knows_how_long_to_wait_says_so(client: TestClient) -> None:
    assert client.get("/busy").headers["retry-after"] == "7"
    assert client.get("/http").headers["retry-after"] == "9"


def test_a_method_that_a_route_does_not_have_is_refused_with_those_it_has(client: TestClient) -> None:
    answer = client.post("/absent", data={"csrf": first_token(client)})

    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]


def test_an_answer_that_breaks_after_it_began_is_cut_not_completed(client: TestClient) -> None:
    with pytest.raises(shell.AnswerCutShort):
        client.get("/cut")


def test_an_error_page_that_fails_leaves_the_last_resort() -> None:
    pages = catalogue_pages()
    for tongue in pages._tongues.values():
        del tongue.environment.globals["icon"]
    settings = shell.ShellSettings(frozenset({"127.0.0.1"}), bytes(32), scheme="http")
    client = TestClient(shell.build_application([], pages, settings), base_url="http://127.0.0.1")

    answer = client.get("/nowhere", headers={"accept": "text/html"})

    assert answer.status_code == 500
    assert f"<strong>{answer.headers['x-serment-reference']}</strong>" in answer.text


def test_language_and_colours_are_kept_and_shown(client: TestClient) -> None:
    token = first_token(client)

    answer = client.post(
        "/preferences", data={"csrf": token, "language": "en", "theme": "dark", "back": "/nowhere"}
    )

    assert (answer.status_code, answer.headers["location"]) == (303, "/nowhere")
    page = client.get("/nowhere", headers={"accept": "text/html"}).text
    assert '<html lang="en" data-theme="dark">' in page


@pytest.mark.parametrize("fields", [{"language": "xx"}, {"theme": "pink"}])
def test_a_language_or_colours_that_we_lack_are_refused(client: TestClient, fields: dict[str, str]) -> None:
    assert client.post("/preferences", data={"csrf": first_token(client), **fields}).status_code == 422


@pytest.mark.parametrize(
    "back",
    ["//evil.example", "https://evil.example", "/\\evil.example", "/a\\b", "/a\nb", "x", "/" + "x" * 500],
)
def test_the_way_back_stays_on_our_service(back: str) -> None:
    assert shell.safe_way_back(back) == "/"


def test_a_notice_is_said_once(client: TestClient) -> None:
    pages = catalogue_pages()

    def act(request: Request) -> Response:
        return pages.go("/show/error-free", notice=shell.mark("Annuler"))

    spoken = client_of([Route("/act", act)])
    spoken.get("/act")
    first, second = (spoken.get("/nowhere", headers={"accept": "text/html"}).text for _ in range(2))

    assert '<div class="toast" role="status"><p>Annuler</p>' in first
    assert "Annuler" not in second


@pytest.mark.parametrize("kept", ["Zm9v.forged", "nothing", "%%%."])
def test_a_notice_that_is_not_ours_is_not_said(client: TestClient, kept: str) -> None:
    client.cookies.set("serment-notice", kept)

    assert (
        'class="toast" role="status"><p></p>' in client.get("/nowhere", headers={"accept": "text/html"}).text
    )


def test_static_files_are_kept_for_ever_under_their_digest() -> None:
    pages = catalogue_pages()
    client = client_of([])
    address = pages.assets.address("css/serment.css")

    packed = client.get(address, headers={"accept-encoding": "gzip"})
    plain = client.get(address, headers={"accept-encoding": "identity"})
    older = client.get("/static/000000000000/css/serment.css")

    assert (
        packed.headers["cache-control"]
        == plain.headers["cache-control"]
        == "public, max-age=31536000, immutable"
    )
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content == older.content
    assert packed.headers["content-type"] == "text/css; charset=utf-8"
    assert older.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("name", ["absent.css", "../settings.py", "VENDORED.md", "%2e%2e/base.html"])
def test_static_files_are_only_those_of_the_list(name: str) -> None:
    assert client_of([]).get(f"/static/000000000000/{name}").status_code == 404


def test_a_template_that_names_an_absent_file_or_icon_is_found_out() -> None:
    pages = catalogue_pages()

    with pytest.raises(KeyError):
        pages.assets.address("absent.css")
    with pytest.raises(KeyError):
        pages._tongues["fr"].environment.from_string("{{ icon('absent') }}").render()


def test_cookies_carry_the_host_prefix_over_tls_and_are_plain_on_loopback() -> None:
    response = Response()
    shell.Cookies("https").put(response, "session", "x")
    shell.Cookies("http").put(response, "session", "y")
    shell.Cookies("https").drop(response, "session")

    assert response.headers.getlist("set-cookie") == [
        "__Host-serment=x; HttpOnly; Path=/; SameSite=lax; Secure",
        "serment=y; HttpOnly; Path=/; SameSite=lax",
        response.headers.getlist("set-cookie")[2],
    ]
    assert "Max-Age=0" in response.headers.getlist("set-cookie")[2]


def test_sign_out_clears_what_the_browser_holds() -> None:
    response = Response()
    shell.forget_everything(response)

    assert response.headers["clear-site-data"] == '"cache", "storage"'


def test_what_is_not_http_passes_through() -> None:
    with TestClient(
        catalogue_application(catalogue_pages(), shell.ShellSettings(frozenset(), bytes(32)))
    ) as client:
        assert client.get("/").status_code == 421


def test_colours_alone_leave_the_language_as_it_is(client: TestClient) -> None:
    client.post("/preferences", data={"csrf": first_token(client), "theme": "light"})

    page = client.get("/nowhere", headers={"accept": "text/html", "accept-language": "en"}).text
    assert '<html lang="en" data-theme="light">' in page


def test_a_client_that_leaves_in_the_middle_of_its_form_is_refused() -> None:
    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def silent(message: Message) -> None:
        raise AssertionError(message)

    async def never(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError(scope)

    scope = {"type": "http", "method": "POST", "path": "/echo", "headers": []}
    with pytest.raises(shell.FormUnreadable):
        run_apart(Bodies(never, catalogue_settings())(scope, gone, silent))


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Zoé MARTIN", "ZM"),
        ("Ana de la CRUZ", "AC"),
        ("Cher", "C"),
        ("", ""),
        ("4 rue", "R"),
        ("Dr Zoé Martin", "ZM"),
    ],
)
def test_initials_are_the_first_and_the_last_letter(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_the_frame_shows_who_is_signed_in_and_what_waits() -> None:
    def show(request: Request) -> Response:
        shell.set_viewer(request, VIEWER)
        return catalogue_pages().show(request, "account/security.html", **SIGNED_IN["account/security.html"])

    page = client_of([Route("/x", show)]).get("/x").text

    assert "Camille ROUX" in page
    assert "3 à traiter" in page
    assert shell.viewer_of(Request({"type": "http", "headers": []})) is None
