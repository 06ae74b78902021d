"""Every Wycheproof vector of every primitive that the product calls (CRY-01, CRY-02).

The policy: what is `valid` is accepted with the very result, what is `invalid` is refused, and `acceptable` may
go either way so long as an accepted one gives the very result.

| file | where the product calls it |
|---|---|
| c2sp_chunked_encryption_aes_256_gcm | everything sealed (vault) |
| aes_gcm | inside Cobblestone only |
| hkdf_sha512 | inside Cobblestone: its Expand half |
| hmac_sha512 | blind indexes |
| hmac_sha256 | warrants, sessions |
| ed25519 | ledger checkpoints, passkeys |
| ecdsa_secp256r1_sha256, ecdsa_secp384r1_sha384, rsa_signature_2048_sha256 | passkeys |

Not applicable, since nothing in the product calls them:

| file | reason |
|---|---|
| aes_kwp | keys are wrapped by Cobblestone, with a context |
| chacha20_poly1305 | there is one AEAD |
| hkdf_sha256 | the one derivation is over SHA-512 |
| ecdsa_secp256r1_sha256_p1363, rsa_pss_2048_sha256_mgf1_32 | passkeys sign in DER, and with PKCS 1.5 where they are RSA |
| x25519 | no key agreement of our own: TLS has its own library |
| json_web_crypto, json_web_encryption, json_web_key, json_web_signature | no JOSE token is issued or read yet |
"""

import hmac
from collections.abc import Callable

import pytest
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.serialization import load_der_public_key

from support.wycheproof import Vector, vectors_of

Check = Callable[[Vector], bool]


def disagreements(file_name: str, accepts: Check) -> list[str]:
    """Return the vectors on which we and Wycheproof differ; `accepts` also compares the result."""
    return [
        str(vector)
        for vector in vectors_of(file_name)
        if vector.test["result"] != "acceptable" and accepts(vector) != vector.is_valid
    ]


def test_aes_gcm_agrees_in_both_directions() -> None:
    assert disagreements("aes_gcm_test.json", _opens_and_seals) == []


def _opens_and_seals(vector: Vector) -> bool:
    nonce, extra = vector.bytes_of("iv"), vector.bytes_of("aad")
    message, sealed = vector.bytes_of("msg"), vector.bytes_of("ct") + vector.bytes_of("tag")
    if len(nonce) * 8 not in range(64, 1025):
        return _is_refused_for_its_nonce(vector)
    cipher = AESGCM(vector.bytes_of("key"))
    target = bytearray(len(message))
    try:
        cipher.decrypt_into(nonce, sealed, extra, target)
    except InvalidTag:
        return False
    again = bytearray(len(sealed))
    cipher.encrypt_into(nonce, message, extra, again)
    return target == message and again == sealed


def _is_refused_for_its_nonce(vector: Vector) -> bool:
    """Nonces of other than 64 to 1024 bits are refused outright; the product's have 96. Nothing to compare."""
    with pytest.raises(ValueError, match="Nonce"):
        AESGCM(vector.bytes_of("key")).decrypt(vector.bytes_of("iv"), bytes(16), None)
    return vector.is_valid


def test_hkdf_expand_sha512_agrees() -> None:
    def expands(vector: Vector) -> bool:
        # The product calls the Expand half; the Extract half is HMAC, held to its own vectors below.
        extracted = hmac.digest(vector.bytes_of("salt") or bytes(64), vector.bytes_of("ikm"), "sha512")
        try:
            output = HKDFExpand(SHA512(), vector.test["size"], vector.bytes_of("info")).derive(extracted)
        except ValueError:
            return False
        return output == vector.bytes_of("okm")

    assert disagreements("hkdf_sha512_test.json", expands) == []


@pytest.mark.parametrize("name", ["sha256", "sha512"])
def test_hmac_agrees(name: str) -> None:
    def verifies(vector: Vector) -> bool:
        tag = hmac.digest(vector.bytes_of("key"), vector.bytes_of("msg"), name)
        return hmac.compare_digest(tag[: vector.group["tagSize"] // 8], vector.bytes_of("tag"))

    assert disagreements(f"hmac_{name}_test.json", verifies) == []


def test_ed25519_agrees() -> None:
    def verifies(vector: Vector) -> bool:
        public = bytes.fromhex(vector.group["publicKey"]["pk"])
        key = ed25519.Ed25519PublicKey.from_public_bytes(public)
        return _does(lambda: key.verify(vector.bytes_of("sig"), vector.bytes_of("msg")))

    assert disagreements("ed25519_test.json", verifies) == []


@pytest.mark.parametrize(
    ("file_name", "digest"),
    [("ecdsa_secp256r1_sha256_test.json", SHA256()), ("ecdsa_secp384r1_sha384_test.json", SHA384())],
)
def test_ecdsa_agrees(file_name: str, digest: HashAlgorithm) -> None:
    def verifies(vector: Vector) -> bool:
        key = load_der_public_key(bytes.fromhex(vector.group["publicKeyDer"]))
        assert isinstance(key, ec.EllipticCurvePublicKey)
        signature, message = vector.bytes_of("sig"), vector.bytes_of("msg")
        return _does(lambda: key.verify(signature, message, ec.ECDSA(digest)))

    assert disagreements(file_name, verifies) == []


def test_rsa_signature_agrees() -> None:
    def verifies(vector: Vector) -> bool:
        key = load_der_public_key(bytes.fromhex(vector.group["publicKeyDer"]))
        assert isinstance(key, rsa.RSAPublicKey)
        signature, message = vector.bytes_of("sig"), vector.bytes_of("msg")
        return _does(lambda: key.verify(signature, message, padding.PKCS1v15(), SHA256()))

    assert disagreements("rsa_signature_2048_sha256_test.json", verifies) == []


def _does(verify: Callable[[], None]) -> bool:
    try:
        verify()
    except InvalidSignature:
        return False
    return True
