"""The one way by which this installation asks something of somebody else: the declared provider, in little time.

No other host, no redirect, no proxy, a small answer, a deadline over everything; and never more than a few at
once, so that a provider that hangs takes no other way in along (THR-01).
"""

import ssl
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Thread
from typing import Protocol

import httpx2
from typing_extensions import override

from serment.identity.errors import ProviderUnavailable
from serment.identity.federation.provider import origin_of


@dataclass(frozen=True)
class Question:
    """A question: a GET, or a POST when it carries a form."""

    address: str
    form: Mapping[str, str] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Reply:
    """An answer: its status, its media type in lower case without parameters, its body."""

    status: int
    media_type: str
    body: bytes = field(repr=False)


class Carrier(Protocol):
    """Takes questions to the provider. Call it outside any transaction: it waits."""

    def carry(self, question: Question) -> Reply:
        """Return the provider's answer, whatever its status.

        Raises:
            ProviderUnavailable: it did not answer whole and in time, or lies elsewhere than agreed.
        """


@dataclass(frozen=True)
class CarrierLimits:
    """How long a question may take in all, what an answer may weigh, how many are under way at once."""

    connect_seconds: float = 3.0
    total_seconds: float = 8.0
    rest_seconds: float = 3.0
    most_bytes: int = 256 * 1024
    at_once: int = 4


class HttpCarrier(Carrier):
    """Speaks HTTP with one origin. After a failure it rests a moment, and says so instead of waiting again."""

    def __init__(self, issuer: str, limits: CarrierLimits | None = None) -> None:
        self._origin = origin_of(issuer)
        self._limits = limits or CarrierLimits()
        self._places = BoundedSemaphore(self._limits.at_once)
        self._rests_until = 0.0
        self._trust = ssl.create_default_context()

    @override
    def carry(self, question: Question) -> Reply:
        """Ask, within the limits."""
        if origin_of(question.address) != self._origin:
            raise ProviderUnavailable("elsewhere")
        if time.monotonic() < self._rests_until:
            raise ProviderUnavailable("resting")
        if not self._places.acquire(blocking=False):
            raise ProviderUnavailable("busy")
        answer = _aside(lambda: self._ask(question), afterwards=self._places.release)
        try:
            return answer.result(self._limits.total_seconds)
        except (httpx2.HTTPError, httpx2.InvalidURL, TookTooLong, OSError) as failure:
            self._rests_until = time.monotonic() + self._limits.rest_seconds
            raise ProviderUnavailable(type(failure).__name__) from None

    def _ask(self, question: Question) -> Reply:
        until = time.monotonic() + self._limits.total_seconds
        patience = httpx2.Timeout(self._limits.connect_seconds)
        method = "GET" if question.form is None else "POST"
        with (
            httpx2.Client(
                verify=self._trust, trust_env=False, follow_redirects=False, timeout=patience
            ) as client,
            client.stream(
                method, question.address, data=question.form, headers=dict(question.headers)
            ) as answer,
        ):
            body = self._read(answer, until)
        media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        return Reply(answer.status_code, media_type, body)

    def _read(self, answer: httpx2.Response, until: float) -> bytes:
        body = bytearray()
        for chunk in answer.iter_bytes():
            body += chunk
            if len(body) > self._limits.most_bytes:
                raise ProviderUnavailable("too large")
            if time.monotonic() > until:
                raise ProviderUnavailable("too slow")
        return bytes(body)


def _aside(work: Callable[[], Reply], *, afterwards: Callable[[], None]) -> "Future[Reply]":
    """Do the work in a thread of its own, which nobody waits for longer than they like."""
    done: Future[Reply] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except (httpx2.HTTPError, httpx2.InvalidURL, ProviderUnavailable, OSError, ValueError) as failure:
            done.set_exception(failure)
        finally:
            afterwards()

    Thread(target=run, name="serment-provider", daemon=True).start()
    return done
