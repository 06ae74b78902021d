"""Add a second factor: an application for codes, or a passkey."""

from dataclasses import dataclass

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from serment import identity
from serment.edge.desk import Desk
from serment.edge.pages.entrance.account.security import HERE
from serment.edge.pages.entrance.passkeys import challenge_as_json
from serment.edge.pages.entrance.proofs import (
    CODE_NOT_CONFIRMED,
    PASSKEY_NOT_CONFIRMED,
    read_first_code,
    read_registration,
)
from serment.edge.pages.entrance.qr import qr_code
from serment.edge.pages.frame import enter, enter_restricted
from serment.edge.shell import Form, mark, read_form

_MOST_LABEL = 80
#: A session that waits for a passkey may add one, and do nothing else here.
_WAITING = identity.Restriction.FACTOR_ADDITION
_ADDED = mark("Second facteur ajouté.")


@dataclass(frozen=True)
class Application:
    """What the page carries from the offer of a secret to its first code."""

    token: str
    seed: str
    uri: str
    label: str

    @property
    def drawing(self) -> Markup:
        """The QR code of the secret."""
        return qr_code(self.uri)


class FactorPages:
    """Every step asks for a step-up; identity sees to it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def choose(self, request: Request) -> Response:
        """Offer the two kinds of factor."""
        return self._choose(request)

    def offer_application(self, request: Request) -> Response:
        """Show the secret of a new application."""
        caller = enter(self._desk, request)
        label = _label(read_form(request))
        offer = identity.begin_totp(self._desk.entrance, caller)
        return self._show_application(request, Application(offer.token, offer.seed, offer.uri, label))

    def confirm_application(self, request: Request) -> Response:
        """Add the application once it shows the right code."""
        caller, form = enter(self._desk, request), read_form(request)
        offered = Application(
            form.text("token", longest=100), form.text("seed"), form.text("uri", longest=900), _label(form)
        )
        confirmation = read_first_code(form, offered.label)
        try:
            identity.confirm_totp(self._desk.entrance, caller, offered.token, confirmation)
        except identity.FactorNotConfirmed:
            return self._show_application(request, offered, error=CODE_NOT_CONFIRMED)
        return self._desk.pages.go(HERE, notice=_ADDED)

    def challenge(self, request: Request) -> Response:
        """Answer the challenge for a new passkey, as JSON."""
        caller = self._desk.restricted_caller(request, _WAITING)
        return challenge_as_json(identity.begin_passkey_registration(self._desk.entrance, caller))

    def confirm_passkey(self, request: Request) -> Response:
        """Add the passkey that the device made."""
        caller, form = enter_restricted(self._desk, request, _WAITING), read_form(request)
        registration = read_registration(form, _label(form))
        try:
            identity.confirm_passkey(self._desk.entrance, caller, registration)
        except identity.FactorNotConfirmed:
            return self._choose(request, error=PASSKEY_NOT_CONFIRMED)
        return self._desk.pages.go(HERE, notice=_ADDED)

    def _choose(self, request: Request, *, error: str | None = None) -> Response:
        caller = enter_restricted(self._desk, request, _WAITING)
        identity.require_step_up(caller, self._desk.database.clock.now())
        with self._desk.database.reading() as uow:
            bare = identity.uses_passkeys_only(uow, self._desk.entrance.rules, caller.role)
        return self._desk.pages.show(
            request,
            "account/add-factor.html",
            status=422 if error else 200,
            here="account",
            error=error,
            waiting=caller.restriction is not None,
            passkeys_only=bare,
        )

    def _show_application(
        self, request: Request, offered: Application, *, error: str | None = None
    ) -> Response:
        say = self._desk.pages.tongue(request).words.say
        return self._desk.pages.show(
            request,
            "account/add-application.html",
            status=422 if error else 200,
            here="account",
            offered=offered,
            errors={"code": say(error)} if error else {},
        )


def _label(form: Form) -> str:
    return form.optional("label", longest=_MOST_LABEL) or ""
