from __future__ import annotations

import pytest

from card_service.ecdsa_raw import is_signed_by
from tests.unit.hardware_sim_card.terminal import (
    AID_TWO,
    DELIVER,
    LIMIT,
    PERIOD,
    READ_BIO,
    SCHEME,
    SLOT_BYTES,
    UPDATE,
    Desk,
    Terminal,
    begin_card,
    make_desk,
    record,
    statement,
)

APPEND = "00E20080"
LAST_RECORD = "00B20083"


def totals(terminal: Terminal) -> tuple[int, list[int]]:
    raw = terminal.must("00CA0211", le=4096)
    numbers = [int.from_bytes(raw[at : at + 4], "big") for at in range(0, len(raw), 4)]
    return numbers[0], numbers[1:]


def append(terminal: Terminal, raw: bytes) -> bytes:
    return terminal.must(APPEND, raw, 256)


def check_receipt(desk: Desk, receipt: bytes, sequence: int, raw: bytes) -> None:
    counter = sequence.to_bytes(4, "big")
    assert receipt[:4] == counter
    assert is_signed_by(desk.receipt_point, receipt[4:], b"RCPT" + counter + raw)


def test_a_delivery_is_counted_summed_and_receipted() -> None:
    desk = make_desk()
    terminal = desk.terminal(DELIVER)
    first = record(terminal.credential, 1)
    check_receipt(desk, append(terminal, first), 1, first)
    second = record(terminal.credential, 2, first, quantity=4)
    check_receipt(desk, append(terminal, second), 2, second)
    assert totals(terminal) == (2, [SCHEME, PERIOD, 7])
    assert terminal.must(LAST_RECORD, le=256) == second
    assert terminal.must("00B20184", le=256) == first
    assert terminal.sw("00B20384", le=256) == 0x6A83
    assert terminal.sw("00B20084", le=256) == 0x6A83
    assert terminal.sw("00B20083", le=100) == 0x6700
    check_receipt(desk, terminal.must("00CB0210", (1).to_bytes(4, "big"), 256), 1, first)


def test_the_limit_holds_for_every_terminal_and_a_reversal_gives_back() -> None:
    desk = make_desk()
    terminal = desk.terminal(DELIVER)
    first = record(terminal.credential, 1, quantity=LIMIT)
    append(terminal, first)
    assert terminal.sw(APPEND, record(terminal.credential, 2, first, quantity=1), 256) == 0x6A84
    other = desk.terminal(DELIVER)
    assert other.sw(APPEND, record(other.credential, 2, first, quantity=1), 256) == 0x6A84
    back = record(other.credential, 2, first, kind=3, quantity=4)
    append(other, back)
    assert totals(other) == (2, [SCHEME, PERIOD, LIMIT - 4])
    assert other.sw(APPEND, record(other.credential, 3, back, kind=3, quantity=7), 256) == 0x6A84
    append(other, record(other.credential, 3, back, quantity=4))


def test_an_activation_moves_no_total() -> None:
    terminal = make_desk().terminal(DELIVER)
    append(terminal, record(terminal.credential, 1, kind=1, quantity=0, scheme=0, period=0))
    assert totals(terminal) == (1, [])


@pytest.mark.parametrize(
    ("scheme", "period", "quantity"),
    [(8, PERIOD, 1), (SCHEME, 202612, 1), (SCHEME, PERIOD, LIMIT + 1), (SCHEME, PERIOD, 2**32 - 1)],
)
def test_what_the_statement_does_not_grant_is_refused_and_changes_nothing(
    scheme: int, period: int, quantity: int
) -> None:
    terminal = make_desk().terminal(DELIVER)
    raw = record(terminal.credential, 1, scheme=scheme, period=period, quantity=quantity)
    assert terminal.sw(APPEND, raw, 256) == 0x6A84
    assert totals(terminal) == (0, [])
    assert terminal.sw(LAST_RECORD, le=256) == 0x6A83


def test_the_checks_come_in_the_order_of_the_interface() -> None:
    desk = make_desk()
    terminal = desk.terminal(DELIVER)
    first = record(terminal.credential, 1)
    append(terminal, first)
    credential = terminal.credential
    good = record(credential, 2, first)
    assert terminal.sw(APPEND, good[:-1], 256) == 0x6A80
    assert terminal.sw(APPEND, b"\x02" + good[1:], 256) == 0x6A80
    assert terminal.sw(APPEND, record(credential, 2, first, kind=4), 256) == 0x6A80
    assert terminal.sw(APPEND, record(credential, 3, first, reference="UTOTHER0001"), 256) == 0x6985
    assert terminal.sw(APPEND, record(credential, 2, good, reference="UTOTHER0001"), 256) == 0x6985
    assert terminal.sw(APPEND, record(credential, 2, first, reference="UTOTHER0001"), 256) == 0x6982
    forged = good[:-1] + bytes((good[-1] ^ 1,))
    assert terminal.sw(APPEND, forged, 256) == 0x6982
    append(terminal, good)


