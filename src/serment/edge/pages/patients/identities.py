"""Keeping a patient's identity right: a new version each time, the earlier ones stay readable."""

from starlette.requests import Request
from starlette.responses import Response

from serment import access, dossier, kernel
from serment.edge.desk import Desk
from serment.edge.pages.answers import Answers
from serment.edge.pages.banners import banner_of
from serment.edge.pages.frame import enter
from serment.edge.pages.patients.traits import SEX_WORDS, Traits, read_identity, traits_of, typed_traits
from serment.edge.shell import mark, read_form


class IdentityPage:
    """The form of an identity."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def form(self, request: Request) -> Response:
        """Show the identity, ready to be corrected."""
        caller = enter(self._desk, request)
        with self._desk.database.recorded_reading() as uow:
            permit = access.decide(
                uow, caller, access.Action.READ, _dossier(request), section=access.Section.IDENTITY
            )
            patient = dossier.identity_of(uow, permit)
        return self._show(request, patient, traits_of(patient), patient.version)

    def amend(self, request: Request) -> Response:
        """Write the corrected identity."""
        caller = enter(self._desk, request)
        answers = Answers(read_form(request), self._desk.pages.tongue(request).words)
        corrected = read_identity(answers, self._desk.database.clock.now().date())
        version = answers.form.get("version")
        with self._desk.database.unit_of_work() as uow:
            permit = access.decide(
                uow, caller, access.Action.AMEND, _dossier(request), section=access.Section.IDENTITY
            )
            patient = dossier.identity_of(uow, permit)
            read = int(version) if version.isdecimal() and len(version) < 10 else patient.version  # noqa: PLR2004 - below 2**31
            if corrected is not None:
                dossier.amend_identity(uow, permit, corrected, from_version=read)
        if corrected is None:
            return self._show(request, patient, typed_traits(answers), read, answers.errors)
        return self._desk.pages.go(
            f"/dossiers/{patient.dossier}",
            notice=mark("Identité corrigée. La version précédente reste gardée."),
        )

    def _show(
        self,
        request: Request,
        patient: dossier.Patient,
        traits: Traits,
        version: int,
        errors: dict[str, str] | None = None,
    ) -> Response:
        return self._desk.pages.show(
            request, "patients/identity.html", status=422 if errors else 200, here="patients",
            banner=banner_of(patient), traits=traits, version=version, errors=errors or {},
            sexes=list(SEX_WORDS.items()),
        )  # fmt: skip


def _dossier(request: Request) -> kernel.DossierId:
    return kernel.DossierId(request.path_params["dossier"])
