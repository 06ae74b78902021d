import ssl
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from uvicorn.config import Config

from serment.app.errors import OperatorError
from serment.app.settings import Settings
from serment.app.tls import TlsFiles, make_certificate, modern_tls, tls_files


@pytest.fixture
def files(tmp_path: Path) -> TlsFiles:
    made = TlsFiles(tmp_path / "certificate.pem", tmp_path / "key.pem")
    make_certificate(made, ["sante.example"])
    return made


def test_the_certificate_answers_to_this_machine_and_to_the_names_given(files: TlsFiles) -> None:
    certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    key = certificate.public_key()

    assert {"localhost", "sante.example"} <= set(names.get_values_for_type(x509.DNSName))
    assert {ip_address("127.0.0.1"), ip_address("::1")} <= set(names.get_values_for_type(x509.IPAddress))
    assert isinstance(key, EllipticCurvePublicKey)
    assert isinstance(key.curve, SECP256R1)
    files.check()


def test_only_the_owner_reads_the_key(files: TlsFiles) -> None:
    assert files.key.stat().st_mode & 0o777 == 0o600


def test_a_certificate_that_is_there_stays(files: TlsFiles) -> None:
    before = files.certificate.read_bytes()

    make_certificate(files, [])

    assert files.certificate.read_bytes() == before


def test_a_run_cut_short_between_key_and_certificate_is_taken_up(files: TlsFiles) -> None:
    files.certificate.unlink()

    make_certificate(files, [])

    files.check()


def test_a_certificate_that_does_not_go_with_its_key_is_refused(files: TlsFiles, tmp_path: Path) -> None:
    other = TlsFiles(tmp_path / "other.pem", tmp_path / "other-key.pem")
    make_certificate(other, [])

    with pytest.raises(OperatorError, match="cannot be used"):
        TlsFiles(files.certificate, other.key).check()


def test_the_operators_own_files_go_before_ours(tmp_path: Path) -> None:
    own = Settings(data=tmp_path, tls_certificate=tmp_path / "a", tls_key=tmp_path / "b")

    assert tls_files(own) == TlsFiles(tmp_path / "a", tmp_path / "b")
    assert tls_files(Settings(data=tmp_path)).certificate == tmp_path / "tls" / "certificate.pem"


def test_old_versions_of_tls_are_not_spoken(files: TlsFiles) -> None:
    def standard() -> ssl.SSLContext:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

    assert modern_tls(Config(app=""), standard).minimum_version is ssl.TLSVersion.TLSv1_3
