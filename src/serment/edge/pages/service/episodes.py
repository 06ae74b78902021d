"""The episodes of care of a patient: opening one, closing it with its follow-up window, taking the closing back."""

from datetime import date, timedelta

from starlette.requests import Request
from starlette.responses import Response

from serment import access, identity, kernel
from serment.access import Action, Section
from serment.edge.desk import Desk
from serment.edge.pages.answers import Answers
from serment.edge.pages.banners import banner_of, name_of
from serment.edge.pages.dossiers.asked import asked_dossier
from serment.edge.pages.dossiers.tabs import tabs_of
from serment.edge.pages.frame import enter
from serment.edge.pages.service.words import EPISODE_WORDS, FOLLOW_UPS, LABEL_READERS
from serment.edge.pages.sharing.access import Around, around_of, around_of_lead
from serment.edge.pages.vocabulary import PROFESSION_WORDS
from serment.edge.shell import mark, read_form

_NOT_THEN = mark("{field} : donnez un jour entre le début de l'épisode et aujourd'hui.")
_OPENED = mark("Épisode de soins ouvert. Admettez maintenant qui y prend part.")
_CLOSED = mark(
    "Épisode terminé. Qui y prenait part suit le patient jusqu'à la fin du suivi, puis n'a plus accès."
)
_AGAIN = mark("Épisode repris. Qui suivait encore le patient y prend part de nouveau.")


