"""Every file of the card: one encoding, nothing cut off, nothing behind it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from card_service import data_groups as dg
from card_service.curves import CurveNotOffered
from card_service.data_groups import births, mrz
from card_service.layout import AID_EMRTD, AID_SOCIAL_PROTECTION
from domain.card_number import make_card_number
from domain.cards import CardProfile
from domain.fingers import FingerPosition
from domain.ids import HouseholdId, PersonId
from domain.people import BirthDate, BirthPrecision, Relationship, Sex
from tests.unit.card_service_issuer.samples import KEY_A, KEY_B, SMALL_JPEG

NUMBER = make_card_number(b"abcde")
VECTORS = Path(__file__).parents[2] / "vectors" / "card_files.json"
BORN = BirthDate(on=date(1988, 5, 17))
BORN_IN_YEAR = BirthDate(on=date(1950, 1, 1), precision=BirthPrecision.YEAR)
BORN_ABOUT = BirthDate(on=date(1950, 1, 1), precision=BirthPrecision.ABOUT)
ANCHOR = dg.SpAnchor(
    household_id=HouseholdId("H-1"),
    card_number=NUMBER,
    issue_number=1,
    profile=CardProfile.HOUSEHOLD,
    member_count=5,
    receipt_public_key=KEY_B,
    hashes={0x0211: bytes(range(32)), 0x0203: bytes(32)},
)
ROWS = (
    dg.MemberRow(
        index=1,
        person_id=PersonId("P-1"),
        name="आशा देवी",
        born=BORN,
        sex=Sex.FEMALE,
        role=Relationship.HEAD,
        fingers=(FingerPosition.RIGHT_INDEX, FingerPosition.LEFT_THUMB),
        has_photo=True,
    ),
    dg.MemberRow(
        index=2,
        person_id=PersonId("P-2"),
        name="Ram",
        born=BORN_ABOUT,
        sex=Sex.OTHER,
        role=Relationship.PARENT,
        fingers=(),
        has_photo=False,
    ),
)


@dataclass(frozen=True)
class Codec:
    """One file: its record, and the pair that writes and reads it."""

    name: str
    record: Any
    encode: Callable[[Any], bytes]
    decode: Callable[[bytes], Any]


CODECS = (
    Codec("dg1", dg.Dg1(NUMBER, "ASHA DEVI", BORN, Sex.FEMALE, date(2036, 11, 20)), dg.encode_dg1, dg.decode_dg1),
    Codec("dg1_year", dg.Dg1(NUMBER, "A", BORN_IN_YEAR, Sex.OTHER, date(2036, 11, 20)), dg.encode_dg1, dg.decode_dg1),
    Codec("dg2", dg.Dg2(SMALL_JPEG, Sex.MALE), dg.encode_dg2, dg.decode_dg2),
    Codec("dg11", dg.Dg11("आशा देवी", "Asha Devi", BORN_IN_YEAR), dg.encode_dg11, dg.decode_dg11),
    Codec("dg13", ANCHOR, dg.encode_dg13, dg.decode_dg13),
    Codec("dg14", dg.Dg14(KEY_A), dg.encode_dg14, dg.decode_dg14),
    Codec("dg15", dg.Dg15(KEY_B), dg.encode_dg15, dg.decode_dg15),
    Codec("ef_com", dg.EfCom((1, 2, 11, 13, 14, 15)), dg.encode_ef_com, dg.decode_ef_com),
    Codec("ef_card_access", dg.EfCardAccess(), dg.encode_ef_card_access, dg.decode_ef_card_access),
    Codec("member_table", dg.MemberTable(ROWS), dg.encode_member_table, dg.decode_member_table),
)
EF_DIR = dg.EfDir((AID_EMRTD, AID_SOCIAL_PROTECTION))
each_codec = pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)


@each_codec
def test_a_record_comes_back_as_it_was_written(codec: Codec) -> None:
    assert codec.decode(codec.encode(codec.record)) == codec.record


@each_codec
def test_the_encoding_is_the_one_of_the_vectors(codec: Codec) -> None:
    assert codec.encode(codec.record).hex() == json.loads(VECTORS.read_text())[codec.name]


@each_codec
def test_a_file_cut_off_at_any_byte_is_refused(codec: Codec) -> None:
    encoded = codec.encode(codec.record)
    for length in range(len(encoded)):
        with pytest.raises(dg.DataGroupRefused):
            codec.decode(encoded[:length])


@each_codec
def test_bytes_behind_a_file_are_refused(codec: Codec) -> None:
    for tail in (b"\x00", b"\xff", codec.encode(codec.record)):
        with pytest.raises(dg.DataGroupRefused):
            codec.decode(codec.encode(codec.record) + tail)


@each_codec
def test_a_flipped_bit_is_refused_or_says_something_else(codec: Codec) -> None:
    encoded = codec.encode(codec.record)
    for bit in range(len(encoded) * 8):
        mutant = bytearray(encoded)
        mutant[bit // 8] ^= 1 << bit % 8
        try:
            assert codec.decode(bytes(mutant)) != codec.record
        except (dg.DataGroupRefused, CurveNotOffered):
            continue


def test_the_list_of_applications_comes_back_and_stands_no_tail() -> None:
    encoded = dg.encode_ef_dir(EF_DIR)
    assert dg.decode_ef_dir(encoded) == EF_DIR
    assert encoded.hex() == json.loads(VECTORS.read_text())["ef_dir"]
    for broken in (b"", encoded + b"\x00", encoded[:-1], encoded[:5]):
        with pytest.raises(dg.DataGroupRefused):
            dg.decode_ef_dir(broken)


def test_the_check_digits_are_those_of_the_specimen_of_icao() -> None:
    # ICAO 9303-5, appendix A: the specimen of Utopia.
    assert mrz.check_digit("D23145890") == "7"
    assert mrz.check_digit("740812") == "2"
    assert mrz.check_digit("120415") == "9"
    assert mrz.check_digit("D231458907<<<<<<<<<<<<<<<" + "7408122" + "1204159" + "<<<<<<<<<<<") == "6"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Asha Devi", "ASHA DEVI"),
        ("Ünal Ağaoğlu", "UENAL AGAOGLU"),
        ("D'Souza-Lobo, Maria", "DSOUZA LOBO MARIA"),
        ("Śāradā  Ṭhākur", "SARADA THAKUR"),
        ("आशा", ""),
    ],
)
def test_names_become_letters_a_to_z(name: str, expected: str) -> None:
    assert mrz.transliterate(name) == expected


def test_a_name_longer_than_the_line_is_cut_at_its_end() -> None:
    assert mrz.fit_name("Venkatanarasimharajuvaripeta Rao Subramaniam") == "VENKATANARASIMHARAJUVARIPETA R"


def test_a_wrong_check_digit_in_the_zone_is_refused() -> None:
    encoded = bytearray(dg.encode_dg1(CODECS[0].record))
    start_of_zone = len(encoded) - mrz.MRZ_LENGTH
    for offset in (14, 36, 44, 59):
        broken = bytearray(encoded)
        at = start_of_zone + offset
        broken[at] = ord("0") + (broken[at] - ord("0") + 1) % 10
        with pytest.raises(dg.DataGroupRefused):
            dg.decode_dg1(bytes(broken))


def test_an_order_of_hashes_makes_no_difference_to_the_anchor() -> None:
    turned = dict(reversed(list(ANCHOR.hashes.items())))
    same = dg.SpAnchor("H-1", NUMBER, 1, CardProfile.HOUSEHOLD, 5, KEY_B, turned)  # type: ignore[arg-type]
    assert dg.encode_dg13(same) == dg.encode_dg13(ANCHOR)


def test_a_portrait_that_claims_to_be_huge_is_refused_without_decoding() -> None:
    bomb = SMALL_JPEG.replace(b"\xff\xc0\x00\x11\x08\x00\x08\x00\x08", b"\xff\xc0\x00\x11\x08\xff\xff\xff\xff")
    assert bomb != SMALL_JPEG
    with pytest.raises(dg.DataGroupRefused):
        dg.Dg2(bomb, Sex.FEMALE)


def test_a_portrait_above_five_kib_is_refused() -> None:
    with pytest.raises(dg.DataGroupRefused):
        dg.Dg2(SMALL_JPEG + bytes(5 * 1024), Sex.FEMALE)


@pytest.mark.parametrize("born", [BORN, BORN_IN_YEAR, BORN_ABOUT])
def test_a_birth_keeps_how_well_it_is_known(born: BirthDate) -> None:
    assert births.decode_birth_date(births.encode_birth_date(born)) == born


def test_a_member_table_refuses_gaps_doubles_and_a_ninth_member() -> None:
    for rows in ((), (ROWS[1],), (ROWS[0], ROWS[0]), ROWS * 5):
        with pytest.raises(dg.DataGroupRefused):
            dg.MemberTable(rows)


def test_a_point_off_the_curve_is_refused_in_every_key_file() -> None:
    off_curve = KEY_A[:-1] + bytes((KEY_A[-1] ^ 1,))
    for make in (dg.Dg14, dg.Dg15):
        with pytest.raises(dg.DataGroupRefused):
            make(off_curve)
