from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware_sim.card.memory import MemoryWrite, NonVolatileMemory, PowerCut, WritePosition
from hardware_sim.card.memory_file import CardFileUnreadable, load_segments, save_segments

_NAMES = st.sampled_from(["a", "b/1", "content/0100/0101"])
_WRITES = st.lists(
    st.builds(MemoryWrite, _NAMES, st.integers(0, 200), st.binary(max_size=200), st.just(False)), max_size=5
)


class CountedGate:
    def __init__(self) -> None:
        self.seen = 0
        self.cut: tuple[int, WritePosition] | None = None

    def next_write(self) -> WritePosition | None:
        self.seen += 1
        return self.cut[1] if self.cut and self.cut[0] == self.seen else None


@given(_WRITES)
def test_journal_entries_survive_the_round_trip(writes: list[MemoryWrite]) -> None:
    assert MemoryWrite.decode_all(b"".join(each.encode() for each in writes)) == tuple(writes)


def test_a_transaction_sees_its_own_writes_and_nobody_else_does_before_its_end() -> None:
    memory = NonVolatileMemory({"a": b"old"})
    with memory.transaction():
        memory.write("a", 1, b"XX")
        memory.put("b", b"new")
        assert (memory.read("a"), memory.read("b")) == (b"oXX", b"new")
        assert memory.snapshot() == {"a": b"old"}
    assert (memory.read("a"), memory.read("b")) == (b"oXX", b"new")


def test_a_transaction_that_fails_leaves_nothing() -> None:
    memory = NonVolatileMemory({"a": b"old"})

    def fail_halfway() -> None:
        with memory.transaction():
            memory.put("a", b"new")
            raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        fail_halfway()
    assert memory.snapshot() == {"a": b"old"}


def test_a_replacing_write_cuts_off_what_is_behind_it() -> None:
    memory = NonVolatileMemory({"a": bytes(range(200))})
    memory.put("a", b"12")
    assert memory.read("a") == b"12"
    memory.put("a", b"")
    assert memory.read("a") == b""


@pytest.mark.parametrize("position", WritePosition)
def test_outside_a_transaction_a_cut_leaves_a_half_written_page(position: WritePosition) -> None:
    gate = CountedGate()
    memory = NonVolatileMemory({"a": bytes(200)}, gate)
    gate.cut = (2, position)
    with pytest.raises(PowerCut):
        memory.write("a", 32, b"\xff" * 150)
    written = {WritePosition.BEFORE: 32, WritePosition.INSIDE: 64, WritePosition.AFTER: 96}[position]
    assert memory.read("a") == bytes(32) + b"\xff" * written + bytes(200 - 32 - written)


def _transact(memory: NonVolatileMemory) -> None:
    with memory.transaction():
        memory.write("record", 100, bytes(range(112)))
        memory.put("counter", b"\x00\x00\x00\x02")
        memory.put("totals", b"\x01" * 24)


def test_at_every_write_of_a_transaction_and_of_its_recovery_a_cut_leaves_all_or_nothing() -> None:
    before = {"record": b"\xee" * 300, "counter": b"\x00\x00\x00\x01", "totals": b"\x00" * 12}
    gate = CountedGate()
    complete = NonVolatileMemory(before, gate)
    _transact(complete)
    after, writes, trials, finished = complete.snapshot(), gate.seen, 0, 0
    for number in range(1, writes + 1):
        for position in WritePosition:
            for second in range(1, writes + 2):
                gate = CountedGate()
                gate.cut = (number, position)
                memory = NonVolatileMemory(before, gate)
                with pytest.raises(PowerCut):
                    _transact(memory)
                gate.cut, gate.seen = (second, position), 0
                try:
                    memory.recover()
                except PowerCut:
                    gate.cut = None
                    memory.recover()
                state = {name: memory.read(name) for name in before}
                assert state in (before, {name: after[name] for name in before})
                trials += 1
                finished += state != before
    print(f"{trials} double cuts over {writes} writes: {finished} finished, {trials - finished} forgotten")  # noqa: T201
    assert 0 < finished < trials


def test_a_card_file_is_replaced_as_a_whole_and_nonsense_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    segments = {"a": bytes(range(256)), "b": b""}
    save_segments(path, segments)
    assert load_segments(path) == segments
    assert [each.name for each in tmp_path.iterdir()] == ["card.json"]
    text = path.read_text()
    for spoiled in ("", text[:-3], "[]", text.replace("card-1", "card-9"), text.replace("AAEC", "A*EC")):
        path.write_text(spoiled)
        with pytest.raises(CardFileUnreadable):
            load_segments(path)
    with pytest.raises(CardFileUnreadable):
        load_segments(tmp_path / "absent.json")
