"""A device maker's authority, one device's key and certificate, and signatures with it (RFC 7515, compact)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import NameOID

P256_BYTES = 32
RSA_BITS = 2048
RSA_EXPONENT = 65537
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def base64url(data: bytes) -> str:
    """Without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


@dataclass(frozen=True)
class DeviceCredentials:
    """One device of one maker."""

    maker: x509.Certificate
    maker_key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    key: PrivateKey

    @property
    def maker_pem(self) -> bytes:
        """What a kiosk is told to trust."""
        return self.maker.public_bytes(serialization.Encoding.PEM)

    @property
    def algorithm(self) -> str:
        """As a token's header names it."""
        return "RS256" if isinstance(self.key, rsa.RSAPrivateKey) else "ES256"

    def sign(self, payload: Mapping[str, object], **header: object) -> str:
        """A signed token of this payload. ``header`` adds to, or replaces, what stands in it."""
        der = self.certificate.public_bytes(serialization.Encoding.DER)
        fields = {"alg": self.algorithm, "typ": "JWT", "x5c": [base64.b64encode(der).decode()], **header}
        signed = f"{base64url(json.dumps(fields).encode())}.{base64url(json.dumps(payload).encode())}"
        return f"{signed}.{base64url(self._signature(signed.encode()))}"

    def until(self, last: datetime) -> DeviceCredentials:
        """The same device with a certificate that ends then."""
        certificate = _issue("Device 1", self.key, self.maker, self.maker_key, last - timedelta(days=30), last)
        return DeviceCredentials(self.maker, self.maker_key, certificate, self.key)

    def _signature(self, signed: bytes) -> bytes:
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
        r, s = decode_dss_signature(self.key.sign(signed, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(P256_BYTES, "big") + s.to_bytes(P256_BYTES, "big")


def make_credentials(now: datetime, *, maker: str = "Scanner Works", is_rsa: bool = False) -> DeviceCredentials:
    """A new maker and one device of it, valid from yesterday on."""
    first, last = now - timedelta(days=1), now + timedelta(days=30)
    maker_key = ec.generate_private_key(ec.SECP256R1())
    authority = _issue(maker, maker_key, None, maker_key, first, last + timedelta(days=3650))
    key: PrivateKey = ec.generate_private_key(ec.SECP256R1())
    if is_rsa:
        key = rsa.generate_private_key(RSA_EXPONENT, RSA_BITS)
    return DeviceCredentials(authority, maker_key, _issue("Device 1", key, authority, maker_key, first, last), key)


def _issue(
    name: str,
    key: PrivateKey,
    issuer: x509.Certificate | None,
    issuer_key: ec.EllipticCurvePrivateKey,
    first: datetime,
    last: datetime,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    is_authority = issuer is None
    usage = x509.KeyUsage(not is_authority, False, False, False, False, is_authority, False, False, False)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(first)
        .not_valid_after(last)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(issuer_key, hashes.SHA256())
    )
