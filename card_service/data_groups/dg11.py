"""DG11: the holder's name in two scripts and the full date of birth (ICAO 9303-10, 4.7.11)."""

from __future__ import annotations

from dataclasses import dataclass

from card_service.data_groups.births import decode_birth_date, encode_birth_date
from card_service.data_groups.errors import DataGroupRefused
from card_service.tlv import TlvError, encode_tlv, get_value
from domain.people import BirthDate

TAG_DG11 = 0x6B
TAG_TAG_LIST = 0x5C
TAG_FULL_NAME = 0x5F0E
TAG_OTHER_NAMES = 0xA0
TAG_COUNT = 0x02
TAG_OTHER_NAME = 0x5F0F
TAG_FULL_BIRTH_DATE = 0x5F2B

MAX_NAME_BYTES = 200
_TAG_LIST = bytes.fromhex("5F0E5F0F5F2B")


@dataclass(frozen=True, slots=True)
class Dg11:
    """The full name as the holder writes it (5F0E), the same in Latin letters (5F0F), and the birth (5F2B)."""

    name_local: str
    name_latin: str
    born: BirthDate

    def __post_init__(self) -> None:
        for name in (self.name_local, self.name_latin):
            if not 1 <= len(name.encode("utf-8")) <= MAX_NAME_BYTES or not name.strip():
                raise DataGroupRefused("a name of DG11 has 1 to 200 bytes in UTF-8")


def encode_dg11(record: Dg11) -> bytes:
    """The file, tag 6B. The birth is eight digits, with zeros for month and day when only the year is known."""
    others = encode_tlv(TAG_COUNT, b"\x01") + encode_tlv(TAG_OTHER_NAME, record.name_latin.encode("utf-8"))
    return encode_tlv(
        TAG_DG11,
        encode_tlv(TAG_TAG_LIST, _TAG_LIST)
        + encode_tlv(TAG_FULL_NAME, record.name_local.encode("utf-8"))
        + encode_tlv(TAG_OTHER_NAMES, others)
        + encode_tlv(TAG_FULL_BIRTH_DATE, encode_birth_date(record.born)),
    )


def decode_dg11(data: bytes) -> Dg11:
    """The names in that file."""
    try:
        record = Dg11(
            name_local=get_value(data, TAG_DG11, TAG_FULL_NAME).decode("utf-8"),
            name_latin=get_value(data, TAG_DG11, TAG_OTHER_NAMES, TAG_OTHER_NAME).decode("utf-8"),
            born=decode_birth_date(get_value(data, TAG_DG11, TAG_FULL_BIRTH_DATE)),
        )
    except (TlvError, UnicodeDecodeError) as error:
        raise DataGroupRefused("DG11 cannot be read") from error
    if encode_dg11(record) != data:
        raise DataGroupRefused("DG11 is not in its one encoding")
    return record
