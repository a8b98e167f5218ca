"""The PC/SC driver on a virtual reader of a private pcscd: the way every real card goes."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from card_service.trust import encode_trust_anchors
from hardware_sim.card.faults import FaultKind
from hardware_sim.card.virtual_card import VirtualCard
from hardware_sim.pcscd import PrivatePcscd
from tests.unit.card_service_terminal.desk import REGISTRY, issue
from tests.unit.card_service_terminal.registry import TODAY

pytestmark = pytest.mark.pcsc
ROOT = Path(__file__).parents[3]
DEADLINE_S = 30.0


@pytest.fixture(scope="module")
def daemon() -> Iterator[PrivatePcscd]:
    with tempfile.TemporaryDirectory() as directory, PrivatePcscd(Path(directory)) as running:
        yield running


def in_worker(daemon: PrivatePcscd, program: str) -> str:
    """What a process of its own prints: PC/SC reads where its daemon is only when it is loaded."""
    prelude = (
        f"from card_service.pcsc import *\nfrom card_service.errors import *\nreader = {daemon.reader_names[0]!r}\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", prelude + program],
        cwd=ROOT,
        env={"PCSCLITE_CSOCK_NAME": str(daemon.socket_path)},
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def card(daemon: PrivatePcscd) -> Iterator[VirtualCard]:
    """An issued card in the first reader."""
    inserted = issue()["active"].card()
    daemon.slot(0).insert(inserted)
    yield inserted
    inserted.faults.clear()
    daemon.slot(0).remove()


def test_readers_are_listed_by_name(daemon: PrivatePcscd) -> None:
    assert in_worker(daemon, "print(list_readers())") == str(list(daemon.reader_names))


def test_a_card_is_noticed_and_answers(daemon: PrivatePcscd, card: VirtualCard) -> None:
    program = """
assert wait_for_card(reader, 5.0)
with open_reader(reader) as connection:
    print(connection.atr.hex(), connection.transmit(bytes.fromhex("00CA011000")).hex())
"""
    assert in_worker(daemon, program) == f"{card.atr.hex()} 059000"


def test_the_whole_check_runs_over_pcsc(daemon: PrivatePcscd, card: VirtualCard, tmp_path: Path) -> None:
    trust = tmp_path / "trust.json"
    trust.write_text(encode_trust_anchors(REGISTRY.anchors), encoding="utf-8")
    program = f"""
from datetime import date
from pathlib import Path
from card_service.trust import decode_trust_anchors
from card_service.verification import RevokedCards, verify_card
anchors = decode_trust_anchors(Path({str(trust)!r}).read_text(encoding="utf-8"))
wait_for_card(reader, 5.0)
with open_reader(reader) as connection:
    result = verify_card(connection, anchors, on=date({TODAY.year}, {TODAY.month}, {TODAY.day}), revoked=RevokedCards())
    print(result.verdict, len(result.card.details.lines))
"""
    assert in_worker(daemon, program) == "verified 2"


def test_letting_go_and_opening_again_does_not_reset_the_card(daemon: PrivatePcscd, card: VirtualCard) -> None:
    program = """
wait_for_card(reader, 5.0)
first = open_reader(reader)
first.close()
first.close()
second = open_reader(reader)
print(second.transmit(bytes.fromhex("00CA011000")).hex())
second.close()
"""
    assert in_worker(daemon, program) == "059000"


def test_an_empty_reader_is_told_apart_from_a_missing_one(daemon: PrivatePcscd) -> None:
    program = """
assert wait_for_removal(reader, 5.0)
for name in (reader, "No such reader"):
    try:
        open_reader(name)
    except CardError as error:
        print(type(error).__name__)
print(wait_for_card(reader, 0.1), wait_for_removal(reader, 0.1))
"""
    assert in_worker(daemon, program).split() == ["NoCard", "ReaderUnavailable", "False", "True"]


def test_a_reader_held_by_one_program_is_refused_to_another(daemon: PrivatePcscd, card: VirtualCard) -> None:
    program = """
wait_for_card(reader, 5.0)
with open_reader(reader):
    try:
        open_reader(reader)
    except ReaderUnavailable as error:
        print(type(error).__name__)
"""
    assert in_worker(daemon, program) == "ReaderTaken"


def test_a_card_torn_in_the_middle_of_a_command_is_gone(daemon: PrivatePcscd, card: VirtualCard) -> None:
    card.faults.order_next(FaultKind.CUT_ANSWER_LOST)
    program = """
wait_for_card(reader, 5.0)
with open_reader(reader) as connection:
    for _ in range(2):
        try:
            connection.transmit(bytes.fromhex("00CA011000"))
        except CardGone as error:
            print(type(error).__name__)
"""
    assert in_worker(daemon, program).split() == ["CardGone", "CardGone"]
