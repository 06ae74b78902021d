"""Taking somebody into the team, ending their part, closing an opening."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from serment import access, kernel
from serment.access import Action
from serment.edge.desk import Desk
from serment.edge.pages.dossiers.asked import asked_dossier
from serment.edge.pages.frame import enter
from serment.edge.pages.sharing.grantees import named_grantee
from serment.edge.shell import FieldRefused, mark, read_form


class AccessActs:
    """Acts on the circle of a dossier; each is one decision."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def admit(self, request: Request) -> Response:
        """Take a colleague or a team of the dossier's own organisation into the care."""
        caller, form = enter(self._desk, request), read_form(request)
        who, episode = form.text("who"), _episode_named(form.get("episode"))
        with self._desk.database.unit_of_work() as uow:
            permit = access.decide(uow, caller, Action.MANAGE_TEAM, asked_dossier(request))
            if episode is not None:
                _insist_on_reading(uow, permit, episode)
            chosen = named_grantee(uow, caller, who)
            if chosen is None or chosen.organisation != permit.organisation:
                raise FieldRefused("who")
            access.admit_to_care_team(uow, permit, account=chosen.account, team=chosen.team, episode=episode)
        return self._back(request, mark("Admis dans l'équipe de soins. Le patient le verra dans sa trace."))

    def end(self, request: Request) -> Response:
        """End somebody's part in the care."""
        caller, who = enter(self._desk, request), read_form(request).text("who")
        with self._desk.database.unit_of_work() as uow:
            permit = access.decide(uow, caller, Action.MANAGE_TEAM, asked_dossier(request))
            parts = [part for part in access.care_team(uow, permit) if part.holds(uow.now)]
            part = next((one for one in parts if who in {f"account:{one.account}", f"team:{one.team}"}), None)
            if part is None:
                raise access.NotInCareTeam("none")
            access.end_participation(uow, permit, account=part.account, team=part.team)
        return self._back(request, mark("Participation terminée : le dossier leur est fermé dès maintenant."))

    def take_over(self, request: Request) -> Response:
        """Answer for an opening whose giver leaves, so that it stays."""
        caller, grant = enter(self._desk, request), _grant_named(request)
        with self._desk.database.unit_of_work() as uow:
            permit = access.decide(uow, caller, Action.SHARE, asked_dossier(request))
            access.take_over_grant(uow, permit, grant)
        return self._back(request, mark("Ce partage reste ouvert : vous en répondez désormais."))

    def revoke(self, request: Request) -> Response:
        """Close an opening."""
        caller, grant = enter(self._desk, request), _grant_named(request)
        with self._desk.database.unit_of_work() as uow:
            permit = access.decide(uow, caller, Action.SHARE, asked_dossier(request))
            access.revoke_grant(uow, permit, grant)
        return self._back(request, mark("Partage fermé dès maintenant."))

    def _back(self, request: Request, notice: str) -> Response:
        return self._desk.pages.go(f"/dossiers/{asked_dossier(request)}/access", notice=notice)


def _episode_named(text: str) -> access.EpisodeId | None:
    try:
        return access.EpisodeId(UUID(text)) if text else None
    except ValueError:
        raise access.EpisodeNotFound("unreadable") from None


def _insist_on_reading(uow: kernel.UnitOfWork, permit: access.Permit, episode: access.EpisodeId) -> None:
    """Nobody is admitted to an episode by somebody from whom it is hidden: to them it does not exist."""
    reading = access.decide(uow, permit.caller, Action.READ, permit.dossier)
    if all(known.id != episode for known in access.episodes_of(uow, reading)):
        raise access.EpisodeNotFound(str(episode))


def _grant_named(request: Request) -> access.GrantId:
    try:
        return access.GrantId(UUID(read_form(request).text("grant")))
    except ValueError:
        raise access.GrantNotFound("unreadable") from None
