"""Who was touched: the question, the answer as a page, as files, and as one letter a patient."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from serment import dossier, identity, kernel, vigilance
from serment.edge.desk import Desk
from serment.edge.pages.banners import name_of
from serment.edge.pages.confirming import is_confirmed, lead_to_confirming
from serment.edge.pages.dossiers.asked import asked_number
from serment.edge.pages.frame import enter
from serment.edge.pages.vigilance.asked import LONGEST_REASON, Asked, first_asked, question_in, read_asked
from serment.edge.pages.vigilance.words import LINK_WORDS, SHORT_LINKS, TOUCHED, tabs_of
from serment.edge.pages.vocabulary import SECTION_WORDS
from serment.edge.shell import FHIR_JSON, Form, mark, read_form

ON_A_PAGE = 100
LONGEST_WORDS = 2000
_ASKED = mark("L'enquête est faite. Chaque patient trouvé le voit dans la trace de son dossier.")


@dataclass(frozen=True)
class Totals:
    """What an answer comes to."""

    patients: int
    entries: int
    objects: int
    sent_bytes: int
    drawings: int
    refused: int


@dataclass(frozen=True)
class MadeRow:
    """An inquiry that was made, as the list shows it: from what, whose acts, and who asked."""

    made: vigilance.Inquiry
    link: str
    who: str
    asked_by: str
    address: str


class TouchedPages:
    """Asks who was touched, and shows, exports and writes to those who were."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def form(self, request: Request) -> Response:
        """Show the question and the inquiries made before; a factor is proved first."""
        caller = enter(self._desk, request)
        query, now = request.query_params, self._desk.database.clock.now()
        speech = self._desk.pages.tongue(request).speech
        with self._desk.database.reading() as uow:
            vigilance.insist_on_officer(uow, caller)
        if not is_confirmed(self._desk, caller):
            return lead_to_confirming(self._desk, f"{TOUCHED}?{request.url.query}" if query else TOUCHED)
        return self._form(request, caller, first_asked(query, now, speech))

    def ask(self, request: Request) -> Response:
        """Ask, keep the answer, and lead to it."""
        caller, asked = enter(self._desk, request), read_asked(read_form(request))
        tongue = self._desk.pages.tongue(request)
        with self._desk.database.recorded_reading() as uow:
            vigilance.insist_on_officer(uow, caller)
            question = question_in(uow, caller, asked, tongue.speech, tongue.words)
            answer = None if question is None else vigilance.ask(uow, caller, question)
        if answer is None:
            return self._form(request, caller, asked)
        with self._desk.database.unit_of_work() as uow:
            inquiry = vigilance.keep_answer(uow, caller, answer, asked.reason)
        return self._desk.pages.go(f"{TOUCHED}/{inquiry}", notice=_ASKED)

    def show(self, request: Request) -> Response:
        """Show an answer, a page of patients at a time; their names only where they are asked for."""
        caller, answer = self._answer(request)
        patients = answer.patients
        page = asked_number(request.query_params.get("page", "")) or 0
        some = patients[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]
        named = "names" in request.query_params
        base = f"{TOUCHED}/{request.path_params['inquiry']}"
        more = "&names" if named else ""
        return self._desk.pages.show(
            request,
            "vigilance/answer.html",
            here="incidents",
            answer=answer,
            who=self._who(caller, answer),
            link=SHORT_LINKS[answer.question.link],
            totals=totals_of(answer),
            touched=some,
            names=self._names(caller, some) if named else {},
            base=base,
            page=page,
            newer=f"{base}?page={page - 1}{more}" if page else None,
            older=f"{base}?page={page + 1}{more}" if (page + 1) * ON_A_PAGE < len(patients) else None,
            back=TOUCHED,
            longest=LONGEST_WORDS,
        )

    def table(self, request: Request) -> Response:
        """Answer with every deed as CSV."""
        _, answer = self._answer(request)
        return _file(vigilance.write_table([answer]), "text/csv", "touched.csv")

    def events(self, request: Request) -> Response:
        """Answer with FHIR AuditEvents."""
        _, answer = self._answer(request)
        bundle = vigilance.write_audit_events([answer], self._desk.entrance.relying_party.origin)
        return _file(json.dumps(bundle, ensure_ascii=False), FHIR_JSON, "audit-events.json")

    def letters(self, request: Request) -> Response:
        """Show one letter for each patient, to be printed, with what the officer wrote for all of them."""
        form = read_form(request)
        caller, answer = self._answer(request)
        with self._desk.database.reading() as uow:
            place = identity.open_organisation(uow, caller.organisation).name
        return self._desk.pages.show(
            request,
            "vigilance/letters.html",
            here="incidents",
            back=f"{TOUCHED}/{request.path_params['inquiry']}",
            controller=place,
            officer=caller.name,
            answer=answer,
            touched=answer.patients,
            people=self._people(caller, answer.patients),
            sections=SECTION_WORDS,
            done=_written(form, "done"),
            contact=_written(form, "contact"),
        )

    def _form(self, request: Request, caller: identity.Caller, asked: Asked) -> Response:
        with self._desk.database.recorded_reading() as uow:
            made = vigilance.list_inquiries(uow, caller)
            people = {one.asked_by for one in made} | {
                who for one in made if (who := account_in(one.question))
            }
            names = identity.names_of(uow, people, within=caller.organisation)
        return self._desk.pages.show(
            request,
            "vigilance/touched.html",
            status=422 if asked.errors else 200,
            here="incidents",
            tabs=tabs_of(self._desk.pages.tongue(request).words, TOUCHED),
            asked=asked,
            links=LINK_WORDS,
            made=[made_row(one, names) for one in made],
            longest=LONGEST_REASON,
            base=TOUCHED,
        )

    def _answer(self, request: Request) -> tuple[identity.Caller, vigilance.Answer]:
        caller = enter(self._desk, request)
        with self._desk.database.recorded_reading() as uow:
            inquiry = vigilance.InquiryId(request.path_params["inquiry"])
            return caller, vigilance.kept_answer(uow, caller, inquiry)

    def _people(
        self, caller: identity.Caller, patients: tuple[vigilance.TouchedPatient, ...]
    ) -> dict[kernel.DossierId, dossier.Patient]:
        with self._desk.database.recorded_reading() as uow:
            return vigilance.name_patients(uow, caller, [one.dossier for one in patients])

    def _names(
        self, caller: identity.Caller, patients: tuple[vigilance.TouchedPatient, ...]
    ) -> Mapping[kernel.DossierId, str]:
        return {about: name_of(patient) for about, patient in self._people(caller, patients).items()}

    def _who(self, caller: identity.Caller, answer: vigilance.Answer) -> str:
        """Return whose acts the answer is about, as far as the officer answers for them: else the number alone.

        They do for the people of their organisation, and for what others did to its patients.
        """
        account = account_in(answer.question)
        if account is None:
            return str(answer.question.subject)
        acted = any(deed.account == account for deed in answer.deeds)
        with self._desk.database.reading() as uow:
            names = identity.names_of(uow, {account}, within=None if acted else caller.organisation)
        return names.get(account, str(account))


