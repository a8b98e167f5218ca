"""EF.COM and EF.DIR: tables of contents. Neither is signed, and nothing is ever decided from them."""

from __future__ import annotations

from dataclasses import dataclass

from card_service.data_groups.errors import DataGroupRefused
from card_service.tlv import TlvError, decode_tlv_one, decode_tlvs, encode_tlv

# ICAO 9303-10, 4.6.1
TAG_EF_COM = 0x60
TAG_LDS_VERSION = 0x5F01
TAG_UNICODE_VERSION = 0x5F36
TAG_TAG_LIST = 0x5C
LDS_VERSION = "0108"
UNICODE_VERSION = "040000"
#: First byte of each data group's file, by data group number (ICAO 9303-10, table 36).
DATA_GROUP_TAGS = {1: 0x61, 2: 0x75, 3: 0x63, 4: 0x76, 11: 0x6B, 12: 0x6C, 13: 0x6D, 14: 0x6E, 15: 0x6F}
_TAG_NUMBERS = {tag: number for number, tag in DATA_GROUP_TAGS.items()}

# ISO/IEC 7816-4:2013, 8.2.2.1.2
TAG_APPLICATION = 0x61
TAG_AID = 0x4F
MIN_AID_BYTES, MAX_AID_BYTES = 5, 16


@dataclass(frozen=True, slots=True)
class EfCom:
    """The data groups that the card says it holds, in rising order."""

    data_groups: tuple[int, ...]

    def __post_init__(self) -> None:
        if list(self.data_groups) != sorted(set(self.data_groups)) or not self.data_groups:
            raise DataGroupRefused("EF.COM lists data groups once, in rising order")
        if any(number not in DATA_GROUP_TAGS for number in self.data_groups):
            raise DataGroupRefused("EF.COM lists a data group that no card of ours has")


@dataclass(frozen=True, slots=True)
class EfDir:
    """The applications on the chip, by identifier (5 to 16 bytes)."""

    aids: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if not self.aids or any(not MIN_AID_BYTES <= len(aid) <= MAX_AID_BYTES for aid in self.aids):
            raise DataGroupRefused("EF.DIR lists identifiers of 5 to 16 bytes")


def encode_ef_com(record: EfCom) -> bytes:
    """The file, tag 60."""
    tags = bytes(DATA_GROUP_TAGS[number] for number in record.data_groups)
    return encode_tlv(
        TAG_EF_COM,
        encode_tlv(TAG_LDS_VERSION, LDS_VERSION.encode("ascii"))
        + encode_tlv(TAG_UNICODE_VERSION, UNICODE_VERSION.encode("ascii"))
        + encode_tlv(TAG_TAG_LIST, tags),
    )


def decode_ef_com(data: bytes) -> EfCom:
    """The record in that file."""
    try:
        fields = decode_tlv_one(data).children()
        tags = fields[-1].value if fields else b""
        record = EfCom(tuple(_TAG_NUMBERS[tag] for tag in tags))
    except (TlvError, KeyError) as error:
        raise DataGroupRefused("EF.COM cannot be read") from error
    if encode_ef_com(record) != data:
        raise DataGroupRefused("EF.COM is not in its one encoding")
    return record


def encode_ef_dir(record: EfDir) -> bytes:
    """The file: one application template (tag 61) after the other."""
    return b"".join(encode_tlv(TAG_APPLICATION, encode_tlv(TAG_AID, aid)) for aid in record.aids)


def decode_ef_dir(data: bytes) -> EfDir:
    """The record in that file."""
    try:
        record = EfDir(tuple(decode_tlv_one(entry.value).value for entry in decode_tlvs(data)))
    except TlvError as error:
        raise DataGroupRefused("EF.DIR cannot be read") from error
    if encode_ef_dir(record) != data:
        raise DataGroupRefused("EF.DIR is not in its one encoding")
    return record
