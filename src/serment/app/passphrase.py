"""Where the passphrase of the root key comes from."""

import os
import secrets

from serment.app.directory import DataDirectory
from serment.app.errors import SecretUnavailable
from serment.app.settings import Settings

_DRAWN_BYTES = 32
PLAIN_WARNING = (
    "The passphrase of the root key lies in {file}: the server starts by itself, and whoever takes the whole disk "
    "can open everything. Keep it elsewhere with SERMENT_PASSPHRASE or SERMENT_PASSPHRASE_FILE."
)


def read_passphrase(settings: Settings) -> str:
    """Return the passphrase: given, in a file of the operator's, or in the machine's own file.

    Raises:
        SecretUnavailable: it cannot be read.
    """
    if settings.passphrase is not None:
        return settings.passphrase.get_secret_value()
    file = settings.passphrase_file or DataDirectory(settings.data).passphrase
    try:
        found = file.read_text().strip()
    except (OSError, UnicodeDecodeError):
        found = ""
    if not found:
        raise SecretUnavailable(
            f"The passphrase of the root key cannot be read from {file}. "
            "Give SERMENT_PASSPHRASE or SERMENT_PASSPHRASE_FILE."
        )
    return found


def draw_passphrase(settings: Settings) -> bool:
    """Draw a passphrase for this machine where the operator gave none; tell whether one lies in the directory."""
    if settings.passphrase is not None or settings.passphrase_file is not None:
        return False
    file = DataDirectory(settings.data).passphrase
    if not file.exists():
        write_private(file, f"{secrets.token_urlsafe(_DRAWN_BYTES)}\n".encode())
    return True


def write_private(file: os.PathLike[str], content: bytes) -> None:
    """Create a file that its owner alone reads, durable on return; whatever has that name stays.

    Raises:
        SecretUnavailable: the disk refuses.
    """
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())
    except OSError as error:
        raise SecretUnavailable(f"{os.fspath(file)} cannot be written: {error.strerror}.") from None
