"""Keys and sealed bytes. The vault sees bytes, not medicine; nothing opens in a place it was not sealed for."""

from serment.vault.context import Scope, SealContext
from serment.vault.errors import (
    KeyMissing,
    NotaryTaken,
    ObjectMissing,
    ObjectTooLarge,
    PassphraseWrong,
    RootKeyDamaged,
    RootKeyExists,
    SealBroken,
    StoreFailed,
    StoreFull,
    WarrantRefused,
)
from serment.vault.keyring import Keyring, open_keyring
from serment.vault.manifest import MAX_PARTS, PART_BYTES, ObjectDraft, ObjectId, Part, StoredObject
from serment.vault.object_reader import ObjectCheck, ObjectReader
from serment.vault.object_writer import ObjectWriter
from serment.vault.objects import (
    ObjectHead,
    ObjectStore,
    check_object,
    finish_object,
    list_objects,
    open_object,
)
from serment.vault.part_store import DirectoryStore, PartSink, PartSource, PartStore
from serment.vault.root import PassphraseCost, RootProvider, SealedKeyFile
from serment.vault.store import key_metadata
from serment.vault.warrant import Notary, Warrant

__all__ = [
    "MAX_PARTS",
    "PART_BYTES",
    "DirectoryStore",
    "KeyMissing",
    "Keyring",
    "Notary",
    "NotaryTaken",
    "ObjectCheck",
    "ObjectDraft",
    "ObjectHead",
    "ObjectId",
    "ObjectMissing",
    "ObjectReader",
    "ObjectStore",
    "ObjectTooLarge",
    "ObjectWriter",
    "Part",
    "PartSink",
    "PartSource",
    "PartStore",
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
    "StoredObject",
    "Warrant",
    "WarrantRefused",
    "check_object",
    "finish_object",
    "key_metadata",
    "list_objects",
    "open_keyring",
    "open_object",
]
