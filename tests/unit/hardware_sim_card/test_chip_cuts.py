"""Power cuts before, inside and after every internal write: what is found afterwards, and what a thief gains."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache

import pytest

from card_service.tlv import encode_tlv
from hardware_sim.card import pin as pin_module
from hardware_sim.card import security_commands
from hardware_sim.card.chip import LifeState
from hardware_sim.card.curve import sign
from hardware_sim.card.memory import MemoryWrite, NonVolatileMemory, WritePosition
from hardware_sim.card.personalisation_gate import MAX_FAILURES
from hardware_sim.card.pin import HolderPin
from hardware_sim.card.signature_quota import SignatureQuota
from hardware_sim.card.terminal_certificate import HolderRole
from hardware_sim.card.transport_keys import KEYS_SEGMENT
from hardware_sim.card.virtual_card import CardGone, VirtualCard
from tests.unit.hardware_sim_card.personalisation_host import HOST_CHALLENGE, MASTER, Host
from tests.unit.hardware_sim_card.terminal import (
    AID_ONE,
    COUNTERSIGN,
    ENROL,
    UNBLOCK,
    UPDATE,
    Authority,
    Desk,
    KeyPair,
    Terminal,
    begin_card,
    certificate,
    make_desk,
)
from tests.unit.hardware_sim_card.test_chip_quota import AUTHORITY, digest, grant

PIN, WRONG_PIN = b"2718", b"9999"
VERIFY = "00200081"
QUOTA = 3
State = dict[str, bytes]
Act = Callable[[], object]


@dataclass(frozen=True)
class Internal:
    """One command that writes: how to come to the point before it, and whether it may stop between its two writes."""

    prepare: Callable[[Desk], Act]
    may_stop_between: bool = False


@pytest.fixture(scope="module")
def officer() -> Desk:
    extra = (("00DA0105", QUOTA.to_bytes(2, "big")), ("00DA0106", AUTHORITY.point))
    desk = make_desk(extra=extra)
    desk.terminal(UNBLOCK).must("002C0281", PIN)
    return desk


def state(card: VirtualCard) -> State:
    return {name: cells for name, cells in card._memory.snapshot().items() if not name.startswith("journal/")}


def fresh(desk: Desk, segments: State) -> Desk:
    return Desk(VirtualCard(segments, None), desk.authority, desk.agreement_point, desk.receipt_point)


def genuine(desk: Desk) -> Terminal:
    terminal = desk.terminal()
    terminal.select(AID_ONE)
    terminal.prove_chip(desk.agreement_point)
    return terminal


def _sent(rights: int | None, apdu: str, data: bytes = b"", le: int | None = None) -> Callable[[Desk], Act]:
    def prepare(desk: Desk) -> Act:
        terminal = genuine(desk) if rights is None else desk.terminal(rights)
        return lambda: terminal.send(apdu, data, le)

    return prepare


@cache
def _link_certificate(authority: Authority) -> bytes:
    anchor, since = HolderRole.TRUST_ANCHOR, date(2026, 12, 1)
    return certificate("UTROOT00002", KeyPair(), "UTROOT00001", authority.root_key, anchor, effective=since)


def _link(desk: Desk) -> Act:
    terminal, link = genuine(desk), _link_certificate(desk.authority)
    return lambda: terminal.show(link)


def _newer_dv(desk: Desk) -> Act:
    terminal, newer = genuine(desk), desk.authority.issue_dv("UTDV00001", 0xFFFF, effective=date(2026, 12, 2))
    return lambda: terminal.show(newer)


def _new_tries(desk: Desk) -> Act:
    terminal = desk.terminal(UNBLOCK)
    terminal.send(VERIFY, WRONG_PIN)
    return lambda: terminal.must("002C0381")


def _grant(desk: Desk) -> Act:
    terminal = desk.terminal()
    granted = grant(desk, 7, 300)
    return lambda: terminal.must("00DA0203", granted)


def _open(desk: Desk) -> Act:
    terminal = Terminal(desk.card)
    return terminal.open


TEMPLATES = encode_tlv(0xC0, b"\x01") + encode_tlv(0xC1, bytes(range(1, 200)))
OPERATIONAL = {
    "VERIFY, wrong PIN": Internal(_sent(None, VERIFY, WRONG_PIN)),
    "VERIFY, right PIN": Internal(_sent(None, VERIFY, PIN), may_stop_between=True),
    "RESET RETRY COUNTER, new PIN": Internal(_sent(UNBLOCK, "002C0281", b"314159")),
    "RESET RETRY COUNTER, new tries": Internal(_new_tries),
    "DISABLE VERIFICATION": Internal(_sent(UNBLOCK, "00260181")),
    "quota and signature": Internal(_sent(COUNTERSIGN, "002A9E9A", digest(1), 256)),
    "quota grant": Internal(_grant),
    "template renewal": Internal(_sent(ENROL | UPDATE, "00DA0202", TEMPLATES)),
    "link certificate": Internal(_link),
    "the chip's date": Internal(_newer_dv),
    "PACE failure counter": Internal(_open, may_stop_between=True),
}


@dataclass(frozen=True)
class Found:
    """What a campaign saw."""

    trials: int
    completed: int
    thirds: list[str]


def campaign(desk: Desk, segments: State, case: Internal) -> Found:
    """Cut at every write of one command, in three ways."""
    whole = fresh(desk, segments)
    act = case.prepare(whole)
    before = state(whole.card)
    whole.card.faults.restart_counting()
    act()
    writes, after = whole.card.faults.writes, state(whole.card)
    trials, completed, thirds, between = 0, 0, [], set()
    for number in range(1, writes + 1):
        for position in WritePosition:
            torn = fresh(desk, segments)
            act = case.prepare(torn)
            torn.card.faults.restart_counting()
            torn.card.faults.cut_at_write(number, position)
            with pytest.raises(CardGone):
                act()
            torn.card.power_on()
            found = state(torn.card)
            trials += 1
            completed += found == after
            if found not in (before, after):
                thirds.append(f"write {number} {position.value}")
                between.add(str(sorted(found.items())))
    if case.may_stop_between and len(between) == 1:
        thirds = []
    return Found(trials, completed, thirds)


@pytest.mark.parametrize("name", OPERATIONAL)
def test_an_internal_write_of_a_finished_card_is_there_or_not_there(officer: Desk, name: str) -> None:
    found = campaign(officer, state(officer.card), OPERATIONAL[name])
    print(f"{name}: {found.trials} cuts, {found.completed} completed, {len(found.thirds)} third states")  # noqa: T201
    assert found.thirds == []
    assert found.trials > 0


def test_the_campaign_finds_a_card_that_writes_without_a_journal(
    officer: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The planted bug: patched, because the product must have no switch for it.
    def commit_without_journal(self: NonVolatileMemory, writes: tuple[MemoryWrite, ...]) -> None:
        self._apply(writes)

    monkeypatch.setattr(NonVolatileMemory, "_commit", commit_without_journal)
    caught = {name for name, case in OPERATIONAL.items() if campaign(officer, state(officer.card), case).thirds}
    print(f"without a journal: third states in {sorted(caught)}")  # noqa: T201
    assert caught >= {"RESET RETRY COUNTER, new PIN", "quota grant", "template renewal", "link certificate"}


class Comparisons:
    """Counts the comparisons of PINs."""

    made = 0

    @classmethod
    def compare_digest(cls, first: bytes, second: bytes) -> bool:
        cls.made += 1
        return hmac.compare_digest(first, second)


class Signatures:
    """Counts the countersignatures that the chip made, given away or not."""

    made = 0

    @classmethod
    def sign(cls, scalar: int, message: bytes) -> bytes:
        cls.made += message.startswith(b"SIGN")
        return sign(scalar, message)


def guesses_with_cuts(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """A thief who cuts the power at the same write of every guess: cuts, and most comparisons of one attack."""
    # Patched in, because whether a comparison took place is exactly what must not show from outside.
    monkeypatch.setattr(pin_module, "hmac", Comparisons)
    cuts, most = 0, 0
    for number in (1, 2):
        for position in WritePosition:
            victim, Comparisons.made = fresh(desk, state(desk.card)), 0
            for _ in range(pin_module.MAX_TRIES + 3):
                terminal = genuine(victim)
                victim.card.faults.restart_counting()
                victim.card.faults.cut_at_write(number, position)
                with suppress(CardGone):
                    terminal.send(VERIFY, WRONG_PIN)
                victim.card.faults.clear()
                cuts += 1
            most = max(most, Comparisons.made)
    return cuts, most


def test_cutting_the_power_never_gives_a_guess(officer: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    cuts, most = guesses_with_cuts(officer, monkeypatch)
    print(f"PIN guesses: {cuts} cuts, at most {most} comparisons in one attack")  # noqa: T201
    assert most == pin_module.MAX_TRIES


def test_the_attack_finds_a_chip_that_counts_after_comparing(officer: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    # The planted bug: patched, because the product must have no switch for it.
    def check_then_count(self: HolderPin, digits: bytes) -> None:
        self.require_usable()
        held = self._memory.read("pin/digits")
        if Comparisons.compare_digest(digits, held):
            return
        self._set_tries(self.tries_left - 1)
        raise self.refusal()

    monkeypatch.setattr(HolderPin, "check", check_then_count)
    _, most = guesses_with_cuts(officer, monkeypatch)
    print(f"counting after comparing: {most} comparisons in one attack")  # noqa: T201
    assert most > pin_module.MAX_TRIES


def signatures_with_cuts(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Another hash every time, and the power cut at the same write: cuts, and most signatures made in one attack."""
    # Patched in, because a signature made and not given away does not show from outside.
    monkeypatch.setattr(security_commands, "sign", Signatures.sign)
    cuts, most = 0, 0
    for number in range(1, 6):  # there are four writes: the fifth cut never comes
        for position in WritePosition:
            victim, Signatures.made = fresh(desk, state(desk.card)), 0
            for attempt in range(QUOTA + 2):
                terminal = victim.terminal(COUNTERSIGN)
                victim.card.faults.restart_counting()
                victim.card.faults.cut_at_write(number, position)
                with suppress(CardGone):
                    terminal.send("002A9E9A", digest(attempt), 256)
                victim.card.faults.clear()
                cuts += 1
            most = max(most, Signatures.made)
    return cuts, most


