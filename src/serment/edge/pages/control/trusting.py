"""A patient names the person they trust: what they may read, until when; and takes it back."""

from starlette.requests import Request
from starlette.responses import Response

from serment import access, dossier, identity, kernel
from serment.access import Action, DelegateKind, Relation, Section
from serment.edge.desk import Desk
from serment.edge.pages.answers import Answers
from serment.edge.pages.banners import banner_of, name_of
from serment.edge.pages.confirming import is_confirmed
from serment.edge.pages.control.asked import asked_delegation
from serment.edge.pages.dossiers.asked import asked_dossier
from serment.edge.pages.frame import enter
from serment.edge.pages.vocabulary import SECTION_WORDS
from serment.edge.shell import mark, read_form

_SECTIONS = tuple(section for section in Section if section in access.TRUSTABLE)
_FAULTS = {
    "minor": ("section", mark("On désigne une personne de confiance à partir de 18 ans.")),
    "guardian": (
        "section",
        mark(
            "Un tuteur agit pour vous : le cabinet vous dira comment désigner quelqu'un, avec l'accord du juge."
        ),
    ),
    "sections": ("section", mark("Choisissez au moins une partie du dossier.")),
    "end": ("last_day", mark("{field} : un jour à venir, dans les trois ans.")),
}


class TrustingPage:
    """The form, and the code that is handed over."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def form(self, request: Request) -> Response:
        """Show what naming somebody does."""
        caller, patient = enter(self._desk, request), self._read(request)
        identity.require_step_up(caller, self._desk.database.clock.now())
        return self._ask(request, patient, [Section.CLINICAL.value], "", {})

    def give(self, request: Request) -> Response:
        """Show the code once; who brings it back reads what was chosen."""
        caller, form = enter(self._desk, request), read_form(request)
        answers = Answers(form, self._desk.pages.tongue(request).words)
        wanted, lapsed = self._wanted(request, answers), not is_confirmed(self._desk, caller)
        code = None if answers.errors or lapsed else self._hand(request, caller, wanted, answers)
        patient = self._read(request)
        if code is None:
            chosen = list(form.all("section"))
            return self._ask(request, patient, chosen, form.get("last_day"), answers.errors, lapsed=lapsed)
        address = f"{self._desk.entrance.relying_party.origin}/mine/code"
        return self._desk.pages.show(
            request, "control/code.html", here="patients", banner=banner_of(patient), address=address, login="",
            base=f"/dossiers/{patient.dossier}", patient_name=name_of(patient), code=code, opens=True, back="/control",
            headers={"cache-control": "no-store"},
        )  # fmt: skip

    def end(self, request: Request) -> Response:
        """Take back what was given, or make a code worthless."""
        caller, form = enter(self._desk, request), read_form(request)
        with self._desk.database.unit_of_work() as uow:
            permit = access.decide(uow, caller, Action.CONTROL, asked_dossier(request))
            access.end_delegation(uow, permit, asked_delegation(form))
        notice = mark("Terminé : cette personne ne voit plus votre dossier, dès maintenant.")
        return self._desk.pages.go(f"/dossiers/{asked_dossier(request)}/control", notice=notice)

    def _read(self, request: Request) -> dossier.Patient:
        caller = enter(self._desk, request)
        with self._desk.database.recorded_reading() as uow:
            return dossier.identity_of(uow, _decided(uow, caller, request))

    def _wanted(self, request: Request, answers: Answers) -> access.DelegationRequest:
        sections = frozenset(one for one in _SECTIONS if one.value in answers.form.all("section"))
        last_day = answers.day("last_day")
        end_of = self._desk.pages.tongue(request).speech.end_of
        ends_at = None if answers.errors else end_of(last_day)
        return access.DelegationRequest(DelegateKind.TRUSTED_PERSON, sections, ends_at)

    def _hand(
        self,
        request: Request,
        caller: identity.Caller,
        wanted: access.DelegationRequest,
        answers: Answers,
    ) -> access.DelegationCode | None:
        try:
            with self._desk.database.unit_of_work() as uow:
                return dossier.hand_delegation_code(uow, _decided(uow, caller, request), wanted)
        except access.DelegationInvalid as refused:
            answers.refuse(*_FAULTS.get(refused.reason, _FAULTS["end"]))
            return None

    def _ask(
        self,
        request: Request,
        patient: dossier.Patient,
        chosen: list[str],
        last_day: str,
        errors: dict[str, str],
        *,
        lapsed: bool = False,
    ) -> Response:
        return self._desk.pages.show(
            request, "control/trust.html", status=403 if lapsed else 422 if errors else 200, here="patients",
            banner=banner_of(patient), base=f"/dossiers/{patient.dossier}", patient_name=name_of(patient),
            sections=[(one.value, SECTION_WORDS[one]) for one in _SECTIONS], chosen=chosen, last_day=last_day,
            errors=errors, lapsed=lapsed,
        )  # fmt: skip


def _decided(uow: kernel.UnitOfWork, caller: identity.Caller, request: Request) -> access.Permit:
    """Return a permit of the patient themself.

    Raises:
        AccessRefused: the caller may not control this dossier, or does so for somebody else.
    """
    permit = access.decide(uow, caller, Action.CONTROL, asked_dossier(request))
    if permit.relation is not Relation.PATIENT:
        raise access.AccessRefused("not-the-patient")
    return permit
