"""What the operator says of an identity provider: read, checked at the start, and made into the way there."""

from datetime import timedelta
from pathlib import Path

import pytest
from joserfc.jwk import ECKey, RSAKey
from starlette.routing import Route

from serment import identity, kernel
from serment.app.asgi import routes, shell_settings
from serment.app.errors import SecretUnavailable, SettingWrong
from serment.app.federation import make_federation
from serment.app.settings import Settings, read_settings
from serment.app.wiring import opened
from serment.edge.shell import Pages, ShellSettings
from support.installation import ORIGIN, make_installed

SAID = """
[federation]
issuer = "https://auth.example.test/realms/sante"
client_id = "cabinet"
client_secret_file = "provider.secret"
"""


def _settings(folder: Path, text: str = SAID) -> Settings:
    (folder / "serment.toml").write_text(text)
    (folder / "provider.secret").write_text("a secret\n")
    return read_settings(folder)


def _made(settings: Settings, entrance: identity.Entrance) -> identity.Provider:
    assert settings.federation is not None
    clock = kernel.SystemClock()
    made = make_federation(settings.federation, settings.data, ORIGIN, entrance, clock)
    return made.client.provider


def test_no_provider_is_the_default(tmp_path: Path) -> None:
    assert read_settings(tmp_path).federation is None


def test_what_is_not_said_is_as_pro_sante_connect_has_it(
    tmp_path: Path, embedded_entrance: identity.Entrance
) -> None:
    made = _made(_settings(tmp_path), embedded_entrance)

    assert made == identity.Provider(
        issuer="https://auth.example.test/realms/sante",
        client_id="cabinet",
        proof=identity.SecretInHeader("a secret"),
        redirect_uri="https://localhost:8443/sign-in/federated/callback",
        after_sign_out="https://localhost:8443/sign-out",
        name="Pro Santé Connect",
        scope="openid scope_all",
        acr_values=("eidas1",),
        subject_claim="SubjectNameID",
        algorithms=frozenset({"RS256", "PS256", "ES256"}),
        authorization_endpoint=None,
        max_age=None,
    )


def test_everything_may_be_said(tmp_path: Path, embedded_entrance: identity.Entrance) -> None:
    more = """
client_authentication = "client_secret_post"
name = "Identité de l'hôpital"
scope = "openid profile"
acr_values = ["eidas2", "eidas3"]
subject_claim = "preferred_username"
algorithms = "RS256"
authorization_endpoint = "https://wallet.example.test/auth"
max_age_minutes = 60
"""
    made = _made(_settings(tmp_path, SAID + more), embedded_entrance)

    assert made.proof == identity.SecretInForm("a secret")
    assert (made.name, made.scope, made.subject_claim) == (
        "Identité de l'hôpital",
        "openid profile",
        "preferred_username",
    )
    assert (made.acr_values, made.algorithms) == (("eidas2", "eidas3"), frozenset({"RS256"}))
    assert made.authorization_endpoint == "https://wallet.example.test/auth"
    assert made.max_age == timedelta(hours=1)


def test_provider_on_this_machine_may_speak_plainly(tmp_path: Path) -> None:
    said = SAID.replace("https://auth.example.test", "http://127.0.0.1:3000")

    assert _settings(tmp_path, said).federation is not None


