"""Signed JSON (RFC 7515, compact form) as devices send it: opened, or refused.

RS256 and ES256 only, by the key of the certificate in ``x5c``, which must lead to a configured anchor. What the token
says about its own algorithm is believed only as far as the key fits it.
"""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from enrolment.devices.ports import SensorUntrusted
from enrolment.devices.sbi.device_trust import DeviceKey, DeviceTrust

PARTS = 3
RS256 = "RS256"
ES256 = "ES256"
P256_BYTES = 32
#: Header fields that change what is signed or who signed: nobody who means well sends them.
_FORBIDDEN = frozenset({"crit", "b64", "jku", "jwk", "x5u"})


def open_token(token: str, trust: DeviceTrust, *, now: datetime) -> bytes:
    """The payload of a token that a trusted device signed. Raises SensorUntrusted for any other."""
    parts = token.split(".")
    if len(parts) != PARTS or not all(parts):
        raise SensorUntrusted("the answer is not signed")
    try:
        header = parse_object(decode_base64url(parts[0]))
        signature, payload = decode_base64url(parts[2]), decode_base64url(parts[1])
        algorithm, chain = _algorithm(header), _chain(header)
    except ValueError as error:
        raise SensorUntrusted("the answer's signature makes no sense") from error
    key = trust.check_chain(chain, now=now)
    signed = f"{parts[0]}.{parts[1]}".encode("ascii")
    try:
        _verify(key, algorithm, signature, signed)
    except (InvalidSignature, ValueError) as error:
        raise SensorUntrusted("the answer's signature is wrong") from error
    return payload


def decode_base64url(text: str) -> bytes:
    """The bytes, from the one spelling of them without padding (RFC 7515, 2). Raises ValueError for another."""
    try:
        data = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base64url") from error
    if base64.urlsafe_b64encode(data).rstrip(b"=") != text.encode("ascii"):
        raise ValueError("not the only spelling")
    return data


def parse_object(data: bytes) -> dict[str, object]:
    """The JSON object, no name in it written twice. Raises ValueError."""
    value = json.loads(data, object_pairs_hook=_without_twins)
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def _without_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _algorithm(header: dict[str, object]) -> str:
    if _FORBIDDEN & header.keys() or header.get("typ", "JWT") != "JWT":
        raise ValueError("a header that is not used here")
    if header.get("alg") not in (RS256, ES256):
        raise ValueError("an algorithm that is not used here")
    return str(header["alg"])


def _chain(header: dict[str, object]) -> list[bytes]:
    """RFC 7515 has a list; the specification's own examples have one certificate alone."""
    x5c = header.get("x5c")
    texts = [x5c] if isinstance(x5c, str) else x5c
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ValueError("no certificate")
    return [base64.b64decode(text, validate=True) for text in texts]


def _verify(key: DeviceKey, algorithm: str, signature: bytes, signed: bytes) -> None:
    if algorithm == RS256 and isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    elif algorithm == ES256 and isinstance(key, ec.EllipticCurvePublicKey) and len(signature) == 2 * P256_BYTES:
        r, s = (int.from_bytes(half, "big") for half in (signature[:P256_BYTES], signature[P256_BYTES:]))
        key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    else:
        raise ValueError("the key does not fit the algorithm")
