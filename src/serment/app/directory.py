"""The data directory: what lies where, and who may work in it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from serment.app.errors import AlreadyInstalled, DirectoryBusy, NotInstalled, OperatorError
from serment.app.settings import SETTINGS_FILE

_OWNER_ONLY = 0o700


@dataclass(frozen=True)
class DataDirectory:
    """The places inside a data directory that no setting moves."""

    path: Path

    @property
    def settings(self) -> Path:
        """The operator's settings."""
        return self.path / SETTINGS_FILE

    @property
    def keys(self) -> Path:
        """The folder of keys: the root key, the key database, the machine's passphrase."""
        return self.path / "keys"

    @property
    def root_key(self) -> Path:
        """The root key, sealed under the passphrase."""
        return self.keys / "root.key"

    @property
    def passphrase(self) -> Path:
        """The passphrase that init drew for this machine, where none was given."""
        return self.keys / "passphrase"

    @property
    def tls(self) -> Path:
        """The folder of the certificate that init made."""
        return self.path / "tls"

    @property
    def breached(self) -> Path:
        """The list of breached passwords that the operator loaded, if any."""
        return self.path / "breached-passwords.list"

    @property
    def pid(self) -> Path:
        """The process number of the server at work."""
        return self.path / "serment.pid"

    @property
    def accounts(self) -> Path:
        """The accounts of a demonstration, with their passwords."""
        return self.path / "demonstration-accounts.txt"

    def holds_installation(self) -> bool:
        """Tell whether keys were made here."""
        return self.root_key.exists()

    def insist_installed(self) -> None:
        """Return if an installation is here.

        Raises:
            NotInstalled: there is none.
        """
        if not self.holds_installation():
            raise NotInstalled(
                f"{self.path} holds no installation. Make one: serment init --data {self.path}"
            )

    def insist_empty(self) -> None:
        """Return if no installation is here.

        Raises:
            AlreadyInstalled: there is one.
        """
        if self.holds_installation():
            raise AlreadyInstalled(f"{self.path} already holds an installation. Nothing was changed.")

    def make(self) -> None:
        """Make the folders, readable by their owner only.

        Raises:
            OperatorError: the disk refuses.
        """
        try:
            for folder in (self.path, self.path / "rows", self.keys, self.tls):
                folder.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
        except OSError as error:
            raise OperatorError(f"{self.path} cannot be made: {error.strerror}.") from None

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Keep other servers out of this directory; the system gives the lock back when the process dies.

        Raises:
            DirectoryBusy: another server holds it.
        """
        descriptor = os.open(self.path / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise DirectoryBusy(
                    f"Another server works on {self.path} (process {self.running_pid() or 'unknown'}). "
                    "Stop it first, or choose another directory."
                ) from None
            self.pid.write_text(f"{os.getpid()}\n")
            try:
                yield
            finally:
                self.pid.unlink(missing_ok=True)
        finally:
            os.close(descriptor)

    def is_served(self) -> bool:
        """Tell whether a server works on this directory now."""
        try:
            with self._peek() as descriptor:
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def running_pid(self) -> int | None:
        """Return the process number that the server at work left."""
        try:
            return int(self.pid.read_text())
        except (OSError, ValueError):
            return None

    @contextmanager
    def _peek(self) -> Iterator[int]:
        descriptor = os.open(self.path / ".lock", os.O_RDONLY | os.O_CLOEXEC)
        try:
            yield descriptor
        finally:
            os.close(descriptor)
