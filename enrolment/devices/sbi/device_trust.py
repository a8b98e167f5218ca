"""Which devices are believed: those whose certificate leads to an anchor that was configured here."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from enrolment.devices.ports import SensorUntrusted

LONGEST_CHAIN = 4
FEWEST_RSA_BITS = 2048
#: All that cryptography raises for certificates that are none, or that it does not know.
_UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.ExtensionNotFound,
    x509.DuplicateExtension,
)
DeviceKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


@dataclass(frozen=True)
class DeviceTrust:
    """Pinned certificates: of device providers and makers of trust modules, or of single devices."""

    anchors: tuple[x509.Certificate, ...]

    def check_chain(self, chain_der: Sequence[bytes], *, now: datetime) -> DeviceKey:
        """The key of the first certificate, once the chain leads to an anchor. Raises SensorUntrusted.

        Every certificate must be valid ``now``; the issuers must be authorities, the device must not.
        """
        if not 1 <= len(chain_der) <= LONGEST_CHAIN:
            raise SensorUntrusted("no chain of certificates")
        try:
            chain = [x509.load_der_x509_certificate(der) for der in chain_der]
            self._walk(chain, now)
            return _device_key(chain[0])
        except _UNREADABLE as error:
            raise SensorUntrusted("the device's certificate is not from anybody we know") from error

    def _walk(self, chain: Sequence[x509.Certificate], now: datetime) -> None:
        pinned = {anchor.fingerprint(hashes.SHA256()) for anchor in self.anchors}
        for place, certificate in enumerate(chain):
            _check_dates(certificate, now)
            if certificate.fingerprint(hashes.SHA256()) in pinned:
                return
            issuer = self._issuer(certificate, chain[place + 1 :])
            _check_authority(issuer)
            if issuer in self.anchors:
                _check_dates(issuer, now)
                return
        raise ValueError("the chain ends nowhere")

    def _issuer(self, certificate: x509.Certificate, rest: Sequence[x509.Certificate]) -> x509.Certificate:
        """The one that signed it: two anchors may bear one name, before and after a change of keys."""
        for candidate in (*self.anchors, *rest[:1]):
            if candidate.subject == certificate.issuer:
                with contextlib.suppress(InvalidSignature):
                    certificate.verify_directly_issued_by(candidate)
                    return candidate
        raise ValueError("the issuer is not there")


def read_device_trust(path: Path) -> DeviceTrust:
    """The anchors in a PEM file. Raises SensorUntrusted when there is no such file, or nothing in it."""
    try:
        return DeviceTrust(tuple(x509.load_pem_x509_certificates(path.read_bytes())))
    except (OSError, ValueError) as error:
        raise SensorUntrusted("no certificates of device providers are configured") from error


def _check_dates(certificate: x509.Certificate, now: datetime) -> None:
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise ValueError("a certificate is not valid now")


def _check_authority(issuer: x509.Certificate) -> None:
    if not issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
        raise ValueError("an issuer that is no authority")
    if not issuer.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign:
        raise ValueError("an issuer that may not issue")


def _device_key(certificate: x509.Certificate) -> DeviceKey:
    if not certificate.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature:
        raise ValueError("a key that may not sign")
    if certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
        raise ValueError("an authority is no device")
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= FEWEST_RSA_BITS:
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise ValueError("a kind of key that is not used here")
