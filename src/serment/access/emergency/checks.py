"""Every emergency opening, held against the ledger, and its words against their seals (for `serment verify`)."""

from collections.abc import Iterator
from datetime import UTC
from hashlib import sha256

from serment import kernel, ledger, vault
from serment.access.emergency import store
from serment.access.emergency.model import EmergencyOpening
from serment.access.emergency.sealing import hold


def anchor_opening(uow: kernel.UnitOfWork, opening: EmergencyOpening, *, vital: bool) -> None:
    """Let the ledger vouch for what an opening opens, to whom and until when: nobody writes one into the rows unseen."""
    digest = _digest_of(opening, vital=vital)
    ledger.anchor(uow, _place_of(opening), digest, organisation=opening.organisation)


def check_emergencies(uow: kernel.UnitOfWork) -> Iterator[ledger.CheckedRow]:
    """Reckon the digest of every opening, and authenticate the words around it; give nothing back of them."""
    keyring = uow.part(vault.Keyring)
    for opening, vital in store.all_openings(uow):
        sound = hold(keyring, opening, store.find_words(uow, opening.id))
        yield ledger.CheckedRow(_place_of(opening), _digest_of(opening, vital=vital), sound)


def _place_of(opening: EmergencyOpening) -> str:
    return f"emergency/{opening.id}"


def _digest_of(opening: EmergencyOpening, *, vital: bool) -> bytes:
    """Reckon over what never changes; an end before its time and the hour of the notice may."""
    said = {
        "account": str(opening.account),
        "delay": opening.delay or "",
        "dossier": str(opening.dossier),
        "ends": opening.ends_at.astimezone(UTC).isoformat(),
        "opened": opening.opened_at.astimezone(UTC).isoformat(),
        "organisation": str(opening.organisation),
        "profession": opening.profession.value,
        "reason": opening.reason.value,
        "sections": sorted(opening.sections),
        "vital": vital,
    }
    return sha256(kernel.canonical_json(said)).digest()