def account_in(question: vigilance.Question) -> kernel.AccountId | None:
    """Return the account that a question is about, None where it starts from something else."""
    return kernel.AccountId(question.subject) if question.link is vigilance.Link.ACCOUNT else None


def made_row(made: vigilance.Inquiry, names: Mapping[kernel.AccountId, str]) -> MadeRow:
    """Return an inquiry as the list shows it: no patient is named."""
    account, number = account_in(made.question), str(made.question.subject)
    return MadeRow(
        made=made,
        link=SHORT_LINKS[made.question.link],
        who=number[:8] if account is None else names.get(account, number[:8]),
        asked_by=names.get(made.asked_by, "?"),
        address=f"{TOUCHED}/{made.id}",
    )


def totals_of(answer: vigilance.Answer) -> Totals:
    """Sum an answer up."""
    patients = answer.patients
    objects = [one for patient in patients for one in patient.objects]
    return Totals(
        patients=len(patients),
        entries=sum(len(patient.entries) for patient in patients),
        objects=len(objects),
        sent_bytes=sum(one.sent_bytes for one in objects),
        drawings=sum(one.drawings for one in objects),
        refused=sum(deed.times for deed in answer.deeds if deed.refused),
    )


def _written(form: Form, name: str) -> list[str]:
    return [line.strip() for line in form.get(name)[:LONGEST_WORDS].split("\n") if line.strip()]


def _file(text: str, media_type: str, name: str) -> Response:
    return Response(text, 200, {"content-disposition": f'attachment; filename="{name}"'}, media_type)
