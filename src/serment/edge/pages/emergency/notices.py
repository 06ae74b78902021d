"""What a patient reads of openings of their dossier, on their own page."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from serment import access, identity, kernel
from serment.access import Action, Relation
from serment.edge.desk import Desk
from serment.edge.pages.dossiers.asked import asked_dossier
from serment.edge.pages.emergency.acts import asked_opening
from serment.edge.pages.emergency.words import REASON_WORDS, VERDICT_WORDS
from serment.edge.pages.frame import enter
from serment.edge.pages.vocabulary import PROFESSION_WORDS
from serment.edge.shell import mark

_READ = mark("C'est noté. L'ouverture reste écrite dans « Qui a regardé ».")


@dataclass(frozen=True)
class OpeningNotice:
    """One opening as the patient reads of it; `reason`, `quality` and `verdict` are marked words.

    `words` and `finding` are empty for those who act for the patient.
    """

    review: access.EmergencyReview
    opener: str
    quality: str
    reason: str
    words: str
    reviewer: str
    verdict: str
    finding: str


class NoticeActs:
    """The patient's word that they have read."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def read(self, request: Request) -> Response:
        """Take an opening from the patient's first page."""
        caller = enter(self._desk, request)
        with self._desk.database.unit_of_work() as uow:
            permit = access.decide(uow, caller, Action.CONTROL, asked_dossier(request))
            access.acknowledge_notice(uow, permit, asked_opening(request))
        return self._desk.pages.go("/mine", notice=_READ)


def notices_of(uow: kernel.UnitOfWork, permit: access.Permit) -> tuple[OpeningNotice, ...]:
    """Return what the patient, or somebody who acts for them, has to read of openings of this dossier."""
    if not access.is_told_of_emergencies(uow, permit):
        return ()
    return tuple(_notice(uow, permit, review) for review in access.emergency_notices(uow, permit))


def _notice(uow: kernel.UnitOfWork, permit: access.Permit, review: access.EmergencyReview) -> OpeningNotice:
    opening = review.opening
    named = {opening.account, review.closed_by or opening.account}
    names = identity.names_of(uow, named)
    own = permit.relation is Relation.PATIENT
    words = access.notice_words(uow, permit, opening) if own else access.EmergencyWords()
    return OpeningNotice(
        review=review,
        opener=names.get(opening.account, "?"),
        quality=PROFESSION_WORDS[opening.profession],
        reason=REASON_WORDS[opening.reason],
        words=words.reason,
        reviewer=names.get(review.closed_by, "") if review.closed_by is not None else "",
        verdict=VERDICT_WORDS[review.verdict] if review.verdict is not None else "",
        finding=words.finding,
    )
