"""An OpenID provider in this very process: it answers as one should, or forges what a test asks for."""

import json
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from typing_extensions import override

from serment import identity, kernel

ISSUER = "https://auth.example.test/realms/sante"
CLIENT_ID = "serment"
SECRET = "a secret between the two of us"
ORIGIN = "https://localhost:8443"
RPPS = "899700218896"
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"

Claims = dict[str, Any]
AnyKey = ECKey | RSAKey | OctKey | OKPKey


def provider(**changes: object) -> identity.Provider:
    """What was agreed with the fake."""
    agreed: Claims = {
        "issuer": ISSUER,
        "client_id": CLIENT_ID,
        "proof": identity.SecretInHeader(SECRET),
        "redirect_uri": f"{ORIGIN}{identity.PROVIDER_CALLBACK}",
        "after_sign_out": f"{ORIGIN}/sign-out",
    }
    whole: Claims = {**agreed, **changes}
    return identity.Provider(**whole)


@dataclass
class FakeProvider(identity.Carrier):
    """Answers what it is asked; `forge_*` change what it says, `down` has it say nothing."""

    clock: kernel.Clock
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one", "use": "sig"}))
    subject: str = RPPS
    sub: str = "f:4c6d:899700218896"
    sid: str | None = "session-at-provider"
    acr: str = "eidas1"
    down: bool = False
    asked: list[identity.Question] = field(default_factory=list)
    forge_metadata: Callable[[Claims], Claims] = lambda said: said
    forge_claims: Callable[[Claims], Claims] = lambda said: said
    forge_header: Callable[[Claims], Claims] = lambda said: said
    forge_token: Callable[[str], str] = lambda token: token
    forge_reply: Callable[[Claims], Claims] = lambda said: said
    forge_keys: Callable[[list[Claims]], list[Claims]] = lambda keys: keys
    user_info: Callable[["FakeProvider", Claims], identity.Reply] | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @override
    def carry(self, question: identity.Question) -> identity.Reply:
        self.asked.append(question)
        if self.down:
            raise identity.ProviderUnavailable("down")
        answers = {
            "/.well-known/openid-configuration": lambda: as_json(self.forge_metadata(self.metadata())),
            "/keys": lambda: as_json({"keys": self.forge_keys([self.key.as_dict(private=False)])}),
            "/token": lambda: self._token(question),
            "/userinfo": self._user_info,
        }
        return answers[question.address.removeprefix(ISSUER)]()

    def metadata(self) -> Claims:
        return {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/auth",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "userinfo_endpoint": f"{ISSUER}/userinfo",
            "end_session_endpoint": f"{ISSUER}/logout",
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }

    def log_in(self, address: str) -> identity.ProviderAnswer:
        """Have somebody prove who they are at the address that they were sent to; return what comes back."""
        said = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert said["response_type"] == "code"
        assert said["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = said
        return identity.ProviderAnswer(said["state"], code, ISSUER)

    def sign(self, claims: Claims, *, key: AnyKey | None = None, **header: object) -> str:
        """Sign anything with anything."""
        signer = key or self.key
        whole = {"alg": "ES256", "kid": "one", **header}
        algorithms = [str(whole["alg"])]
        return jws.serialize_compact(whole, json.dumps(claims), signer, algorithms=algorithms)

    def id_claims(self, asked: dict[str, str], access_token: str) -> Claims:
        now = int(self.clock.now().timestamp())
        digest = sha256(access_token.encode()).digest()[:16]
        said = {
            "iss": ISSUER,
            "sub": self.sub,
            "aud": CLIENT_ID,
            "azp": CLIENT_ID,
            "iat": now,
            "nbf": now,
            "exp": now + 300,
            "auth_time": now,
            "nonce": asked["nonce"],
            "acr": self.acr,
            "amr": ["pki"],
            "at_hash": written(digest),
            "SubjectNameID": self.subject,
        }
        return said if self.sid is None else {**said, "sid": self.sid}

    def logout_claims(self, **changes: object) -> Claims:
        now = int(self.clock.now().timestamp())
        said = {
            "iss": ISSUER,
            "sub": self.sub,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 120,
            "jti": f"jti-{len(self.asked)}-{now}",
            "sid": self.sid,
            "events": {LOGOUT_EVENT: {}},
        }
        return {name: value for name, value in {**said, **changes}.items() if value is not None}

    def logout_token(self, **changes: object) -> str:
        return self.sign(self.logout_claims(**changes), typ="logout+jwt")

    def _token(self, question: identity.Question) -> identity.Reply:
        form = dict(question.form or {})
        asked = self.codes.pop(form["code"], None)
        verifier = written(sha256(form["code_verifier"].encode()).digest())
        known = asked is not None and asked["code_challenge"] == verifier
        if asked is None or not known or form["redirect_uri"] != asked["redirect_uri"]:
            return as_json({"error": "invalid_grant"}, 400)
        if not proves_us(question):
            return as_json({"error": "invalid_client"}, 401)
        claims = self.forge_claims(self.id_claims(asked, "access"))
        header = self.forge_header({"alg": "ES256", "kid": "one", "typ": "JWT"})
        token = self.forge_token(self.sign(claims, **header))
        said = {"token_type": "Bearer", "access_token": "access", "id_token": token}
        return as_json(self.forge_reply(said))

    def _user_info(self) -> identity.Reply:
        said = {"sub": self.sub, "SubjectNameID": self.subject}
        return self.user_info(self, said) if self.user_info else as_json(said)


def proves_us(question: identity.Question) -> bool:
    """Tell whether a question proves that it is ours, by the secret in its header or in its form."""
    form = dict(question.form or {})
    pair = question.headers.get("authorization", "").removeprefix("Basic ")
    if pair:
        return b64decode(pair).decode() == f"{CLIENT_ID}:{SECRET.replace(' ', '+')}"
    return form.get("client_secret") == SECRET or "client_assertion" in form


def as_json(said: object, status: int = 200, media_type: str = "application/json") -> identity.Reply:
    return identity.Reply(status, media_type, json.dumps(said).encode())


def written(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def make_federation(
    entrance: identity.Entrance, fake: FakeProvider, **changes: object
) -> identity.Federation:
    """The way to the fake, as app makes it to a real one."""
    client = identity.OpenIdClient(provider(**changes), fake, fake.clock)
    return identity.Federation(entrance, client)
