"""What a verified token must say before it is believed: pure rules, no I/O.

Source: OpenID Connect Core 1.0, sections 3.1.3.6, 3.1.3.7 and 5.3.2; Back-Channel Logout 1.0, section 2.6; ASVS 10.5.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from serment.identity.errors import TokenRefused
from serment.identity.federation.signatures import SignedClaims

SKEW = timedelta(seconds=30)
#: A logout token is for now: an older one is refused, so that its `jti` need not be remembered for long.
LOGOUT_LIFE = timedelta(minutes=5)
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
MOST_SUBJECT = 255
_LEVEL = re.compile(r"eidas([1-9])")
_ID_TOKEN_TYPE = "jwt"  # noqa: S105 - the name of a type


@dataclass(frozen=True)
class Expected:
    """What the answer to one departure must agree with."""

    issuer: str
    client_id: str
    nonce: str
    acr_values: tuple[str, ...]
    began_at: datetime
    max_age: timedelta | None = None


@dataclass(frozen=True)
class Proved:
    """Who the provider says came: `sid` its session, `acr` and `amr` how they were proved."""

    sub: str
    acr: str
    amr: tuple[str, ...]
    sid: str | None


@dataclass(frozen=True)
class LogoutNotice:
    """Which sessions the provider says are over: those of `sid`, of `sub`, or of both together."""

    jti: str
    sid: str | None
    sub: str | None


def check_id_token(token: SignedClaims, expected: Expected, access_token: str, now: datetime) -> Proved:
    """Return who came, once every claim agrees with what was asked.

    Raises:
        TokenRefused: the first claim that does not.
    """
    claims = token.claims
    _insist("typ", token.type == _ID_TOKEN_TYPE and "events" not in claims)
    check_parties(claims, expected.issuer, expected.client_id)
    _check_times(claims, now)
    _insist("exp", "exp" in claims)
    _insist("iat", _instant(claims, "iat") >= expected.began_at - SKEW)
    _insist("nonce", _same(claims.get("nonce"), expected.nonce))
    _check_at_hash(token, access_token)
    _check_auth_time(claims, expected, now)
    acr = _text(claims, "acr")
    _insist("acr", meets(acr, expected.acr_values))
    sid = _text(claims, "sid") if "sid" in claims else None
    return Proved(_subject(claims), acr, _methods(claims), sid)


def check_user_info(claims: Mapping[str, object], sub: str) -> None:
    """Let information about the user pass when it is about the person of the ID token (Core, 5.3.2).

    Raises:
        TokenRefused: it is about somebody else.
    """
    _insist("userinfo sub", _same(claims.get("sub"), sub))


def check_parties(claims: Mapping[str, object], issuer: str, client_id: str) -> None:
    """Let signed claims pass when our provider made them, for us.

    Raises:
        TokenRefused: another issuer, or another audience.
    """
    _insist("iss", claims.get("iss") == issuer)
    _insist("aud", claims.get("aud") in (client_id, [client_id]))
    _insist("azp", claims.get("azp", client_id) == client_id)


def check_logout_token(
    token: SignedClaims, issuer: str, client_id: str, *, kinds: Collection[str], now: datetime
) -> LogoutNotice:
    """Return which sessions are over, once every claim is as it must be; `jti` is the caller's to spend.

    `kinds` are the types that it may bear; an ID token bears none of the claims asked for here (ASVS 10.5.5).

    Raises:
        TokenRefused: the first claim that is not.
    """
    claims = token.claims
    _insist("typ", token.type in {kind.lower() for kind in kinds})
    check_parties(claims, issuer, client_id)
    _check_times(claims, now)
    _insist("iat", _instant(claims, "iat") > now - LOGOUT_LIFE)
    events = claims.get("events")
    _insist("events", isinstance(events, dict) and isinstance(events.get(LOGOUT_EVENT), dict))
    _insist("nonce", "nonce" not in claims)
    sid = _text(claims, "sid") if "sid" in claims else None
    sub = _subject(claims) if "sub" in claims else None
    _insist("sid or sub", sid is not None or sub is not None)
    return LogoutNotice(_text(claims, "jti"), sid, sub)


def meets(acr: str, asked: tuple[str, ...]) -> bool:
    """Tell whether a level is one of those asked, or above one of them on the eIDAS scale."""
    if acr in asked:
        return True
    reached, levels = _LEVEL.fullmatch(acr), [_LEVEL.fullmatch(value) for value in asked]
    return reached is not None and any(level and reached[1] >= level[1] for level in levels)


def _check_times(claims: Mapping[str, object], now: datetime) -> None:
    _insist("iat", _instant(claims, "iat") <= now + SKEW)
    if "exp" in claims:
        _insist("exp", _instant(claims, "exp") > now - SKEW)
    if "nbf" in claims:
        _insist("nbf", _instant(claims, "nbf") <= now + SKEW)


def _check_at_hash(token: SignedClaims, access_token: str) -> None:
    if "at_hash" in token.claims:
        wanted = urlsafe_b64encode(token.half_digest(access_token)).rstrip(b"=").decode()
        _insist("at_hash", _same(token.claims["at_hash"], wanted))


def _check_auth_time(claims: Mapping[str, object], expected: Expected, now: datetime) -> None:
    """Insist on a proof as fresh as was asked, counted from when it was asked (Core, 3.1.2.1)."""
    if expected.max_age is not None:
        proved_at = _instant(claims, "auth_time")
        _insist("auth_time", expected.began_at - expected.max_age - SKEW <= proved_at <= now + SKEW)


def _methods(claims: Mapping[str, object]) -> tuple[str, ...]:
    amr = claims.get("amr", [])
    _insist("amr", isinstance(amr, list) and all(isinstance(each, str) for each in amr))
    return tuple(str(each)[:40] for each in amr[:10]) if isinstance(amr, list) else ()


def _subject(claims: Mapping[str, object]) -> str:
    sub = _text(claims, "sub")
    _insist("sub", sub.isascii())
    return sub


def _text(claims: Mapping[str, object], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= MOST_SUBJECT:
        raise TokenRefused(name)
    return value


def _instant(claims: Mapping[str, object], name: str) -> datetime:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenRefused(name)
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        raise TokenRefused(name) from None


def _same(value: object, wanted: str) -> bool:
    return isinstance(value, str) and hmac.compare_digest(value.encode("utf-8", "replace"), wanted.encode())


def _insist(name: str, holds: bool) -> None:  # noqa: FBT001 -- a rule and its name
    if not holds:
        raise TokenRefused(name)