def test_cutting_the_power_never_gives_a_signature(officer: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    cuts, most = signatures_with_cuts(officer, monkeypatch)
    print(f"signatures: {cuts} cuts, at most {most} signatures with a quota of {QUOTA}")  # noqa: T201
    assert most == QUOTA


def test_the_attack_finds_a_chip_that_signs_before_counting(officer: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    class Eager(SignatureQuota):
        def count(self, message_hash: bytes) -> None:
            state_before = self.find()
            if state_before is not None and state_before.remaining > 0:
                Signatures.sign(1, b"SIGN" + message_hash)
            super().count(message_hash)

    # The planted bug: patched, because the product must have no switch for it.
    monkeypatch.setattr(security_commands, "SignatureQuota", Eager)
    _, most = signatures_with_cuts(officer, monkeypatch)
    print(f"signing before counting: {most} signatures with a quota of {QUOTA}")  # noqa: T201
    assert most > QUOTA


def _blank() -> VirtualCard:
    return VirtualCard.blank(serial=bytes(8), transport_master_key=MASTER)


def _activation(desk: Desk) -> Act:
    terminal = Terminal(desk.card)
    terminal.channel = Host(terminal).open()
    return lambda: terminal.must("00440000")


def _challenge(desk: Desk) -> Act:
    terminal = Terminal(desk.card)
    return lambda: terminal.must("80503000", HOST_CHALLENGE, 256)


def _proof(desk: Desk) -> Act:
    host = Host(Terminal(desk.card))
    host.begin()
    return host.prove


def _wrong_proof(desk: Desk) -> Act:
    host = Host(Terminal(desk.card))
    host.begin()
    return lambda: host.authenticate(bytes(8))


TRANSPORT = {
    "INITIALIZE UPDATE, sequence counter": Internal(_challenge),
    "EXTERNAL AUTHENTICATE, right": Internal(_proof, may_stop_between=True),
    "EXTERNAL AUTHENTICATE, wrong": Internal(_wrong_proof),
    "ACTIVATE FILE, erasure of the transport keys": Internal(_activation),
}


def _being_personalised() -> Desk:
    card = _blank()
    begin_card(card, lambda terminal: Host(terminal).open())
    return Desk(card, Authority(), b"", b"")


@pytest.mark.parametrize("name", TRANSPORT)
def test_an_internal_write_of_a_chip_with_transport_keys_is_there_or_not_there(name: str) -> None:
    desk = _being_personalised()
    found = campaign(desk, state(desk.card), TRANSPORT[name])
    print(f"{name}: {found.trials} cuts, {found.completed} completed, {len(found.thirds)} third states")  # noqa: T201
    assert found.thirds == []


def test_a_torn_activation_leaves_the_keys_with_an_open_chip_or_a_closed_chip_without_them() -> None:
    desk = _being_personalised()
    segments, seen = state(desk.card), set()
    for number in range(1, 9):
        for position in WritePosition:
            torn = fresh(desk, segments)
            act = _activation(torn)
            torn.card.faults.restart_counting()
            torn.card.faults.cut_at_write(number, position)
            with suppress(CardGone):
                act()
            torn.card.faults.clear()
            torn.card.power_on()
            seen.add((torn.card.life, bool(torn.card._memory.read(KEYS_SEGMENT))))
    assert seen == {(LifeState.PERSONALISING, True), (LifeState.OPERATIONAL, False)}


def test_no_challenge_is_given_twice_however_often_the_power_fails() -> None:
    card, given = _blank(), []
    for trial in range(60):
        terminal = Terminal(card)
        card.faults.restart_counting()
        card.faults.cut_at_write(trial % 5 + 1, tuple(WritePosition)[trial % 3])
        with suppress(CardGone):
            given.append(terminal.must("80503000", HOST_CHALLENGE, 256))
        card.faults.clear()
    sequences = [int.from_bytes(answer[29:], "big") for answer in given]
    print(f"60 cuts, {len(given)} challenges given, all different")  # noqa: T201
    assert len({answer[13:21] for answer in given}) == len(given) > 0
    assert sequences == sorted(set(sequences))


def test_wrong_proofs_with_cuts_are_all_counted() -> None:
    card = _blank()
    compared = 0
    for trial in range(120):
        host = Host(Terminal(card))
        try:
            host.begin()
        except AssertionError:
            break
        card.faults.restart_counting()
        card.faults.cut_at_write(1, WritePosition.AFTER if trial % 2 else WritePosition.BEFORE)
        with suppress(CardGone):
            host.authenticate(bytes(8))
        compared += trial % 2
        card.faults.clear()
    assert compared == MAX_FAILURES
    assert Terminal(card).sw("80503000", HOST_CHALLENGE, 256) == 0x6983
