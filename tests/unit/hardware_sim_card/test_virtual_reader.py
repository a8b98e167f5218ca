"""The card through the real path: pyscard, pcsclite, pcscd, vpcd, our slot."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware_sim.card.faults import FaultKind
from hardware_sim.card.memory_file import CardElsewhere
from hardware_sim.card.virtual_card import VirtualCard
from hardware_sim.pcscd import PcscUnavailable, PrivatePcscd, find_daemon, find_driver
from hardware_sim.vpcd import ReaderUnreachable, VirtualReaderSlot

ASK_LIFE = "00CA011000"
BLANK = "00" + "00" * 7 + "07" + "9000"
CLIENT = Path(__file__).with_name("pcsc_client.py")
SLOW_US = 5_000  # without TCP_QUICKACK the median is 44,000 µs


def _has_pcsc() -> bool:
    try:
        find_daemon()
        find_driver()
    except PcscUnavailable:
        return False
    return True


pcsc = pytest.mark.skipif(not _has_pcsc(), reason="pcscd or vsmartcard-vpcd is not installed")


@pytest.fixture(scope="module")
def daemon() -> Iterator[PrivatePcscd]:
    # A short path: a socket's name has 107 bytes at most.
    with tempfile.TemporaryDirectory(prefix="sw-") as directory, PrivatePcscd(Path(directory)) as running:
        yield running


@pytest.fixture
def card() -> VirtualCard:
    return VirtualCard.blank(serial=bytes((0, 0, 0, 0, 0, 0, 0, 7)))


def start_client(daemon: PrivatePcscd, action: str, index: int, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PCSCLITE_CSOCK_NAME": str(daemon.socket_path)}
    command = [sys.executable, str(CLIENT), action, daemon.reader_names[index], *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def client(daemon: PrivatePcscd, action: str, index: int, *arguments: str) -> list[str]:
    output, _ = start_client(daemon, action, index, *arguments).communicate(timeout=30)
    return output.split()


@pcsc
@pytest.mark.pcsc
def test_an_apdu_through_pcscd_takes_microseconds_and_not_the_kernels_delayed_ack(
    daemon: PrivatePcscd, card: VirtualCard
) -> None:
    daemon.slot(0).insert(card)
    median_us, slowest_us = (float(each) for each in client(daemon, "round-trips", 0, "500"))
    print(f"round trip through pcscd: median {median_us:.0f} us, 95th percentile {slowest_us:.0f} us")  # noqa: T201
    assert median_us < SLOW_US


@pcsc
@pytest.mark.pcsc
def test_both_readers_hold_their_own_card_also_after_the_daemon_was_killed(
    daemon: PrivatePcscd, card: VirtualCard
) -> None:
    other = VirtualCard.blank(serial=bytes(8))
    daemon.slot(0).insert(card)
    daemon.slot(1).insert(other)
    expected = [[BLANK], ["00" + "00" * 8 + "9000"]]
    assert [client(daemon, "transmit", index, ASK_LIFE) for index in (0, 1)] == expected
    daemon.restart()
    assert [client(daemon, "transmit", index, ASK_LIFE) for index in (0, 1)] == expected
    daemon.slot(1).remove()
    assert daemon.slot(1).card is None


@pcsc
@pytest.mark.pcsc
def test_a_torn_card_is_gone_for_the_client_and_can_be_put_in_again(daemon: PrivatePcscd, card: VirtualCard) -> None:
    daemon.slot(0).insert(card)
    card.faults.restart_counting()
    card.faults.order_next(FaultKind.CUT_ANSWER_LOST)
    assert client(daemon, "transmit", 0, ASK_LIFE) == ["CardConnectionException"]
    assert daemon.slot(0).card is None
    daemon.slot(0).insert(card)
    assert client(daemon, "transmit", 0, ASK_LIFE) == [BLANK]


@pcsc
@pytest.mark.pcsc
@pytest.mark.parametrize("kind", [FaultKind.SILENT, FaultKind.PARTIAL_FRAME, FaultKind.ZERO_LENGTH])
def test_a_client_waiting_for_a_silent_card_is_released_when_the_card_is_pulled(
    daemon: PrivatePcscd, card: VirtualCard, kind: FaultKind
) -> None:
    daemon.slot(0).insert(card)
    card.faults.restart_counting()
    card.faults.order_next(kind)
    waiting = start_client(daemon, "transmit", 0, ASK_LIFE)
    while card.faults.commands == 0 and waiting.poll() is None:
        os.sched_yield()
    daemon.slot(0).remove()
    output, _ = waiting.communicate(timeout=30)
    # vpcd 3.3 hands a broken-off frame to the client as if it were whole (measured): the reader side must not trust it.
    partial = BLANK[: len(BLANK) // 4 * 2]
    assert output.split() == [partial if kind is FaultKind.PARTIAL_FRAME else "CardConnectionException"]


@pcsc
@pytest.mark.pcsc
def test_a_stopped_daemon_is_ended_all_the_same() -> None:
    with tempfile.TemporaryDirectory(prefix="sw-") as directory:
        daemon = PrivatePcscd(Path(directory))
        daemon.start()
        pid = daemon.daemon_pid()
        os.kill(pid, signal.SIGSTOP)
        daemon.stop()
        assert not daemon.is_running
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pcsc
@pytest.mark.pcsc
def test_a_private_daemon_is_not_reachable_over_the_network(daemon: PrivatePcscd) -> None:
    assert daemon.is_running
    listening = Path("/proc/net/tcp").read_text(encoding="ascii")
    inside = Path(f"/proc/{daemon.daemon_pid()}/net/tcp").read_text(encoding="ascii")
    assert f":{0x8C7B:04X} " in inside
    assert f":{0x8C7B:04X} " not in listening


def test_a_card_lies_in_one_reader_at_a_time(tmp_path: Path) -> None:
    VirtualCard.blank(tmp_path / "a.card")
    first, second = (VirtualCard.load(tmp_path / "a.card") for _ in range(2))
    first.take_up()
    first.power_on()
    first.power_off()
    with pytest.raises(CardElsewhere):
        second.take_up()
    with pytest.raises(CardElsewhere):
        second.power_on()
    first.put_down()
    second.take_up()


def test_without_a_reader_the_card_is_not_in() -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        slot = VirtualReaderSlot("127.0.0.1", reserved.getsockname()[1])
        card = VirtualCard.blank()
        with pytest.raises(ReaderUnreachable):
            slot.insert(card, timeout_s=0.05)
    assert slot.card is None


@pytest.mark.parametrize("kind", list(FaultKind))
def test_the_slot_frames_every_answer_as_the_fault_wants(kind: FaultKind) -> None:
    """Against a socket in the place of vpcd, so that a fault is seen byte for byte."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        slot = VirtualReaderSlot(*server.getsockname())
        card = VirtualCard.blank()
        inserted = threading.Thread(target=slot.insert, args=(card,))
        inserted.start()
        connection, _ = server.accept()
        with connection:
            connection.settimeout(5)
            connection.sendall(bytes.fromhex("000104"))
            assert connection.recv(100)[2:] == card.atr
            inserted.join()
            connection.sendall(bytes.fromhex("000101"))
            card.faults.order_next(kind, VirtualCard.blank())
            connection.sendall(bytes.fromhex("0005" + ASK_LIFE))
            _check_frame(connection, kind)
            slot.remove()


def _check_frame(connection: socket.socket, kind: FaultKind) -> None:
    if kind is FaultKind.SILENT:
        connection.settimeout(0.05)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        return
    header = connection.recv(2, socket.MSG_WAITALL)
    is_cut = kind in (FaultKind.CUT_NOT_DELIVERED, FaultKind.CUT_ANSWER_LOST, FaultKind.CUT_HALF_WRITTEN)
    assert (header == b"") == is_cut
    announced = int.from_bytes(header, "big")
    sizes = {FaultKind.ZERO_LENGTH: 0, FaultKind.GARBAGE: 300, FaultKind.HUGE_ANSWER: 65_535}
    sizes |= {FaultKind.ENDLESS_61XX: 257, FaultKind.PARTIAL_FRAME: 11, FaultKind.WRONG_MAC: 11}
    sizes |= {FaultKind.SWAP_CARD: 11}
    assert announced == sizes.get(kind, 0)
    arriving = 5 if kind is FaultKind.PARTIAL_FRAME else announced
    assert len(connection.recv(arriving, socket.MSG_WAITALL)) == arriving
