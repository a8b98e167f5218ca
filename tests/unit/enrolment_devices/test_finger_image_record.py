"""ISO/IEC 19794-4:2011 records: written out by hand from the tables, both ways, cut at every byte."""

import random
import struct
from datetime import UTC, datetime

import pytest

from domain.fingers import FingerPosition
from enrolment.devices.finger_image_record import (
    FingerImageRecord,
    FingerImageRecordMalformed,
    PictureCoding,
    decode_finger_image,
    encode_finger_image,
)
from enrolment.devices.ports import FingerImage

# Tables 2 and 4 of the standard, field by field: 3 x 2 pixels of a right index finger, quality 77.
BY_HAND = "".join(
    (
        "46495200 30323000 00000044 0001 00 01",  # FIR, 020, 68 bytes, one representation, uncertified, one finger
        "00000034",  # 52 bytes of representation
        "07EA 0B 16 09 1E 05 00FA",  # 2026-11-22 09:30:05.250
        "00 0000 0000",  # technology, vendor, type: unknown
        "01 4D 0000 0000",  # one quality block
        "02 00 01",  # right index, first, per inch
        "01F4 01F4 01F4 01F4",  # 500 dpi, four times
        "08 00 00 0003 0002",  # 8 bits, plain, live plain, 3 wide, 2 high
        "00000006 000102FDFEFF",
    )
).replace(" ", "")
RECORD = FingerImageRecord(
    FingerImage(bytes.fromhex("000102fdfeff"), 3, 2, 500),
    FingerPosition.RIGHT_INDEX,
    77,
    datetime(2026, 11, 22, 9, 30, 5, 250_000, tzinfo=UTC),
)


def record_of(width_px=64, height_px=48, **fields):
    pixels = random.Random(3).randbytes(width_px * height_px)
    return FingerImageRecord(FingerImage(pixels, width_px, height_px, 500), FingerPosition.LEFT_THUMB, **fields)


def test_a_record_written_by_hand_is_read_and_written_byte_for_byte():
    assert encode_finger_image(RECORD).hex() == BY_HAND.lower()
    assert decode_finger_image(bytes.fromhex(BY_HAND)) == RECORD


@pytest.mark.parametrize("coding", PictureCoding)
def test_every_coding_brings_every_pixel_back(coding):
    for record in (record_of(), record_of(quality=0), RECORD):
        assert decode_finger_image(encode_finger_image(record, coding)) == record


@pytest.mark.parametrize("coding", PictureCoding)
def test_a_record_cut_at_any_byte_or_with_one_behind_is_refused(coding):
    data = encode_finger_image(record_of(8, 8, quality=50), coding)
    for size in range(len(data)):
        with pytest.raises(FingerImageRecordMalformed):
            decode_finger_image(data[:size])
    with pytest.raises(FingerImageRecordMalformed):
        decode_finger_image(data + b"\0")


@pytest.mark.parametrize("coding", [PictureCoding.PNG, PictureCoding.JPEG_2000_LOSSLESS])
def test_a_packed_picture_cut_inside_its_record_is_refused_or_whole(coding):
    """Lengths are put right, so that only the picture's own reader can notice. N = every byte."""
    record = record_of(16, 16)
    whole = encode_finger_image(record, coding)
    packed_at = 16 + 19 + 18 + 4
    for size in range(packed_at, len(whole)):
        cut = bytearray(whole[:size])
        cut[8:12] = struct.pack(">I", size)
        cut[16:20] = struct.pack(">I", size - 16)
        cut[packed_at - 4 : packed_at] = struct.pack(">I", size - packed_at)
        try:
            assert decode_finger_image(bytes(cut)) == record
        except FingerImageRecordMalformed:
            continue


