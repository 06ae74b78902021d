from ipaddress import ip_network
from typing import Any

import pytest
from starlette.requests import HTTPConnection

from serment import kernel
from serment.edge.desk import Desk
from serment.edge.shell import Pages, ShellSettings

SETTINGS = ShellSettings(hosts=frozenset({"localhost"}), secret=b"s" * 32)
PROXIES = (ip_network("10.0.0.0/8"), ip_network("2001:db8:1::/48"))


def origin_of(*lines: str, peer: str = "10.0.0.1") -> str:
    """Return where a request is counted as coming from, that a proxy of ours brings with those header lines."""
    unused: Any = None
    pages = Pages(SETTINGS, kernel.SystemClock())
    desk = Desk(unused, pages, unused, 1, PROXIES)
    headers = [(b"x-forwarded-for", line.encode("latin-1")) for line in lines]
    return desk.visit(HTTPConnection({"type": "http", "headers": headers, "client": (peer, 1)})).origin


@pytest.mark.parametrize(
    ("lines", "origin"),
    [
        ((), "web 10.0.0.1"),
        (("203.0.113.7",), "web 203.0.113.7"),
        (("192.0.2.66, 203.0.113.7",), "web 203.0.113.7"),
        (("192.0.2.66", "203.0.113.7"), "web 203.0.113.7"),
        (("192.0.2.66, 192.0.2.67", "203.0.113.7, 10.0.0.2"), "web 203.0.113.7"),
        (("192.0.2.66", "2001:db8::7", "2001:db8:1::9"), "web 2001:db8::7"),
        (("192.0.2.66", "unknown"), "web unknown"),
        (("192.0.2.66", ""), "web 192.0.2.66"),
    ],
    ids=[
        "none",
        "one",
        "client lies in the line",
        "client lies in a line of its own",
        "two proxies",
        "version 6",
        "no address",
        "empty line",
    ],
)
def test_client_is_the_last_address_that_no_proxy_of_ours_bears(lines: tuple[str, ...], origin: str) -> None:
    assert origin_of(*lines) == origin


def test_stranger_says_nothing_of_where_they_come_from() -> None:
    assert origin_of("192.0.2.66", peer="203.0.113.7") == "web 203.0.113.7"
