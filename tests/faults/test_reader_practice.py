"""Readers as they are: plugged, unplugged, wanted by other programs, their service killed; nothing is restarted."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware_sim.card.faults import FaultKind
from hardware_sim.card.virtual_card import VirtualCard
from hardware_sim.pcscd import PcscUnavailable, PrivatePcscd
from tests.faults.reader_process import NoAnswer, ReaderProcess

pytestmark = [pytest.mark.pcsc, pytest.mark.timeout(240)]
#: GET DATA 0110, the life state: 00 of a blank chip, and its serial.
LIFE = "00CA011000"
SERIAL = bytes((0, 0, 0, 0, 0, 0, 0, 9))
BLANK = "00" + SERIAL.hex() + "9000"
_PLUGS, _KILLS, _TEARS = 30, 4, 12
_SILENCE_S = 1.5


@pytest.fixture(scope="module")
def daemon() -> Iterator[PrivatePcscd]:
    with tempfile.TemporaryDirectory(prefix="sw-") as directory:
        running = PrivatePcscd(Path(directory))
        try:
            running.start()
        except PcscUnavailable as missing:
            pytest.skip(str(missing))
        with running:
            yield running


@pytest.fixture
def card(daemon: PrivatePcscd) -> Iterator[VirtualCard]:
    """A blank card, not yet in the reader; out of it afterwards."""
    blank = VirtualCard.blank(serial=SERIAL)
    yield blank
    blank.faults.clear()
    daemon.slot(0).remove()


@pytest.fixture
def program(daemon: PrivatePcscd) -> Iterator[ReaderProcess]:
    with ReaderProcess(daemon) as started:
        yield started


def put_in(daemon: PrivatePcscd, card: VirtualCard, program: ReaderProcess) -> None:
    daemon.slot(0).insert(card)
    assert program.ask("wait 10") == "True"
    assert program.ask("open") == card.atr.hex()


def plug(daemon: PrivatePcscd, card: VirtualCard, program: ReaderProcess, times: int) -> int:
    """How often a card that came was served and its leaving noticed, by one and the same process."""
    served = 0
    for _ in range(times):
        put_in(daemon, card, program)
        served += program.ask(f"send {LIFE}") == BLANK
        if served % 2:  # as often pulled out of an open connection as out of a closed one
            program.ask("close")
        daemon.slot(0).remove()
        assert program.ask("removed 10") == "True"
        if not served % 2:
            assert program.ask(f"send {LIFE}").startswith("CardGone")
            program.ask("close")
    return served


def kill_service(daemon: PrivatePcscd, card: VirtualCard, program: ReaderProcess, times: int) -> int:
    """How often the same process found the service again after it was killed in the middle of a session."""
    found = 0
    for _ in range(times):
        put_in(daemon, card, program)
        daemon.kill()
        assert program.ask(f"send {LIFE}").startswith("CardGone")
        assert program.ask("wait 0").startswith("ReaderUnavailable")
        program.ask("close")
        daemon.slot(0).remove()
        daemon.start()
        assert program.ask("list") == "2"
        put_in(daemon, card, program)
        found += program.ask(f"send {LIFE}") == BLANK
        program.ask("close")
        daemon.slot(0).remove()
        assert program.ask("removed 10") == "True"
    return found


def test_cards_come_and_go_without_a_restart(daemon: PrivatePcscd, card: VirtualCard, program: ReaderProcess) -> None:
    served = plug(daemon, card, program, _PLUGS)
    print(f"\n{served} of {_PLUGS} cards served by one process")  # noqa: T201
    assert served == _PLUGS


@pytest.mark.nightly
@pytest.mark.timeout(3_600)
def test_a_thousand_cards_come_and_go_without_a_restart(
    daemon: PrivatePcscd, card: VirtualCard, program: ReaderProcess
) -> None:
    assert plug(daemon, card, program, 1_000) == 1_000


def test_the_reader_service_may_be_killed(daemon: PrivatePcscd, card: VirtualCard, program: ReaderProcess) -> None:
    found = kill_service(daemon, card, program, _KILLS)
    print(f"\nfound again after {found} of {_KILLS} kills, by one process")  # noqa: T201
    assert found == _KILLS


@pytest.mark.nightly
@pytest.mark.timeout(3_600)
def test_the_reader_service_may_be_killed_two_hundred_times(
    daemon: PrivatePcscd, card: VirtualCard, program: ReaderProcess
) -> None:
    assert kill_service(daemon, card, program, 200) == 200


def test_a_reader_that_another_program_holds_says_what_to_do(
    daemon: PrivatePcscd, card: VirtualCard, program: ReaderProcess
) -> None:
    put_in(daemon, card, program)
    with ReaderProcess(daemon) as other:
        refusal = other.ask("open")
        assert refusal.startswith("ReaderTaken")
        assert "Another program" in refusal
        assert "scdaemon" in refusal
        program.ask("close")
        assert other.ask("open") == card.atr.hex()
        assert program.ask("open").startswith("ReaderTaken")


def test_letting_go_of_a_card_neither_resets_it_nor_takes_its_power(
    daemon: PrivatePcscd, card: VirtualCard, program: ReaderProcess
) -> None:
    put_in(daemon, card, program)
    power_ons: list[int] = []
    honest = card.power_on

    def counted() -> bytes:
        power_ons.append(1)
        return honest()

    card.power_on = counted  # type: ignore[method-assign]
    assert program.ask(f"send {LIFE}") == BLANK
    for _ in range(3):
        program.ask("close")
        assert program.ask("open") == card.atr.hex()
        assert program.ask(f"send {LIFE}") == BLANK
    assert power_ons == []
    assert card.is_powered


def test_closing_the_handle_of_the_last_tap_does_not_disturb_this_one(
    daemon: PrivatePcscd, card: VirtualCard, program: ReaderProcess
) -> None:
    daemon.slot(0).insert(card)
    assert program.ask("wait 10") == "True"
    assert program.ask("share") == card.atr.hex()
    program.ask("keep")
    daemon.slot(0).remove()
    assert program.ask("removed 10") == "True"
    daemon.slot(0).insert(card)
    assert program.ask("wait 10") == "True"
    assert program.ask("share") == card.atr.hex()
    assert program.ask(f"send {LIFE}") == BLANK
    program.ask("drop")
    assert program.ask(f"send {LIFE}") == BLANK


def test_the_handle_of_the_last_tap_is_to_be_closed_first(
    daemon: PrivatePcscd, card: VirtualCard, program: ReaderProcess
) -> None:
    put_in(daemon, card, program)
    program.ask("keep")
    daemon.slot(0).remove()
    assert program.ask("removed 10") == "True"
    daemon.slot(0).insert(card)
    assert program.ask("wait 10") == "True"
    assert program.ask("open").startswith("ReaderTaken")
    program.ask("drop")
    assert program.ask("open") == card.atr.hex()
    assert program.ask(f"send {LIFE}") == BLANK


def test_after_a_tear_the_outcome_is_unknown_whatever_the_service_says(
    daemon: PrivatePcscd, card: VirtualCard, program: ReaderProcess
) -> None:
    for number in range(_TEARS):
        put_in(daemon, card, program)
        card.faults.order_next((FaultKind.CUT_ANSWER_LOST, FaultKind.CUT_NOT_DELIVERED)[number % 2])
        assert program.ask(f"send {LIFE}").startswith("CardGone")
        assert program.ask(f"send {LIFE}").startswith("CardGone")
        program.ask("close")
        daemon.slot(0).remove()
        assert program.ask("removed 10") == "True"
    print(f"\n{_TEARS} tears, each one a card gone")  # noqa: T201


def test_announced_bytes_are_fetched_and_a_wrong_le_is_repeated(
    daemon: PrivatePcscd, card: VirtualCard, program: ReaderProcess
) -> None:
    put_in(daemon, card, program)
    assert program.ask("send 00CA011001").startswith("6c")
    assert program.ask("read 1 00CA0110") == f"{BLANK[:-4]} 9000"


def test_a_silent_card_costs_a_process_and_the_reader_serves_the_next_card(
    daemon: PrivatePcscd, card: VirtualCard, program: ReaderProcess
) -> None:
    put_in(daemon, card, program)
    card.faults.order_next(FaultKind.SILENT)
    with pytest.raises(NoAnswer):
        program.ask(f"send {LIFE}", timeout_s=_SILENCE_S)
    program.kill()
    daemon.slot(0).remove()
    with ReaderProcess(daemon) as fresh:
        assert fresh.ask("removed 10") == "True"
        put_in(daemon, card, fresh)
        assert fresh.ask(f"send {LIFE}") == BLANK


def test_a_driver_that_keeps_the_card_to_itself_is_found(
    daemon: PrivatePcscd, card: VirtualCard, program: ReaderProcess
) -> None:
    """The planted one: a connection that is never closed, so that the next one finds the reader taken."""
    put_in(daemon, card, program)
    program.ask("keep")
    assert program.ask("open").startswith("ReaderTaken")
