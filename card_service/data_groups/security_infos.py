"""DG14, DG15 and EF.CardAccess: the keys and protocols of the chip (ICAO 9303-11, 9.2; BSI TR-03110-3, A.1)."""

from __future__ import annotations

from dataclasses import dataclass

from card_service.data_groups.errors import DataGroupRefused
from card_service.der import (
    KeyRefused,
    encode_integer,
    encode_oid,
    encode_sequence,
    encode_set_of,
    point_from_spki,
    spki_from_point,
)
from card_service.tlv import TlvError, decode_tlv_one, encode_tlv

TAG_DG14 = 0x6E
TAG_DG15 = 0x6F

# BSI TR-03110-3, A.1.1: the protocols the chip speaks.
OID_PACE_ECDH_GM_AES_128 = "0.4.0.127.0.7.2.2.4.2.2"
OID_CA_ECDH_AES_128 = "0.4.0.127.0.7.2.2.3.2.2"
OID_PK_ECDH = "0.4.0.127.0.7.2.2.1.2"
OID_TA = "0.4.0.127.0.7.2.2.2"
# ICAO 9303-11, 6.1.2.2 and BSI TR-03111, 5.2.1.1: active authentication answers r || s over SHA-256.
OID_ACTIVE_AUTHENTICATION = "2.23.136.1.1.5"
OID_ECDSA_PLAIN_SHA256 = "0.4.0.127.0.7.1.1.4.1.3"

PACE_VERSION = 2
#: NIST P-256 (BSI TR-03110-3, A.2.1.1, table 4).
PARAMETER_ID_P256 = 12
CA_VERSION = 1
TA_VERSION = 1
AA_VERSION = 1
MAX_KEY_REFERENCE = 255


@dataclass(frozen=True, slots=True)
class EfCardAccess:
    """What a reader may start with: PACE, generic mapping, AES-128, with this curve."""

    parameter_id: int = PARAMETER_ID_P256

    def __post_init__(self) -> None:
        if self.parameter_id != PARAMETER_ID_P256:
            raise DataGroupRefused("only P-256 (parameter id 12) is offered")


@dataclass(frozen=True, slots=True)
class Dg14:
    """The chip-authentication key (uncompressed point) and its reference on the chip."""

    ca_public_point: bytes
    ca_key_reference: int = 1

    def __post_init__(self) -> None:
        if not 0 < self.ca_key_reference <= MAX_KEY_REFERENCE:
            raise DataGroupRefused("a key reference is 1 to 255")
        _checked_spki(self.ca_public_point)


@dataclass(frozen=True, slots=True)
class Dg15:
    """The active-authentication and receipt key (uncompressed point)."""

    aa_public_point: bytes

    def __post_init__(self) -> None:
        _checked_spki(self.aa_public_point)


def encode_ef_card_access(record: EfCardAccess) -> bytes:
    """The file: SecurityInfos with one PACEInfo."""
    return encode_set_of((_pace_info(record.parameter_id),))


def decode_ef_card_access(data: bytes) -> EfCardAccess:
    """The record when the file offers exactly our one protocol, else ``DataGroupRefused``."""
    record = EfCardAccess()
    if data != encode_ef_card_access(record):
        raise DataGroupRefused("EF.CardAccess offers something else")
    return record


def encode_dg14(record: Dg14) -> bytes:
    """The file, tag 6E: SecurityInfos with PACE, chip, terminal and active authentication."""
    reference = encode_integer(record.ca_key_reference)
    infos = (
        _pace_info(PARAMETER_ID_P256),
        encode_sequence((encode_oid(OID_CA_ECDH_AES_128), encode_integer(CA_VERSION), reference)),
        encode_sequence((encode_oid(OID_PK_ECDH), spki_from_point(record.ca_public_point), reference)),
        encode_sequence((encode_oid(OID_TA), encode_integer(TA_VERSION))),
        encode_sequence(
            (encode_oid(OID_ACTIVE_AUTHENTICATION), encode_integer(AA_VERSION), encode_oid(OID_ECDSA_PLAIN_SHA256))
        ),
    )
    return encode_tlv(TAG_DG14, encode_set_of(infos))


def decode_dg14(data: bytes) -> Dg14:
    """The chip-authentication key in that file; every other info must be the one we put there."""
    try:
        infos = [info.children() for info in decode_tlv_one(decode_tlv_one(data).value).children()]
        keys = [info for info in infos if info and info[0].encode() == encode_oid(OID_PK_ECDH)]
        if len(keys) != 1 or len(keys[0]) != 3:
            raise DataGroupRefused("DG14 has not exactly one chip-authentication key")
        _, spki, reference = keys[0]
        record = Dg14(point_from_spki(spki.encode()), int.from_bytes(reference.value, "big"))
    except (TlvError, KeyRefused) as error:
        raise DataGroupRefused("DG14 cannot be read") from error
    if encode_dg14(record) != data:
        raise DataGroupRefused("DG14 is not in its one encoding")
    return record


def encode_dg15(record: Dg15) -> bytes:
    """The file, tag 6F: SubjectPublicKeyInfo of P-256 by name."""
    return encode_tlv(TAG_DG15, spki_from_point(record.aa_public_point))


def decode_dg15(data: bytes) -> Dg15:
    """The key in that file."""
    try:
        file = decode_tlv_one(data)
        record = Dg15(point_from_spki(file.value))
    except (TlvError, KeyRefused) as error:
        raise DataGroupRefused("DG15 cannot be read") from error
    if encode_dg15(record) != data:
        raise DataGroupRefused("DG15 is not in its one encoding")
    return record


def _pace_info(parameter_id: int) -> bytes:
    parts = (encode_oid(OID_PACE_ECDH_GM_AES_128), encode_integer(PACE_VERSION), encode_integer(parameter_id))
    return encode_sequence(parts)


def _checked_spki(point: bytes) -> None:
    try:
        spki_from_point(point)
    except KeyRefused as error:
        raise DataGroupRefused("not a key of P-256") from error
