"""The page on which documents are added to a dossier; the bytes themselves go to `edge.uploads`."""

from starlette.requests import Request
from starlette.responses import Response

from serment import access, clinical, dossier, identity
from serment.edge.desk import Desk
from serment.edge.pages.banners import banner_of, name_of
from serment.edge.pages.circle import PATIENT_WORDS, circle_of, tell_audience
from serment.edge.pages.dossiers.asked import asked_dossier
from serment.edge.pages.frame import enter
from serment.edge.pages.vocabulary import KIND_WORDS


class FilingPage:
    """The form that adds documents."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def show(self, request: Request) -> Response:
        """Show the form to those who may file here."""
        caller, section = enter(self._desk, request), access.Section.IDENTITY
        with self._desk.database.recorded_reading() as uow:
            permit = access.decide(uow, caller, access.Action.READ, asked_dossier(request), section=section)
            patient, circle = dossier.identity_of(uow, permit), circle_of(uow, permit)
        if not circle.may(access.Action.FILE, access.Section.CLINICAL):
            raise access.AccessRefused("files-nothing")
        words, banner = self._desk.pages.tongue(request).words, banner_of(patient)
        own = caller.role is identity.Role.PATIENT
        usual = clinical.DocumentKind.PATIENT_NOTE if own else clinical.DocumentKind.OTHER
        sees = circle.audience(access.Section.CLINICAL)
        return self._desk.pages.show(
            request,
            "dossier/file.html",
            here="patients",
            banner=banner,
            base=f"/dossiers/{patient.dossier}",
            patient_name=name_of(patient),
            kinds=list(KIND_WORDS.items()),
            usual=usual.value,
            today=self._desk.database.clock.now().date(),
            sees=tell_audience(words, sees, PATIENT_WORDS[banner.sex]),
            may_seal=circle.may(access.Action.FILE, access.Section.SENSITIVE),
            most_bytes=self._desk.most_upload_bytes,
        )
