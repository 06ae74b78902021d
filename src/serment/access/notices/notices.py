"""Tell those who wish it that somebody acted on their dossier, in the transaction of the act itself.

A notice is as sure as the trace of its act, and as quick: it is there when the act is. It says what kind of thing
happened, once a day for each person who did it; the trail says the rest.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from types import MappingProxyType

from serment import identity, kernel, ledger
from serment.access.model import Action, Permit
from serment.access.notices import store
from serment.access.notices.model import News, Notice, NoticeId, Wish

#: What each act is told as; the others are not told of.
NEWS_OF: Mapping[Action, News] = MappingProxyType({
    Action.LIST: News.LOOKED, Action.READ: News.LOOKED, Action.FILE: News.FILED, Action.AMEND: News.CHANGED,
    Action.WITHDRAW: News.CHANGED, Action.SHARE: News.SHARED, Action.JOIN_TEAM: News.TEAM,
    Action.MANAGE_TEAM: News.TEAM,
})  # fmt: skip
#: How long a notice is kept once it was seen.
KEPT_ONCE_SEEN = timedelta(days=90)
_MOST_SHOWN = 50


def tell(
    uow: kernel.UnitOfWork,
    dossier: kernel.DossierId,
    actor: kernel.AccountId,
    news: News,
    told: Collection[kernel.AccountId],
) -> None:
    """Tell these accounts of something that somebody did; nobody of their own acts."""
    some = [
        Notice(NoticeId(kernel.new_id()), dossier, account, actor, news, uow.now)
        for account in told
        if account != actor
    ]
    if some:
        uow.insist(lambda work: store.add_notices(work, some))


def wish_of(uow: kernel.UnitOfWork, permit: Permit) -> Wish:
    """Return whether the caller is told of what others do with this dossier.

    Raises:
        PermitMismatch: the permit is not for reading the trail.
    """
    permit.require(uow, Action.READ_TRAIL, None, None)
    told = store.wishes(uow, permit.dossier, permit.caller.account)
    return Wish.TOLD if told else Wish.LEFT_ALONE


def wish_for_notices(uow: kernel.UnitOfWork, permit: Permit, wish: Wish) -> None:
    """Be told from now on of what others do with this dossier, or no longer; traced.

    Raises:
        PermitMismatch: the permit is not for the patient's own acts.
    """
    permit.require(uow, Action.CONTROL, None, None)
    store.delete_wish(uow, permit.dossier, permit.caller.account)
    if wish is Wish.TOLD:
        store.insert_wish(uow, permit.dossier, permit.caller.account)
    trace = ledger.Trace(
        kind="notices.wished", actor=permit.caller.actor, organisation=permit.organisation, dossier=permit.dossier,
        category="dossier", purpose=permit.purpose.value, outcome=ledger.Outcome.ALLOWED,
        detail={"wish": wish.value},
    )  # fmt: skip
    ledger.record(uow, trace)


def unseen_notices(uow: kernel.UnitOfWork, caller: identity.Caller) -> tuple[Notice, ...]:
    """Return what the caller is told and has not seen yet, newest first, at most fifty."""
    return store.load_unseen(uow, caller.account, _MOST_SHOWN)


def count_unseen_notices(uow: kernel.UnitOfWork, caller: identity.Caller) -> int:
    """Return how many notices the caller has not seen yet."""
    return store.count_unseen(uow, caller.account)


def see_notices(uow: kernel.UnitOfWork, caller: identity.Caller) -> None:
    """Note that the caller saw what they were told."""
    store.mark_seen(uow, caller.account)


def forget_seen_notices(uow: kernel.UnitOfWork) -> int:
    """Delete the notices seen long ago; return how many. The trail keeps what they told of."""
    return store.forget_seen(uow, uow.now - KEPT_ONCE_SEEN)