def test_a_record_sent_again_is_receipted_again_and_counted_once_even_by_another_terminal() -> None:
    desk = make_desk()
    terminal = desk.terminal(DELIVER)
    first = record(terminal.credential, 1)
    append(terminal, first)
    check_receipt(desk, append(terminal, first), 1, first)
    other = desk.terminal(DELIVER)
    check_receipt(desk, append(other, first), 1, first)
    assert totals(other) == (1, [SCHEME, PERIOD, 3])


def test_writing_and_reading_the_ledger_need_their_rights() -> None:
    desk = make_desk()
    reader = desk.terminal(READ_BIO)
    assert reader.sw(APPEND, record(reader.credential, 1), 256) == 0x6982
    assert reader.sw(LAST_RECORD, le=256) == 0x6A83
    channel = desk.terminal()
    channel.select(AID_TWO)
    assert channel.sw(APPEND, bytes(112), 256) == 0x6982
    assert channel.sw(LAST_RECORD, le=256) == 0x6982
    assert channel.sw("00CB0210", bytes(4), 256) == 0x6982
    assert channel.sw("00CA0211", le=256) == 0x9000
    plain = Terminal(desk.card)
    assert plain.sw("00CA0211", le=256) == 0x6982


def test_a_full_ledger_lets_the_oldest_record_go_and_keeps_the_totals() -> None:
    desk = make_desk()
    terminal = desk.terminal(DELIVER)
    records: list[bytes] = []
    for sequence in range(1, 8):
        records.append(record(terminal.credential, sequence, records[-1] if records else b"", quantity=1))
        append(terminal, records[-1])
    assert totals(terminal) == (7, [SCHEME, PERIOD, 7])
    assert [terminal.must(f"00B2{n:02X}84", le=256) for n in range(1, 5)] == records[3:]
    assert terminal.sw("00B20584", le=256) == 0x6A83
    assert terminal.sw("00CB0210", (3).to_bytes(4, "big"), 256) == 0x6A83
    check_receipt(desk, terminal.must("00CB0210", (4).to_bytes(4, "big"), 256), 4, records[3])


def test_a_newer_statement_goes_to_the_other_slot_and_an_older_one_is_refused() -> None:
    desk = make_desk()
    terminal = desk.terminal(UPDATE)
    assert terminal.must("00B08100", le=256).startswith(statement(1))
    second, third = statement(2, {(SCHEME, PERIOD): 20}), statement(9)
    terminal.must("00DA0201", second)
    assert terminal.must("00B08100", le=256).startswith(statement(1))
    assert terminal.must("00B08200", le=SLOT_BYTES) == second.ljust(SLOT_BYTES, b"\x00")
    for old in (second, statement(1)):
        assert terminal.sw("00DA0201", old) == 0x6985
    terminal.must("00DA0201", third)
    assert terminal.must("00B08100", le=SLOT_BYTES) == third.ljust(SLOT_BYTES, b"\x00")
    assert terminal.sw("00DA0201", statement(10, cose=bytes(SLOT_BYTES))) == 0x6A84


def test_a_new_statement_raises_the_limit_at_once() -> None:
    desk = make_desk()
    terminal = desk.terminal(UPDATE | DELIVER)
    first = record(terminal.credential, 1, quantity=LIMIT)
    append(terminal, first)
    more = record(terminal.credential, 2, first, quantity=2)
    assert terminal.sw(APPEND, more, 256) == 0x6A84
    terminal.must("00DA0201", statement(2, {(SCHEME, PERIOD): LIMIT + 2}))
    append(terminal, more)


def test_a_statement_needs_the_right_and_its_directory() -> None:
    desk = make_desk()
    assert desk.terminal(DELIVER).sw("00DA0201", statement(2)) == 0x6982
    terminal = desk.terminal(UPDATE)
    terminal.select(bytes.fromhex("F000000001"))
    assert terminal.sw("00DA0201", statement(2)) == 0x6985


@pytest.mark.parametrize(
    "data",
    [
        statement(2)[:-1],
        statement(2) + b"\x00",
        statement(2, cose=b""),
        statement(2)[6:],
        bytes.fromhex("C003000002") + statement(2)[6:],
        bytes.fromhex("C00400000002C10B" + "00" * 11 + "C20101"),
        bytes.fromhex("C00400000002C118" + "00" * 24 + "C20101"),
    ],
    ids=["cut", "trailing", "no COSE", "no version", "short version", "odd limits", "a benefit twice"],
)
def test_a_malformed_statement_is_refused(data: bytes) -> None:
    assert make_desk().terminal(UPDATE).sw("00DA0201", data) == 0x6A80


def test_without_named_files_there_is_no_ledger_and_no_statement() -> None:
    terminal, _, _ = begin_card()
    assert terminal.sw("00DA0201", statement(1)) == 0x6985
    assert terminal.sw("00DA0103", bytes.fromhex("0230")) == 0x6A82
    assert terminal.sw("00DA0104", bytes.fromhex("0230")) == 0x6A80
