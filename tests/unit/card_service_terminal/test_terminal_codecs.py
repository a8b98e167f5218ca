"""Records on the card: both ways, cut off at every byte, and with bytes behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from card_service.card_state import CardState, decode_card_state, encode_card_state
from card_service.counters import Counters, decode_counters, encode_counters
from card_service.ecdsa_raw import encode_point
from card_service.errors import CardError
from card_service.layout import LEDGER_RECORD_BYTES, STATEMENT_SLOT_BYTES
from card_service.ledger_record import (
    LedgerRecord,
    LedgerRecordMalformed,
    RecordKind,
    decode_record,
    encode_record,
    hash_for_next,
    is_record_signed_by,
    sign_record,
)
from card_service.statement_slot import (
    Limit,
    StatementSlot,
    StatementSlotMalformed,
    decode_slot,
    decode_slot_file,
    encode_slot,
)
from domain.verification import VerifiedBy

RECORD = LedgerRecord(
    kind=RecordKind.DELIVERY,
    sequence=5,
    previous_hash=bytes(range(8)),
    scheme=7,
    period=202603,
    quantity=35,
    member_index=2,
    on=date(2026, 3, 10),
    verified_by=VerifiedBy.OTHER_FINGER,
    terminal="UTKIOSK00001",
    signature=bytes(range(64)),
)
SLOT = StatementSlot(3, (Limit(7, 202603, 35), Limit(12, 202600, 2)), b"\xd2\x84\x43" + bytes(40))
COUNTERS = Counters(9, {(7, 202603): 35, (12, 202600): 1})
UINT32 = st.integers(0, 0xFFFF_FFFF)
STATE = CardState(COUNTERS, bytes(range(8)), SLOT)
ENCODED: list[tuple[bytes, Callable[[bytes], object], object]] = [
    (encode_record(RECORD), decode_record, RECORD),
    (encode_slot(SLOT), decode_slot, SLOT),
    (encode_counters(COUNTERS), decode_counters, COUNTERS),
    (encode_card_state(STATE), decode_card_state, STATE),
]
NAMES = ["ledger record", "statement slot", "counters", "card state"]


def test_a_ledger_record_stands_on_the_card_as_the_page_says() -> None:
    encoded = encode_record(RECORD)
    assert len(encoded) == LEDGER_RECORD_BYTES
    # By hand from docs/card-commands.md, 6.
    assert encoded[:32].hex() == (
        "0102" + "00000005" + "0001020304050607" + "00000007" + "0003176b" + "00000023" + "02" + "013525d6" + "03"
    )
    assert encoded[32:48] == b"UTKIOSK00001\0\0\0\0"


@pytest.mark.parametrize(("raw", "decode", "record"), ENCODED, ids=NAMES)
def test_a_record_reads_back_as_it_was_written(raw: bytes, decode: Callable[[bytes], object], record: object) -> None:
    assert decode(raw) == record


@pytest.mark.parametrize(("raw", "decode", "record"), ENCODED, ids=NAMES)
def test_a_record_cut_off_anywhere_or_with_bytes_behind_is_refused(
    raw: bytes, decode: Callable[[bytes], object], record: object
) -> None:
    for length in range(len(raw)):
        try:
            assert decode(raw[:length]) != record
        except CardError:
            continue
        assert decode in (decode_counters, decode_card_state), "only whole rows, or a whole slot, may be absent"
    with pytest.raises(CardError):
        decode(raw + b"\0")


@pytest.mark.parametrize(("at", "value"), [(0, 2), (1, 0), (1, 4), (27, 0xFF), (31, 0), (31, 9), (32, 0xFF)])
def test_a_ledger_record_with_an_unknown_value_is_refused(at: int, value: int) -> None:
    raw = bytearray(encode_record(RECORD))
    raw[at] = value
    with pytest.raises(LedgerRecordMalformed):
        decode_record(bytes(raw))


@pytest.mark.parametrize(
    "unfit",
    [
        replace(RECORD, quantity=-1),
        replace(RECORD, sequence=1 << 32),
        replace(RECORD, member_index=256),
        replace(RECORD, terminal=""),
        replace(RECORD, terminal="X" * 17),
        replace(RECORD, terminal="किओस्क"),
        replace(RECORD, previous_hash=b""),
        replace(RECORD, signature=b""),
    ],
)
def test_a_value_that_does_not_fit_is_not_written(unfit: LedgerRecord) -> None:
    with pytest.raises(LedgerRecordMalformed):
        encode_record(unfit)


@given(UINT32, UINT32, UINT32, UINT32, st.integers(0, 255), st.dates(date(1000, 1, 1)))
def test_every_ledger_record_reads_back(
    sequence: int, scheme: int, period: int, quantity: int, member: int, on: date
) -> None:
    record = replace(
        RECORD,
        sequence=sequence,
        scheme=scheme,
        period=period,
        quantity=quantity,
        member_index=member,
        on=on,
    )
    assert decode_record(encode_record(record)) == record


@given(UINT32, st.lists(st.builds(Limit, UINT32, UINT32, UINT32), max_size=32), st.binary(max_size=900))
def test_every_statement_slot_reads_back_from_its_file(version: int, limits: list[Limit], statement: bytes) -> None:
    slot = StatementSlot(version, tuple(limits), statement)
    raw = encode_slot(slot)
    assert decode_slot(raw) == slot
    assert decode_slot_file(raw.ljust(STATEMENT_SLOT_BYTES, b"\0")) == slot


def test_an_untouched_slot_holds_nothing_and_one_with_anything_behind_is_refused() -> None:
    assert decode_slot_file(bytes(STATEMENT_SLOT_BYTES)) is None
    with pytest.raises(StatementSlotMalformed):
        decode_slot_file(encode_slot(SLOT) + bytes(20) + b"\x01")


def test_a_statement_too_large_for_a_slot_is_not_written() -> None:
    with pytest.raises(StatementSlotMalformed):
        encode_slot(replace(SLOT, statement=bytes(STATEMENT_SLOT_BYTES)))


def test_counters_that_name_a_programme_twice_are_refused() -> None:
    raw = encode_counters(Counters(1, {(7, 1): 2}))
    with pytest.raises(CardError):
        decode_counters(raw + raw[4:])


def test_a_record_is_signed_by_its_terminal_and_bound_to_the_one_before() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    signed = sign_record(RECORD, key)
    point = encode_point(key.public_key())
    assert is_record_signed_by(signed, point)
    assert not is_record_signed_by(replace(signed, quantity=34), point)
    assert hash_for_next(signed) != hash_for_next(RECORD)
