"""Whom the brake stops: the reason they give to go on, and the page that says whom to ask."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from serment import access, identity, kernel
from serment.edge.desk import Desk
from serment.edge.pages.brake.words import REASON_WORDS, used_rows
from serment.edge.pages.confirming import is_confirmed
from serment.edge.pages.entrance.administration.counter import quality_word
from serment.edge.pages.entrance.ways import way_on
from serment.edge.pages.frame import enter
from serment.edge.shell import FieldRefused, mark, read_form

BRAKE, FROZEN = "/brake", "/brake/frozen"
_LONGEST_WORDS = 500
_LOOKS_INTO = frozenset({identity.Role.DPO, identity.Role.ADMINISTRATOR})
_NOTED = mark("Votre raison est notée. Vous pouvez continuer.")
_SAY_MORE = mark("Dites en quelques mots pourquoi.")


class StoppedPages:
    """Asks for a reason and a factor, or says that the account was stopped."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def ask(self, request: Request) -> Response:
        """Say what was reached, and ask for a reason; lead on whoever is asked for none."""
        return self._ask(request, {})

    def go_on(self, request: Request) -> Response:
        """Take the reason and lead back to what was stopped."""
        caller, form = enter(self._desk, request), read_form(request)
        if not is_confirmed(self._desk, caller):
            return self._ask(request, {})
        try:
            reason = _reason(form.choice("reason", REASON_WORDS), form.text("words", longest=_LONGEST_WORDS))
        except FieldRefused as refused:
            words = self._desk.pages.tongue(request).words
            return self._ask(request, {refused.field: words.say(_SAY_MORE)}, status=422)
        with self._desk.database.unit_of_work() as uow:
            access.give_reason(uow, caller, reason)
        return self._desk.pages.go(way_on(request), notice=_NOTED)

    def frozen(self, request: Request) -> Response:
        """Say that the account was stopped, and whom to ask; lead on whoever was not."""
        caller = enter(self._desk, request)
        with self._desk.database.reading() as uow:
            try:
                access.own_hold(uow, caller)
            except access.AccountFrozen:
                pass
            else:
                return self._desk.pages.go("/")
            whom = _whom_to_ask(uow, caller)
        return self._desk.pages.show(request, "brake/frozen.html", whom=whom)

    def _ask(self, request: Request, errors: dict[str, str], *, status: int = 200) -> Response:
        caller, way = enter(self._desk, request), way_on(request)
        with self._desk.database.reading() as uow:
            try:
                hold, used = access.own_hold(uow, caller), used_rows(access.own_budget(uow, caller))
            except access.AccountFrozen:
                return self._desk.pages.go(FROZEN)
        if hold is None:
            return self._desk.pages.go(way)
        said = read_form(request) if request.method == "POST" else None
        back = f"{BRAKE}?{urlencode({'next': way})}"
        return self._desk.pages.show(
            request,
            "brake/reason.html",
            status=status,
            together=hold is access.Hold.ORGANISATION,
            used=used[:4],
            reasons=REASON_WORDS,
            confirmed=is_confirmed(self._desk, caller),
            confirm_address=f"/account/step-up?{urlencode({'next': back})}",
            next=way,
            errors=errors,
            chosen=said.get("reason") if said else "",
            words=said.get("words") if said else "",
        )


def _reason(code: str, words: str) -> access.Reason:
    return access.Reason(access.LiftReason(code), words)


def _whom_to_ask(uow: kernel.UnitOfWork, caller: identity.Caller) -> list[tuple[str, str]]:
    """Return by name and quality who may end the freeze: of the caller's organisation, and not themselves."""
    found = identity.find_colleagues(uow, caller.organisation, "")
    others = [one for one in found if one.role in _LOOKS_INTO and one.id != caller.account]
    return [(one.name, quality_word(one.role, one.profession)) for one in others]
