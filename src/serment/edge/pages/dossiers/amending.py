"""Correcting what is said of a document: a new version, never another document in its place."""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from serment import access, clinical, dossier
from serment.edge.desk import Desk
from serment.edge.pages.answers import Answers
from serment.edge.pages.dossiers.asked import asked_dossier, asked_entry, asked_number
from serment.edge.pages.dossiers.reading import Opened, open_for_reading
from serment.edge.pages.frame import enter
from serment.edge.pages.vocabulary import KIND_WORDS
from serment.edge.shell import mark, read_form

_TO_COME = mark("Cette date est à venir.")


class AmendingPage:
    """The form that corrects a title, a kind or a date."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def form(self, request: Request) -> Response:
        """Show what is said now, ready to be corrected."""
        opened = self._read(request, None)
        said = opened.document.description
        values = {"title": said.title, "kind": said.kind.value, "date": said.document_date.isoformat()}
        return self._show(request, opened, values, {})

    def amend(self, request: Request) -> Response:
        """Write the correction as a new version."""
        answers = Answers(read_form(request), self._desk.pages.tongue(request).words)
        draft, reason = self._draft(answers), answers.text("reason", longest=500)
        opened = self._read(request, asked_number(answers.form.get("version")))
        if answers.errors:
            values = {name: answers.form.get(name) for name in ("title", "kind", "date", "reason")}
            return self._show(request, opened, values, answers.errors)
        caller, entry = enter(self._desk, request), opened.document.head.id
        with self._desk.database.unit_of_work() as uow:
            permit = dossier.decide_entry(uow, caller, access.Action.AMEND, opened.patient.dossier, entry)
            kept = replace(draft, file_name=opened.document.description.file_name)
            dossier.amend_document(uow, permit, opened.document, kept, note=reason)
        return self._desk.pages.go(
            opened.address, notice=mark("Correction enregistrée comme nouvelle version.")
        )

    def _draft(self, answers: Answers) -> dossier.Draft:
        kind = clinical.DocumentKind(answers.choice("kind", tuple(KIND_WORDS)))
        day = answers.day("date")
        if day > self._desk.database.clock.now().date():
            answers.refuse("date", _TO_COME)
        return dossier.Draft(answers.text("title"), kind, day)

    def _read(self, request: Request, version: int | None) -> Opened:
        caller, entry = enter(self._desk, request), asked_entry(request)
        with self._desk.database.recorded_reading() as uow:
            permit = dossier.decide_entry(uow, caller, access.Action.READ, asked_dossier(request), entry)
            return open_for_reading(uow, permit, entry, version)

    def _show(
        self, request: Request, opened: Opened, values: dict[str, str], errors: dict[str, str]
    ) -> Response:
        return self._desk.pages.show(
            request, "dossier/amend.html", status=422 if errors else 200, here="patients", banner=opened.banner,
            opened=opened, values=values, errors=errors, kinds=list(KIND_WORDS.items()),
        )  # fmt: skip
