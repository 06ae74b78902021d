"""The key hierarchy: root, organisation, epoch, dossier and compartment. Each key is wrapped under the one above.

A new key is committed in the key database before anyone seals under it, so nothing sealed is ever without its
key. Only compartment keys and named secrets are kept in memory; what wraps them is opened on the way.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

from serment import kernel
from serment.vault import store, wraps
from serment.vault.context import Scope
from serment.vault.errors import KeyMissing, SealBroken
from serment.vault.key_cache import KeyCache
from serment.vault.root import RootProvider

CACHE_LIFETIME = timedelta(minutes=5)
CACHE_CAPACITY = 4096


class KeyHierarchy:
    """The keys of one installation. Thread-safe, and safe between processes that share a key database."""

    def __init__(self, keys: kernel.Database, root: RootProvider, clock: kernel.Clock) -> None:
        self.keys = keys
        self._root = root
        self._cache = KeyCache(clock, CACHE_LIFETIME, CACHE_CAPACITY)

    def key_to_open(self, scope: Scope) -> bytes:
        """Return a scope's key.

        Raises:
            KeyMissing: it has none: never made, or destroyed.
            SealBroken: a wrap on the way to it was altered.
        """
        key = self._cache.find(scope) or self._read(scope)
        if key is None:
            raise KeyMissing(wraps.key_place(scope))
        return key

    def key_to_seal(self, scope: Scope) -> bytes:
        """Return a scope's key; on first use it is made, and durable on return.

        Raises:
            SealBroken: a wrap on the way to it was altered.
        """
        return self._cache.find(scope) or self._read(scope) or self._settle(lambda: self._make(scope))

    def broken_keys(self) -> Iterator[str]:
        """Yield the names of the keys that do not open: damaged themselves, or what wraps them is."""
        with self.keys.reading() as uow:
            scopes = store.load_scopes(uow)
        for scope in scopes:
            try:
                opens = self._read(scope) is not None
            except SealBroken:
                opens = False
            if not opens:
                yield wraps.key_place(scope)

    def secret(self, name: str) -> bytes:
        """Return a named secret of 32 bytes; on first use it is made, and durable on return.

        Raises:
            SealBroken: its wrap was altered.
        """
        secret = self._cache.find(name)
        if secret is None:
            wrapped = self._find_secret(name) or self._settle(lambda: self._make_secret(name))
            secret = wraps.unwrap_secret(self._root, name, wrapped)
            self._cache.keep(name, secret)
        return secret

    def organisation_key(self, uow: kernel.UnitOfWork, organisation: kernel.OrganisationId) -> bytes:
        """Return an organisation's key, made on first use, and hold its row until `uow` ends."""
        wrapped = store.load_organisation(uow, organisation)
        if wrapped is not None:
            return wraps.unwrap_organisation(self._root, organisation, wrapped)
        key = wraps.new_key()
        store.add_organisation(uow, organisation, wraps.wrap_organisation(self._root, organisation, key))
        return key

    def _read(self, scope: Scope) -> bytes | None:
        with self.keys.reading() as uow:
            chain = store.load_chain(uow, scope)
        return None if chain is None else self._open_chain(scope, chain)

    def _open_chain(self, scope: Scope, chain: store.CompartmentChain) -> bytes:
        top = wraps.unwrap_organisation(self._root, scope.organisation, chain.organisation_wrapped)
        above = wraps.unwrap_epoch(top, scope.organisation, chain.epoch, chain.epoch_wrapped)
        key = wraps.unwrap_compartment(above, scope, chain.epoch, chain.compartment_wrapped)
        self._cache.keep(scope, key)
        return key

    def _make(self, scope: Scope) -> bytes:
        with self.keys.unit_of_work() as uow:
            top = self.organisation_key(uow, scope.organisation)
            chain = store.load_chain(uow, scope)
            if chain is not None:
                return self._open_chain(scope, chain)
            epoch, above = newest_epoch(uow, scope.organisation, top)
            key = wraps.new_key()
            store.add_compartment(uow, scope, epoch, wraps.wrap_compartment(above, scope, epoch, key))
        self._cache.keep(scope, key)
        return key

    def _find_secret(self, name: str) -> bytes | None:
        with self.keys.reading() as uow:
            return store.load_secret(uow, name)

    def _make_secret(self, name: str) -> bytes:
        with self.keys.unit_of_work() as uow:
            wrapped = store.load_secret(uow, name)
            if wrapped is None:
                wrapped = wraps.wrap_secret(self._root, name, wraps.new_key())
                store.add_secret(uow, name, wrapped)
        return wrapped

    def _settle(self, make: Callable[[], bytes]) -> bytes:
        """Make a key, or take the one that another process made in the same moment."""
        try:
            return make()
        except store.KeyTaken:
            return make()


def newest_epoch(
    uow: kernel.UnitOfWork, organisation: kernel.OrganisationId, above: bytes
) -> tuple[int, bytes]:
    """Return the number and the key of an organisation's newest epoch; the first is made on need."""
    epochs = store.load_epochs(uow, organisation)
    if not epochs:
        return add_epoch(uow, organisation, above, 1)
    epoch, wrapped = max(epochs.items())
    return epoch, wraps.unwrap_epoch(above, organisation, epoch, wrapped)


def add_epoch(
    uow: kernel.UnitOfWork, organisation: kernel.OrganisationId, above: bytes, epoch: int
) -> tuple[int, bytes]:
    """Begin an epoch: draw its key and keep it wrapped."""
    key = wraps.new_key()
    store.add_epoch(uow, organisation, epoch, wraps.wrap_epoch(above, organisation, epoch, key))
    return epoch, key
