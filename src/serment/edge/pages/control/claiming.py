"""Bringing back a code: from then on one acts for the patient who handed it over; and giving it up again."""

from starlette.requests import Request
from starlette.responses import Response

from serment import access, identity
from serment.edge.desk import Desk
from serment.edge.pages.control.asked import asked_delegation
from serment.edge.pages.frame import enter
from serment.edge.shell import mark, read_form

_LONGEST = 60


class ClaimingPage:
    """For whoever has a patient's account; nobody else has anything to bring back."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def form(self, request: Request) -> Response:
        """Ask for the code."""
        _entered(self._desk, request)
        return self._desk.pages.show(request, "control/claim.html", here="patients", typed="", error="")

    def claim(self, request: Request) -> Response:
        """Tie the caller to the dossier that the code is for."""
        caller, code = _entered(self._desk, request), read_form(request).text("code", longest=_LONGEST)
        try:
            with self._desk.database.unit_of_work() as uow:
                access.claim_delegation(uow, caller, code)
        except access.DelegationCodeRefused:
            said = self._desk.pages.tongue(request).words.say(
                mark("Ce code ne peut pas servir : vérifiez chaque signe, ou demandez-en un autre.")
            )
            return self._desk.pages.show(
                request, "control/claim.html", here="patients", typed=code, error=said, status=422
            )
        return self._desk.pages.go("/mine", notice=mark("C'est fait : ce dossier vous est ouvert."))

    def renounce(self, request: Request) -> Response:
        """Stop acting for somebody."""
        caller, named = _entered(self._desk, request), asked_delegation(read_form(request))
        with self._desk.database.unit_of_work() as uow:
            access.renounce_delegation(uow, caller, named)
        return self._desk.pages.go("/mine", notice=mark("Ce dossier ne vous est plus ouvert."))


def _entered(desk: Desk, request: Request) -> identity.Caller:
    """Return the caller.

    Raises:
        AccessRefused: their account is no patient's.
    """
    caller = enter(desk, request)
    if caller.role is not identity.Role.PATIENT:
        raise access.AccessRefused("not-a-patient")
    return caller
