"""Opening a dossier: first look whether the patient is there already."""

from starlette.requests import Request
from starlette.responses import Response

from serment import access, clinical, dossier, identity, kernel
from serment.edge.desk import Desk
from serment.edge.pages.answers import Answers
from serment.edge.pages.banners import banner_of
from serment.edge.pages.frame import enter
from serment.edge.pages.patients.traits import SEX_WORDS, Traits, read_identity, typed_traits
from serment.edge.shell import Banner, mark, read_form

_BLANK = Traits({}, checked=False)


class OpeningPage:
    """The form of a new patient."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def form(self, request: Request) -> Response:
        """Show the empty form."""
        caller = enter(self._desk, request)
        if caller.role is not identity.Role.PROFESSIONAL:
            raise access.AccessRefused("not-a-professional")
        return self._show(request, _BLANK)

    def open(self, request: Request) -> Response:
        """Open the dossier, unless somebody very like this patient has one and nobody said that they differ."""
        caller = enter(self._desk, request)
        answers = Answers(read_form(request), self._desk.pages.tongue(request).words)
        patient = read_identity(answers, self._desk.database.clock.now().date())
        if patient is None:
            return self._show(request, typed_traits(answers), errors=answers.errors)
        with self._desk.database.unit_of_work() as uow:
            alike = () if answers.form.has("sure") else _alike(uow, caller, patient)
            opened = None if alike else dossier.create_dossier(uow, caller, patient)
        if opened is None:
            return self._show(request, typed_traits(answers), alike=[banner_of(one) for one in alike])
        notice = mark("Dossier ouvert. Vous êtes la première personne de son équipe de soins.")
        return self._desk.pages.go(f"/dossiers/{opened}", notice=notice)

    def _show(
        self,
        request: Request,
        traits: Traits,
        *,
        errors: dict[str, str] | None = None,
        alike: list[Banner] | None = None,
    ) -> Response:
        return self._desk.pages.show(
            request, "patients/new.html", status=422 if errors else 200, here="patients", traits=traits,
            errors=errors or {}, alike=alike or [], sexes=list(SEX_WORDS.items()),
        )  # fmt: skip


def _alike(
    uow: kernel.UnitOfWork, caller: identity.Caller, patient: clinical.PatientIdentity
) -> tuple[dossier.Patient, ...]:
    """Return the patients of the organisation with the same INS, or born that day with nearly this name."""
    if caller.role is not identity.Role.PROFESSIONAL:
        return ()
    searches = [dossier.Search(birth_date=patient.birth_date)]
    if patient.ins is not None:
        searches.append(dossier.Search(ins=patient.ins.matricule))
    found = {
        one.dossier: one
        for search in searches
        for one in dossier.find_patients(uow, caller, search)
        if search.ins or clinical.near_names(one.identity, patient)
    }
    return tuple(found.values())
