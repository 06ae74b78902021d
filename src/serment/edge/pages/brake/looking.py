"""The accounts that the brake stopped, for the data protection officer and the administration."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from serment import access, identity, kernel
from serment.edge.desk import Desk
from serment.edge.pages.brake.words import MEASURE_WORDS, REASON_WORDS, used_rows
from serment.edge.pages.confirming import is_confirmed, lead_to_confirming
from serment.edge.pages.entrance.administration.counter import tabs
from serment.edge.pages.frame import enter
from serment.edge.shell import FieldRefused, Link, mark, read_form

ACCOUNTS = "/brake/accounts"
_LONGEST_WORDS = 1000
_LET_GO = mark("Ce compte fonctionne de nouveau.")
_SAY_WHAT = mark("Écrivez ce que vous avez constaté.")


@dataclass(frozen=True)
class StoppedRow:
    """One account that was stopped."""

    name: str
    measure: str
    frozen_at: datetime
    ended_at: datetime | None
    ended_by: str
    words: str
    address: str | None


@dataclass(frozen=True)
class ReasonRow:
    """One reason that somebody gave to go on."""

    name: str
    reason: str
    words: str
    at: datetime
    together: bool


class FreezePages:
    """Who was stopped, who gave a reason, and letting an account go on after a look."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def show_all(self, request: Request) -> Response:
        """Show the accounts that are stopped, those that were, and the reasons that were given."""
        caller = enter(self._desk, request)
        with self._desk.database.recorded_reading() as uow:
            stopped, given = access.freezes(uow, caller), access.reasons_given(uow, caller)
            names = _names(uow, stopped, given)
        rows = [_stopped_row(one, names, caller) for one in stopped]
        return self._desk.pages.show(
            request,
            "brake/accounts.html",
            here=_here(caller),
            tabs=self._tabs(request, caller),
            now=[row for row in rows if row.ended_at is None],
            before=[row for row in rows if row.ended_at is not None],
            reasons=[_reason_row(one, names) for one in given],
        )

    def look(self, request: Request) -> Response:
        """Show what one stopped account had reached; a factor is proved first, for the page lets it go on."""
        caller = enter(self._desk, request)
        seen, name = self._look_into(request, caller)
        if not is_confirmed(self._desk, caller):
            return lead_to_confirming(self._desk, f"{ACCOUNTS}/{_asked(request)}")
        return self._show(request, caller, seen, name)

    def unfreeze(self, request: Request) -> Response:
        """Let the account go on, with what was found."""
        caller = enter(self._desk, request)
        try:
            words = read_form(request).text("words", longest=_LONGEST_WORDS)
        except FieldRefused:
            return self._again(request, caller)
        with self._desk.database.unit_of_work() as uow:
            access.unfreeze(uow, caller, _asked(request), words)
        return self._desk.pages.go(ACCOUNTS, notice=_LET_GO)

    def _look_into(self, request: Request, caller: identity.Caller) -> tuple[access.LookedInto, str]:
        with self._desk.database.recorded_reading() as uow:
            seen = access.look_into(uow, caller, _asked(request))
            return seen, identity.names_of(uow, {seen.freeze.account})[seen.freeze.account]

    def _again(self, request: Request, caller: identity.Caller) -> Response:
        seen, name = self._look_into(request, caller)
        said = self._desk.pages.tongue(request).words.say(_SAY_WHAT)
        return self._show(request, caller, seen, name, errors={"words": said})

    def _show(
        self,
        request: Request,
        caller: identity.Caller,
        seen: access.LookedInto,
        name: str,
        *,
        errors: dict[str, str] | None = None,
    ) -> Response:
        return self._desk.pages.show(
            request,
            "brake/look.html",
            status=422 if errors else 200,
            here=_here(caller),
            name=name,
            measure=MEASURE_WORDS[seen.freeze.measure],
            frozen_at=seen.freeze.frozen_at,
            used=used_rows(seen.used),
            back=ACCOUNTS,
            errors=errors or {},
        )

    def _tabs(self, request: Request, caller: identity.Caller) -> list[Link]:
        if caller.role is not identity.Role.ADMINISTRATOR:
            return []
        return tabs(self._desk.pages.tongue(request).words, "stopped")


def _here(caller: identity.Caller) -> str:
    return "people" if caller.role is identity.Role.ADMINISTRATOR else "stopped"


def _asked(request: Request) -> access.FreezeId:
    return access.FreezeId(request.path_params["freeze"])


def _names(
    uow: kernel.UnitOfWork, stopped: Collection[access.Freeze], given: Collection[access.Lift]
) -> dict[kernel.AccountId, str]:
    ended_by = {one.ended_by for one in stopped if one.ended_by is not None}
    return identity.names_of(
        uow, {one.account for one in stopped} | {one.account for one in given} | ended_by
    )


def _stopped_row(
    one: access.Freeze, names: dict[kernel.AccountId, str], caller: identity.Caller
) -> StoppedRow:
    open_here = one.ended_at is None and one.account != caller.account
    return StoppedRow(
        name=names.get(one.account, ""),
        measure=MEASURE_WORDS[one.measure],
        frozen_at=one.frozen_at,
        ended_at=one.ended_at,
        ended_by="" if one.ended_by is None else names.get(one.ended_by, ""),
        words=one.words,
        address=f"{ACCOUNTS}/{one.id}" if open_here else None,
    )


def _reason_row(one: access.Lift, names: dict[kernel.AccountId, str]) -> ReasonRow:
    return ReasonRow(
        names.get(one.account, ""), REASON_WORDS[one.reason.code], one.reason.words, one.at,
        one.hold is access.Hold.ORGANISATION,
    )  # fmt: skip
