"""Object identifiers that the chip answers to, as the content bytes of tag 06."""

from __future__ import annotations

_ARC_BITS = 7
_ARC_MASK = 0x7F
_MORE = 0x80
_FIRST_ARC_FACTOR = 40


def object_id(dotted: str) -> bytes:
    """The content bytes of an object identifier (ITU-T X.690, 8.19)."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    return b"".join(_arc(arc) for arc in (first * _FIRST_ARC_FACTOR + second, *rest))


def _arc(number: int) -> bytes:
    groups = [number & _ARC_MASK]
    while number := number >> _ARC_BITS:
        groups.append(number & _ARC_MASK | _MORE)
    return bytes(reversed(groups))


# BSI TR-03110-3, A.1 and A.7
OID_PACE_ECDH_GM_AES_128 = object_id("0.4.0.127.0.7.2.2.4.2.2")
OID_CA_ECDH_AES_128 = object_id("0.4.0.127.0.7.2.2.3.2.2")
OID_TA_ECDSA_SHA_256 = object_id("0.4.0.127.0.7.2.2.2.2.3")
OID_ROLE_INSPECTION = object_id("0.4.0.127.0.7.3.1.2.1")
# docs/card-commands.md, section 5
OID_SP_RIGHTS = object_id("2.25.254837650348372907155024587348732894811")
