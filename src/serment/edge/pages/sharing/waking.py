"""A patient's account that fell asleep, opened again by somebody who cares for them and may invite them."""

from starlette.requests import Request
from starlette.responses import Response

from serment import access, dossier, identity, kernel
from serment.access import Action, Section
from serment.edge.desk import Desk
from serment.edge.pages.banners import banner_of
from serment.edge.pages.dossiers.asked import asked_dossier
from serment.edge.pages.frame import enter
from serment.edge.shell import mark


class PatientWakingPage:
    """Says what waking does, then does it; a factor is proved again first."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def ask(self, request: Request) -> Response:
        """Say what waking does."""
        caller = enter(self._desk, request)
        with self._desk.database.recorded_reading() as uow:
            permit, account = _asked(uow, caller, request)
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
            _, account = _asked(uow, caller, request)
            identity.wake_account(uow, caller, account.id)
        back = f"/dossiers/{asked_dossier(request)}/access"
        return self._desk.pages.go(back, notice=mark("Compte réveillé."))


def _asked(
    uow: kernel.UnitOfWork, caller: identity.Caller, request: Request
) -> tuple[access.Permit, identity.Account]:
    """Return the account that the address names, if it is this patient's and the caller could have invited them."""
    permit = access.decide(uow, caller, Action.SHARE, asked_dossier(request), section=Section.IDENTITY)
    asked = kernel.AccountId(request.path_params["account"])
    if asked not in access.patient_accounts(uow, permit):
        raise access.AccessRefused("account-not-of-this-dossier")
    return permit, identity.open_account(uow, asked)