@pytest.mark.parametrize(
    ("old", "new", "fact"),
    [
        ("https://auth", "http://auth", r"federation\.issuer.*SERMENT_FEDERATION.*must be https"),
        ("https://auth", "ftp://auth", r"federation\.issuer.*is not an address"),
        ("sante", "sante?realm=1", r"federation\.issuer.*is not an address"),
        ("https://auth", "https://me@auth", r"federation\.issuer.*is not an address"),
        ('client_id = "cabinet"', "", r"federation\.client_id"),
        ('client_id = "cabinet"', 'client_id = "le cabinet"', r"federation\.client_id"),
        ("client_secret_file", "secret", r"federation\.secret"),
        ('client_secret_file = "provider.secret"', "", "client_secret_file goes with"),
        ('"cabinet"', '"cabinet"\nprivate_key_file = "k"', "private_key_file with private_key_jwt"),
        ('"cabinet"', '"cabinet"\nclient_authentication = "private_key_jwt"', "private_key_file"),
        ('"cabinet"', '"cabinet"\nclient_authentication = "none"', r"federation\.client_authentication"),
        ('"cabinet"', '"cabinet"\nalgorithms = ["none"]', r"federation\.algorithms.*may be of"),
        ('"cabinet"', '"cabinet"\nalgorithms = ["HS256"]', r"federation\.algorithms.*may be of"),
        ('"cabinet"', '"cabinet"\nalgorithms = []', r"federation\.algorithms"),
        ('"cabinet"', '"cabinet"\nacr_values = []', r"federation\.acr_values"),
        ('"cabinet"', '"cabinet"\nlogout_types = ["at+jwt"]', r"federation\.logout_types.*may be of"),
        ('"cabinet"', '"cabinet"\nscope = "profile"', r"federation\.scope.*must hold openid"),
        (
            '"cabinet"',
            '"cabinet"\nauthorization_endpoint = "http://wallet.example.test"',
            r"federation\.authorization_endpoint.*must be https",
        ),
    ],
)
def test_wrong_setting_is_named(tmp_path: Path, old: str, new: str, fact: str) -> None:
    with pytest.raises(SettingWrong, match=fact):
        _settings(tmp_path, SAID.replace(old, new))


@pytest.mark.parametrize("content", [None, "", " \n"])
def test_secret_that_cannot_be_read_is_said(
    tmp_path: Path, embedded_entrance: identity.Entrance, content: str | None
) -> None:
    settings = _settings(tmp_path)
    (tmp_path / "provider.secret").unlink()
    if content is not None:
        (tmp_path / "provider.secret").write_text(content)

    with pytest.raises(SecretUnavailable, match="federation"):
        _made(settings, embedded_entrance)


def _with_key(tmp_path: Path) -> Settings:
    said = SAID.replace("client_secret_file", "private_key_file")
    return _settings(tmp_path, f'{said}client_authentication = "private_key_jwt"\n')


@pytest.mark.parametrize("key", [RSAKey.generate_key(2048), ECKey.generate_key("P-256")])
def test_private_key_is_read(
    tmp_path: Path, embedded_entrance: identity.Entrance, key: RSAKey | ECKey
) -> None:
    settings = _with_key(tmp_path)
    (tmp_path / "provider.secret").write_bytes(key.as_pem(private=True))

    proof = _made(settings, embedded_entrance).proof
    assert isinstance(proof, identity.SigningKey)
    assert proof.key.thumbprint() == key.thumbprint()


@pytest.mark.parametrize(
    "content",
    [
        RSAKey.generate_key(2048).as_pem(private=False),
        ECKey.generate_key("P-384").as_pem(private=True),
        b"a secret",
    ],
    ids=["public", "another curve", "no key"],
)
def test_key_that_does_not_serve_is_said(
    tmp_path: Path, embedded_entrance: identity.Entrance, content: bytes
) -> None:
    settings = _with_key(tmp_path)
    (tmp_path / "provider.secret").write_bytes(content)

    with pytest.raises(SecretUnavailable, match="private_key_file"):
        _made(settings, embedded_entrance)


def test_declared_provider_opens_its_routes_and_nothing_asks_it_at_the_start(tmp_path: Path) -> None:
    make_installed(tmp_path)
    text = (tmp_path / "serment.toml").read_text()
    settings = _settings(tmp_path, text + SAID)

    with opened(settings, ORIGIN) as installation:
        shell = shell_settings(installation)
        found = {
            each.path
            for each in routes(installation, Pages(shell, installation.clock))
            if isinstance(each, Route)
        }

    assert {
        identity.PROVIDER_CALLBACK,
        "/sign-in/federated",
        "/account/security/identities",
    } <= found
    assert shell.signed_posts == ShellSettings(frozenset(), b"").signed_posts == {"/sign-in/federated/logout"}
    assert shell.signed_posts <= found
