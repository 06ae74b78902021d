"""The certificate that init makes, so that the first page already comes over TLS."""

import socket
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from uvicorn.config import Config

from serment import kernel
from serment.app.directory import DataDirectory
from serment.app.errors import OperatorError
from serment.app.passphrase import write_private
from serment.app.settings import Settings

#: Browsers refuse server certificates that last longer.
LASTS = timedelta(days=397)


@dataclass(frozen=True)
class TlsFiles:
    """A certificate and its key, in PEM."""

    certificate: Path
    key: Path

    def check(self) -> None:
        """Return if they are there and go together.

        Raises:
            OperatorError: they do not.
        """
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self.certificate, self.key)
        except OSError as error:
            raise OperatorError(
                f"The certificate {self.certificate} and the key {self.key} cannot be used: {error.strerror or error}."
            ) from None


def tls_files(settings: Settings) -> TlsFiles:
    """Return the files that the operator named, else those that init made."""
    if settings.tls_certificate is not None and settings.tls_key is not None:
        return TlsFiles(settings.tls_certificate, settings.tls_key)
    folder = DataDirectory(settings.data).tls
    return TlsFiles(folder / "certificate.pem", folder / "key.pem")


def make_certificate(files: TlsFiles, names: Iterable[str]) -> None:
    """Make a self-signed certificate (P-256) for localhost and `names`; what is there stays."""
    if files.certificate.exists():
        return
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Serment")])
    now = kernel.SystemClock().now()
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LASTS)
        .add_extension(x509.SubjectAlternativeName(_alternatives(names)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files.key.unlink(missing_ok=True)  # of a run that was cut short before its certificate
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_private(files.key, private)
    write_private(files.certificate, certificate.public_bytes(serialization.Encoding.PEM))


def modern_tls(_config: Config, standard: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """Return the server's context: TLS 1.3 only (THR-15)."""
    context = standard()
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


def _alternatives(names: Iterable[str]) -> list[x509.GeneralName]:
    """Return what the certificate answers to, each once, in a stable order."""
    wanted = dict.fromkeys(["localhost", "127.0.0.1", "::1", socket.gethostname(), *names])
    return [_general_name(name) for name in wanted if name]


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
