"""Two processes that make the same key in the same moment end up with one. SQLite has one writer; PostgreSQL not."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from typing_extensions import override

from serment import kernel, vault
from support.postgresql import PostgresqlServer
from support.vault import new_scope


class SlowRoot(vault.SealedKeyFile):
    """A root that, asked to wrap for the first time, lets another process go first."""

    def __init__(self, root_key: bytes, meanwhile: Callable[[], object]) -> None:
        super().__init__(root_key)
        self._meanwhile: Callable[[], object] | None = meanwhile

    @override
    def wrap(self, key: bytes, label: bytes) -> bytes:
        if self._meanwhile is not None:
            meanwhile, self._meanwhile = self._meanwhile, None
            meanwhile()
        return super().wrap(key, label)


@pytest.fixture
def served_keys(postgresql: PostgresqlServer, clock: kernel.SettableClock) -> Iterator[kernel.Database]:
    with postgresql.empty_database(f"keys_{uuid4().hex}") as url:
        opened = kernel.Database(url, clock=clock)
        yield opened
        opened.close()


@pytest.fixture
def other(served_keys: kernel.Database, clock: kernel.SettableClock) -> vault.Keyring:
    return vault.open_keyring(served_keys, vault.SealedKeyFile(bytes(32)), clock)


def test_the_second_to_make_a_secret_takes_the_first_ones(
    served_keys: kernel.Database, other: vault.Keyring, clock: kernel.SettableClock
) -> None:
    root = SlowRoot(bytes(32), meanwhile=lambda: other.secret("pepper"))

    assert vault.open_keyring(served_keys, root, clock).secret("pepper") == other.secret("pepper")


def test_the_second_to_make_an_organisation_takes_the_first_ones_keys(
    served_keys: kernel.Database, other: vault.Keyring, clock: kernel.SettableClock
) -> None:
    context = vault.SealContext(new_scope(), "entry", kernel.new_id())
    root = SlowRoot(bytes(32), meanwhile=lambda: other.seal(b"", context))
    keyring = vault.open_keyring(served_keys, root, clock)

    sealed = keyring.seal(b"content", context)

    other.check(sealed, context)


def test_a_rotation_on_postgresql_keeps_content_readable(
    served_keys: kernel.Database, other: vault.Keyring, clock: kernel.SettableClock
) -> None:
    context = vault.SealContext(new_scope(), "entry", kernel.new_id())
    sealed = other.seal(b"content", context)

    assert other.rotate_epoch(context.scope.organisation) == 2

    vault.open_keyring(served_keys, vault.SealedKeyFile(bytes(32)), clock).check(sealed, context)
