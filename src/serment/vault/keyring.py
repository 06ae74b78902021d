"""The keyring: it seals and opens bytes for their place, under keys that nobody else sees."""

import hmac
from collections.abc import Iterator
from threading import Lock

from serment import kernel
from serment.vault import cobblestone, rotation, wraps
from serment.vault.context import Scope, SealContext, encode_fields
from serment.vault.errors import NotaryTaken
from serment.vault.hierarchy import KeyHierarchy
from serment.vault.root import RootProvider
from serment.vault.store import key_metadata
from serment.vault.warrant import Notary, Warrant

INDEX_COMPARTMENT = "index"
INDEX_BITS = 64
MAX_INDEX_BITS = 256
_TOKEN = b"serment/token/1"


class Keyring:
    """Seals for a place and opens in that place only; a dossier's bytes open against a warrant only.

    Thread-safe. `hierarchy` is for the vault's own modules: nothing outside the vault takes it.
    """

    def __init__(self, hierarchy: KeyHierarchy, clock: kernel.Clock) -> None:
        self.hierarchy = hierarchy
        self._clock = clock
        self._notary = Notary(wraps.new_key())
        self._notary_lock = Lock()
        self._notary_taken = False

    def seal(self, clear: bytes, context: SealContext) -> bytes:
        """Seal bytes for one place; what is larger than a few MiB goes into an object.

        Sealing discloses nothing and takes no warrant. A scope's key is made on its first use, and durable
        before this returns.

        Raises:
            SealBroken: a key's wrap was altered.
        """
        return cobblestone.seal(clear, self.hierarchy.key_to_seal(context.scope), context.encode())

    def unseal(self, sealed: bytes, context: SealContext, warrant: Warrant | None = None) -> bytes:
        """Open bytes that were sealed for that place.

        Raises:
            WarrantRefused: the scope has a dossier, and no live warrant covers it.
            SealBroken: they are damaged, or were sealed for another place.
            KeyMissing: their key is not in the key database.
        """
        self.insist_on_warrant(context.scope, warrant)
        return self._open(sealed, context)

    def check(self, sealed: bytes, context: SealContext) -> None:
        """Authenticate bytes and give nothing back; takes no warrant.

        Raises:
            SealBroken: they are damaged, or were sealed for another place.
            KeyMissing: their key is not in the key database.
        """
        self._open(sealed, context)

    def broken_keys(self) -> Iterator[str]:
        """Yield the names of the keys that do not open any more, by identifiers only (for `serment verify`)."""
        return self.hierarchy.broken_keys()

    def extend(self, sealed: bytes, more: bytes, context: SealContext) -> bytes:
        """Seal anew what was sealed for that place, with more bytes after it; gives nothing back in clear.

        It lets somebody add to a page that they may not read; like sealing, it takes no warrant.

        Raises:
            SealBroken: what is there is damaged, or was sealed for another place.
            KeyMissing: its key is not in the key database.
        """
        return self.seal(self._open(sealed, context) + more, context)

    def insist_on_warrant(self, scope: Scope, warrant: Warrant | None) -> None:
        """Return if the warrant allows to open this scope now.

        Raises:
            WarrantRefused: the scope has a dossier, and no live warrant covers it.
        """
        self._notary.insist_on(warrant, scope, self._clock.now())

    def index_tag(
        self, organisation: kernel.OrganisationId, field: str, value: str, bits: int = INDEX_BITS
    ) -> bytes:
        """Return the keyed tag under which a value is looked up: equal values, equal tags (CRY-40).

        The caller normalises the value. Few bits let unlike values share a tag, which hides how often each
        occurs; whoever looks up compares what is found after opening it. `bits` is a multiple of 8, up to 256.
        """
        if bits % 8 or not 0 < bits <= MAX_INDEX_BITS:
            raise ValueError("bits is a multiple of 8, from 8 to 256")
        key = self.hierarchy.key_to_seal(Scope(organisation, None, INDEX_COMPARTMENT))
        named = encode_fields(b"serment/index/1", (field.encode(), value.encode()))
        return hmac.digest(key, named, "sha512")[: bits // 8]

    def secret(self, name: str) -> bytes:
        """Return a secret of 32 bytes of the whole installation; drawn on first use, kept wrapped.

        Raises:
            SealBroken: its wrap was altered.
        """
        return self.hierarchy.secret(name)

    def seal_token(self, clear: bytes, name: str) -> bytes:
        """Seal bytes that somebody carries for this installation and brings back, under the secret of that name.

        Raises:
            SealBroken: the wrap of the secret was altered.
        """
        return cobblestone.seal(clear, self.secret(name), encode_fields(_TOKEN, (name.encode(),)))

    def open_token(self, token: bytes, name: str) -> bytes:
        """Open what `seal_token` sealed under that name.

        Raises:
            SealBroken: it was altered, or sealed under another name or by another installation.
        """
        with wraps.broken_at(f"token/{name}"):
            return cobblestone.unseal(token, self.secret(name), encode_fields(_TOKEN, (name.encode(),)))

    def take_notary(self) -> Notary:
        """Hand out the maker of warrants, once: app gives it to `access`.

        Raises:
            NotaryTaken: it was handed out before.
        """
        with self._notary_lock:
            if self._notary_taken:
                raise NotaryTaken
            self._notary_taken = True
        return self._notary

    def rotate_epoch(self, organisation: kernel.OrganisationId) -> int:
        """Wrap an organisation's living keys anew and destroy the older epoch keys; return the epoch's number.

        It can be called at any time and again after an interruption; content is not touched.

        Raises:
            SealBroken: a key's wrap was altered; the keys that it concerns stay in their epoch.
        """
        return rotation.rotate_epoch(self.hierarchy, organisation)

    def organisations_due(self) -> tuple[kernel.OrganisationId, ...]:
        """Return the organisations whose epoch has lasted its 30 days, or whose rotation was interrupted."""
        return rotation.organisations_due(self.hierarchy, self._clock.now())

    def _open(self, sealed: bytes, context: SealContext) -> bytes:
        key = self.hierarchy.key_to_open(context.scope)
        with wraps.broken_at(context.place):
            return cobblestone.unseal(sealed, key, context.encode())


def open_keyring(keys: kernel.Database, root: RootProvider, clock: kernel.Clock) -> Keyring:
    """Open the keyring over a key database, whose tables are made when it has none."""
    keys.create_tables(key_metadata)
    return Keyring(KeyHierarchy(keys, root, clock), clock)
