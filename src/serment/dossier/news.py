"""What is new among one's patients: the work that home shows first."""

from dataclasses import dataclass

from serment import access, identity, kernel
from serment.dossier import catalogue, store
from serment.dossier.line import Line
from serment.dossier.model import Filter, Patient
from serment.dossier.patients import identities_of


@dataclass(frozen=True)
class News:
    """A document that somebody else filed or amended lately, and whose it is."""

    patient: Patient
    line: Line


@dataclass(frozen=True)
class Home:
    """The caller's patients and what is new about them."""

    patients: tuple[Patient, ...]
    news: tuple[News, ...]


def home_of(uow: kernel.UnitOfWork, caller: identity.Caller, *, most_news: int = 20) -> Home:
    """Return the caller's patients, by name, and the newest documents of others; each dossier has its decision.

    Raises:
        SealBroken: a row fails authentication.
    """
    permits = access.decide_listed(uow, caller, access.my_dossiers(uow, caller))
    patients = identities_of(uow, permits)
    by_dossier = {patient.dossier: patient for patient in patients}
    heads = store.load_recent(
        uow, {dossier: permit.reach for dossier, permit in permits.items()}, most_news * 2
    )
    lines: dict[access.EntryId, Line] = {}
    for dossier in dict.fromkeys(head.dossier for head in heads):
        lines |= {line.entry: line for line in catalogue.lines(uow, permits[dossier], Filter())}
    found = [
        News(by_dossier[head.dossier], lines[head.id])
        for head in heads
        if head.id in lines and lines[head.id].author != caller.account
    ]
    return Home(patients, tuple(found[:most_news]))
