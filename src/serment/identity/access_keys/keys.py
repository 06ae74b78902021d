"""Make, list and end the access keys of one person; each act asks for a step-up, and is told (ASVS 7.5.1)."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from serment.identity.access_keys import store
from serment.identity.access_keys.anchors import anchor_key, anchor_key_gone
from serment.identity.access_keys.store import KeyRow
from serment.identity.access_keys.terms import KeyBinding, KeyRequest, Terms, check_terms
from serment.identity.access_keys.writing import digest_at_rest, draw_key
from serment.identity.directory.organisations import worker_of
from serment.identity.directory.store import hold_account
from serment.identity.errors import AccountNotFound, KeyNotFound, NotPermitted, TooManyKeys
from serment.identity.events.trail import Event, leave_trace
from serment.identity.model import AccessKeyId, Caller, Face, KeyScope, Role
from serment.identity.sealing import KEY_PARTICULARS, KEY_PLACE, seal_text, unseal_text
from serment.identity.sessions.sessions import insist_session_lives, require_step_up
from serment.identity.vocabulary import EventKind
from serment.kernel import AccountId, OrganisationId, UnitOfWork, new_id

MOST_KEYS = 20
#: A key past its end is still shown for a while, so that its owner understands why a machine fell silent.
SHOWN_AFTER_END = timedelta(days=30)
#: Whoever looks after the program has so long to make another.
REMINDED_BEFORE_END = timedelta(days=14)
#: Who reaches dossiers at all; for the others a key would open nothing.
_OWNERS = frozenset({Role.PROFESSIONAL, Role.PATIENT})


@dataclass(frozen=True)
class AccessKey:
    """An access key as its owner sees it; the key itself is nowhere."""

    id: AccessKeyId
    label: str
    face: Face
    sections: frozenset[str]
    scope: KeyScope
    binding: KeyBinding
    networks: tuple[str, ...]
    made_at: datetime
    ends_at: datetime
    last_used_at: datetime | None = None
    last_origin: str = ""


@dataclass(frozen=True)
class MadeKey:
    """A new key: `token` is shown once and kept nowhere."""

    key: AccessKey
    token: str


def make_key(uow: UnitOfWork, caller: Caller, asked: KeyRequest) -> MadeKey:
    """Make an access key that reaches no further than its owner, and than it was asked for.

    Raises:
        StepUpNeeded: prove a factor again first.
        SessionUnknown: the session was ended meanwhile.
        NotPermitted: the caller's role reaches no dossier.
        KeyTermsRefused: a term is missing or goes too far.
        TooManyKeys: the caller has twenty living keys.
    """
    require_step_up(caller, uow.now)
    if caller.role not in _OWNERS:
        raise NotPermitted(caller.role)
    terms = check_terms(asked, uow.now)
    insist_session_lives(uow, caller)
    if store.count_living(uow, caller.account) >= MOST_KEYS:
        raise TooManyKeys(str(caller.account))
    token = draw_key()
    row = _row(uow, caller, asked, terms, token)
    store.add_key(uow, row)
    anchor_key(uow, caller.organisation, row)
    detail = {"face": row.face, "sections": row.sections, "scope": row.scope, "binding": row.binding}
    _trace(uow, caller, EventKind.KEY_MADE, {"key": str(row.id), **detail, "ends": row.ends_at.isoformat()})
    return MadeKey(_shown(uow, caller.organisation, row), token)


def list_own_keys(uow: UnitOfWork, caller: Caller) -> tuple[AccessKey, ...]:
    """Return the caller's access keys, the youngest first; those that reached their end stay for thirty days."""
    return tuple(_shown(uow, caller.organisation, row) for row in store.keys_of(uow, caller.account))


def revoke_key(uow: UnitOfWork, caller: Caller, key: AccessKeyId) -> None:
    """End one of the caller's keys; its next request is refused.

    Raises:
        StepUpNeeded: prove a factor again first.
        KeyNotFound: the caller has no such key.
    """
    require_step_up(caller, uow.now)
    if not store.remove_key(uow, caller.account, key):
        raise KeyNotFound(str(key))
    anchor_key_gone(uow, caller.organisation, key)
    _trace(uow, caller, EventKind.KEY_REVOKED, {"key": str(key)})


def end_all(uow: UnitOfWork, account: AccountId) -> int:
    """End every access key of an account; return how many. Whoever calls leaves the trace of why.

    Raises:
        AccountNotFound: there is no such account.
    """
    owner = hold_account(uow, account)
    if owner is None:
        raise AccountNotFound(str(account))
    ended = store.remove_all(uow, account)
    for key in ended:
        anchor_key_gone(uow, owner.organisation, key)
    return len(ended)


def forget_ended(uow: UnitOfWork) -> None:
    """Delete the keys that ended a month ago, and the proofs that are too old to come again."""
    for key, account, organisation in store.keys_ended_before(uow, uow.now - SHOWN_AFTER_END):
        store.remove_key(uow, account, key)
        anchor_key_gone(uow, organisation, key)
    store.forget_spent_proofs(uow)


def remind_of_ends(uow: UnitOfWork) -> int:
    """Tell the owners of keys that end within two weeks, once a key (ASVS 6.4.5); return of how many."""
    ending = store.keys_to_remind_of(uow, uow.now + REMINDED_BEFORE_END)
    for key, account, organisation, ends_at in ending:
        store.note_reminder(uow, key)
        detail = {"key": str(key), "ends": ends_at.isoformat()}
        actor = worker_of(organisation)
        leave_trace(uow, Event(EventKind.KEY_ENDING, organisation, actor, account, detail=detail))
    return len(ending)


def particulars_of(uow: UnitOfWork, organisation: OrganisationId, row: KeyRow) -> tuple[str, tuple[str, ...]]:
    """Return the label of a key and the networks that it is used from.

    Raises:
        SealBroken: they are not what was sealed for this key.
    """
    clear = unseal_text(uow, organisation, KEY_PARTICULARS, row.id, row.particulars_sealed)
    said = json.loads(clear)
    return said["label"], tuple(said["networks"])


def _row(uow: UnitOfWork, caller: Caller, asked: KeyRequest, terms: Terms, token: str) -> KeyRow:
    key = AccessKeyId(new_id())
    particulars = json.dumps({"label": terms.label, "networks": terms.networks})
    return KeyRow(
        id=key,
        account=caller.account,
        token_digest=digest_at_rest(token),
        particulars_sealed=seal_text(uow, caller.organisation, KEY_PARTICULARS, key, particulars),
        face=asked.face.value,
        sections=",".join(terms.sections),
        scope=asked.scope.value,
        binding=asked.binding.value,
        thumbprint=terms.thumbprint,
        made_at=uow.now,
        ends_at=terms.ends_at,
    )


def _shown(uow: UnitOfWork, organisation: OrganisationId, row: KeyRow) -> AccessKey:
    label, networks = particulars_of(uow, organisation, row)
    place = row.last_place_sealed
    return AccessKey(
        id=row.id,
        label=label,
        face=Face(row.face),
        sections=frozenset(row.sections.split(",")),
        scope=KeyScope(row.scope),
        binding=KeyBinding(row.binding),
        networks=networks,
        made_at=row.made_at,
        ends_at=row.ends_at,
        last_used_at=row.last_used_at,
        last_origin="" if place is None else unseal_text(uow, organisation, KEY_PLACE, row.id, place),
    )


def _trace(uow: UnitOfWork, caller: Caller, kind: EventKind, detail: dict[str, str]) -> None:
    leave_trace(uow, Event(kind, caller.organisation, caller.actor, caller.account, detail=detail))