@pytest.mark.parametrize(
    ("at", "content", "what"),
    [
        (0, "464D52", "another format"),
        (4, "30313000", "another version"),
        (8, "00000045", "a lying length"),
        (12, "0002", "two representations"),
        (14, "01", "certified"),
        (16, "00000035", "a lying inner length"),
        (20, "07EA0D", "a thirteenth month"),
        (34, "02", "more quality blocks than there are"),
        (35, "65", "quality 101"),
        (40, "63", "no finger has that number"),
        (42, "03", "an unknown unit"),
        (47, "01F5", "another rate across than down"),
        (51, "04", "four bits a pixel"),
        (52, "02", "WSQ"),
        (52, "06", "no PNG"),
        (54, "0000", "no width"),
        (54, "FFFFFFFF", "a picture of four thousand million pixels"),
        (58, "00000005", "a lying picture length"),
    ],
)
def test_what_we_do_not_read_is_refused(at, content, what):
    data = bytearray.fromhex(BY_HAND)
    new = bytes.fromhex(content)
    data[at : at + len(new)] = new
    with pytest.raises(FingerImageRecordMalformed):
        decode_finger_image(bytes(data))


def test_unknown_date_unknown_quality_and_centimetres_are_read():
    data = bytearray.fromhex(BY_HAND)
    data[20:29] = b"\xff" * 9
    data[35] = 0xFF
    data[42] = 2
    data[43:51] = struct.pack(">HHHH", 197, 197, 197, 197)
    record = decode_finger_image(bytes(data))
    assert (record.captured_at, record.quality, record.image.dpi) == (None, None, 500)


def with_blocks(*blocks):
    """The record by hand with these quality blocks: score, vendor, algorithm."""
    data = bytes.fromhex(BY_HAND)
    packed = b"".join(struct.pack(">BHH", *block) for block in blocks)
    more = len(packed) - 5
    head = data[:8] + struct.pack(">I", 68 + more) + data[12:16] + struct.pack(">I", 52 + more)
    return head + data[20:34] + bytes([len(blocks)]) + packed + data[40:]


@pytest.mark.parametrize("algorithm", [0x01, 0x17, 0x18, 0x21, 0x37, 0x38, 0x39])
def test_nfiq_2_is_known_by_its_number_among_other_qualities(algorithm):
    record = decode_finger_image(with_blocks((91, 0x0035, 7), (44, 0x0101, algorithm), (255, 0x0101, 0x22)))
    assert (record.image.nfiq2, record.quality) == (44, 91)
    assert decode_finger_image(encode_finger_image(record)) == record


def test_single_measures_of_nfiq_2_and_other_makers_scores_are_not_taken_for_it():
    measures_only = decode_finger_image(with_blocks((98, 0x0101, 0x22), (97, 0x0101, 0x02)))
    assert (measures_only.image.nfiq2, measures_only.quality) == (None, None)
    nist_1 = decode_finger_image(with_blocks((60, 0x000F, 0x377D)))
    assert (nist_1.image.nfiq2, nist_1.quality) == (None, 60)
    not_computed = decode_finger_image(with_blocks((255, 0x0101, 0x39)))
    assert not_computed.image.nfiq2 is None
    alone = decode_finger_image(with_blocks((33, 0x0101, 0x39)))
    assert (alone.image.nfiq2, alone.quality) == (33, 33)


def test_one_changed_byte_is_refused_or_gives_a_whole_record():
    draw, refused = random.Random(6), 0
    data = encode_finger_image(record_of(8, 8, quality=50), PictureCoding.PNG)
    for _ in range(2_000):
        changed = bytearray(data)
        changed[draw.randrange(len(data))] = draw.randrange(256)
        try:
            decode_finger_image(bytes(changed))
        except FingerImageRecordMalformed:
            refused += 1
    print(f"N = 2000 changed bytes: {refused} refused, none raised anything else")  # noqa: T201
    assert refused > 1_000


def test_what_does_not_fit_is_not_written():
    with pytest.raises(ValueError, match="does not fit"):
        encode_finger_image(FingerImageRecord(FingerImage(b"\0", 1, 1, 100), FingerPosition.UNKNOWN))
