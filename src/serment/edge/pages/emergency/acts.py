"""Acts around one opening: end it, complete it, ask, answer, close the look at it."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from serment import access, identity, kernel
from serment.access import Action, OpeningId, Purpose, ReviewVerdict, Section
from serment.edge.desk import Desk
from serment.edge.pages.dossiers.asked import asked_dossier
from serment.edge.pages.frame import enter
from serment.edge.shell import mark, read_form

_Decided = Callable[[kernel.UnitOfWork, identity.Caller, OpeningId], access.Permit]
_Said = Callable[[kernel.UnitOfWork, access.Permit, OpeningId, str], object]
_LONGEST_WORDS = 1000
_ENDED = mark("Ouverture d'urgence terminée : le dossier ne vous est plus ouvert par elle.")
_COMPLETED = mark("Votre explication est enregistrée.")
_ANSWERED = mark("Votre réponse est enregistrée.")
_ASKED = mark("Votre question est posée. Elle paraît sur l'accueil de qui a ouvert.")
_CLOSED = mark("Examen terminé. Votre nom et votre avis paraissent dans la trace du patient.")


class OpeningActs:
    """Each act takes one decision that reaches the name of the patient, and the domain says whose opening it is."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def end(self, request: Request) -> Response:
        """End one's own opening before its time."""
        caller, wanted = enter(self._desk, request), asked_dossier(request)
        with self._desk.database.unit_of_work() as uow:
            permit = access.decide(
                uow, caller, Action.LIST, wanted, Purpose.EMERGENCY, section=Section.IDENTITY
            )
            access.end_emergency(uow, permit, asked_opening(request))
        return self._desk.pages.go("/emergencies", notice=_ENDED)

    def complete(self, request: Request) -> Response:
        """Say in words why one opened."""
        return self._say(request, permit_of_opener, access.complete_emergency, _COMPLETED)

    def answer(self, request: Request) -> Response:
        """Answer the question of whoever looks at one's opening."""
        return self._say(request, permit_of_opener, access.answer_question, _ANSWERED)

    def ask(self, request: Request) -> Response:
        """Ask whoever opened for more."""
        return self._say(request, permit_of_reviewer, access.ask_opener, _ASKED)

    def review(self, request: Request) -> Response:
        """Say whether an opening was justified, and why."""
        caller, words = enter(self._desk, request), _words(request)
        verdict = ReviewVerdict(read_form(request).choice("verdict", tuple(ReviewVerdict)))
        with self._desk.database.unit_of_work() as uow:
            permit = permit_of_reviewer(uow, caller, asked_opening(request))
            access.close_review(uow, permit, asked_opening(request), verdict, words)
        return self._desk.pages.go("/emergencies", notice=_CLOSED)

    def _say(self, request: Request, permit_of: _Decided, deed: _Said, notice: str) -> Response:
        """Put words to an opening, by the permit of whoever they come from, and show it again."""
        caller, words, opening = enter(self._desk, request), _words(request), asked_opening(request)
        with self._desk.database.unit_of_work() as uow:
            deed(uow, permit_of(uow, caller, opening), opening, words)
        return self._desk.pages.go(f"/emergencies/{opening}", notice=notice)


def asked_opening(request: Request) -> OpeningId:
    """Return the opening that the address names."""
    return OpeningId(request.path_params["opening"])


def permit_of_opener(uow: kernel.UnitOfWork, caller: identity.Caller, opening: OpeningId) -> access.Permit:
    """Decide to show somebody the patient of their own opening.

    Raises:
        OpeningNotFound: it is none of theirs.
        AccessRefused: they do not find that patient any more.
    """
    found = access.own_opening(uow, caller, opening).opening
    return access.decide(uow, caller, Action.LIST, found.dossier, Purpose.EMERGENCY, section=Section.IDENTITY)


def permit_of_reviewer(uow: kernel.UnitOfWork, caller: identity.Caller, opening: OpeningId) -> access.Permit:
    """Decide to show whoever looks at an opening its patient: by the trail for the officer, by name for a head.

    Raises:
        OpeningNotFound: it is not for them to look at.
        AccessRefused: they do not find that patient.
    """
    found = access.reviewed_opening(uow, caller, opening).opening
    if caller.role is identity.Role.DPO:
        return access.decide(uow, caller, Action.READ_TRAIL, found.dossier, Purpose.ADMINISTRATION)
    return access.decide(
        uow, caller, Action.LIST, found.dossier, Purpose.ADMINISTRATION, section=Section.IDENTITY
    )


def _words(request: Request) -> str:
    return read_form(request).text("words", longest=_LONGEST_WORDS)
