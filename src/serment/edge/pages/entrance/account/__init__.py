"""One's own account: what protects it, where it is open, and what happened to it."""

from starlette.routing import BaseRoute, Route

from serment.edge.desk import Desk
from serment.edge.pages.entrance.account import identities
from serment.edge.pages.entrance.account.devices import DevicesPage
from serment.edge.pages.entrance.account.factors import FactorPages
from serment.edge.pages.entrance.account.keys import KEYS, KeyPages
from serment.edge.pages.entrance.account.own_recovery import OwnRecoveryPage
from serment.edge.pages.entrance.account.passwords import PasswordPage
from serment.edge.pages.entrance.account.recovery_codes import RecoveryCodesPage
from serment.edge.pages.entrance.account.removals import RemovalPage
from serment.edge.pages.entrance.account.security import SecurityPage
from serment.edge.pages.entrance.account.step_up import StepUpPage

__all__ = ["routes"]

_HERE = "/account/security"


def routes(desk: Desk) -> list[BaseRoute]:
    """Return the routes of one's own account."""
    security, step_up = SecurityPage(desk), StepUpPage(desk)
    password, recovery = PasswordPage(desk), RecoveryCodesPage(desk)
    return [
        Route("/account/step-up", step_up.ask, methods=["GET"]),
        Route("/account/step-up", step_up.confirm, methods=["POST"]),
        Route("/account/step-up/options", step_up.challenge, methods=["POST"]),
        Route(_HERE, security.show, methods=["GET"]),
        Route(f"{_HERE}/password", password.form, methods=["GET"]),
        Route(f"{_HERE}/password", password.change, methods=["POST"]),
        Route(f"{_HERE}/recovery-codes", recovery.form, methods=["GET"]),
        Route(f"{_HERE}/recovery-codes", recovery.renew, methods=["POST"]),
        Route(f"{_HERE}/recovery/stop", OwnRecoveryPage(desk).show, methods=["GET"]),
        Route(f"{_HERE}/recovery/stop", OwnRecoveryPage(desk).stop, methods=["POST"]),
        *_devices(desk),
        *_factors(desk),
        *_keys(desk),
        *([] if desk.federation is None else identities.routes(desk, desk.federation)),
    ]


def _devices(desk: Desk) -> list[BaseRoute]:
    devices = DevicesPage(desk)
    return [
        Route(f"{_HERE}/devices", devices.show, methods=["GET"]),
        Route(f"{_HERE}/devices/forget", devices.forget_all, methods=["POST"]),
        Route(f"{_HERE}/devices/{{device:uuid}}/forget", devices.forget, methods=["POST"]),
        Route(f"{_HERE}/sessions/others/end", devices.end_others, methods=["POST"]),
        Route(f"{_HERE}/sessions/{{session:uuid}}/end", devices.end, methods=["POST"]),
    ]


def _factors(desk: Desk) -> list[BaseRoute]:
    factors, removal = FactorPages(desk), RemovalPage(desk)
    return [
        Route(f"{_HERE}/add", factors.choose, methods=["GET"]),
        Route(f"{_HERE}/add/application", factors.choose, methods=["GET"]),
        Route(f"{_HERE}/add/application", factors.offer_application, methods=["POST"]),
        Route(f"{_HERE}/add/application/confirm", factors.choose, methods=["GET"]),
        Route(f"{_HERE}/add/application/confirm", factors.confirm_application, methods=["POST"]),
        Route(f"{_HERE}/add/passkey", factors.choose, methods=["GET"]),
        Route(f"{_HERE}/add/passkey", factors.confirm_passkey, methods=["POST"]),
        Route(f"{_HERE}/add/passkey/options", factors.challenge, methods=["POST"]),
        Route(f"{_HERE}/factors/{{factor:uuid}}/remove", removal.form, methods=["GET"]),
        Route(f"{_HERE}/factors/{{factor:uuid}}/remove", removal.remove, methods=["POST"]),
    ]


def _keys(desk: Desk) -> list[BaseRoute]:
    keys = KeyPages(desk)
    return [
        Route(KEYS, keys.show, methods=["GET"]),
        Route(f"{KEYS}/new", keys.form, methods=["GET"]),
        Route(f"{KEYS}/new", keys.make, methods=["POST"]),
        Route(f"{KEYS}/{{key:uuid}}/revoke", keys.ask, methods=["GET"]),
        Route(f"{KEYS}/{{key:uuid}}/revoke", keys.revoke, methods=["POST"]),
    ]
