"""Card verifiable certificates as the chip reads them (BSI TR-03110-3, C.1 and D.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from card_service.apdu import SW
from card_service.tlv import Tlv, TlvError, decode_tlv_one, decode_tlvs, encode_tlv
from hardware_sim.card.curve import (
    COEFFICIENT_A,
    COEFFICIENT_B,
    COFACTOR,
    GENERATOR,
    ORDER,
    P256,
    PRIME,
    SIGNATURE_BYTES,
    is_signed,
)
from hardware_sim.card.object_ids import OID_ROLE_INSPECTION, OID_SP_RIGHTS, OID_TA_ECDSA_SHA_256
from hardware_sim.card.status import StatusError, require

TAG_CERTIFICATE = 0x7F21
TAG_BODY = 0x7F4E
TAG_SIGNATURE = 0x5F37
TAG_PROFILE = 0x5F29
TAG_AUTHORITY_REFERENCE = 0x42
TAG_PUBLIC_KEY = 0x7F49
TAG_HOLDER_REFERENCE = 0x5F20
TAG_HOLDER_AUTHORIZATION = 0x7F4C
TAG_EFFECTIVE_DATE = 0x5F25
TAG_EXPIRATION_DATE = 0x5F24
TAG_EXTENSIONS = 0x65
TAG_OBJECT_ID = 0x06
TAG_EXTENSION = 0x73
TAG_DISCRETIONARY = 0x53
TAG_POINT = 0x86

_BODY_TAGS = [
    TAG_PROFILE,
    TAG_AUTHORITY_REFERENCE,
    TAG_PUBLIC_KEY,
    TAG_HOLDER_REFERENCE,
    TAG_HOLDER_AUTHORIZATION,
    TAG_EFFECTIVE_DATE,
    TAG_EXPIRATION_DATE,
]
_PROFILE_VERSION_1 = b"\x00"
_DOMAIN_PARAMETERS = {
    0x81: PRIME,
    0x82: COEFFICIENT_A,
    0x83: COEFFICIENT_B,
    0x84: GENERATOR,
    0x85: ORDER,
    0x87: COFACTOR,
}
_DATE_DIGITS = 6
_MAX_REFERENCE_BYTES = 16
_RIGHTS_BYTES = 2
ALL_RIGHTS = 0xFFFF


class HolderRole(IntEnum):
    """Role byte of the certificate holder authorization template."""

    TERMINAL = 0x00
    DOCUMENT_VERIFIER = 0x80
    TRUST_ANCHOR = 0xC0


ISSUER_ROLE = {
    HolderRole.TERMINAL: HolderRole.DOCUMENT_VERIFIER,
    HolderRole.DOCUMENT_VERIFIER: HolderRole.TRUST_ANCHOR,
    HolderRole.TRUST_ANCHOR: HolderRole.TRUST_ANCHOR,
}


@dataclass(frozen=True, slots=True)
class TerminalCertificate:
    """What one certificate says. ``rights`` are those of this certificate alone."""

    authority_reference: bytes
    holder_reference: bytes
    public_key: bytes
    role: HolderRole
    effective: date
    expires: date
    rights: int
    body: bytes
    signature: bytes

    def is_signed_by(self, issuer_key: bytes) -> bool:
        """Whether the issuer's key made the signature over the body."""
        return is_signed(issuer_key, self.signature, self.body)

    @classmethod
    def decode_whole(cls, data: bytes) -> TerminalCertificate:
        """From ``7F21``; anything malformed is refused with 6A80."""
        try:
            outer = decode_tlv_one(data)
        except TlvError as malformed:
            raise StatusError(SW.WRONG_DATA) from malformed
        require(outer.tag == TAG_CERTIFICATE, SW.WRONG_DATA)
        return cls.decode(outer.value)

    @classmethod
    def decode(cls, data: bytes) -> TerminalCertificate:
        """From ``7F4E … 5F37 …`` as in PSO:VERIFY CERTIFICATE."""
        try:
            return cls._decode(data)
        except TlvError as malformed:
            raise StatusError(SW.WRONG_DATA) from malformed

    @classmethod
    def _decode(cls, data: bytes) -> TerminalCertificate:
        parts = decode_tlvs(data)
        require([each.tag for each in parts] == [TAG_BODY, TAG_SIGNATURE], SW.WRONG_DATA)
        body, signature = parts
        require(len(signature.value) == SIGNATURE_BYTES, SW.WRONG_DATA)
        objects = body.children()
        tags = [each.tag for each in objects]
        require(tags in (_BODY_TAGS, [*_BODY_TAGS, TAG_EXTENSIONS]), SW.WRONG_DATA)
        require(objects[0].value == _PROFILE_VERSION_1, SW.WRONG_DATA)
        role = _role(objects[4])
        return cls(
            authority_reference=_reference(objects[1]),
            holder_reference=_reference(objects[3]),
            public_key=_public_key(objects[2], role),
            role=role,
            effective=decode_date(objects[5].value),
            expires=decode_date(objects[6].value),
            rights=_rights(objects[7:], role),
            body=body.encode(),
            signature=signature.value,
        )


