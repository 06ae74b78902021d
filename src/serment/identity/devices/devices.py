"""Remember the browsers that somebody signs in with, show them to their owner, and forget them at will."""

from dataclasses import dataclass
from datetime import datetime

from serment import vault
from serment.identity.devices import store
from serment.identity.devices.tokens import device_in, with_device
from serment.identity.directory.store import SealedAccount, load_account
from serment.identity.errors import DeviceUnknown
from serment.identity.events.trail import Event, leave_trace
from serment.identity.model import Caller, DeviceId, Visit
from serment.identity.places import seal_place, unseal_place
from serment.identity.rules import DeviceRules
from serment.identity.sealing import DEVICE_PLACE
from serment.identity.vocabulary import EventKind
from serment.kernel import OrganisationId, UnitOfWork, new_id


@dataclass(frozen=True)
class KnownDevice:
    """A browser that is known to its owner's account."""

    id: DeviceId
    device: str
    origin: str
    first_seen_at: datetime
    last_seen_at: datetime
    is_this_one: bool


def known_device(uow: UnitOfWork, account: SealedAccount | None, device: DeviceId | None) -> DeviceId | None:
    """Return the browser when it still is known to the account."""
    if account is None or device is None:
        return None
    return device if store.is_known(uow, account.id, device) else None


def remember_device(uow: UnitOfWork, account: SealedAccount, visit: Visit, rules: DeviceRules) -> str:
    """Know the visiting browser from now on; return the token that it keeps."""
    keyring = uow.part(vault.Keyring)
    device = device_in(keyring, visit.device_token, account.login_tag)
    if device is None or not _see_again(uow, account, device, visit):
        device = _add(uow, account, visit, rules)
    return with_device(keyring, visit.device_token, device, account.login_tag)


def list_known_devices(uow: UnitOfWork, caller: Caller, visit: Visit) -> tuple[KnownDevice, ...]:
    """Return the browsers known to the caller's account, the last seen first."""
    account = load_account(uow, caller.account)
    keyring = uow.part(vault.Keyring)
    this_one = None if account is None else device_in(keyring, visit.device_token, account.login_tag)
    rows = store.devices_of(uow, caller.account)
    return tuple(_known(uow, caller.organisation, row, this_one) for row in rows)


def forget_device(uow: UnitOfWork, caller: Caller, device: DeviceId) -> None:
    """Forget one of the caller's browsers: it is unknown from the next request on.

    Raises:
        DeviceUnknown: not a known browser of the caller's.
    """
    if not store.forget_device(uow, caller.account, device):
        raise DeviceUnknown(str(device))
    _trace(uow, caller, {"device": str(device)})


def forget_all_devices(uow: UnitOfWork, caller: Caller) -> int:
    """Forget every browser of the caller's; return how many there were."""
    forgotten = store.end_all(uow, caller.account)
    _trace(uow, caller, {"devices": str(forgotten)})
    return forgotten


def _see_again(uow: UnitOfWork, account: SealedAccount, device: DeviceId, visit: Visit) -> bool:
    place = seal_place(uow, account.organisation, DEVICE_PLACE, device, visit)
    return store.see_device(uow, account.id, device, place)


def _add(uow: UnitOfWork, account: SealedAccount, visit: Visit, rules: DeviceRules) -> DeviceId:
    for row in store.devices_of(uow, account.id)[rules.most_of_an_account - 1 :]:
        store.forget_device(uow, account.id, row.id)
    device = DeviceId(new_id())
    place = seal_place(uow, account.organisation, DEVICE_PLACE, device, visit)
    store.add_device(uow, store.DeviceRow(device, account.id, place, uow.now, uow.now))
    return device


def _known(
    uow: UnitOfWork, organisation: OrganisationId, row: store.DeviceRow, this_one: DeviceId | None
) -> KnownDevice:
    place = unseal_place(uow, organisation, DEVICE_PLACE, row.id, row.place_sealed)
    return KnownDevice(
        id=row.id,
        device=place.device,
        origin=place.origin,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        is_this_one=row.id == this_one,
    )


def _trace(uow: UnitOfWork, caller: Caller, detail: dict[str, str]) -> None:
    event = Event(
        EventKind.DEVICE_FORGOTTEN, caller.organisation, caller.actor, caller.account, detail=detail
    )
    leave_trace(uow, event)
