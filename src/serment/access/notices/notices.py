"""Tell those who wish it that somebody acted on their dossier, in the transaction of the act itself.

A notice is as sure as the trace of its act, and as quick: it is there when the act is. It says what kind of thing
happened, once a day for each person who did it; the trail says the rest.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from serment import identity, kernel, ledger
from serment.access.model import Action, EntryId, Listener, Permit, Relation
from serment.access.notices import store
from serment.access.notices.model import News, Notice, NoticeId, Wish

#: What each act is told as; the others are not told of.
NEWS_OF: Mapping[Action, News] = MappingProxyType({
    Action.LIST: News.LOOKED, Action.READ: News.LOOKED, Action.FILE: News.FILED, Action.AMEND: News.CHANGED,
    Action.WITHDRAW: News.CHANGED, Action.SHARE: News.SHARED, Action.JOIN_TEAM: News.TEAM,
    Action.MANAGE_TEAM: News.TEAM,
})  # fmt: skip
#: What is about single documents.
_OF_DOCUMENTS = frozenset({News.FILED, News.CHANGED})
#: How long a notice is kept once it was seen.
KEPT_ONCE_SEEN = timedelta(days=90)
_MOST_SHOWN = 50


@dataclass(frozen=True)
class Done:
    """An act that was allowed: on which dossier, and perhaps on which entry of it."""

    action: Action
    dossier: kernel.DossierId
    entry: EntryId | None


def tell(
    uow: kernel.UnitOfWork, done: Done, actor: kernel.AccountId, listeners: Collection[Listener]
) -> None:
    """Tell those who wish it of an act on their dossier; nobody of their own.

    Who acts for the patient is told of no act on a single document: what is reserved to an adolescent is not told
    of either.
    """
    news = NEWS_OF.get(done.action)
    about_a_document = done.entry is not None or news in _OF_DOCUMENTS
    some = [
        Notice(NoticeId(kernel.new_id()), done.dossier, one.account, actor, news, uow.now)
        for one in listeners
        if news is not None
        and one.account != actor
        and not (one.relation is not Relation.PATIENT and about_a_document)
    ]
    if some:
        uow.insist(lambda work: store.add_notices(work, some))


def tell_unasked(
    uow: kernel.UnitOfWork, permit: Permit, news: News, accounts: Collection[kernel.AccountId]
) -> None:
    """Tell these accounts, whatever they wish, of an act of the permit's holder; anew if they saw one like it today."""
    told = [
        Notice(NoticeId(kernel.new_id()), permit.dossier, account, permit.caller.account, news, uow.now)
        for account in accounts
    ]
    if told:
        store.renew_notices(uow, told)


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
    relation = Relation.PATIENT if permit.relation is Relation.PATIENT else Relation.DELEGATE
    store.delete_wish(uow, permit.dossier, permit.caller.account)
    if wish is Wish.TOLD:
        store.insert_wish(uow, permit.dossier, Listener(permit.caller.account, relation))
    trace = ledger.Trace(
        kind="notices.wished", actor=permit.caller.actor, organisation=permit.organisation, dossier=permit.dossier,
        category="dossier", purpose=permit.purpose.value, outcome=ledger.Outcome.ALLOWED,
        detail={"wish": wish.value},
    )  # fmt: skip
    ledger.record(uow, trace)


def unseen_notices(uow: kernel.UnitOfWork, caller: identity.Caller) -> tuple[Notice, ...]:
    """Return what the caller is told and has not seen yet, newest first, at most fifty.

    Show those alone of dossiers that are still open to the caller (`my_dossiers`): a wish outlives a mandate.
    """
    return store.load_unseen(uow, caller.account, _MOST_SHOWN)


def see_notices(uow: kernel.UnitOfWork, caller: identity.Caller) -> None:
    """Note that the caller saw what they were told."""
    store.mark_seen(uow, caller.account)


def forget_seen_notices(uow: kernel.UnitOfWork) -> int:
    """Delete the notices seen long ago; return how many. The trail keeps what they told of."""
    return store.forget_seen(uow, uow.now - KEPT_ONCE_SEEN)
