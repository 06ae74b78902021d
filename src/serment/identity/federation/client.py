"""Our side of OpenID Connect: the address to leave for, and what the provider gives for the code that comes back.

Source: OpenID Connect Core 1.0, section 3.1; RFC 7636; RFC 7523, section 2.2; RP-Initiated Logout 1.0.
"""

import json
import secrets
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import assert_never
from urllib.parse import quote_plus, urlencode

from joserfc import jws
from joserfc.jwk import RSAKey

from serment.identity.errors import ProviderUnavailable, TokenRefused
from serment.identity.federation.claims import (
    MOST_SUBJECT,
    Expected,
    LogoutNotice,
    Proved,
    check_id_token,
    check_logout_token,
    check_parties,
    check_user_info,
)
from serment.identity.federation.metadata import Published
from serment.identity.federation.outgoing import Carrier, Question, Reply
from serment.identity.federation.passage import Passage
from serment.identity.federation.provider import Provider, SecretInForm, SecretInHeader, SigningKey
from serment.identity.federation.signatures import verify
from serment.kernel import Clock

_ASSERTION_LIFE = timedelta(minutes=1)
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_FOUND = 200
_SERVER_FAULT = 500


@dataclass(frozen=True)
class Asked:
    """What was asked at one departure: when, and how fresh a proof."""

    passage: Passage
    began_at: datetime
    max_age: timedelta | None


@dataclass(frozen=True)
class Person:
    """Who came, by the name that their identity is kept under, and how the provider proved them."""

    subject: str = field(repr=False)
    proved: Proved


@dataclass(frozen=True)
class _Tokens:
    id_token: str = field(repr=False)
    access_token: str = field(repr=False)


