"""Who enters a page, and what the frame around it offers them."""

from dataclasses import replace

from starlette.requests import Request

from serment import access, identity, kernel, vigilance
from serment.edge.desk import Desk
from serment.edge.pages.vocabulary import PROFESSION_WORDS, ROLE_WORDS
from serment.edge.shell import Alarm, Destination, OpenedInEmergency, Viewer, mark, set_viewer

_HOME = Destination("home", "/", "house", mark("Accueil"))
_PATIENTS = Destination("patients", "/patients", "users", mark("Patients"))
_MINE = Destination("patients", "/mine", "folder-open", mark("Mon dossier"))
_PEOPLE = Destination("people", "/administration/people", "user-check", mark("Personnes"))
_EMERGENCIES = Destination("emergencies", "/emergencies", "siren", mark("Urgences"))
_INCIDENTS = Destination("incidents", "/incidents", "bell", mark("Incidents"))
_RECOVERIES = Destination("recoveries", "/administration/recoveries", "key-round", mark("Récupérations"))
_STOPPED = Destination("stopped", "/brake/accounts", "lock", mark("Comptes arrêtés"))

_DESTINATIONS: dict[identity.Role, tuple[Destination, ...]] = {
    identity.Role.PROFESSIONAL: (_HOME, _PATIENTS),
    identity.Role.PATIENT: (_MINE,),
    identity.Role.ADMINISTRATOR: (_PEOPLE,),
    identity.Role.DPO: (_HOME, _INCIDENTS, _EMERGENCIES, _RECOVERIES, _STOPPED),
}
_ASK: dict[identity.Role, str] = {
    identity.Role.PROFESSIONAL: mark(
        "Si vous suivez ce patient, demandez à un membre de son équipe de soins de vous y ajouter. En urgence, cherchez-le par sa date de naissance et son nom : sa page vous laisse l'ouvrir."
    ),
    identity.Role.PATIENT: mark(
        "Si un dossier devrait vous être ouvert, demandez au cabinet qui le tient : il dit à quel compte il est relié."
    ),
    identity.Role.ADMINISTRATOR: mark(
        "Votre rôle n'ouvre le contenu d'aucun dossier. Pour un compte ou une équipe, repartez de la liste des personnes."
    ),
    identity.Role.DPO: mark(
        "Votre rôle ouvre la trace des dossiers, et non leur contenu. Pour un incident, repartez de la liste des incidents."
    ),
}  # fmt: skip


def enter(desk: Desk, request: Request) -> identity.Caller:
    """Return who is asking, and tell the frame of the page.

    Raises:
        SessionUnknown, SessionExpired: nobody is signed in, or no longer.
    """
    caller = desk.caller(request)
    show_frame(desk, request, caller)
    return caller


def enter_restricted(desk: Desk, request: Request, *lifting: identity.Restriction) -> identity.Caller:
    """Return who is asking, as `enter`; a session restricted to the act at hand comes in as well."""
    caller = desk.restricted_caller(request, *lifting)
    show_frame(desk, request, caller)
    return caller


def show_frame(desk: Desk, request: Request, caller: identity.Caller) -> None:
    """Tell the frame of a page who looks at it, and where they may go from it."""
    with desk.database.reading() as uow:
        place = identity.open_organisation(uow, caller.organisation).name
        recovery = identity.own_recovery(uow, caller)
        emergencies = _emergencies(uow, caller)
        destinations = _destinations(uow, caller)
    professional = caller.role is identity.Role.PROFESSIONAL
    word = PROFESSION_WORDS[caller.profession] if professional else ROLE_WORDS[caller.role]
    viewer = Viewer(
        name=caller.name,
        role=word,
        place=place,
        destinations=() if caller.restriction else destinations,
        search_address="/patients/find" if professional and not caller.restriction else None,
        ask=_ASK[caller.role],
        idle_seconds=int(desk.entrance.rules.sessions.idle(caller.role).total_seconds()),
        alarm=None if recovery is None else _alarm(recovery),
        emergencies=() if caller.restriction else emergencies,
    )
    set_viewer(request, viewer)


def _destinations(uow: kernel.UnitOfWork, caller: identity.Caller) -> tuple[Destination, ...]:
    """Return where somebody may go, with how much waits there for them."""
    offered, waiting = _DESTINATIONS[caller.role], dict[str, int]()
    match caller.role:
        case identity.Role.PATIENT:
            waiting = {_MINE.key: _untold(uow, caller)}
        case identity.Role.DPO:
            waiting = {_INCIDENTS.key: vigilance.count_open_incidents(uow, caller)}
        case identity.Role.ADMINISTRATOR if vigilance.stands_in(uow, caller):
            offered += (_INCIDENTS,)
            waiting = {_INCIDENTS.key: vigilance.count_open_incidents(uow, caller)}
        case _:
            pass
    return tuple(replace(one, waiting=waiting.get(one.key, 0)) for one in offered)


def _untold(uow: kernel.UnitOfWork, caller: identity.Caller) -> int:
    """Return how much a patient was told of and has not seen, of the dossiers that are open to them."""
    unseen = access.unseen_notices(uow, caller)
    mine = access.my_dossiers(uow, caller) if unseen else ()
    return sum(one.dossier in mine for one in unseen)


def _emergencies(uow: kernel.UnitOfWork, caller: identity.Caller) -> tuple[OpenedInEmergency, ...]:
    if caller.role is not identity.Role.PROFESSIONAL:
        return ()
    return tuple(
        OpenedInEmergency(
            f"/dossiers/{one.dossier}", one.ends_at, f"/dossiers/{one.dossier}/emergency/{one.id}/end"
        )
        for one in access.live_openings(uow, caller)
    )


def _alarm(recovery: identity.Recovery) -> Alarm:
    return Alarm(recovery.opened_by, recovery.opened_at, recovery.works_from)
