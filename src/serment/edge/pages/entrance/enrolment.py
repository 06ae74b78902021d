"""Enrolling: the code received by hand, then a password and a first second factor in one go (AUT-02)."""

from dataclasses import dataclass, fields

from markupsafe import Markup
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
from serment.edge.pages.entrance.sign_in import SLOWER
from serment.edge.pages.entrance.ways import typed_password
from serment.edge.shell import Form, mark, read_form

_REFUSED = mark("Cet identifiant et ce code n'ouvrent pas d'inscription.")
_RAN_OUT = mark("Cette page est restée ouverte trop longtemps : donnez de nouveau votre code.")
_MOST_CARRIED = 4000


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


class EnrolmentPages:
    """The code, then the account."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def form(self, request: Request) -> Response:
        """Ask for login and code. The code is typed, or comes in the fragment, which no server sees."""
        return self._ask_code(request)

    def begin(self, request: Request) -> Response:
        """Take the code and show what completes the account."""
        form = read_form(request)
        login, code = form.text("login", longest=254), form.text("code", longest=40)
        try:
            offer = identity.begin_enrolment(self._desk.entrance, login, code, self._desk.visit(request))
        except identity.EnrolmentRefused:
            return self._ask_code(request, error=_REFUSED, status=403)
        except identity.Throttled as slower:
            return self._ask_code(request, error=SLOWER, wait=slower.retry_after_seconds, status=429)
        return self._ask_factors(request, _offered(offer, login), {})

    def complete(self, request: Request) -> Response:
        """Complete the account and show its recovery codes, this once."""
        form = read_form(request)
        offered = _read_offered(form)
        password = typed_password(form.get("password"))
        if password != form.get("again"):
            return self._ask_factors(request, offered, {"again": NOT_THE_SAME})
        answer = identity.Enrolment(offered.token, password, _read_factor(form))
        try:
            enrolled = identity.complete_enrolment(self._desk.entrance, answer, self._desk.visit(request))
        except identity.EnrolmentRefused:
            return self._ask_code(request, error=_RAN_OUT, status=403)
        except identity.PasswordRefused as refused:
            return self._ask_factors(request, offered, {"password": self._fault(request, refused)})
        except identity.FactorNotConfirmed:
            passkey = bool(form.get("response"))
            said = {"passkey": PASSKEY_NOT_CONFIRMED} if passkey else {"code": CODE_NOT_CONFIRMED}
            return self._ask_factors(request, offered, said)
        return self._desk.pages.show(
            request,
            "sign-in/recovery-codes.html",
            codes=enrolled.recovery_codes,
            login=offered.login,
            first=True,
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
            "sign-in/enrol.html",
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
    return Offered(**{field.name: form.text(field.name, longest=_MOST_CARRIED) for field in fields(Offered)})


def _read_factor(form: Form) -> identity.FactorConfirmation:
    if form.get("response"):
        return read_registration(form)
    return read_first_code(form)
