"""What the vault refuses to do, and what it finds broken."""

from typing import ClassVar

from serment import kernel


class MessageBroken(kernel.SermentError):
    """A sealed message is not what was sealed under this key for this context.

    Cobblestone cannot tell a damaged message from one meant for another place, and must not: whoever knows
    the place raises `SealBroken` with it.
    """

    code: ClassVar[str] = "vault.message-broken"


class SealBroken(kernel.SermentError):
    """Stored bytes are missing, damaged, or not in their place.

    `place` names what is broken, by identifiers only, such as `object/<id>/part/3`.
    """

    code: ClassVar[str] = "vault.seal-broken"

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


class KeyMissing(SealBroken):
    """The key that sealed these bytes is not in the key database: destroyed on purpose, or lost."""

    code: ClassVar[str] = "vault.key-missing"


class WarrantRefused(kernel.SermentError):
    """A dossier's bytes were asked for without a live warrant that covers them."""

    code: ClassVar[str] = "vault.warrant-refused"


class NotaryTaken(kernel.SermentError):
    """The one maker of warrants was handed out already."""

    code: ClassVar[str] = "vault.notary-taken"


class RootKeyDamaged(kernel.SermentError):
    """The root key file is not one, is cut short, or was altered."""

    code: ClassVar[str] = "vault.root-key-damaged"


class PassphraseWrong(kernel.SermentError):
    """The root key file is whole, and this passphrase does not open it."""

    code: ClassVar[str] = "vault.passphrase-wrong"


class RootKeyExists(kernel.SermentError):
    """A root key file stands there already; it is never overwritten."""

    code: ClassVar[str] = "vault.root-key-exists"


class StoreFull(kernel.SermentError):
    """The place where parts are kept has no room left; nothing of the part was kept."""

    code: ClassVar[str] = "vault.store-full"


class StoreFailed(kernel.SermentError):
    """The place where parts are kept cannot be written or read; nothing of the part was kept."""

    code: ClassVar[str] = "vault.store-failed"


class ObjectMissing(kernel.SermentError):
    """No object has this identifier."""

    code: ClassVar[str] = "vault.object-missing"


class ObjectTooLarge(kernel.SermentError):
    """An object would have more than 10,000 parts."""

    code: ClassVar[str] = "vault.object-too-large"
