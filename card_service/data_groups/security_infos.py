"""DG14, DG15 and EF.CardAccess: the keys and protocols of the chip (ICAO 9303-11, 9.2; BSI TR-03110-3, A.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from asn1crypto import core

from card_service.curves import AgreementCurve, CurveNotOffered, curve_by_parameter_id, curve_of_point
from card_service.data_groups.errors import DataGroupRefused
from card_service.der import (
    TAG_OID,
    KeyRefused,
    encode_integer,
    encode_oid,
    encode_sequence,
    encode_set_of,
    point_from_spki,
    spki_from_point,
)
from card_service.tlv import Tlv, TlvError, decode_tlv_one, encode_tlv

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
        curve_by_parameter_id(self.parameter_id)

    @property
    def curve(self) -> AgreementCurve:
        """The curve with that number."""
        return curve_by_parameter_id(self.parameter_id)


@dataclass(frozen=True, slots=True)
class Dg14:
    """The chip-authentication key (uncompressed point) and its reference on the chip.

    ``pace_curve`` repeats what EF.CardAccess says, under the signature; the key lies on a curve of its own.
    ``takes_terminals``: whether the chip knows terminal authentication; a stock card (SPC-0) need not.
    """

    ca_public_point: bytes
    ca_key_reference: int = 1
    pace_curve: AgreementCurve = AgreementCurve.P256
    takes_terminals: bool = True

    def __post_init__(self) -> None:
        if not 0 < self.ca_key_reference <= MAX_KEY_REFERENCE:
            raise DataGroupRefused("a key reference is 1 to 255")
        _agreement_spki(self.ca_public_point)


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
    """The one PACEInfo in that file; ``DataGroupRefused`` for another protocol, CurveNotOffered for another curve."""
    try:
        infos = [info.children() for info in decode_tlv_one(data).children()]
    except TlvError as error:
        raise DataGroupRefused("EF.CardAccess cannot be read") from error
    if len(infos) != 1:
        raise DataGroupRefused("EF.CardAccess offers something else")
    record = EfCardAccess(_pace_parameter_id(infos))
    if data != encode_ef_card_access(record):
        raise DataGroupRefused("EF.CardAccess offers something else")
    return record


def encode_dg14(record: Dg14) -> bytes:
    """The file, tag 6E: SecurityInfos with PACE, chip, terminal and active authentication."""
    reference = encode_integer(record.ca_key_reference)
    infos = [
        _pace_info(record.pace_curve.value),
        encode_sequence((encode_oid(OID_CA_ECDH_AES_128), encode_integer(CA_VERSION), reference)),
        encode_sequence((encode_oid(OID_PK_ECDH), _agreement_spki(record.ca_public_point), reference)),
        encode_sequence(
            (encode_oid(OID_ACTIVE_AUTHENTICATION), encode_integer(AA_VERSION), encode_oid(OID_ECDSA_PLAIN_SHA256))
        ),
    ]
    if record.takes_terminals:
        infos.append(encode_sequence((encode_oid(OID_TA), encode_integer(TA_VERSION))))
    return encode_tlv(TAG_DG14, encode_set_of(infos))


def decode_dg14(data: bytes) -> Dg14:
    """The chip-authentication key in that file; every other info must be the one we put there."""
    try:
        infos = [info.children() for info in decode_tlv_one(decode_tlv_one(data).value).children()]
        keys = [info for info in infos if info and info[0].encode() == encode_oid(OID_PK_ECDH)]
        if len(keys) != 1 or len(keys[0]) != 3:
            raise DataGroupRefused("DG14 has not exactly one chip-authentication key")
        _, spki, reference = keys[0]
        record = Dg14(
            ca_public_point=_point_of(spki),
            ca_key_reference=int.from_bytes(reference.value, "big"),
            pace_curve=curve_by_parameter_id(_pace_parameter_id(infos)),
            takes_terminals=any(info and info[0].encode() == encode_oid(OID_TA) for info in infos),
        )
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


def _pace_parameter_id(infos: Sequence[Sequence[Tlv]]) -> int:
    found = [info for info in infos if info and info[0].encode() == encode_oid(OID_PACE_ECDH_GM_AES_128)]
    if len(found) != 1 or len(found[0]) != 3:
        raise DataGroupRefused("not exactly one PACE, generic mapping with AES-128")
    return int.from_bytes(found[0][2].value, "big")


def _agreement_spki(point: bytes) -> bytes:
    try:
        return curve_of_point(point).spki_prefix + point
    except ValueError as error:
        raise DataGroupRefused("not a key on a curve in use") from error


def _point_of(spki: Tlv) -> bytes:
    """The point of a SubjectPublicKeyInfo whose curve is one of ours by name; CurveNotOffered with its OID."""
    encoded = spki.encode()
    for curve in AgreementCurve:
        if encoded.startswith(curve.spki_prefix):
            return encoded[len(curve.spki_prefix) :]
    algorithm = spki.children()[0].children() if spki.is_constructed and spki.children() else ()
    named = algorithm[1].encode() if len(algorithm) > 1 and algorithm[1].tag == TAG_OID else b""
    raise CurveNotOffered(str(core.ObjectIdentifier.load(named).native) if named else "explicit parameters")


def _pace_info(parameter_id: int) -> bytes:
    parts = (encode_oid(OID_PACE_ECDH_GM_AES_128), encode_integer(PACE_VERSION), encode_integer(parameter_id))
    return encode_sequence(parts)


def _checked_spki(point: bytes) -> None:
    try:
        spki_from_point(point)
    except KeyRefused as error:
        raise DataGroupRefused("not a key of P-256") from error
