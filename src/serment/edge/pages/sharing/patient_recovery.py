"""A patient's account whose factors are lost, recovered by who cares for them and may invite them (AUT-13, THR-07)."""

from starlette.requests import Request
from starlette.responses import Response

from serment import dossier, identity
from serment.edge.desk import Desk
from serment.edge.pages.banners import banner_of
from serment.edge.pages.dossiers.asked import asked_dossier
from serment.edge.pages.entrance.administration.recoveries import show_code
from serment.edge.pages.frame import enter
from serment.edge.pages.sharing.asked import asked_patient_account
from serment.edge.shell import mark

_STOPPED = mark("Récupération arrêtée. Le code remis n'ouvrira rien.")


class PatientRecoveryPage:
    """Says what a recovery does, opens it with a code to hand over, or stops it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def ask(self, request: Request) -> Response:
        """Say what a recovery does."""
        caller = enter(self._desk, request)
        with self._desk.database.recorded_reading() as uow:
            permit, account = asked_patient_account(uow, caller, request)
            patient = dossier.identity_of(uow, permit)
            open_one = identity.recovery_in_reach(uow, caller, account.id)
        identity.require_step_up(caller, self._desk.database.clock.now())
        if account.status is not identity.AccountStatus.ACTIVE:
            raise identity.AccountNotFound(str(account.id))
        return self._desk.pages.show(
            request,
            "sharing/recover-patient.html",
            here="patients",
            banner=banner_of(patient),
            name=account.name,
            recovery=open_one,
            delays=self._desk.entrance.rules.recovery,
            back=_back(request),
        )

    def open(self, request: Request) -> Response:
        """Open the recovery and show its code, this once."""
        caller = enter(self._desk, request)
        with self._desk.database.unit_of_work() as uow:
            permit, account = asked_patient_account(uow, caller, request)
            patient = dossier.identity_of(uow, permit)
            given = identity.open_recovery(uow, self._desk.entrance.rules.recovery, caller, account.id)
        return show_code(
            self._desk,
            request,
            account,
            given,
            back=_back(request),
            banner=banner_of(patient),
        )

    def stop(self, request: Request) -> Response:
        """Stop the recovery that the caller opened."""
        caller = enter(self._desk, request)
        with self._desk.database.unit_of_work() as uow:
            _, account = asked_patient_account(uow, caller, request)
            identity.stop_recovery(uow, caller, account.id)
        return self._desk.pages.go(_back(request), notice=_STOPPED)


def _back(request: Request) -> str:
    return f"/dossiers/{asked_dossier(request)}/access"
