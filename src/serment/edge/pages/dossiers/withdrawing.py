"""Withdrawing a document filed in error: told with its effect, confirmed once, with a reason; never destroyed."""

from starlette.requests import Request
from starlette.responses import Response

from serment import access, dossier
from serment.edge.desk import Desk
from serment.edge.pages.answers import Answers
from serment.edge.pages.dossiers.asked import asked_dossier, asked_entry, asked_number
from serment.edge.pages.dossiers.reading import Opened, open_for_reading
from serment.edge.pages.frame import enter
from serment.edge.shell import mark, read_form


class WithdrawingPage:
    """The sentence that tells the effect, and its button."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def form(self, request: Request) -> Response:
        """Tell what withdrawing does."""
        return self._show(request, self._read(request, None), "", {})

    def withdraw(self, request: Request) -> Response:
        """Withdraw the document."""
        answers = Answers(read_form(request), self._desk.pages.tongue(request).words)
        reason = answers.text("reason", longest=500)
        opened = self._read(request, asked_number(answers.form.get("version")))
        if answers.errors:
            return self._show(request, opened, answers.form.get("reason"), answers.errors)
        caller, entry = enter(self._desk, request), opened.document.head.id
        with self._desk.database.unit_of_work() as uow:
            permit = dossier.decide_entry(uow, caller, access.Action.WITHDRAW, opened.patient.dossier, entry)
            dossier.withdraw_document(uow, permit, opened.document, reason)
        return self._desk.pages.go(
            opened.base, notice=mark("Document retiré. Il reste consultable parmi les documents retirés.")
        )

    def _read(self, request: Request, version: int | None) -> Opened:
        caller, entry = enter(self._desk, request), asked_entry(request)
        with self._desk.database.recorded_reading() as uow:
            permit = dossier.decide_entry(uow, caller, access.Action.READ, asked_dossier(request), entry)
            return open_for_reading(uow, permit, entry, version)

    def _show(self, request: Request, opened: Opened, reason: str, errors: dict[str, str]) -> Response:
        return self._desk.pages.show(
            request, "dossier/withdraw.html", status=422 if errors else 200, here="patients", banner=opened.banner,
            opened=opened, reason=reason, errors=errors,
        )  # fmt: skip
