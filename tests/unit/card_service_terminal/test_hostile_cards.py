"""Answers that no honest card gives: each ends in a verdict, within bounds, and never in VERIFIED."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from card_service.connection import SessionLimits
from card_service.errors import CardError, CardGone, CardMisbehaved, CardSilent
from card_service.layout import DO_CAN, EF_CARD_ACCESS
from card_service.session import CardSession
from card_service.verdicts import CheckReason
from card_service.verification import RevokedCards, verify_card
from domain.verification import Verdict
from hardware_sim.card.faults import CardFault, FaultKind
from tests.unit.card_service_terminal.desk import REGISTRY, active_card, deliver, present
from tests.unit.card_service_terminal.reader import SimulatedReader
from tests.unit.card_service_terminal.registry import TODAY

ATR = bytes.fromhex("3B8A80018073C12140")
COMMANDS_OF_A_CHECK = 18
#: The last answer of PACE ends in the names of the roots: a wrong one costs a command of terminal authentication.
NAMES_OF_ROOTS = 6
#: The first answer after chip authentication: spoiled, it looks like a copy, so all is asked once more from the start.
PROOF_OF_THE_KEY = 12
MUTANTS = 300


class Puppet:
    """A card that answers what it is told."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = answers
        self.asked = 0
        self.atr = ATR

    def transmit(self, apdu: bytes) -> bytes:
        self.asked += 1
        return self.answers[(self.asked - 1) % len(self.answers)]

    def close(self) -> None:
        """Nothing to let go of."""


def verdict_of(connection: Puppet | SimulatedReader) -> tuple[Verdict, CheckReason | None]:
    result = verify_card(connection, REGISTRY.anchors, on=TODAY, revoked=RevokedCards())
    assert result.card is None
    return result.verdict, result.reason


@pytest.mark.parametrize(
    "answer",
    [
        b"\x61\xff",
        bytes(255) + b"\x61\x00",
        bytes(65_535),
        bytes(65_534) + b"\x90\x00",
        bytes(70_000),
        b"\x6c\x10",
        b"\x67\x00",
        b"\x90\x00",
        b"123456\x90\x00",
        b"\x90",
        b"",
        b"\x69\x88",
    ],
    ids=lambda answer: f"{len(answer)} bytes ending {answer[-2:].hex()}",
)
def test_a_card_that_always_answers_the_same_is_given_up_within_bounds(answer: bytes) -> None:
    puppet = Puppet(answer)
    verdict, _ = verdict_of(puppet)
    assert verdict is Verdict.COULD_NOT_CHECK
    assert puppet.asked <= SessionLimits().max_apdus


def test_a_session_never_takes_more_commands_than_it_may() -> None:
    puppet = Puppet(b"\x61\x01")
    with pytest.raises(CardMisbehaved, match="commands"):
        CardSession(puppet).find(EF_CARD_ACCESS)
    assert puppet.asked == SessionLimits().max_apdus


def test_a_slow_card_is_given_up_after_the_time_a_session_may_take() -> None:
    ticks = iter(range(0, 10_000, 6))
    session = CardSession(Puppet(b"\x90\x00"), clock=lambda: float(next(ticks)))
    for _ in range(3):
        session.put_data(DO_CAN, b"123456")
    with pytest.raises(CardSilent):
        session.put_data(DO_CAN, b"123456")


@pytest.mark.parametrize("kind", list(FaultKind), ids=lambda kind: kind.name)
def test_every_fault_at_every_command_of_a_check_ends_in_a_reason(kind: FaultKind) -> None:
    seen: Counter[str] = Counter()
    for command in range(1, COMMANDS_OF_A_CHECK + 1):
        card = active_card()
        substitute = active_card() if kind is FaultKind.SWAP_CARD else None
        reader = SimulatedReader(card)
        card.faults.restart_counting()
        card.faults.order(CardFault(kind, command, substitute=substitute))
        result = verify_card(reader, REGISTRY.anchors, on=TODAY, revoked=RevokedCards())
        if result.verdict is Verdict.VERIFIED and command != PROOF_OF_THE_KEY:
            # Before the channel, a wrong byte or another card may pass unseen when it changes nothing we rely on.
            assert kind in (FaultKind.WRONG_MAC, FaultKind.SWAP_CARD)
            assert command <= 2 or command == NAMES_OF_ROOTS
        seen[str(result.reason or result.verdict)] += 1
    print(f"\n{kind.name} at {COMMANDS_OF_A_CHECK} commands: {dict(seen)}")  # noqa: T201


def test_a_card_swapped_between_check_and_delivery_gets_nothing_written() -> None:
    card, other = active_card(), active_card()
    session = present(card)
    card.faults.order_next(FaultKind.SWAP_CARD, other)
    with pytest.raises(CardError):
        deliver(session, 1)
    assert present(active_card()).details.counter == 1
    assert present(other).details.counter == 1


def test_silence_is_told_apart_from_removal() -> None:
    for kind, reason in (
        (FaultKind.SILENT, CheckReason.CARD_SILENT),
        (FaultKind.CUT_NOT_DELIVERED, CheckReason.CARD_REMOVED),
    ):
        card = active_card()
        reader = SimulatedReader(card)
        card.faults.order_next(kind)
        assert verdict_of(reader) == (Verdict.COULD_NOT_CHECK, reason)


class Mutating(SimulatedReader):
    """A card in the middle that spoils one answer: a bit, a byte, its length."""

    def __init__(self, at: int, chance: random.Random) -> None:
        super().__init__(active_card())
        self._at, self._chance = at, chance
        self.has_spoiled = False

    def transmit(self, apdu: bytes) -> bytes:
        answer = super().transmit(apdu)
        if len(self.sent) != self._at:
            return answer
        self.has_spoiled = True
        return self._spoil(bytearray(answer))

    def _spoil(self, answer: bytearray) -> bytes:
        place = self._chance.randrange(len(answer))
        how = self._chance.randrange(4)
        if how == 0:
            answer[place] ^= 1 << self._chance.randrange(8)
        elif how == 1:
            del answer[place:]
        elif how == 2:
            answer.insert(place, self._chance.randrange(256))
        else:
            answer[place:place] = self._chance.randbytes(self._chance.randrange(1, 600))
        return bytes(answer)


def test_an_answer_spoiled_on_its_way_never_ends_in_a_verified_card_with_other_data() -> None:
    chance = random.Random(20260310)
    honest = present(active_card()).details
    seen: Counter[str] = Counter()
    for _ in range(MUTANTS):
        reader = Mutating(chance.randrange(1, COMMANDS_OF_A_CHECK + 1), chance)
        result = verify_card(reader, REGISTRY.anchors, on=TODAY, revoked=RevokedCards())
        if result.card is not None:
            assert result.card.details == honest
        seen[str(result.reason or result.verdict)] += 1
    print(f"\n{MUTANTS} spoiled answers: {dict(seen)}")  # noqa: T201
    assert seen.total() == MUTANTS


def test_a_removed_card_raises_card_gone_in_the_steps_after_the_check() -> None:
    chip = active_card()
    card = present(chip)
    chip.power_off()
    with pytest.raises(CardGone):
        card.with_fresh_totals()
