from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_service.tlv import (
    MAX_TLV_BYTES,
    Tlv,
    TlvError,
    decode_tlv_header,
    decode_tlv_one,
    decode_tlvs,
    encode_tlv,
    find_tlv,
    get_value,
)

_TAGS = st.sampled_from([0x01, 0x30, 0x53, 0x7C, 0x7F49, 0x5F0E, 0x5F37, 0x7F4E, 0x9F8101])


@given(st.lists(st.builds(Tlv, _TAGS, st.binary(max_size=300)), max_size=5))
def test_data_objects_survive_the_round_trip(objects: list[Tlv]) -> None:
    assert decode_tlvs(b"".join(each.encode() for each in objects)) == tuple(objects)


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 65_000])
def test_every_length_form_is_the_shortest(size: int) -> None:
    raw = encode_tlv(0x53, bytes(size))
    assert decode_tlv_one(raw) == Tlv(0x53, bytes(size))
    assert len(raw) - size == (2 if size < 128 else 3 if size < 256 else 4)
    assert decode_tlv_header(raw[:5]).total_bytes == len(raw)


@pytest.mark.parametrize("size", [0, 5, 127, 128, 255, 256, 700])
@pytest.mark.parametrize("tag", [0x53, 0x7F49])
def test_a_cut_at_every_byte_and_trailing_bytes_are_refused(size: int, tag: int) -> None:
    raw = encode_tlv(tag, bytes(size))
    for length in range(len(raw)):
        with pytest.raises(TlvError):
            decode_tlv_one(raw[:length])
    with pytest.raises(TlvError):
        decode_tlv_one(raw + b"\x00")
    with pytest.raises(TlvError):
        decode_tlv_one(raw + raw)


_NOT_DER = {
    "indefinite": "5380",
    "long zero": "538100",
    "long 127": "53817f" + "00" * 127,
    "long 128": "53820080" + "00" * 128,
    "four bytes": "5384000000010a",
    "cut tag": "5f",
    "zero tag": "5f8001",
    "long tag": "5f8181810100",
    "no tag": "0000",
}


@pytest.mark.parametrize("raw_hex", _NOT_DER.values(), ids=_NOT_DER.keys())
def test_what_der_would_not_write_is_refused(raw_hex: str) -> None:
    with pytest.raises(TlvError):
        decode_tlvs(bytes.fromhex(raw_hex))


def test_a_value_larger_than_any_file_is_refused() -> None:
    with pytest.raises(TlvError):
        decode_tlvs(bytes(MAX_TLV_BYTES + 1))
    with pytest.raises(TlvError):
        encode_tlv(0x53, bytes(MAX_TLV_BYTES + 1))


@pytest.mark.parametrize("tag", [0, -1, 0x1F, 0x5F80, 0x5381, 0x5F818101])
def test_a_number_that_is_no_tag_is_refused(tag: int) -> None:
    with pytest.raises(TlvError):
        encode_tlv(tag, b"")


def test_values_are_found_by_path_and_a_repeated_tag_is_refused() -> None:
    raw = encode_tlv(0x7F49, encode_tlv(0x06, b"\x01") + encode_tlv(0x86, b"\x04"))
    assert get_value(raw, 0x7F49, 0x86) == b"\x04"
    assert find_tlv(decode_tlv_one(raw).children(), 0x87) is None
    with pytest.raises(TlvError):
        get_value(raw, 0x7F49, 0x87)
    with pytest.raises(TlvError):
        get_value(raw + raw, 0x7F49)
    with pytest.raises(TlvError):
        Tlv(0x86, b"").children()
