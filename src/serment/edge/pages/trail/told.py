"""What somebody was told and has not seen: who did which kind of thing with which of their dossiers, and when."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from serment import access, identity, kernel
from serment.edge.shell import mark

_NEWS: Mapping[access.News, str] = {
    access.News.LOOKED: mark("a ouvert votre dossier"),
    access.News.FILED: mark("a ajouté un document à votre dossier"),
    access.News.CHANGED: mark("a corrigé ou retiré un document de votre dossier"),
    access.News.SHARED: mark("a consulté ou changé les accès à votre dossier"),
    access.News.TEAM: mark("a changé votre équipe de soins"),
    access.News.LET_IN: mark(
        "a ouvert un accès à votre dossier au nom du patient, ou pour un parent ou un tuteur"
    ),
}


@dataclass(frozen=True)
class ToldNotice:
    """A notice in words; `address` leads to the trail of its dossier."""

    who: str
    news: str
    at: datetime
    address: str


def told_to(
    uow: kernel.UnitOfWork, caller: identity.Caller, dossiers: Collection[kernel.DossierId]
) -> tuple[ToldNotice, ...]:
    """Return what the caller was told of these dossiers and has not seen, newest first."""
    unseen = [one for one in access.unseen_notices(uow, caller) if one.dossier in dossiers]
    names = identity.names_of(uow, {one.actor for one in unseen})
    return tuple(
        ToldNotice(names.get(one.actor, "?"), _NEWS[one.news], one.at, f"/dossiers/{one.dossier}/trail")
        for one in unseen
    )
