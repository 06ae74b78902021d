"""The way to the provider and back: one departure, one browser, one answer."""

import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID

from serment import vault
from serment.identity.ceremonies import store as ceremonies
from serment.identity.ceremonies.store import Ceremony, Purpose
from serment.identity.entrance import Entrance
from serment.identity.errors import TokenRefused
from serment.identity.federation.client import Asked, OpenIdClient, Person
from serment.identity.federation.passage import passage_of
from serment.identity.model import Caller, Role, SessionId
from serment.identity.tokens import draw_token, keyed_digest
from serment.kernel import AccountId, UnitOfWork, canonical_json

#: Long enough to take a card out, or to confirm on a telephone.
DETOUR_LIFE = timedelta(minutes=10)
_MOST_CODE = 2048


@dataclass(frozen=True)
class Federation:
    """The provider through which people may come in; app makes one when the operator declares it."""

    entrance: Entrance
    client: OpenIdClient

    @property
    def name(self) -> str:
        """Return the provider's name, as people know it."""
        return self.client.provider.name

    def knows(self, issuer: str) -> bool:
        """Tell whether an issuer is this provider."""
        return issuer == self.client.provider.issuer

    def bars(self, role: Role) -> bool:
        """Tell whether people in a role come in by other ways only: administrators use passkeys (LAW-71)."""
        return role is Role.ADMINISTRATOR and self.entrance.rules.administrators_use_passkeys


@dataclass(frozen=True)
class Detour:
    """The way to the provider: its address, and the token that only this browser keeps until it is back."""

    token: str = field(repr=False)
    address: str = field(repr=False)

    @property
    def host(self) -> str:
        """Return the name of the machine that it leads to, to show before the browser goes there."""
        return urlsplit(self.address).hostname or ""


@dataclass(frozen=True)
class ProviderAnswer:
    """What came back in the address; nothing of it is believed yet."""

    state: str = field(repr=False)
    code: str | None = field(default=None, repr=False)
    issuer: str | None = None


class Quest(StrEnum):
    """What people leave for the provider for."""

    SIGN_IN = "sign-in"
    LINK = "link"


@dataclass(frozen=True)
class Return:
    """Somebody back from the provider, with what they left for."""

    account: AccountId | None
    session: SessionId | None
    asked: Asked


def depart(federation: Federation, quest: Quest, caller: Caller | None) -> Detour:
    """Open a step and return the way out of it; what is asked of the provider is asked first.

    A link asks for a proof made now, so that nobody links whoever used this browser before them.

    Raises:
        ProviderUnavailable: what it publishes cannot be had.
    """
    token = draw_token()
    address = federation.client.departure(passage_of(token), _max_age(federation, quest))
    with federation.entrance.database.unit_of_work() as uow:
        payload = {
            "issuer": federation.client.provider.issuer,
            "began": uow.now.isoformat(),
            "session": None if caller is None else str(caller.session),
        }
        account = None if caller is None else caller.account
        ceremony = Ceremony(_PURPOSES[quest], account, canonical_json(payload))
        ceremonies.keep(uow, token, ceremony, DETOUR_LIFE)
    return Detour(token, address)


def come_back(federation: Federation, quest: Quest, token: str, answer: ProviderAnswer) -> Return | None:
    """End the step that a browser left by, once; None when there is none, or the answer belongs to another.

    An answer with another state ends nothing: else whoever sends people to our address would end their steps.
    """
    passage = passage_of(token)
    if not hmac.compare_digest(passage.state.encode(), answer.state.encode("utf-8", "replace")):
        return None
    with federation.entrance.database.reading() as uow:
        if ceremonies.look_at(uow, token, _PURPOSES[quest]) is None:
            return None
    with federation.entrance.database.unit_of_work() as uow:
        step = ceremonies.take(uow, token, _PURPOSES[quest])
    if step is None:
        return None
    kept = json.loads(step.payload)
    if kept["issuer"] != federation.client.provider.issuer:
        return None
    session = None if kept["session"] is None else SessionId(UUID(kept["session"]))
    began_at = datetime.fromisoformat(kept["began"])
    return Return(step.account, session, Asked(passage, began_at, _max_age(federation, quest)))


def recognise(federation: Federation, back: Return, answer: ProviderAnswer) -> Person:
    """Return who the provider says came.

    Raises:
        TokenRefused: the provider refused, or its answer does not hold.
        ProviderUnavailable: it does not answer.
    """
    federation.client.check_answer_issuer(answer.issuer)
    if not answer.code or len(answer.code) > _MOST_CODE:
        raise TokenRefused("code")
    return federation.client.redeem(answer.code, back.asked)


def digest_at(uow: UnitOfWork, issuer: str, kind: str, value: str) -> bytes:
    """Return the keyed digest of a name that a provider uses; another issuer's same name has another one."""
    key = uow.part(vault.Keyring).secret("identity-federation")
    return keyed_digest(key, kind, issuer, value)


def _max_age(federation: Federation, quest: Quest) -> timedelta | None:
    return timedelta(0) if quest is Quest.LINK else federation.client.provider.max_age


_PURPOSES = {Quest.SIGN_IN: Purpose.FEDERATED_SIGN_IN, Quest.LINK: Purpose.FEDERATED_LINK}
