"""A machine at the door: who is behind its key, and whether the key may be used so, here and now."""

from dataclasses import dataclass
from datetime import timedelta

from serment import ledger
from serment.identity.access_keys import store
from serment.identity.access_keys.keys import particulars_of
from serment.identity.access_keys.proofs import REMEMBERED, Expected, check_proof
from serment.identity.access_keys.store import KeyRow, OwnedKey
from serment.identity.access_keys.terms import KeyBinding, is_within
from serment.identity.access_keys.writing import digest_of_key
from serment.identity.errors import KeyRefused
from serment.identity.events.trail import Event, leave_trace
from serment.identity.model import (
    AccountStatus,
    Caller,
    Face,
    KeyLimits,
    KeyScope,
    Profession,
    Role,
    SessionId,
)
from serment.identity.sealing import KEY_PLACE, NAME, seal_text, unseal_text
from serment.identity.vocabulary import EventKind
from serment.kernel import Database, UnitOfWork

TOUCH_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class PresentedKey:
    """What a machine shows with one request.

    `proof` is the DPoP proof that came with the key, None when the key came as a bearer's. `method` and `address`
    (without query) are the request's. `origin` is the face and the network address: "fhir 203.0.113.7".
    """

    token: str
    proof: str | None
    face: Face
    method: str
    address: str
    origin: str


def enter_by_key(database: Database, shown: PresentedKey) -> Caller:
    """Return the owner of a key, limited to what the key opens. Call it outside any transaction.

    One indexed query; a write for each proof, else one a minute at most. Revoking a key, suspending its owner and a
    change of role act on the next request.

    Raises:
        KeyRefused: no such key, or not on this face, from there, without its proof, any more. The owner is told when
            the key exists, once a minute at most.
    """
    digest = digest_of_key(shown.token)
    if digest is None:
        raise KeyRefused("not a key")
    with database.reading() as uow:
        owned = store.find_owned(uow, digest)
        if owned is None:
            raise KeyRefused("unknown")
        fault = _fault(uow, owned, shown)
        caller = _caller(uow, owned, shown.origin)
        proof = None if fault else _proof(uow, owned.row, shown)
    if isinstance(proof, KeyRefused):
        fault = str(proof)
    if not fault:
        fault = _note_use(database, owned, shown, None if isinstance(proof, KeyRefused) else proof)
    if fault:
        _tell_owner(database, owned, shown, fault)
        raise KeyRefused(fault)
    return caller


def insist_key_lives(uow: UnitOfWork, caller: Caller) -> None:
    """Go on as long as the key behind a long answer was not ended; its other limits were asked when it began.

    Raises:
        KeyRefused: it was revoked or reached its end, or its owner is not active any more.
    """
    if caller.key is None or not store.is_alive(uow, caller.key.key):
        raise KeyRefused("ended meanwhile")


def _fault(uow: UnitOfWork, owned: OwnedKey, shown: PresentedKey) -> str:
    """Say what keeps a key from being used so; empty when nothing does."""
    row = owned.row
    if owned.status != AccountStatus.ACTIVE:
        return "owner not active"
    if uow.now >= row.ends_at:
        return "ended"
    if row.face != shown.face:
        return "other face"
    _, networks = particulars_of(uow, owned.organisation, row)
    if (networks or row.binding == KeyBinding.NETWORKS) and not is_within(_address(shown), networks):
        return "other network"
    if (row.thumbprint is None) != (row.binding != KeyBinding.PUBLIC_KEY):
        return "binding lost"
    return ""


def _proof(uow: UnitOfWork, row: KeyRow, shown: PresentedKey) -> bytes | KeyRefused | None:
    """Return the name of the proof, or why there is none; a key bound to networks needs none."""
    if row.thumbprint is None:
        return None if shown.proof is None else KeyRefused("proof for a key without one")
    if shown.proof is None:
        return KeyRefused("proof missing")
    expected = Expected(shown.method, shown.address, shown.token, row.thumbprint, uow.now)
    try:
        return check_proof(shown.proof, expected)
    except KeyRefused as refused:
        return refused


def _note_use(database: Database, owned: OwnedKey, shown: PresentedKey, proof: bytes | None) -> str:
    """Use the proof up, and note when and from where the key was used; say what went wrong."""
    row = owned.row
    due = row.last_used_at is None or database.clock.now() - row.last_used_at >= TOUCH_EVERY
    if proof is None and not due:
        return ""
    try:
        with database.unit_of_work() as uow:
            if proof is not None:
                store.spend_proof(uow, row.id, proof, uow.now + REMEMBERED)
            if due:
                place = seal_text(uow, owned.organisation, KEY_PLACE, row.id, shown.origin)
                store.touch(uow, row.id, place)
    except KeyRefused as refused:
        return str(refused)
    return ""


def _tell_owner(database: Database, owned: OwnedKey, shown: PresentedKey, fault: str) -> None:
    """Trace the refusal: somebody who holds a key and may not use it so may have stolen it."""
    somebody = ledger.Actor(account=None, organisation=None, role="machine", origin=shown.origin)
    row = owned.row
    event = Event(
        kind=EventKind.KEY_REFUSED,
        organisation=owned.organisation,
        actor=somebody,
        about=row.account,
        outcome=ledger.Outcome.REFUSED,
        detail={"key": str(row.id), "because": fault.replace(" ", "-")},
    )
    with database.unit_of_work() as uow:
        if store.note_refusal(uow, row.id, uow.now - TOUCH_EVERY):
            leave_trace(uow, event)


def _caller(uow: UnitOfWork, owned: OwnedKey, origin: str) -> Caller:
    row = owned.row
    sections = frozenset(row.sections.split(","))
    return Caller(
        account=row.account,
        organisation=owned.organisation,
        role=Role(owned.role),
        profession=Profession(owned.profession),
        session=SessionId(row.id),
        name=unseal_text(uow, owned.organisation, NAME, row.account, owned.name_sealed),
        origin=origin,
        key=KeyLimits(row.id, Face(row.face), sections, KeyScope(row.scope)),
    )


def _address(shown: PresentedKey) -> str:
    return shown.origin.rpartition(" ")[2]
