"""Change one's own password."""

from starlette.requests import Request
from starlette.responses import Response

from serment import identity
from serment.edge.desk import Desk
from serment.edge.pages.entrance.account.security import HERE
from serment.edge.pages.entrance.passwords import NOT_THE_SAME, reason_for_change, tell_fault
from serment.edge.pages.entrance.ways import typed_password, way_on
from serment.edge.pages.frame import enter_restricted
from serment.edge.shell import mark, read_form


class PasswordPage:
    """The current password, then the one to come, twice; open to a session that waits for nothing but this."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def form(self, request: Request) -> Response:
        """Show the empty form."""
        caller = self._enter(request)
        identity.require_step_up(caller, self._desk.database.clock.now())
        return self._show(request, caller, {})

    def change(self, request: Request) -> Response:
        """Change the password; it is hashed outside any transaction."""
        caller, form = self._enter(request), read_form(request)
        words, rules = self._desk.pages.tongue(request).words, self._desk.entrance.rules.passwords
        new = typed_password(form.get("password"))
        if new != form.get("again"):
            return self._show(request, caller, {"again": words.say(NOT_THE_SAME)})
        change = identity.PasswordChange(typed_password(form.get("current")), new)
        try:
            identity.change_password(self._desk.entrance, caller, change)
        except identity.PasswordRefused as refused:
            field = "current" if isinstance(refused, identity.PasswordWrong) else "password"
            return self._show(request, caller, {field: tell_fault(words, rules, refused)})
        notice = mark("Mot de passe changé. Vos autres connexions sont fermées.")
        return self._desk.pages.go(way_on(request) if caller.restriction else HERE, notice=notice)

    def _enter(self, request: Request) -> identity.Caller:
        return enter_restricted(self._desk, request, identity.Restriction.PASSWORD_CHANGE)

    def _show(self, request: Request, caller: identity.Caller, errors: dict[str, str]) -> Response:
        rules = self._desk.entrance.rules.passwords
        return self._desk.pages.show(
            request, "account/password.html", status=422 if errors else 200, here="account", errors=errors,
            shortest=rules.least_characters, longest=rules.most_characters, reason=reason_for_change(self._desk, caller),
            back=None if caller.restriction else HERE, next=way_on(request),
        )  # fmt: skip
