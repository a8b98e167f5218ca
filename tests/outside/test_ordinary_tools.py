"""opensc-tool and pcsc_scan, as anybody with a reader would run them, find and read our card without a complaint."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from card_service.data_groups import decode_ef_card_access
from hardware_sim.card.virtual_card import VirtualCard
from hardware_sim.pcscd import PcscUnavailable, PrivatePcscd
from tests.unit.card_service_terminal.desk import active_card

pytestmark = pytest.mark.pcsc
needs_opensc = pytest.mark.skipif(shutil.which("opensc-tool") is None, reason="opensc-tool is not installed (opensc)")
needs_pcsc_tools = pytest.mark.skipif(
    shutil.which("pcsc_scan") is None, reason="pcsc_scan is not installed (pcsc-tools)"
)
DEADLINE_S = 30.0
SELECT_EMRTD = "00A4040C07A0000002471001"
READ_CARD_ACCESS = "00B09C0000"
#: DG1 by its short identifier, in plain: no channel, no data.
READ_DG1 = "00B0810000"
GET_LIFE = "00CA011000"


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


@pytest.fixture(scope="module")
def card(daemon: PrivatePcscd) -> VirtualCard:
    inserted = active_card()
    daemon.slot(0).insert(inserted)
    return inserted


def run(daemon: PrivatePcscd, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PCSCLITE_CSOCK_NAME": str(daemon.socket_path), "LC_ALL": "C"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=DEADLINE_S, check=False)


def opensc(daemon: PrivatePcscd, *arguments: str) -> str:
    done = run(daemon, "opensc-tool", *arguments)
    assert done.returncode == 0, done.stderr
    assert not re.search("error|failed|unsupported insn", done.stderr, re.IGNORECASE), done.stderr
    return done.stdout


def answers_of(output: str) -> list[tuple[str, bytes]]:
    """Status word and data of each APDU that opensc-tool printed."""
    found = []
    for part in output.split("Received (")[1:]:
        head, _, dump = part.partition("\n")
        status = "".join(re.findall(r"SW1=0x(\w\w), SW2=0x(\w\w)", head)[0])
        rows = re.findall(r"^((?:[0-9A-F]{2} )+)", dump, re.MULTILINE)
        found.append((status, bytes.fromhex("".join(rows))))
    return found


@needs_opensc
def test_opensc_lists_both_readers_and_sees_the_card(daemon: PrivatePcscd, card: VirtualCard) -> None:
    listed = opensc(daemon, "--list-readers")
    for name in daemon.reader_names:
        assert name in listed
    assert re.search(r"^0\s+Yes", listed, re.MULTILINE)


@needs_opensc
def test_opensc_reads_the_answer_to_reset(daemon: PrivatePcscd, card: VirtualCard) -> None:
    printed = opensc(daemon, "--reader", "0", "--atr")
    assert bytes.fromhex(printed.strip().replace(":", "")) == card.atr


@needs_opensc
def test_opensc_reads_what_is_free_and_is_refused_what_is_not(daemon: PrivatePcscd, card: VirtualCard) -> None:
    output = opensc(
        daemon,
        *("--reader", "0", "--card-driver", "default"),
        *("--send-apdu", READ_CARD_ACCESS, "--send-apdu", GET_LIFE),
        *("--send-apdu", SELECT_EMRTD, "--send-apdu", READ_DG1),
    )
    access, life, selected, dg1 = answers_of(output)
    assert access[0] in ("9000", "6282")
    decode_ef_card_access(access[1])
    assert life == ("9000", b"\x05"), "operational, and no serial number to follow the card by"
    assert selected == ("9000", b"")
    assert dg1 == ("6982", b"")


@needs_pcsc_tools
def test_pcsc_scan_shows_the_card_without_a_complaint(daemon: PrivatePcscd, card: VirtualCard) -> None:
    done = run(daemon, "pcsc_scan", "-c", "-n")
    plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", done.stdout)
    assert " ".join(f"{byte:02X}" for byte in card.atr) in plain
    assert "Card inserted" in plain
    assert not re.search("mute|error|unresponsive|fail", plain + done.stderr, re.IGNORECASE)
