"""The patient's own account: invited by who may share, with a code that is handed over and shown once."""

from starlette.requests import Request
from starlette.responses import Response

from serment import access, dossier, identity
from serment.access import Action, Section
from serment.edge.desk import Desk
from serment.edge.pages.answers import Answers
from serment.edge.pages.banners import banner_of, name_of
from serment.edge.pages.confirming import is_confirmed, lead_to_confirming
from serment.edge.pages.dossiers.asked import asked_dossier
from serment.edge.pages.frame import enter
from serment.edge.shell import mark, read_form

_TAKEN = mark("Cet identifiant est déjà pris : choisissez-en un autre.")
_MALFORMED = mark("Cet identifiant ne convient pas : une adresse électronique, par exemple.")


class PatientAccountPage:
    """Invites a patient, and renews a code that was not used."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def form(self, request: Request) -> Response:
        """Show what inviting does."""
        caller = enter(self._desk, request)
        with self._desk.database.recorded_reading() as uow:
            permit = access.decide(
                uow, caller, Action.SHARE, asked_dossier(request), section=Section.IDENTITY
            )
            patient = dossier.identity_of(uow, permit)
        identity.require_step_up(caller, self._desk.database.clock.now())
        return self._show(request, patient, "", {})

    def invite(self, request: Request) -> Response:
        """Make the account, tie it to the dossier, and show the code once."""
        caller = enter(self._desk, request)
        answers = Answers(read_form(request), self._desk.pages.tongue(request).words)
        login, code = answers.text("login", longest=100), None
        lapsed = not is_confirmed(self._desk, caller)
        with self._desk.database.unit_of_work() as uow:
            permit = access.decide(
                uow, caller, Action.SHARE, asked_dossier(request), section=Section.IDENTITY
            )
            patient = dossier.identity_of(uow, permit)
            name = f"{patient.identity.first_given_name} {patient.identity.family_name}"
            try:
                if not answers.errors and not lapsed:
                    code = identity.invite(
                        uow, caller, identity.Invitation(login, name, identity.Role.PATIENT)
                    )
                    access.link_patient(uow, permit, code.account)
            except identity.LoginTaken:
                answers.refuse("login", _TAKEN)
            except identity.LoginMalformed:
                answers.refuse("login", _MALFORMED)
        if code is None:
            return self._show(request, patient, answers.form.get("login"), answers.errors, lapsed=lapsed)
        return self._handed(request, patient, login, code)

    def renew(self, request: Request) -> Response:
        """Give a new code for an account that was never enrolled."""
        caller = enter(self._desk, request)
        with self._desk.database.unit_of_work() as uow:
            permit = access.decide(
                uow, caller, Action.SHARE, asked_dossier(request), section=Section.IDENTITY
            )
            patient = dossier.identity_of(uow, permit)
            accounts = access.patient_accounts(uow, permit)
            opened = [identity.open_account(uow, account) for account in accounts]
            invited = [one for one in opened if one.status is identity.AccountStatus.INVITED]
            if not invited:
                raise access.AccessRefused("no-account-to-enrol")
            if not is_confirmed(self._desk, caller):
                return lead_to_confirming(self._desk, f"/dossiers/{patient.dossier}/access")
            code = identity.renew_enrolment_code(uow, caller, invited[0].id)
        return self._handed(request, patient, invited[0].login, code)

    def _show(
        self,
        request: Request,
        patient: dossier.Patient,
        login: str,
        errors: dict[str, str],
        *,
        lapsed: bool = False,
    ) -> Response:
        return self._desk.pages.show(
            request,
            "sharing/patient-account.html",
            status=403 if lapsed else 422 if errors else 200,
            here="patients",
            lapsed=lapsed,
            banner=banner_of(patient),
            base=f"/dossiers/{patient.dossier}",
            patient_name=name_of(patient),
            login=login,
            errors=errors,
        )

    def _handed(
        self, request: Request, patient: dossier.Patient, login: str, code: identity.EnrolmentCode
    ) -> Response:
        return self._desk.pages.show(
            request,
            "sharing/patient-code.html",
            headers={"cache-control": "no-store"},
            here="patients",
            banner=banner_of(patient),
            base=f"/dossiers/{patient.dossier}",
            patient_name=name_of(patient),
            login=login,
            address=f"{self._desk.entrance.relying_party.origin}/enrol",
            code=code,
        )
