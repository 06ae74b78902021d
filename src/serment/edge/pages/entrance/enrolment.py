"""Enrolling and recovering: a code received by hand, then a password and a factor in one go (AUT-02, AUT-13)."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, fields

from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from serment import identity
from serment.edge.desk import Desk
from serment.edge.pages.entrance.passwords import NOT_THE_SAME, tell_fault
from serment.edge.pages.entrance.proofs import (
    CODE_NOT_CONFIRMED,
    PASSKEY_NOT_CONFIRMED,
    read_first_code,
    read_registration,
)
from serment.edge.pages.entrance.qr import qr_code
from serment.edge.pages.entrance.sign_in import SLOWER, until_refusals_leave
from serment.edge.pages.entrance.ways import typed_password
from serment.edge.shell import Form, mark, read_form

_REFUSED = mark("Cet identifiant et ce code n'ouvrent pas d'inscription.")
_REFUSED_RECOVERY = mark("Cet identifiant et ce code ne rouvrent pas de compte.")
_RAN_OUT = mark("Cette page est restée ouverte trop longtemps : donnez de nouveau votre code.")
_MOST_CARRIED = 4000
_REFUSED_STATUS = 403


@dataclass(frozen=True)
class Offered:
    """What the page carries from its showing to its sending; what counts of it is kept with us, sealed."""

    token: str
    name: str
    login: str
    seed: str
    uri: str
    challenge: str
    options: str

    @property
    def drawing(self) -> Markup:
        """The QR code of the seed."""
        return qr_code(self.uri)

    @property
    def passkeys_only(self) -> bool:
        """Whether a passkey is all that is set: no secret of an application was offered."""
        return not self.seed


@dataclass(frozen=True)
class CodeDoor:
    """A door that opens with a code: where it is, and what is done behind it."""

    address: str
    template: str
    refused: str
    recovering: bool
    begin: Callable[[identity.Entrance, str, str, identity.Visit], identity.EnrolmentOffer]
    complete: Callable[[identity.Entrance, identity.Enrolment, identity.Visit], identity.Enrolled]


ENROLMENT = CodeDoor(
    "/enrol",
    "sign-in/enrol.html",
    _REFUSED,
    recovering=False,
    begin=identity.begin_enrolment,
    complete=identity.complete_enrolment,
)
RECOVERY = CodeDoor(
    "/recover",
    "sign-in/recover.html",
    _REFUSED_RECOVERY,
    recovering=True,
    begin=identity.begin_recovery,
    complete=identity.complete_recovery,
)


class CodePages:
    """The code, then the account."""

    def __init__(self, desk: Desk, door: CodeDoor) -> None:
        self._desk = desk
        self._door = door

    def form(self, request: Request) -> Response:
        """Ask for login and code. The code is typed, or comes in the fragment, which no server sees."""
        return self._ask_code(request)

    async def begin(self, request: Request) -> Response:
        """Take the code and show what completes the account; refusals leave at the moments of sign-in's."""
        arrived_at = asyncio.get_running_loop().time()
        answer = await run_in_threadpool(self._begin, request)
        if answer.status_code == _REFUSED_STATUS:
            await until_refusals_leave(self._desk.entrance.rules, arrived_at)
        return answer

    def _begin(self, request: Request) -> Response:
        form = read_form(request)
        login, code = form.text("login", longest=254), form.text("code", longest=40)
        try:
            offer = self._door.begin(self._desk.entrance, login, code, self._desk.visit(request))
        except identity.EnrolmentRefused:
            return self._ask_code(request, error=self._door.refused, status=_REFUSED_STATUS)
        except identity.Throttled as slower:
            return self._ask_code(request, error=SLOWER, wait=slower.retry_after_seconds, status=429)
        return self._ask_factors(request, _offered(offer, login), {})

    def complete(self, request: Request) -> Response:
        """Complete the account and show its recovery codes, this once."""
        form = read_form(request)
        offered = _read_offered(form)
        password = typed_password(form.get("password"))
        try:
            # Before anything is drawn: what was carried may be anybody's, and a drawing of it is costly.
            identity.insist_on_offer(self._desk.entrance, offered.token)
            if not offered.passkeys_only and password != form.get("again"):
                return self._ask_factors(request, offered, {"again": NOT_THE_SAME})
            answer = identity.Enrolment(offered.token, password, _read_factor(form))
            enrolled = self._door.complete(self._desk.entrance, answer, self._desk.visit(request))
        except identity.EnrolmentRefused:
            return self._ask_code(request, error=_RAN_OUT, status=403)
        except identity.PasswordRefused as refused:
            return self._ask_factors(request, offered, {"password": self._fault(request, refused)})
        except (identity.FactorNotConfirmed, identity.PasskeyNeeded):
            passkey = offered.passkeys_only or bool(form.get("response"))
            said = {"passkey": PASSKEY_NOT_CONFIRMED} if passkey else {"code": CODE_NOT_CONFIRMED}
            return self._ask_factors(request, offered, said)
        return self._completed(request, offered, enrolled)

    def _completed(self, request: Request, offered: Offered, enrolled: identity.Enrolled) -> Response:
        if not enrolled.recovery_codes:
            return self._desk.pages.show(
                request, "sign-in/second-passkey.html", recovering=self._door.recovering
            )
        return self._desk.pages.show(
            request,
            "sign-in/recovery-codes.html",
            codes=enrolled.recovery_codes,
            login=offered.login,
            first=True,
            recovering=self._door.recovering,
            onward="/sign-in",
        )

    def _fault(self, request: Request, refused: identity.PasswordRefused) -> str:
        words, rules = self._desk.pages.tongue(request).words, self._desk.entrance.rules
        return tell_fault(words, rules.passwords, refused)

    def _ask_code(
        self, request: Request, *, error: str | None = None, wait: int = 0, status: int = 200
    ) -> Response:
        return self._desk.pages.show(
            request,
            self._door.template,
            status=status,
            headers={"retry-after": str(wait)} if wait else None,
            login=read_form(request).get("login"),
            error=error,
            wait=wait,
        )

    def _ask_factors(self, request: Request, offered: Offered, errors: dict[str, str]) -> Response:
        rules, words = self._desk.entrance.rules.passwords, self._desk.pages.tongue(request).words
        return self._desk.pages.show(
            request,
            "sign-in/enrol-factor.html",
            status=422 if errors else 200,
            offered=offered,
            door=self._door,
            carried={field.name: getattr(offered, field.name) for field in fields(Offered)},
            shortest=rules.least_characters,
            longest=rules.most_characters,
            errors={name: words.say(sentence) for name, sentence in errors.items()},
        )


def _offered(offer: identity.EnrolmentOffer, login: str) -> Offered:
    return Offered(
        token=offer.token,
        name=offer.name,
        login=login,
        seed=offer.totp_seed,
        uri=offer.totp_uri,
        challenge=offer.passkey.token,
        options=offer.passkey.options_json,
    )


def _read_offered(form: Form) -> Offered:
    """Return what the page carried.

    Raises:
        FieldRefused: something is missing that every page carries.
    """
    carried = {field.name: form.get(field.name)[:_MOST_CARRIED] for field in fields(Offered)}
    return Offered(**{**carried, "token": form.text("token", longest=_MOST_CARRIED)})


def _read_factor(form: Form) -> identity.FactorConfirmation:
    if form.get("response"):
        return read_registration(form)
    return read_first_code(form)
