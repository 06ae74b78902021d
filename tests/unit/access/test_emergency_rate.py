from uuid import uuid4

import pytest

from serment.access.emergency.rates import LEAST_PEERS, rate_among
from serment.kernel import AccountId

OWN = AccountId(uuid4())
PEERS = [AccountId(uuid4()) for _ in range(10)]


def test_rate_counts_peers_who_never_opened() -> None:
    rate = rate_among({OWN: 7, PEERS[0]: 4, PEERS[1]: 2}, OWN, PEERS)

    assert (rate.own, rate.peers, rate.median) == (7, 10, 0.0)
    assert rate.ninth_decile == pytest.approx(2.2)


@pytest.mark.parametrize("peers", range(LEAST_PEERS))
def test_rate_of_fewer_than_five_peers_gives_no_figure_of_theirs(peers: int) -> None:
    rate = rate_among({PEERS[0]: 9}, OWN, PEERS[:peers])

    assert (rate.own, rate.peers, rate.median, rate.ninth_decile) == (0, peers, None, None)


def test_rate_of_five_peers_gives_figures() -> None:
    assert rate_among({}, OWN, PEERS[:LEAST_PEERS]).median == 0.0


def test_somebody_who_left_is_no_peer() -> None:
    rate = rate_among({AccountId(uuid4()): 50}, OWN, PEERS)

    assert (rate.median, rate.ninth_decile) == (0.0, 0.0)
