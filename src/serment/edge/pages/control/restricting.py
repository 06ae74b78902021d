"""Closing: to one person, to all professionals, to those who act for the patient; a document, a part, or everything."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from serment import access, dossier, identity, kernel
from serment.access import Action
from serment.edge.desk import Desk
from serment.edge.pages.answers import Answers
from serment.edge.pages.banners import banner_of, name_of
from serment.edge.pages.circle import circle_of
from serment.edge.pages.control.choices import (
    CLOSABLE,
    DELEGATES,
    EVERYTHING,
    PROFESSIONALS,
    Choices,
    asked_restriction,
    choices_of,
)
from serment.edge.pages.dossiers.asked import asked_dossier, asked_entry
from serment.edge.pages.frame import enter
from serment.edge.pages.vocabulary import SECTION_WORDS
from serment.edge.shell import mark, read_form

_WHOM = mark("Choisissez à qui vous fermez.")
_WHAT = mark("Choisissez ce que vous fermez.")
_UNDERSTOOD = mark("Cochez la case quand vous avez lu ce que cela entraîne.")
_CLOSED = mark("Fermé dès maintenant. Vous pouvez rouvrir à tout moment.")


@dataclass(frozen=True)
class _Asked:
    """The patient, who can be kept away, and the document if it is one."""

    patient: dossier.Patient
    choices: Choices
    document: dossier.Document | None


class RestrictingPage:
    """Told with its consequences, confirmed once (EHDS article 8, LAW-41)."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def form(self, request: Request) -> Response:
        """Show what closing does."""
        asked = self._read(request)
        return self._show(request, asked, request.query_params.get("who", ""), "", {})

    def restrict(self, request: Request) -> Response:
        """Close."""
        caller, asked = enter(self._desk, request), self._read(request)
        answers = Answers(read_form(request), self._desk.pages.tongue(request).words)
        who, what = answers.form.get("who"), answers.form.get("what")
        wanted = self._wanted(asked, answers)
        if wanted is None:
            return self._show(request, asked, who, what, answers.errors)
        with self._desk.database.unit_of_work() as uow:
            permit = access.decide(uow, caller, Action.CONTROL, asked.patient.dossier)
            access.restrict(uow, permit, wanted)
        base = f"/dossiers/{asked.patient.dossier}"
        return self._desk.pages.go(f"{base}/control", notice=_CLOSED)

    def _wanted(self, asked: _Asked, answers: Answers) -> access.RestrictionRequest | None:
        """Return what is to be closed; None when `answers.errors` says what is wrong."""
        who, what = answers.form.get("who"), answers.form.get("what")
        document = asked.document
        if document is not None:
            what = document.head.section.value
        wanted = asked_restriction(asked.choices, who, what, None if document is None else document.head.id)
        if what not in {EVERYTHING, *CLOSABLE}:
            answers.refuse("what", _WHAT)
        elif wanted is None:
            answers.refuse("who", _WHOM)
        if not answers.form.has("understood"):
            answers.refuse("understood", _UNDERSTOOD)
        return None if answers.errors else wanted

    def _read(self, request: Request) -> _Asked:
        caller, patient = enter(self._desk, request), asked_dossier(request)
        with self._desk.database.recorded_reading() as uow:
            permit = access.decide(uow, caller, Action.CONTROL, patient)
            choices = choices_of(uow, permit, circle_of(uow, permit))
            named = "entry" in request.path_params
            document = _document(uow, caller, patient, asked_entry(request)) if named else None
            return _Asked(dossier.identity_of(uow, permit), choices, document)

    def _show(self, request: Request, asked: _Asked, who: str, what: str, errors: dict[str, str]) -> Response:
        base = f"/dossiers/{asked.patient.dossier}"
        document, words = asked.document, self._desk.pages.tongue(request).words
        back = f"{base}/control" if document is None else f"{base}/documents/{document.head.id}"
        return self._desk.pages.show(
            request, "control/restrict.html", status=422 if errors else 200, here="patients",
            banner=banner_of(asked.patient), base=base, back=back, patient_name=name_of(asked.patient),
            choices=asked.choices, document=document, who=who, what=what, errors=errors,
            codes={"professionals": PROFESSIONALS, "delegates": DELEGATES, "all": EVERYTHING},
            sections=[(one.value, words.say(SECTION_WORDS[one])) for one in CLOSABLE],
        )  # fmt: skip


def _document(
    uow: kernel.UnitOfWork, caller: identity.Caller, patient: kernel.DossierId, entry: access.EntryId
) -> dossier.Document:
    permit = dossier.decide_entry(uow, caller, Action.READ, patient, entry)
    return dossier.open_document(uow, permit, entry)
