"""A card torn at every command of its making: refused until it is finished, and finished by doing the step again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from card_service import personalisation
from card_service.apdu import CLA_PLAIN, INS_ACTIVATE_FILE, CommandApdu
from card_service.chip_life import LifeState, read_chip_life
from card_service.errors import CardError, ReadBackDiffers
from card_service.layout import CardFile, Directory
from card_service.personalisation import PersonalisationData, lock_card, prepare_chip, readback_digest, write_card
from card_service.session import CardSession
from domain.verification import Verdict
from hardware_sim.card.faults import FaultKind
from hardware_sim.card.virtual_card import VirtualCard
from tests.unit.card_service_terminal.desk import check, grant_activation, issue, memory_of, present, read_all_back
from tests.unit.card_service_terminal.reader import SimulatedReader
from tests.unit.card_service_terminal.tears import Step, Tear, all_tears, run_torn


def write_and_lock(reader: SimulatedReader, data: PersonalisationData) -> None:
    """The middle of issuing: everything written, compared, locked. Safe to do again."""
    if not is_locked(reader):
        write_card(reader, data)
    lock_card(reader, data)


def is_locked(reader: SimulatedReader) -> bool:
    return read_chip_life(CardSession(reader)).state is LifeState.OPERATIONAL


def campaign(stage: str, begin: Step, outcome: Callable[[VirtualCard], str]) -> Counter[str]:
    """Every tear of a step that begins at that stage of a card, with what becomes of the card."""
    return Counter(outcomes(stage, begin, outcome))


def outcomes(stage: str, begin: Step, outcome: Callable[[VirtualCard], str]) -> Iterator[str]:
    start = issue()[stage]
    for tear in all_tears(start.card(), begin):
        chip = start.card()
        run_torn(chip, tear, begin)
        yield outcome(chip)


def test_a_chip_torn_while_it_is_prepared_can_be_prepared_again() -> None:
    count = 0
    for tear in all_tears(VirtualCard.blank(), prepare_chip):
        chip = VirtualCard.blank()
        run_torn(chip, tear, prepare_chip)
        assert check(chip).verdict is not Verdict.VERIFIED
        assert prepare_chip(SimulatedReader(chip)).serial.hex() == chip.serial_hex
        count += 1
    print(f"\npreparing torn in {count} ways, all prepared again")  # noqa: T201
    assert count >= 15


def test_a_card_torn_anywhere_while_it_is_written_is_refused_and_then_finished() -> None:
    stages = issue()
    data, finished = stages["prepared"].data, contents(stages["locked"].segments)

    def outcome(chip: VirtualCard) -> str:
        if check(chip).verdict is Verdict.VERIFIED:
            return "half a card works"
        write_and_lock(SimulatedReader(chip), data)
        return "finished" if contents(memory_of(chip)) == finished else "differs"

    found = campaign("prepared", lambda reader: write_and_lock(reader, data), outcome)
    print(f"\nwriting and locking torn in {found.total()} ways: {dict(found)}")  # noqa: T201
    assert found.keys() == {"finished"}
    assert found.total() > 3 * 70


def contents(segments: dict[str, bytes]) -> dict[str, bytes]:
    """What the chip holds, without the journal of its last transaction and its count of failed openings."""
    return {name: each for name, each in segments.items() if not name.startswith(("journal", "pace"))}


def test_a_card_torn_anywhere_while_it_is_activated_is_refused_or_active_and_then_active() -> None:
    data = issue()["locked"].data
    seen: Counter[str] = Counter()

    def outcome(chip: VirtualCard) -> str:
        seen["active at once" if check(chip).verdict is Verdict.VERIFIED else "refused"] += 1
        proof = grant_activation(SimulatedReader(chip), data)
        details = present(chip).details
        return "active" if (proof.counter, details.counter, details.statement.version) == (1, 1, 1) else "differs"

    found = campaign("locked", lambda reader: grant_activation(reader, data), outcome)
    print(f"\nactivating torn in {found.total()} ways: {dict(found)}, {dict(seen)}")  # noqa: T201
    assert found.keys() == {"active"}
    assert seen["active at once"] >= 1, "torn after the last write"
    assert found.total() > 3 * 25


def test_a_card_torn_while_it_is_read_back_is_read_back_again() -> None:
    data = issue()["locked"].data

    def outcome(chip: VirtualCard) -> str:
        proven = read_all_back(SimulatedReader(chip), data)
        return "read back" if proven.digest == readback_digest(data.files) else "differs"

    found = campaign("locked", lambda reader: read_all_back(reader, data), outcome)
    print(f"\nreading back torn in {found.total()} ways: {dict(found)}")  # noqa: T201
    assert found.keys() == {"read back"}


def test_a_torn_card_can_also_be_wiped_and_made_anew() -> None:
    stage = issue()["prepared"]
    for command in (1, 10, 30, 50):
        chip = stage.card()
        tear = Tear(FaultKind.CUT_ANSWER_LOST, command)
        assert run_torn(chip, tear, lambda reader: write_card(reader, stage.data))
        prepare_chip(SimulatedReader(chip))
        with pytest.raises(CardError):
            lock_card(SimulatedReader(chip), stage.data)


def test_the_harness_finds_a_writer_that_believes_an_existing_file_is_a_written_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = issue()["prepared"].data
    original_write = personalisation._write_file

    def lazy_write(session: CardSession, file: CardFile, content: bytes) -> None:
        session.select(file.directory)
        if session.find(file) is None:
            original_write(session, file, content)

    def outcome(chip: VirtualCard) -> str:
        # Patched because the mistake must sit inside the writer: nothing outside it could make the same one.
        monkeypatch.setattr(personalisation, "_write_file", lazy_write)
        reader = SimulatedReader(chip)
        try:
            write_card(reader, data)
            lock_card(reader, data)
        except ReadBackDiffers:
            return "found before the lock"
        finally:
            monkeypatch.setattr(personalisation, "_write_file", original_write)
        return "not found"

    each = outcomes("prepared", lambda reader: write_card(reader, data), outcome)
    assert "found before the lock" in each


def test_without_the_comparison_the_same_mistake_would_make_half_a_card() -> None:
    stage = issue()["prepared"]
    chip = stage.card()
    torn = run_torn(chip, Tear(FaultKind.CUT_ANSWER_LOST, 45), lambda reader: write_card(reader, stage.data))
    assert torn
    session = CardSession(SimulatedReader(chip))
    session.select(Directory.MF)
    session.send(CommandApdu(CLA_PLAIN, INS_ACTIVATE_FILE, 0, 0))
    assert check(chip).verdict is not Verdict.VERIFIED, "even then it is refused"
