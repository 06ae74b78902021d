"""What a departure ends around dossiers: the parts that somebody took in care, what they were let into and let others into.

An opening that the leaver gave ends with them, unless somebody who may share that dossier took it over before: an
opening without anybody who answers for it is how strangers stay (features F13). What they filed stays.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from serment import identity, kernel, ledger
from serment.access import store
from serment.access.model import Grant, Purpose

DEPARTED = "departed"
_AT_ONCE = 50


@dataclass(frozen=True)
class LeavingTies:
    """How much a departure ends, in figures: an administrator learns of no patient from them."""

    cared_for: int
    held: int
    given_inside: int
    given_outside: int


def ties_of(uow: kernel.UnitOfWork, caller: identity.Caller, account: kernel.AccountId) -> LeavingTies:
    """Count what ties a colleague to dossiers, for the administrator who lets them go.

    Raises:
        NotPermitted: the caller is no administrator.
        AccountNotFound: no such account in the caller's organisation.
    """
    if caller.role is not identity.Role.ADMINISTRATOR:
        raise identity.NotPermitted(caller.role)
    found = identity.open_account(uow, account)
    if found.organisation != caller.organisation:
        raise identity.AccountNotFound(str(account))
    around = store.grants_around(uow, account)
    given = [grant for grant in around if grant.keeper == account]
    outside = sum(_is_outside(uow, grant, found.organisation) for grant in given)
    held = sum(grant.request.account == account for grant in around)
    return LeavingTies(len(store.cared_for_by(uow, account)), held, len(given) - outside, outside)


def let_go(
    uow: kernel.UnitOfWork, caller: identity.Caller, account: kernel.AccountId, at: datetime | None = None
) -> None:
    """Say that the owner of an account leaves, now or at an instant; now, everything that it opened ends with it.

    Raises: as `identity.declare_departure`.
    """
    if identity.declare_departure(uow, caller, account, at):
        _end_ties(uow, caller.actor, account)


def carry_out_departures(database: kernel.Database) -> int:
    """End what departures end whose day has come, each in a transaction of its own; return how many."""
    with database.reading() as uow:
        due = identity.departures_due(uow, _AT_ONCE)
    for account in due:
        with database.unit_of_work() as uow:
            identity.carry_out_departure(uow, account)
            _end_ties(uow, identity.worker_of(account.organisation), account.id)
    return len(due)


def _end_ties(uow: kernel.UnitOfWork, actor: ledger.Actor, account: kernel.AccountId) -> None:
    """End them with a trace in each dossier: the patient reads who left."""
    cared_for = store.cared_for_by(uow, account)
    around = store.grants_around(uow, account)
    for dossier in cared_for:
        store.end_participation(uow, dossier, account, None)
    for grant in around:
        store.revoke_grant(uow, grant.dossier, grant.id)
    homes = store.custodians(uow, {*cared_for, *(grant.dossier for grant in around)})
    ledger.record_all(uow, _traces(actor, homes, account, cared_for, around))


def _traces(
    actor: ledger.Actor,
    homes: dict[kernel.DossierId, kernel.OrganisationId],
    account: kernel.AccountId,
    cared_for: tuple[kernel.DossierId, ...],
    around: tuple[Grant, ...],
) -> Iterator[ledger.Trace]:
    for dossier in cared_for:
        detail = {"account": str(account), "reason": DEPARTED}
        yield _trace(actor, homes, dossier, "care-team.left", detail)
    for grant in around:
        asked = grant.request
        to = {"account": str(asked.account)} if asked.account is not None else {"team": str(asked.team)}
        entries = {} if asked.entries is None else {"entries": ",".join(sorted(map(str, asked.entries)))}
        detail = {
            "grant": str(grant.id),
            **to,
            **entries,
            "reason": DEPARTED,
            "ends": asked.ends_at.isoformat(),
        }
        yield _trace(actor, homes, grant.dossier, "grant.revoked", detail)


def _trace(
    actor: ledger.Actor,
    homes: dict[kernel.DossierId, kernel.OrganisationId],
    dossier: kernel.DossierId,
    kind: str,
    detail: dict[str, str],
) -> ledger.Trace:
    return ledger.Trace(
        kind=kind, actor=actor, organisation=homes[dossier], dossier=dossier, category="dossier",
        purpose=Purpose.ADMINISTRATION.value, outcome=ledger.Outcome.ALLOWED, detail=detail,
    )  # fmt: skip


def _is_outside(uow: kernel.UnitOfWork, grant: Grant, home: kernel.OrganisationId) -> bool:
    if grant.request.account is not None:
        return identity.open_account(uow, grant.request.account).organisation != home
    return all(team.id != grant.request.team for team in identity.list_teams(uow, home))