def decode_date(digits: bytes) -> date:
    """YYMMDD, one digit a byte, of the years 2000 to 2099 (BSI TR-03110-3, D.2.1.3)."""
    require(len(digits) == _DATE_DIGITS and max(digits) <= 9, SW.WRONG_DATA)
    pairs = [10 * digits[at] + digits[at + 1] for at in range(0, _DATE_DIGITS, 2)]
    try:
        return date(2000 + pairs[0], pairs[1], pairs[2])
    except ValueError as no_date:
        raise StatusError(SW.WRONG_DATA) from no_date


def encode_date(day: date) -> bytes:
    """The six bytes of ``decode_date``."""
    return bytes(int(digit) for digit in day.strftime("%y%m%d"))


def _reference(each: Tlv) -> bytes:
    require(1 <= len(each.value) <= _MAX_REFERENCE_BYTES, SW.WRONG_DATA)
    return each.value


def _role(template: Tlv) -> HolderRole:
    expected = encode_tlv(TAG_OBJECT_ID, OID_ROLE_INSPECTION)
    require(template.value.startswith(expected), SW.WRONG_DATA)
    discretionary = decode_tlv_one(template.value[len(expected) :])
    require(discretionary.tag == TAG_DISCRETIONARY and len(discretionary.value) == 1, SW.WRONG_DATA)
    try:
        return HolderRole(discretionary.value[0])
    except ValueError as unknown:
        raise StatusError(SW.WRONG_DATA) from unknown


def _public_key(template: Tlv, role: HolderRole) -> bytes:
    objects = template.children()
    values = {each.tag: each.value for each in objects}
    require(len(values) == len(objects), SW.WRONG_DATA)
    require(values.pop(TAG_OBJECT_ID, b"") == OID_TA_ECDSA_SHA_256, SW.WRONG_DATA)
    point = P256.checked_point(values.pop(TAG_POINT, b""))
    may_carry_parameters = role is HolderRole.TRUST_ANCHOR
    require(values == {} or (may_carry_parameters and values == _DOMAIN_PARAMETERS), SW.WRONG_DATA)
    return point


def _rights(extensions: tuple[Tlv, ...], role: HolderRole) -> int:
    """The rights extension; a trust anchor grants all, and without the extension there are none."""
    if role is HolderRole.TRUST_ANCHOR:
        return ALL_RIGHTS
    for extension in extensions[0].children() if extensions else ():
        require(extension.tag == TAG_EXTENSION, SW.WRONG_DATA)
        objects = extension.children()
        require([each.tag for each in objects[:1]] == [TAG_OBJECT_ID], SW.WRONG_DATA)
        if objects[0].value == OID_SP_RIGHTS:
            require([each.tag for each in objects[1:]] == [TAG_DISCRETIONARY], SW.WRONG_DATA)
            require(len(objects[1].value) == _RIGHTS_BYTES, SW.WRONG_DATA)
            return int.from_bytes(objects[1].value, "big")
    return 0
