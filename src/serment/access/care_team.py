"""Who takes part in the care of a patient: from a start to an end, each for a reason (CSP L.1110-12, LAW-51)."""

from serment import identity, kernel, ledger
from serment.access import store
from serment.access.episodes.errors import EpisodeNotFound
from serment.access.episodes.store import load_episode
from serment.access.errors import AccessRefused, AlreadyInCareTeam, NotAdmissible, NotInCareTeam
from serment.access.model import Action, EpisodeId, Participation, Permit, Purpose, Section

OPENED, JOINED, ADMITTED = "opened-the-dossier", "declared-taking-part", "admitted-by-the-team"


def open_dossier(uow: kernel.UnitOfWork, caller: identity.Caller, dossier: kernel.DossierId) -> None:
    """Take custody of a new dossier for the caller's organisation, and begin its care team with the caller.

    Raises:
        AccessRefused: only professionals open dossiers, and not by an access key.
    """
    exercises = (
        caller.role is identity.Role.PROFESSIONAL and caller.profession is not identity.Profession.NONE
    )
    if not exercises or caller.key is not None:
        _record(
            uow,
            caller,
            "dossier.opened",
            {},
            organisation=caller.organisation,
            dossier=None,
            outcome=ledger.Outcome.REFUSED,
        )
        raise AccessRefused("not-a-professional")
    store.insert_custody(uow, dossier, caller.organisation)
    store.insert_participation(uow, Participation(dossier, caller.account, None, uow.now, None, OPENED))
    _record(uow, caller, "dossier.opened", {}, organisation=caller.organisation, dossier=dossier)


def join_care_team(uow: kernel.UnitOfWork, permit: Permit) -> None:
    """Declare that the caller takes part in this patient's care; the patient sees it in the trail.

    Raises:
        PermitMismatch: the permit is not for joining.
        AlreadyInCareTeam: the caller takes part already.
    """
    permit.require(uow, Action.JOIN_TEAM, None, None)
    part = Participation(permit.dossier, permit.caller.account, None, uow.now, None, JOINED)
    _admit(uow, permit, part)


def admit_to_care_team(
    uow: kernel.UnitOfWork,
    permit: Permit,
    *,
    account: kernel.AccountId | None = None,
    team: identity.TeamId | None = None,
    episode: EpisodeId | None = None,
) -> None:
    """Take a professional, or a team, of the dossier's own organisation into the care, or into one episode of it.

    Raises:
        PermitMismatch: the permit is not for managing the care team.
        EpisodeNotFound: no such episode of this dossier goes on.
        NotAdmissible: they are of another organisation, or no professional (CSP L.1110-12).
        AlreadyInCareTeam: they take part already.
        ValueError: nobody is named, or two.
    """
    permit.require(uow, Action.MANAGE_TEAM, None, None)
    _insist_on_one(account, team)
    if not _is_of_the_house(uow, permit.organisation, account, team):
        raise NotAdmissible(str(account or team))
    section = None if episode is None else _section_of(uow, permit.dossier, episode)
    _admit(uow, permit, Participation(permit.dossier, account, team, uow.now, None, ADMITTED, episode))
    if section is not None:
        # Apart from the admission: whoever may not know of the episode still reads who joined the team.
        detail = {**_who(account, team), "entry": str(episode)}
        _record_for(uow, permit, "episode.joined", detail, category=section.value)


def end_participation(
    uow: kernel.UnitOfWork,
    permit: Permit,
    *,
    account: kernel.AccountId | None = None,
    team: identity.TeamId | None = None,
) -> None:
    """End somebody's part in the care; their access ends with it, at their next request.

    Raises:
        PermitMismatch: the permit is not for managing the care team.
        NotInCareTeam: they take no part now.
        ValueError: nobody is named, or two.
    """
    permit.require(uow, Action.MANAGE_TEAM, None, None)
    _insist_on_one(account, team)
    if not store.end_participation(uow, permit.dossier, account, team):
        raise NotInCareTeam(str(account or team))
    _record_for(uow, permit, "care-team.left", _who(account, team))


def custodian(uow: kernel.UnitOfWork, dossier: kernel.DossierId) -> kernel.OrganisationId | None:
    """Return whose dossier it is; None when nobody keeps it."""
    return store.load_custodian(uow, dossier)


def care_team(uow: kernel.UnitOfWork, permit: Permit) -> tuple[Participation, ...]:
    """Return every part taken in this patient's care, past ones included, oldest first."""
    permit.require(uow, permit.action, Section.IDENTITY, None)
    return store.load_participations(uow, permit.dossier)


def _admit(uow: kernel.UnitOfWork, permit: Permit, new: Participation) -> None:
    """Begin a part; whoever follows up an episode that ended may begin anew before their window ends."""
    going_on = [part for part in store.load_participations(uow, permit.dossier) if part.ended_at is None]
    if any(_includes(part, new) for part in going_on):
        raise AlreadyInCareTeam(str(new.account or new.team))
    store.insert_participation(uow, new)
    detail = {**_who(new.account, new.team), "reason": new.reason}
    _record_for(uow, permit, "care-team.joined", detail)


def _includes(part: Participation, new: Participation) -> bool:
    """Tell whether a part gives all that a new one would: the care as a whole includes every episode of it."""
    same = (part.account, part.team) == (new.account, new.team)
    return same and part.episode in {None, new.episode}


def _section_of(uow: kernel.UnitOfWork, dossier: kernel.DossierId, episode: EpisodeId) -> Section:
    """Return the section of an episode that goes on."""
    found = load_episode(uow, dossier, episode)
    if found is None or found.closed_at is not None:
        raise EpisodeNotFound(str(episode))
    return found.section


def _insist_on_one(account: kernel.AccountId | None, team: identity.TeamId | None) -> None:
    """Naming nobody would mean every account, or every team, to a database that compares with nothing."""
    if (account is None) == (team is None):
        raise ValueError("one account or one team")


def _is_of_the_house(
    uow: kernel.UnitOfWork,
    organisation: kernel.OrganisationId,
    account: kernel.AccountId | None,
    team: identity.TeamId | None,
) -> bool:
    if account is None:
        return any(known.id == team for known in identity.list_teams(uow, organisation))
    found = identity.open_account(uow, account)
    return found.organisation == organisation and found.role is identity.Role.PROFESSIONAL


def _who(account: kernel.AccountId | None, team: identity.TeamId | None) -> dict[str, str]:
    return {"account": str(account)} if account is not None else {"team": str(team)}


def _record(
    uow: kernel.UnitOfWork,
    caller: identity.Caller,
    kind: str,
    detail: dict[str, str],
    *,
    organisation: kernel.OrganisationId,
    dossier: kernel.DossierId | None,
    category: str = "dossier",
    purpose: Purpose = Purpose.CARE,
    outcome: ledger.Outcome = ledger.Outcome.ALLOWED,
) -> None:
    trace = ledger.Trace(
        kind=kind, actor=caller.actor, organisation=organisation, dossier=dossier, category=category,
        purpose=purpose.value, outcome=outcome, detail=detail,
    )  # fmt: skip
    ledger.record(uow, trace)


def _record_for(
    uow: kernel.UnitOfWork,
    permit: Permit,
    kind: str,
    detail: dict[str, str],
    *,
    category: str = "dossier",
) -> None:
    _record(
        uow, permit.caller, kind, detail, organisation=permit.organisation, dossier=permit.dossier,
        category=category, purpose=permit.purpose,
    )  # fmt: skip
