"""Keys and sealed bytes. The vault sees bytes, not medicine; nothing opens in a place it was not sealed for."""

from serment.vault.context import Scope, SealContext
from serment.vault.errors import (
    KeyMissing,
    NotaryTaken,
    PassphraseWrong,
    RootKeyDamaged,
    RootKeyExists,
    SealBroken,
    StoreFailed,
    StoreFull,
    WarrantRefused,
)
from serment.vault.keyring import Keyring, open_keyring
from serment.vault.root import PassphraseCost, RootProvider, SealedKeyFile
from serment.vault.store import key_metadata
from serment.vault.warrant import Notary, Warrant

__all__ = [
    "KeyMissing",
    "Keyring",
    "Notary",
    "NotaryTaken",
    "PassphraseCost",
    "PassphraseWrong",
    "RootKeyDamaged",
    "RootKeyExists",
    "RootProvider",
    "Scope",
    "SealBroken",
    "SealContext",
    "SealedKeyFile",
    "StoreFailed",
    "StoreFull",
    "Warrant",
    "WarrantRefused",
    "key_metadata",
    "open_keyring",
]
