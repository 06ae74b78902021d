"""Somebody leaves: what that ends is told in figures, then it is said once, now or for a day to come."""

from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from serment import access, identity
from serment.edge.desk import Desk
from serment.edge.pages.answers import Answers
from serment.edge.pages.entrance.administration.counter import enter_administration
from serment.edge.pages.entrance.administration.people import (
    PEOPLE,
    account_asked,
    account_in,
    person_row,
)
from serment.edge.shell import mark, read_form

_NOW, _LATER = "now", "later"
_DONE = mark("Départ enregistré : tout ce que ce compte ouvrait est fermé.")
_ANNOUNCED = mark("Départ annoncé. Il aura lieu de lui-même.")
_TOO_FAR = mark("Dernier jour : donnez un jour à partir d'aujourd'hui, dans l'année.")


class DeparturePages:
    """What administrators do when somebody leaves; a factor is proved again first."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def ask(self, request: Request) -> Response:
        """Say what leaving ends, and ask when it is."""
        return self._show(request, self._enter(request), {}, {})

    def declare(self, request: Request) -> Response:
        """Let somebody go."""
        caller, account = self._enter(request), account_in(request)
        answers = Answers(read_form(request), self._desk.pages.tongue(request).words)
        at = self._instant(request, answers)
        if not answers.errors:
            try:
                with self._desk.database.unit_of_work() as uow:
                    access.let_go(uow, caller, account, at)
            except identity.DepartureRefused:
                if at is None:
                    raise
                answers.refuse("last_day", _TOO_FAR)
            else:
                return self._desk.pages.go(f"{PEOPLE}/{account}", notice=_DONE if at is None else _ANNOUNCED)
        values = {field: answers.form.get(field) for field in ("when", "last_day")}
        return self._show(request, caller, values, answers.errors)

    def withdraw(self, request: Request) -> Response:
        """Take back a departure whose day has not come."""
        caller, account = self._enter(request), account_in(request)
        with self._desk.database.unit_of_work() as uow:
            identity.withdraw_departure(uow, caller, account)
        return self._desk.pages.go(f"{PEOPLE}/{account}", notice=mark("Départ annulé."))

    def _enter(self, request: Request) -> identity.Caller:
        caller = enter_administration(self._desk, request)
        identity.require_step_up(caller, self._desk.database.clock.now())
        return caller

    def _instant(self, request: Request, answers: Answers) -> datetime | None:
        """Return when the departure holds: at the end of the last day, None at once."""
        if answers.choice("when", (_LATER, _NOW)) == _NOW or answers.errors:
            return None
        last_day = answers.day("last_day")
        return None if answers.errors else self._desk.pages.tongue(request).speech.end_of(last_day)

    def _show(
        self, request: Request, caller: identity.Caller, values: dict[str, str], errors: dict[str, str]
    ) -> Response:
        with self._desk.database.unit_of_work() as uow:
            account = account_asked(uow, caller, request)
            if account.status is identity.AccountStatus.DEPARTED or account.id == caller.account:
                raise identity.AccountNotFound(str(account.id))
            ties = access.ties_of(uow, caller, account.id)
            teams = len(identity.teams_of(uow, account.id))
        return self._desk.pages.show(
            request,
            "administration/departure.html",
            status=422 if errors else 200,
            here="people",
            person=person_row(account),
            ties=ties,
            teams=teams,
            values=values,
            errors=errors,
        )
