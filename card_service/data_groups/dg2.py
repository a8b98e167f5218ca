"""DG2: the portrait (ICAO 9303-10, 4.7.2; ISO/IEC 19794-5:2005, 5; CBEFF by ISO/IEC 7816-11)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from card_service.data_groups.errors import DataGroupRefused
from card_service.tlv import TlvError, encode_tlv, get_value
from domain.people import Sex

TAG_DG2 = 0x75
TAG_GROUP = 0x7F61
TAG_COUNT = 0x02
TAG_TEMPLATE = 0x7F60
TAG_HEADER = 0xA1
TAG_DATA = 0x5F2E

MAX_PORTRAIT_BYTES = 5 * 1024
#: A larger picture on a card is an attack on whoever decodes it.
MAX_SIDE_PX = 1_024

# CBEFF: ICAO header version 0101, biometric type face, format owner ISO/IEC JTC 1/SC 37, format face image data.
_HEADER = b"".join(
    encode_tlv(tag, bytes.fromhex(value))
    for tag, value in ((0x80, "0101"), (0x81, "02"), (0x82, "00"), (0x87, "0101"), (0x88, "0008"))
)
_FORMAT_AND_VERSION = b"FAC\x00010\x00"
_FACIAL_HEADER = struct.Struct(">8sIH")
# Block length, feature points, gender, eye colour, hair colour, features, expression, pose, pose uncertainty.
_FACE_BLOCK = struct.Struct(">IHBBB3sH3s3s")
# Image type, data type, width, height, colour space, source, device, quality.
_IMAGE_BLOCK = struct.Struct(">BBHHBBHH")
_FULL_FRONTAL, _JPEG, _RGB24, _STILL_CAMERA = 1, 0, 1, 2
_SEX_TO_GENDER = {Sex.OTHER: 0, Sex.MALE: 1, Sex.FEMALE: 2}
_GENDER_TO_SEX = {code: sex for sex, code in _SEX_TO_GENDER.items()}

_MARKER, _START_OF_IMAGE, _START_OF_SCAN = 0xFF, 0xD8, 0xDA
#: Start-of-frame markers: baseline, extended, progressive Huffman (ITU-T T.81, table B.1).
_FRAMES = (0xC0, 0xC1, 0xC2)
_FRAME_HEADER = struct.Struct(">HBHH")


@dataclass(frozen=True, slots=True)
class Dg2:
    """The holder's portrait: a JPEG of at most 5 KiB, and the sex noted with it."""

    jpeg: bytes
    sex: Sex

    def __post_init__(self) -> None:
        if len(self.jpeg) > MAX_PORTRAIT_BYTES:
            raise DataGroupRefused("the portrait is larger than 5 KiB")
        jpeg_size_px(self.jpeg)


def encode_dg2(record: Dg2) -> bytes:
    """The file, tag 75, with one facial record of one face."""
    width_px, height_px = jpeg_size_px(record.jpeg)
    image = _IMAGE_BLOCK.pack(_FULL_FRONTAL, _JPEG, width_px, height_px, _RGB24, _STILL_CAMERA, 0, 0)
    face_length = _FACE_BLOCK.size + _IMAGE_BLOCK.size + len(record.jpeg)
    gender = _SEX_TO_GENDER[record.sex]
    face = _FACE_BLOCK.pack(face_length, 0, gender, 0, 0, bytes(3), 0, bytes(3), bytes(3))
    header = _FACIAL_HEADER.pack(_FORMAT_AND_VERSION, _FACIAL_HEADER.size + face_length, 1)
    template = encode_tlv(TAG_HEADER, _HEADER) + encode_tlv(TAG_DATA, header + face + image + record.jpeg)
    group = encode_tlv(TAG_COUNT, b"\x01") + encode_tlv(TAG_TEMPLATE, template)
    return encode_tlv(TAG_DG2, encode_tlv(TAG_GROUP, group))


def decode_dg2(data: bytes) -> Dg2:
    """The portrait in that file; lengths, counts and picture size must agree."""
    try:
        facial_record = get_value(data, TAG_DG2, TAG_GROUP, TAG_TEMPLATE, TAG_DATA)
        face = _FACE_BLOCK.unpack_from(facial_record, _FACIAL_HEADER.size)
    except (TlvError, struct.error) as error:
        raise DataGroupRefused("DG2 cannot be read") from error
    sex = _GENDER_TO_SEX.get(face[2])
    if sex is None:
        raise DataGroupRefused("DG2 names an unknown gender")
    record = Dg2(facial_record[_FACIAL_HEADER.size + _FACE_BLOCK.size + _IMAGE_BLOCK.size :], sex)
    if encode_dg2(record) != data:
        raise DataGroupRefused("DG2 is not in its one encoding")
    return record


def jpeg_size_px(jpeg: bytes) -> tuple[int, int]:
    """Width and height from the frame header, without decoding; refuses what is not a small JPEG (T.81, B.2)."""
    if jpeg[:2] != bytes((_MARKER, _START_OF_IMAGE)):
        raise DataGroupRefused("not a JPEG")
    offset = 2
    while offset + 4 <= len(jpeg) and jpeg[offset] == _MARKER and jpeg[offset + 1] != _START_OF_SCAN:
        if jpeg[offset + 1] in _FRAMES and offset + 2 + _FRAME_HEADER.size <= len(jpeg):
            _, _, height_px, width_px = _FRAME_HEADER.unpack_from(jpeg, offset + 2)
            if not (0 < width_px <= MAX_SIDE_PX and 0 < height_px <= MAX_SIDE_PX):
                raise DataGroupRefused("the portrait's sides are not 1 to 1,024 pixels")
            return width_px, height_px
        offset += 2 + int.from_bytes(jpeg[offset + 2 : offset + 4], "big")
    raise DataGroupRefused("the JPEG has no frame header")