class OpenIdClient:
    """Speaks with the one provider. Its questions wait for an answer: ask them outside any transaction."""

    def __init__(self, provider: Provider, carrier: Carrier, clock: Clock) -> None:
        self.provider = provider
        self._carrier, self._clock = carrier, clock
        self._published = Published(provider, carrier, clock.now)

    def departure(self, passage: Passage, max_age: timedelta | None) -> str:
        """Return the address that begins at the provider; `max_age` asks for a proof no older than that.

        Raises:
            ProviderUnavailable: what it publishes cannot be had.
        """
        provider, fresh = self.provider, {}
        if max_age is not None:
            fresh = {"max_age": str(int(max_age.total_seconds()))}
            fresh |= {"prompt": "login"} if not max_age else {}
        asked = {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": provider.redirect_uri,
            "scope": provider.scope,
            "acr_values": " ".join(provider.acr_values),
            "state": passage.state,
            "nonce": passage.nonce,
            "code_challenge": passage.challenge,
            "code_challenge_method": "S256",
            **fresh,
        }
        return _with_query(self._published.metadata().authorization_endpoint, asked)

    def sign_out_address(self) -> str | None:
        """Return where the person's session at the provider ends; None when it has no such place.

        No ID token travels in the address: the provider asks the person instead.

        Raises:
            ProviderUnavailable: what it publishes cannot be had.
        """
        where = self._published.metadata().end_session_endpoint
        said = {
            "client_id": self.provider.client_id,
            "post_logout_redirect_uri": self.provider.after_sign_out,
        }
        return None if where is None else _with_query(where, said)

    def check_answer_issuer(self, issuer: str | None) -> None:
        """Let an answer pass that comes from our provider (RFC 9207): a mix-up is refused before the code leaves.

        Raises:
            TokenRefused: it names another issuer, or none though the provider always does.
            ProviderUnavailable: what it publishes cannot be had.
        """
        if issuer is None and not self._published.metadata().names_issuer:
            return
        if issuer != self.provider.issuer:
            raise TokenRefused("answer iss")

    def redeem(self, code: str, asked: Asked) -> Person:
        """Exchange a code for who came.

        Raises:
            TokenRefused: the code is not good, or what it gives does not hold.
            ProviderUnavailable: the provider does not answer as agreed.
        """
        provider = self.provider
        tokens = self._exchange(code, asked.passage)
        expected = Expected(
            provider.issuer,
            provider.client_id,
            asked.passage.nonce,
            provider.acr_values,
            asked.began_at,
            asked.max_age,
        )
        signed = verify(tokens.id_token, self._published.key, provider.algorithms)
        proved = check_id_token(signed, expected, tokens.access_token, self._clock.now())
        return Person(self._subject(signed.claims, proved, tokens.access_token), proved)

    def read_logout_token(self, token: str) -> LogoutNotice:
        """Return which sessions a logout token ends; that it is used once is the caller's to keep.

        Raises:
            TokenRefused: it does not hold.
            ProviderUnavailable: its key had to be asked for and could not.
        """
        provider = self.provider
        signed = verify(token, self._published.key, provider.algorithms)
        return check_logout_token(
            signed,
            provider.issuer,
            provider.client_id,
            kinds=provider.logout_types,
            now=self._clock.now(),
        )

    def _exchange(self, code: str, passage: Passage) -> _Tokens:
        where = self._published.metadata().token_endpoint
        form, headers = self._prove_ourselves(where)
        form |= {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.provider.redirect_uri,
            "code_verifier": passage.verifier,
        }
        said = _json_in(self._carrier.carry(Question(where, form, headers)), "code")
        kind, id_token, access = (said.get(name) for name in ("token_type", "id_token", "access_token"))
        if not isinstance(kind, str) or kind.lower() != "bearer":
            raise TokenRefused("token type")
        if not isinstance(id_token, str) or not isinstance(access, str) or not access.isascii():
            raise TokenRefused("tokens")
        return _Tokens(id_token, access)

    def _prove_ourselves(self, where: str) -> tuple[dict[str, str], dict[str, str]]:
        name, proof = self.provider.client_id, self.provider.proof
        headers = {"accept": "application/json"}
        match proof:
            case SecretInHeader(secret):
                pair = f"{quote_plus(name)}:{quote_plus(secret)}".encode()
                return {}, {**headers, "authorization": f"Basic {b64encode(pair).decode()}"}
            case SecretInForm(secret):
                return {"client_id": name, "client_secret": secret}, headers
            case SigningKey(_):
                statement = {"client_id": name, "client_assertion_type": _ASSERTION_TYPE}
                return {**statement, "client_assertion": self._assertion(proof, where)}, headers
            case _:
                assert_never(proof)

    def _assertion(self, proof: SigningKey, where: str) -> str:
        now, name = self._clock.now(), self.provider.client_id
        claims = {
            "iss": name,
            "sub": name,
            "aud": where,
            "jti": secrets.token_urlsafe(16),
            "iat": int(now.timestamp()),
            "exp": int((now + _ASSERTION_LIFE).timestamp()),
        }
        algorithm = "PS256" if isinstance(proof.key, RSAKey) else "ES256"
        header = {"alg": algorithm, "typ": "JWT"} | ({"kid": proof.key.kid} if proof.key.kid else {})
        return jws.serialize_compact(header, json.dumps(claims), proof.key, algorithms=[algorithm])

    def _subject(self, claims: Mapping[str, object], proved: Proved, access_token: str) -> str:
        """Return the claim that names people here, from the ID token or else from the user's information."""
        name = self.provider.subject_claim
        subject = claims.get(name)
        if subject is None:
            subject = self._user_info(proved.sub, access_token).get(name)
        if not isinstance(subject, str) or not 0 < len(subject) <= MOST_SUBJECT or not subject.isprintable():
            raise TokenRefused("subject")
        return subject

    def _user_info(self, sub: str, access_token: str) -> Mapping[str, object]:
        where = self._published.metadata().userinfo_endpoint
        if where is None:
            raise TokenRefused("userinfo")
        bearer = {"authorization": f"Bearer {access_token}", "accept": "application/jwt, application/json"}
        answer = self._carrier.carry(Question(where, headers=bearer))
        if answer.status == _FOUND and answer.media_type == "application/jwt":
            written = answer.body.decode("ascii", "replace").strip()
            claims = verify(written, self._published.key, self.provider.algorithms).claims
            check_parties(claims, self.provider.issuer, self.provider.client_id)
        else:
            claims = _json_in(answer, "userinfo")
        check_user_info(claims, sub)
        return claims


def _json_in(answer: Reply, what: str) -> Mapping[str, object]:
    if answer.status >= _SERVER_FAULT:
        raise ProviderUnavailable(f"status {answer.status}")
    if answer.status != _FOUND or answer.media_type != "application/json":
        raise TokenRefused(what)
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        raise TokenRefused(what) from None
    if not isinstance(said, dict):
        raise TokenRefused(what)
    return said


def _with_query(address: str, said: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(said)}"
