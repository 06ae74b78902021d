"""One opening, for whoever looks at it and for whoever opened: why, how far, what was done, what was asked and found."""

from collections import Counter
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from serment import access, dossier, identity, kernel
from serment.access import Action, EmergencyReview, EmergencyUse, EmergencyWords, Section
from serment.edge.desk import Desk
from serment.edge.pages.banners import banner_of, name_of
from serment.edge.pages.emergency.acts import asked_opening, permit_of_opener, permit_of_reviewer
from serment.edge.pages.emergency.words import DELAY_WORDS, REASON_WORDS, VERDICT_WORDS, deed_word
from serment.edge.pages.frame import enter
from serment.edge.pages.vocabulary import PROFESSION_WORDS, SECTION_WORDS


@dataclass(frozen=True)
class Deed:
    """One line of what was done: the same act in the same section is one line. `deed` is a marked word."""

    deed: str
    section: Section | None
    times: int
    documents: int


@dataclass(frozen=True)
class Looked:
    """An opening with its patient and its words; `own` when the caller is who opened."""

    review: EmergencyReview
    patient: dossier.Patient
    words: EmergencyWords
    deeds: tuple[Deed, ...]
    names: dict[kernel.AccountId, str]
    own: bool

    def name(self, account: kernel.AccountId | None) -> str:
        """Return the name of somebody around the opening."""
        return self.names.get(account, "?") if account is not None else ""


class OpeningPage:
    """Shows one opening and what may be done about it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def show(self, request: Request) -> Response:
        """Show the opening to whoever opened, or to whoever looks at it; for anybody else there is none."""
        caller = enter(self._desk, request)
        with self._desk.database.recorded_reading() as uow:
            looked = _look(uow, caller, request)
        now = self._desk.database.clock.now()
        return self._desk.pages.show(
            request,
            "emergency/one.html",
            here="emergencies" if caller.role is identity.Role.DPO else "home",
            banner=banner_of(looked.patient),
            base=f"/dossiers/{looked.patient.dossier}",
            patient_name=name_of(looked.patient),
            looked=looked,
            review=looked.review,
            opening=looked.review.opening,
            live=looked.own and looked.review.opening.is_live(now),
            overdue=looked.review.is_overdue(now),
            told=looked.review.opening.tell_at <= now,
            officer=caller.role is identity.Role.DPO,
            reasons=REASON_WORDS,
            delays=DELAY_WORDS,
            verdicts=VERDICT_WORDS,
            sections=SECTION_WORDS,
            professions=PROFESSION_WORDS,
        )


def _look(uow: kernel.UnitOfWork, caller: identity.Caller, request: Request) -> Looked:
    opening = asked_opening(request)
    try:
        review = access.own_opening(uow, caller, opening)
    except access.OpeningNotFound:
        review = access.reviewed_opening(uow, caller, opening)
    own = review.opening.account == caller.account
    if own:
        permit = permit_of_opener(uow, caller, opening)
        words = access.own_words(uow, permit, opening)
    else:
        permit = permit_of_reviewer(uow, caller, opening)
        words = access.reviewed_words(uow, permit, opening)
    named = {review.opening.account, review.reviewer, review.closed_by} - {None}
    return Looked(
        review=review,
        patient=dossier.identity_of(uow, permit),
        words=words,
        deeds=_deeds(access.deeds_of(uow, caller, opening)),
        names=identity.names_of(uow, {one for one in named if one is not None}),
        own=own,
    )


def _deeds(uses: tuple[EmergencyUse, ...]) -> tuple[Deed, ...]:
    times = Counter((use.action, use.section) for use in uses)
    return tuple(
        Deed(deed_word(action), section, count, _documents(uses, action, section))
        for (action, section), count in times.items()
    )


def _documents(uses: tuple[EmergencyUse, ...], action: Action, section: Section | None) -> int:
    """Count the different documents among what was done."""
    return len(
        {
            use.entry
            for use in uses
            if (use.action, use.section) == (action, section) and use.entry is not None
        }
    )
