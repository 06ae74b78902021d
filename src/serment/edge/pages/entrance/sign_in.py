"""Signing in: two steps that look the same whatever was typed in the first (AUT-09)."""

import asyncio
import math

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from serment import identity
from serment.edge.desk import Desk
from serment.edge.pages.entrance.flood_gate import send_back
from serment.edge.pages.entrance.proofs import read_proof
from serment.edge.pages.entrance.turnstile import Turnstile
from serment.edge.pages.entrance.ways import is_signed_in, leading_to, typed_password, way_on, welcome
from serment.edge.shell import FieldRefused, mark, read_form

SLOWER = mark("Trop d'essais en peu de temps.")
_UNFILLED = mark("Donnez votre identifiant et votre mot de passe.")
REFUSED = mark("La connexion n'a pas abouti.")

_MOST_WORK = 4_000


class SignInPages:
    """The two steps. The first is arithmetic; the second hashes in the thread pool, outside any transaction."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._known = Turnstile(at_once=8, most_waiting=200)
        self._unknown = Turnstile(at_once=4, most_waiting=8)
        self._sharing: asyncio.Task[None] | None = None

    def first(self, request: Request) -> Response:
        """Show the first step, or lead on whoever is signed in already."""
        if is_signed_in(self._desk, request):
            return self._desk.pages.go(way_on(request))
        return show_first_step(self._desk, request)

    async def begin(self, request: Request) -> Response:
        """Take login and password, and lead to the second step whatever they are worth; takes no thread."""
        form = read_form(request)
        try:
            credentials = identity.Credentials(
                form.text("login", longest=254), typed_password(form.get("password"))
            )
        except FieldRefused:
            return show_first_step(self._desk, request, error=_UNFILLED, status=422)
        pending = identity.begin_sign_in(self._desk.entrance, credentials)
        response = self._desk.pages.go(leading_to("/sign-in/second", way_on(request)))
        self._desk.pages.cookies.put(response, "pending", pending.token)
        return response

    def second(self, request: Request) -> Response:
        """Show the second step to whoever took the first."""
        if self._desk.pages.cookies.read(request, "pending") is None:
            return self._desk.pages.go(leading_to("/sign-in", way_on(request)))
        return self._show_second(request)

    async def finish(self, request: Request) -> Response:
        """Take the second factor and open a session; one refusal for every cause, at the same moments."""
        arrived_at = asyncio.get_running_loop().time()
        token = self._desk.pages.cookies.read(request, "pending")
        if token is None:
            return self._desk.pages.go(leading_to("/sign-in", way_on(request)))
        work = read_form(request).get("altcha")[:_MOST_WORK] or None
        entrance, visit = self._desk.entrance, self._desk.visit(request)
        self._keep_pressure_fresh()
        device = identity.claimed_device(entrance, token, visit)
        turnstile = self._unknown if device is None else self._known
        try:
            identity.insist_on_work(entrance, device, work)
            answer = await turnstile.run(device, self._finish, request, token, visit, work)
        except (identity.WorkDemanded, identity.Throttled) as refused:
            if device is None:
                entrance.pressure.note_failure()
            return self._send_back(request, refused.retry_after_seconds)
        if answer.status_code == _REFUSED_STATUS:
            await until_refusals_leave(entrance.rules, arrived_at)
        return answer

    def _keep_pressure_fresh(self) -> None:
        """Share the pressure with the other workers about once a second, without keeping anybody waiting."""
        pressure, database = self._desk.entrance.pressure, self._desk.database
        if self._sharing is not None and not self._sharing.done():
            return
        if pressure.is_stale(database.clock.now()):
            self._sharing = asyncio.create_task(to_thread.run_sync(pressure.share, database))

    def _finish(self, request: Request, token: str, visit: identity.Visit, work: str | None) -> Response:
        proof = read_proof(read_form(request))
        try:
            opened = identity.finish_sign_in(self._desk.entrance, token, proof, visit, work=work)
        except identity.SignInRefused:
            return self._show_second(request, error=REFUSED, status=_REFUSED_STATUS)
        except identity.WorkDemanded as demanded:
            return self._send_back(request, demanded.retry_after_seconds)
        except identity.Throttled as slower:
            return show_slower(self._desk, request, slower)
        return welcome(self._desk, request, opened)

    def _send_back(self, request: Request, wait_seconds: int) -> Response:
        again = leading_to("/sign-in/second", way_on(request))
        return send_back(self._desk, request, wait_seconds, again)

    def _show_second(self, request: Request, *, error: str | None = None, status: int = 200) -> Response:
        way = way_on(request)
        token = self._desk.pages.cookies.read(request, "pending") or ""
        return self._desk.pages.show(
            request,
            "sign-in/second-step.html",
            status=status,
            recovery=request.query_params.get("with") == "recovery",
            error=error,
            next=way,
            again=leading_to("/sign-in", way),
            work=identity.work_challenge(self._desk.entrance, token, self._desk.visit(request)),
        )


_REFUSED_STATUS = 401


async def until_refusals_leave(rules: identity.Rules, arrived_at: float) -> None:
    """Wait for the next moment at which refusals leave, so that the time taken tells nothing (AUT-09)."""
    now, every = asyncio.get_running_loop().time(), rules.refusals_leave_every.total_seconds()
    moments = math.ceil((now - arrived_at) / every)
    await asyncio.sleep(arrived_at + moments * every - now)


def show_first_step(
    desk: Desk, request: Request, *, error: str | None = None, wait: int = 0, status: int = 200
) -> Response:
    """Show login and password; what was typed as login is kept, the password never."""
    return desk.pages.show(
        request,
        "sign-in/sign-in.html",
        status=status,
        headers={"retry-after": str(wait)} if wait else None,
        login=read_form(request).get("login"),
        provider=None if desk.federation is None else desk.federation.name,
        error=error,
        wait=wait,
        next=way_on(request),
    )


def show_slower(desk: Desk, request: Request, slower: identity.Throttled) -> Response:
    """Say when the next attempt counts; nothing was looked at."""
    return show_first_step(desk, request, error=SLOWER, wait=slower.retry_after_seconds, status=429)
