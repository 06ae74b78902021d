"""Letting a colleague, a team, or somebody elsewhere read a document or sections, until a day."""

from dataclasses import dataclass, replace
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from serment import access, dossier, identity, kernel
from serment.access import Action, Section
from serment.edge.desk import Desk
from serment.edge.pages.banners import banner_of, name_of
from serment.edge.pages.circle import Circle, circle_of
from serment.edge.pages.dossiers.asked import asked_dossier
from serment.edge.pages.frame import enter
from serment.edge.pages.sharing.grantees import Grantee, colleagues_of, grantee_by_login, named_grantee
from serment.edge.pages.sharing.offer import LENGTHS, Offer, read_offer
from serment.edge.pages.vocabulary import SECTION_WORDS
from serment.edge.shell import mark, read_form

_WHOM = mark("Choisissez à qui ouvrir ce partage.")
_NOBODY = mark("Aucun professionnel n'a exactement cet identifiant ici.")
_WHAT = mark("Choisissez au moins une partie du dossier.")
_READS_NOT = mark(
    "Sa profession ne lui permet pas de lire cette partie du dossier : le partage n'ouvrirait rien."
)


@dataclass(frozen=True)
class Shared:
    """What would be shared, once looked up: the patient, the document if it is one, its sections, and to whom."""

    patient: dossier.Patient
    document: dossier.Document | None
    circle: Circle
    offerable: tuple[Section, ...]
    sections: frozenset[Section]
    colleagues: tuple[Grantee, ...]
    to: Grantee | None

    @property
    def base(self) -> str:
        """The address of the dossier."""
        return f"/dossiers/{self.patient.dossier}"

    def newcomers(self) -> list[Grantee]:
        """Return the colleagues and teams whom the care does not let in already."""
        there = {part.team for part in self.circle.present if part.team is not None}
        return [
            one for one in self.colleagues if one.account not in self.circle.carers and one.team not in there
        ]

    @property
    def is_outside(self) -> bool:
        """Whether it would leave the organisation that keeps the dossier."""
        return self.to is not None and self.to.organisation != self.patient.organisation


class SharePage:
    """Choose, be told the effect, share."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def form(self, request: Request) -> Response:
        """Show what can be shared and with whom; an address that names everything asks to confirm it."""
        asked = request.query_params
        offer = read_offer(lambda name: asked.get(name, ""), asked.getlist)
        shared = self._look_up(request, offer, "")
        if shared.to is not None and not _fault(shared, offer):
            return self._confirm(request, shared, offer)
        return self._choose(request, shared, offer)

    def share(self, request: Request) -> Response:
        """Share, once the effect was told: at once for a document among colleagues, else after confirmation."""
        form = read_form(request)
        offer = read_offer(form.get, lambda name: list(form.all(name)))
        login = form.get("login") if offer.to == "login" else ""
        shared = self._look_up(request, offer, login)
        if fault := _fault(shared, offer):
            return self._choose(request, shared, offer, fault, form.get("login"))
        to = shared.to
        if to is None:
            return self._choose(request, shared, offer, {"to": _WHOM}, form.get("login"))
        offer = replace(offer, to=to.code)
        if not form.has("confirmed") and (shared.is_outside or shared.document is None):
            return self._confirm(request, shared, offer)
        try:
            self._grant(request, shared, offer, to)
        except identity.StepUpNeeded:
            return self._desk.pages.go(f"/account/step-up?next={quote(offer.address(shared.base), safe='')}")
        end = f"/documents/{offer.entry}" if offer.entry is not None else "/access"
        notice = mark("Partagé. Vous pouvez fermer ce partage à tout moment dans « Équipe et accès ».")
        return self._desk.pages.go(shared.base + end, notice=notice)

    def _grant(self, request: Request, shared: Shared, offer: Offer, to: Grantee) -> None:
        caller = enter(self._desk, request)
        if shared.is_outside:
            identity.require_step_up(caller, self._desk.database.clock.now())
        section = next(iter(shared.sections))
        with self._desk.database.unit_of_work() as uow:
            permit = access.decide(
                uow, caller, Action.SHARE, shared.patient.dossier, section=section, entry=offer.entry
            )
            access.grant_access(uow, permit, offer.request(shared.sections, to, uow.now))

    def _look_up(self, request: Request, offer: Offer, login: str) -> Shared:
        caller, asked = enter(self._desk, request), asked_dossier(request)
        with self._desk.database.recorded_reading() as uow:
            if offer.entry is None:
                permit = access.decide(uow, caller, Action.READ, asked, section=Section.IDENTITY)
                document = None
            else:
                permit = dossier.decide_entry(uow, caller, Action.READ, asked, offer.entry)
                document = dossier.open_document(uow, permit, offer.entry)
            return _shared(uow, permit, document, offer, login)

    def _choose(
        self,
        request: Request,
        shared: Shared,
        offer: Offer,
        faults: dict[str, str] | None = None,
        login: str = "",
    ) -> Response:
        words = self._desk.pages.tongue(request).words
        wanted = shared.sections or frozenset({Section.CLINICAL})
        return self._desk.pages.show(
            request,
            "sharing/share.html",
            status=422 if faults else 200,
            here="patients",
            banner=banner_of(shared.patient),
            patient_name=name_of(shared.patient),
            shared=shared,
            offer=offer,
            readers=[one for one in shared.newcomers() if one.reads(wanted, shared.circle.matrix)],
            lengths=LENGTHS,
            sections=SECTION_WORDS,
            login=login,
            errors={name: words.say(sentence) for name, sentence in (faults or {}).items()},
        )

    def _confirm(self, request: Request, shared: Shared, offer: Offer) -> Response:
        now = self._desk.database.clock.now()
        return self._desk.pages.show(
            request,
            "sharing/confirm.html",
            here="patients",
            banner=banner_of(shared.patient),
            patient_name=name_of(shared.patient),
            shared=shared,
            offer=offer,
            ends_at=offer.ends_at(now),
            sections=SECTION_WORDS,
        )


def _shared(
    uow: kernel.UnitOfWork,
    permit: access.Permit,
    document: dossier.Document | None,
    offer: Offer,
    login: str,
) -> Shared:
    circle = circle_of(uow, permit)
    offerable = tuple(one for one in Section if one is not Section.IDENTITY and circle.may(Action.SHARE, one))
    sections = frozenset(offer.sections) if document is None else frozenset({document.head.section})
    if not offerable or not sections <= frozenset(offerable):
        raise access.AccessRefused("shares-nothing-of-it")
    to = grantee_by_login(uow, login) if login else named_grantee(uow, permit.caller, offer.to)
    return Shared(
        patient=dossier.identity_of(uow, permit),
        document=document,
        circle=circle,
        offerable=offerable,
        sections=sections,
        colleagues=colleagues_of(uow, permit.caller),
        to=to,
    )


def _fault(shared: Shared, offer: Offer) -> dict[str, str]:
    if not shared.sections:
        return {"section": _WHAT}
    if offer.to == "login" and shared.to is None:
        return {"login": _NOBODY}
    if shared.to is not None and not shared.to.reads(shared.sections, shared.circle.matrix):
        return {"to": _READS_NOT}
    return {}
