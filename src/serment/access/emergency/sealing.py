"""The words around an opening: sealed with the identity of the patient, so that they go when the dossier goes.

Whoever may learn who the patient is can open the seal; who may read which words, the functions that call this decide.
"""

from collections.abc import Mapping

from serment import kernel, vault
from serment.access.emergency import store
from serment.access.emergency.model import WORD_KINDS, EmergencyOpening, EmergencyWords
from serment.access.model import Permit, Section


def seal_words(uow: kernel.UnitOfWork, opening: EmergencyOpening, part: str, words: str) -> bytes:
    """Seal one part of the words around an opening."""
    return uow.part(vault.Keyring).seal(words.encode(), _context(opening, part))


def unseal_words(uow: kernel.UnitOfWork, permit: Permit, opening: EmergencyOpening) -> EmergencyWords:
    """Return the words around an opening in clear.

    Raises:
        WarrantRefused: the permit does not reach the identity of the patient.
        SealBroken: the stored bytes are not what was sealed for this place.
    """
    keyring = uow.part(vault.Keyring)
    found = {
        part: keyring.unseal(sealed, _context(opening, part), permit.warrant).decode()
        for part, sealed in store.load_words(uow, opening.id).items()
        if sealed is not None
    }
    return EmergencyWords(**found)


def hold(keyring: vault.Keyring, opening: EmergencyOpening, words: Mapping[str, bytes | None]) -> bool:
    """Tell whether sealed words are those that were sealed around this opening; gives nothing of them back."""
    try:
        for part, sealed in words.items():
            if sealed is not None:
                keyring.check(sealed, _context(opening, part))
    except (vault.SealBroken, vault.KeyMissing):
        return False
    return True


def _context(opening: EmergencyOpening, part: str) -> vault.SealContext:
    scope = vault.Scope(opening.organisation, opening.dossier, Section.IDENTITY.value)
    return vault.SealContext(scope, WORD_KINDS[part], opening.id)
