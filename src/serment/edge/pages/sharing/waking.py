"""A patient's account that fell asleep, opened again by somebody who cares for them and may invite them."""

from starlette.requests import Request
from starlette.responses import Response

from serment import dossier, identity
from serment.edge.desk import Desk
from serment.edge.pages.banners import banner_of
from serment.edge.pages.dossiers.asked import asked_dossier
from serment.edge.pages.frame import enter
from serment.edge.pages.sharing.asked import asked_patient_account
from serment.edge.shell import mark


class PatientWakingPage:
    """Says what waking does, then does it; a factor is proved again first."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def ask(self, request: Request) -> Response:
        """Say what waking does."""
        caller = enter(self._desk, request)
        with self._desk.database.recorded_reading() as uow:
            permit, account = asked_patient_account(uow, caller, request)
            patient = dossier.identity_of(uow, permit)
        identity.require_step_up(caller, self._desk.database.clock.now())
        if account.status is not identity.AccountStatus.DORMANT:
            raise identity.AccountNotFound(str(account.id))
        return self._desk.pages.show(
            request,
            "administration/wake.html",
            here="patients",
            banner=banner_of(patient),
            person={"name": account.name, "address": f"/dossiers/{patient.dossier}/access"},
        )

    def wake(self, request: Request) -> Response:
        """Let the patient sign in again."""
        caller = enter(self._desk, request)
        with self._desk.database.unit_of_work() as uow:
            _, account = asked_patient_account(uow, caller, request)
            identity.wake_account(uow, caller, account.id)
        back = f"/dossiers/{asked_dossier(request)}/access"
        return self._desk.pages.go(back, notice=mark("Compte réveillé."))
