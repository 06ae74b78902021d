"""Who asks for a page without session, or for an act to be confirmed, is led there and back."""

from typing import ClassVar

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from serment import identity, kernel
from support.shell import client_of, token_in

PAGE = {"accept": "text/html,application/xhtml+xml"}


class Unrelated(kernel.SermentError):
    code: ClassVar[str] = "access.refused"


def refuse(request: Request) -> Response:
    raise {
        "session": identity.SessionUnknown("session"),
        "expired": identity.SessionExpired("session"),
        "step-up": identity.StepUpNeeded("session"),
        "other": Unrelated("other"),
    }[request.path_params["why"]]


@pytest.fixture
def client() -> TestClient:
    return client_of([Route("/needs/{why}", refuse, methods=["GET", "POST"])])


@pytest.mark.parametrize(
    ("why", "way"), [("session", "/sign-in"), ("expired", "/sign-in"), ("step-up", "/account/step-up")]
)
def test_page_leads_to_what_is_missing_and_back(client: TestClient, why: str, way: str) -> None:
    led = client.get(f"/needs/{why}?page=2", headers=PAGE)

    assert (led.status_code, led.headers["location"]) == (303, f"{way}?next=%2Fneeds%2F{why}%3Fpage%3D2")
    assert led.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("why", "status", "way"), [("session", 401, "/sign-in"), ("step-up", 403, "/account/step-up")]
)
def test_form_is_told_that_nothing_was_done_and_where_to_go(
    client: TestClient, why: str, status: int, way: str
) -> None:
    token = token_in(client.get("/needs/other", headers=PAGE).text)
    told = client.post(f"/needs/{why}", data={"csrf": token}, headers=PAGE)

    assert told.status_code == status
    assert f'<a class="button first" href="{way}">' in told.text


@pytest.mark.parametrize(("why", "status"), [("session", 401), ("step-up", 403)])
@pytest.mark.parametrize("accept", ["application/json", "*/*", "image/png"])
def test_whoever_asks_for_no_page_gets_the_refusal_itself(
    client: TestClient, why: str, status: int, accept: str
) -> None:
    assert client.get(f"/needs/{why}", headers={"accept": accept}).status_code == status


def test_other_refusals_lead_nowhere(client: TestClient) -> None:
    refused = client.get("/needs/other", headers=PAGE)

    assert (refused.status_code, 'href="/"' in refused.text) == (404, True)
