import pytest

from serment.identity.sources import network_of


@pytest.mark.parametrize(
    ("origin", "network"),
    [
        ("web 203.0.113.7", "203.0.113.0/24"),
        ("203.0.113.250", "203.0.113.0/24"),
        ("web 2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("web ::ffff:203.0.113.7", "203.0.113.0/24"),
        ("console", "console"),
        ("", ""),
    ],
)
def test_network_of_counts_neighbours_together(origin: str, network: str) -> None:
    assert network_of(origin) == network