class EpisodePages:
    """Shown to the care team and to the patient; changed by those who lead the care."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def list(self, request: Request) -> Response:
        """Show the episodes that the reader reads, and the form for another."""
        return self._list(request, self._around(request), {}, {})

    def open(self, request: Request) -> Response:
        """Open an episode."""
        caller, answers = enter(self._desk, request), self._answers(request)
        asked = _read_request(answers)
        if answers.errors:
            values = {name: answers.form.get(name) for name in ("label", "kind", "section", "days")}
            return self._list(request, self._around(request), values, answers.errors)
        with self._desk.database.unit_of_work() as uow:
            leading = access.decide(uow, caller, Action.MANAGE_TEAM, asked_dossier(request))
            filing = access.decide(uow, caller, Action.FILE, asked_dossier(request), section=asked.section)
            access.open_episode(uow, leading, filing, asked)
        return self._desk.pages.go(f"/dossiers/{asked_dossier(request)}/episodes", notice=_OPENED)

    def ask(self, request: Request) -> Response:
        """Say what closing an episode ends, for whom and when."""
        return self._ask(request, self._around_leading(request), {}, {})

    def close(self, request: Request) -> Response:
        """Close an episode."""
        caller, answers = enter(self._desk, request), self._answers(request)
        ended_on = answers.day("ended_on")
        days = int(answers.choice("days", tuple(FOLLOW_UPS)))
        if not answers.errors and self._is_closed(caller, request, ended_on, timedelta(days=days)):
            return self._back(request, _CLOSED)
        answers.refuse("ended_on", _NOT_THEN)
        values = {name: answers.form.get(name) for name in ("ended_on", "days")}
        return self._ask(request, self._around_leading(request), values, answers.errors)

    def reopen(self, request: Request) -> Response:
        """Take the closing of an episode back."""
        caller = enter(self._desk, request)
        with self._desk.database.unit_of_work() as uow:
            leading, reading = _permits(uow, caller, request)
            access.reopen_episode(uow, leading, reading, _asked_episode(request))
        return self._back(request, _AGAIN)

    def _is_closed(
        self, caller: identity.Caller, request: Request, ended_on: date, follow_up: timedelta
    ) -> bool:
        """Close the episode at the end of a day, today now; False for a day at which it cannot have ended."""
        speech, episode = self._desk.pages.tongue(request).speech, _asked_episode(request)
        with self._desk.database.unit_of_work() as uow:
            leading, reading = _permits(uow, caller, request)
            found = _found(access.episodes_of(uow, reading), episode)
            at = min(speech.end_of(ended_on), uow.now)
            if ended_on > speech.local_day(uow.now) or at < found.opened_at:
                return False
            access.close_episode(uow, leading, reading, episode, access.Closing(at, follow_up))
        return True

    def _around(self, request: Request) -> Around:
        caller = enter(self._desk, request)
        with self._desk.database.recorded_reading() as uow:
            return around_of(uow, caller, asked_dossier(request))

    def _around_leading(self, request: Request) -> Around:
        caller = enter(self._desk, request)
        with self._desk.database.recorded_reading() as uow:
            return around_of_lead(uow, caller, asked_dossier(request))

    def _answers(self, request: Request) -> Answers:
        return Answers(read_form(request), self._desk.pages.tongue(request).words)

    def _back(self, request: Request, notice: str) -> Response:
        return self._desk.pages.go(f"/dossiers/{asked_dossier(request)}/episodes", notice=notice)

    def _list(
        self, request: Request, around: Around, values: dict[str, str], errors: dict[str, str]
    ) -> Response:
        tongue, circle = self._desk.pages.tongue(request), around.circle
        return self._desk.pages.show(
            request,
            "service/episodes.html",
            status=422 if errors else 200,
            here="patients",
            banner=banner_of(around.patient),
            base=f"/dossiers/{around.patient.dossier}",
            patient_name=name_of(around.patient),
            tabs=tabs_of(around.patient.dossier, circle, tongue.words, "access"),
            around=around,
            kinds=EPISODE_WORDS,
            follow_ups=FOLLOW_UPS,
            readers={
                section: word for section, word in LABEL_READERS.items() if circle.may(Action.FILE, section)
            },
            professions=PROFESSION_WORDS,
            now=circle.at,
            values=values,
            errors=errors,
        )

    def _ask(
        self, request: Request, around: Around, values: dict[str, str], errors: dict[str, str]
    ) -> Response:
        episode = _found(around.episodes, _asked_episode(request))
        if episode.closed_at is not None:
            raise access.EpisodeClosed(str(episode.id))
        today = self._desk.pages.tongue(request).speech.local_day(around.circle.at)
        usual = {"ended_on": today.isoformat(), "days": str(episode.follow_up.days)}
        return self._desk.pages.show(
            request,
            "service/episode-close.html",
            status=422 if errors else 200,
            here="patients",
            banner=banner_of(around.patient),
            base=f"/dossiers/{around.patient.dossier}",
            patient_name=name_of(around.patient),
            around=around,
            episode=episode,
            leaving=[part for part in around.circle.present if part.episode == episode.id],
            professions=PROFESSION_WORDS,
            kinds=EPISODE_WORDS,
            follow_ups=FOLLOW_UPS,
            values={**usual, **values},
            errors=errors,
        )


def _read_request(answers: Answers) -> access.EpisodeRequest:
    return access.EpisodeRequest(
        kind=access.EpisodeKind(answers.choice("kind", tuple(access.EpisodeKind))),
        label=answers.text("label"),
        section=Section(answers.choice("section", tuple(LABEL_READERS))),
        follow_up=timedelta(days=int(answers.choice("days", tuple(FOLLOW_UPS)))),
    )


def _permits(
    uow: kernel.UnitOfWork, caller: identity.Caller, request: Request
) -> tuple[access.Permit, access.Permit]:
    """Decide both that the caller leads the care and what of it they read: an episode is closed by whoever sees it."""
    leading = access.decide(uow, caller, Action.MANAGE_TEAM, asked_dossier(request))
    return leading, access.decide(uow, caller, Action.READ, asked_dossier(request))


def _asked_episode(request: Request) -> access.EpisodeId:
    return access.EpisodeId(request.path_params["episode"])


def _found(episodes: tuple[access.Episode, ...], asked: access.EpisodeId) -> access.Episode:
    found = next((episode for episode in episodes if episode.id == asked), None)
    if found is None:
        raise access.EpisodeNotFound(str(asked))
    return found
