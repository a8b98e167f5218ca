"""The fixed headers of ISO/IEC 19794-2:2005 and 19794-5:2005, written out by hand from their tables, both ways."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import pytest

from biometrics.errors import TemplateMalformed
from biometrics.iso19794 import decode_record, encode_record
from biometrics.template import Minutia, MinutiaKind, Template
from card_service.data_groups import DataGroupRefused, Dg2, decode_dg2, encode_dg2
from domain.fingers import FingerPosition
from domain.people import Sex
from tests.unit.card_service_issuer.samples import SMALL_JPEG, make_jpeg


@dataclass(frozen=True)
class Field:
    """One field of a header: where it stands, its bytes, what the standard calls it."""

    at: int
    content: str
    name: str


# ISO/IEC 19794-2:2005, 7.3 and 7.4.1, for one view of one minutia at 500 dpi (197 pixels per centimetre).
MINUTIAE_FIELDS = (
    Field(0, "464D5200", "format identifier FMR"),
    Field(4, "20323000", "version 2.0"),
    Field(8, "00000024", "length of the record: 24 + 4 + 6 + 2"),
    Field(12, "0000", "capture equipment: not said"),
    Field(14, "0100", "width 256 pixels"),
    Field(16, "0120", "height 288 pixels"),
    Field(18, "00C5", "pixels per centimetre, across"),
    Field(20, "00C5", "pixels per centimetre, down"),
    Field(22, "01", "one view"),
    Field(23, "00", "reserved"),
    Field(24, "07", "left index finger (19794-2, table 2)"),
    Field(25, "00", "view 0, live-scan plain"),
    Field(26, "5A", "quality 90"),
    Field(27, "01", "one minutia"),
    Field(28, "400A", "ridge ending (01) at x = 10"),
    Field(30, "0014", "y = 20"),
    Field(32, "40", "angle 64 steps of 360/256 degrees"),
    Field(33, "4D", "quality 77"),
    Field(34, "0000", "no extended data"),
)
TEMPLATE = Template(256, 288, 500, FingerPosition.LEFT_INDEX, 90, (Minutia(10, 20, 64, MinutiaKind.RIDGE_ENDING, 77),))
MINUTIAE_RECORD = bytes.fromhex("".join(field.content for field in MINUTIAE_FIELDS))

# ISO/IEC 19794-5:2005, 5.4 to 5.7 for one JPEG of 8 by 8 pixels; places counted from "FAC".
FACE_LENGTH = 20 + 12 + len(SMALL_JPEG)
FACE_FIELDS = (
    Field(0, "46414300", "format identifier FAC"),
    Field(4, "30313000", "version 010"),
    Field(8, f"{14 + FACE_LENGTH:08X}", "length of the record"),
    Field(12, "0001", "one face"),
    Field(14, f"{FACE_LENGTH:08X}", "length of the face's block"),
    Field(18, "0000", "no feature points"),
    Field(20, "02", "gender: female"),
    Field(21, "00", "eye colour: not said"),
    Field(22, "00", "hair colour: not said"),
    Field(23, "000000", "features: not said"),
    Field(26, "0000", "expression: not said"),
    Field(28, "000000", "pose angle"),
    Field(31, "000000", "pose angle uncertainty"),
    Field(34, "01", "full frontal"),
    Field(35, "00", "JPEG"),
    Field(36, "0008", "width"),
    Field(38, "0008", "height"),
    Field(40, "01", "24 bit RGB"),
    Field(41, "02", "still camera, digital"),
    Field(42, "0000", "device: not said"),
    Field(44, "0000", "quality: not said"),
)


def test_the_minutiae_record_has_the_header_of_the_standard() -> None:
    assert encode_record([TEMPLATE]) == MINUTIAE_RECORD
    assert decode_record(MINUTIAE_RECORD) == (TEMPLATE,)


@pytest.mark.parametrize("field", MINUTIAE_FIELDS[:3] + MINUTIAE_FIELDS[7:9], ids=lambda field: field.name)
def test_a_minutiae_record_with_another_fixed_field_is_refused_or_another(field: Field) -> None:
    altered = bytearray(MINUTIAE_RECORD)
    altered[field.at] ^= 0x40
    try:
        assert decode_record(bytes(altered)) != (TEMPLATE,)
    except TemplateMalformed:
        return


def test_no_minutiae_record_cut_off_or_longer_is_read() -> None:
    wrong = [MINUTIAE_RECORD[:length] for length in range(len(MINUTIAE_RECORD))]
    wrong += [MINUTIAE_RECORD + tail for tail in (b"\0", b"\xff")]
    for each in wrong:
        with pytest.raises(TemplateMalformed):
            decode_record(each)


def facial_record(sex: Sex = Sex.FEMALE) -> bytes:
    encoded = encode_dg2(Dg2(SMALL_JPEG, sex))
    return encoded[encoded.index(b"FAC\0") :]


@pytest.mark.parametrize("field", FACE_FIELDS, ids=lambda field: field.name)
def test_the_portrait_has_the_field_of_the_standard_at_its_place(field: Field) -> None:
    content = bytes.fromhex(field.content)
    assert facial_record()[field.at : field.at + len(content)] == content


def test_the_picture_follows_the_headers_at_once() -> None:
    assert facial_record()[46:] == SMALL_JPEG


@pytest.mark.parametrize(("sex", "code"), [(Sex.MALE, 1), (Sex.FEMALE, 2), (Sex.OTHER, 0)])
def test_the_gender_code_is_that_of_the_standard(sex: Sex, code: int) -> None:
    assert facial_record(sex)[20] == code
    assert decode_dg2(encode_dg2(Dg2(SMALL_JPEG, sex))).sex is sex


def test_no_header_field_of_a_portrait_may_lie() -> None:
    encoded = encode_dg2(Dg2(make_jpeg(16), Sex.MALE))
    start = encoded.index(b"FAC\0")
    believed = []
    for field in FACE_FIELDS:
        if field.name.startswith("gender"):
            continue
        altered = bytearray(encoded)
        altered[start + field.at + len(field.content) // 2 - 1] ^= 0x01
        try:
            decode_dg2(bytes(altered))
        except (DataGroupRefused, struct.error):
            continue
        believed.append(field.name)
    assert believed == []
