"""Small applications inside the shell, for the tests of what surrounds them."""

import re
from collections.abc import Sequence

from starlette.requests import Request
from starlette.routing import BaseRoute
from starlette.testclient import TestClient

from serment.edge import shell
from support.catalogue import catalogue_pages, catalogue_settings

_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


def client_of(routes: Sequence[BaseRoute]) -> TestClient:
    """Return a browser-like client of an application with these routes, over plain HTTP."""
    application = shell.build_application(routes, catalogue_pages(), catalogue_settings())
    return TestClient(
        application, base_url="http://127.0.0.1", follow_redirects=False, raise_server_exceptions=True
    )


def token_in(text: str) -> str:
    """Return the form token that a page carries."""
    found = _TOKEN.search(text)
    assert found is not None
    return found.group(1)


def request_in(language: str) -> Request:
    """Return a request whose browser prefers a language."""
    return Request(
        {
            "type": "http",
            "headers": [(b"accept-language", language.encode())],
            "path": "/",
            "query_string": b"",
        }
    )
