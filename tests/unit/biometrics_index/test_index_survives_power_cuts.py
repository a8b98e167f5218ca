"""Cut anywhere, the index is what it was before the change or what it is after; what was confirmed is never lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from biometrics.index.errors import IndexBroken
from biometrics.index.store import FingerIndex
from tests.unit.biometrics_index.people_in_index import KEY, enrolled, name_of, people
from tests.unit.biometrics_index.power_cuts import FailingDisk, PowerCut, apply

Change = Callable[[FingerIndex], object]

CHANGES: dict[str, Change] = {
    "a person is put": lambda index: index.put([enrolled(20)]),
    "a person is put again": lambda index: index.put([enrolled(1, 1)]),
    "a person is removed": lambda index: index.remove([name_of(2)]),
    "a segment empties": lambda index: index.remove([name_of(5)]),
    "segments are merged": lambda index: index.merge_all(),
    "the register is followed": lambda index: index.follow([enrolled(23)], [name_of(1)], "7"),
    "the eighth segment merges the others": lambda index: [index.put([enrolled(n)]) for n in (21, 22)],
}


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six segments."""
    directory = tmp_path_factory.mktemp("before")
    index = FingerIndex(directory, KEY)
    index.put(people(0, 3))
    for number in (5, 6, 7, 8, 9):
        index.put([enrolled(number)])
    index.close()
    return directory


def contents(index: FingerIndex) -> list[tuple[str, int]]:
    """Who is enrolled, with how many fingers; and how far the index follows the register."""
    enrolled_people = sorted(
        (part.segment.subject(entry), len(part.segment.slots_of(entry)))
        for part in index.snapshot.parts
        for entry in range(len(part.alive))
        if part.alive[entry]
    )
    return [*enrolled_people, (f"bookmark {index.bookmark}", 0)]


def states_of(before: Path, scratch: Path, change: Change) -> list[list[tuple[str, int]]]:
    """What the index may be: after each commit of the change."""
    states: list[list[tuple[str, int]]] = []
    is_confirmed, steps = False, 0
    while not is_confirmed:
        directory = scratch / f"state-{steps}"
        shutil.copytree(before, directory)
        is_confirmed, _ = _run(directory, change, FailingDisk(steps))
        index = FingerIndex(directory, KEY)
        state = contents(index)
        index.close()
        if state not in states:
            states.append(state)
        shutil.rmtree(directory)
        steps += 1
    return states


def _run(directory: Path, change: Change, disk: FailingDisk) -> tuple[bool, int]:
    """Whether the change was confirmed, and the generation that the program last saw confirmed."""
    index = FingerIndex(directory, KEY, disk)
    try:
        change(index)
    except PowerCut:
        return False, index.generation
    finally:
        index.close()
    return True, index.generation


def cut_everywhere(before: Path, scratch: Path, change: Change, *, is_lying: bool) -> tuple[int, int]:
    """Trials, and how many of them lost something or left half of it."""
    allowed = states_of(before, scratch, change)
    trials, wrong, is_confirmed, steps = 0, 0, False, 0
    while not is_confirmed:
        directory = scratch / f"cut-{steps}"
        shutil.copytree(before, directory)
        disk = FailingDisk(steps, is_lying=is_lying)
        is_confirmed, generation = _run(directory, change, disk)
        found = {file: file.read_bytes() for file in directory.iterdir()}
        for outcome in disk.outcomes():
            apply({file: None for file in directory.iterdir() if file not in found} | found)
            apply(outcome)
            trials += 1
            wrong += not _is_sound(directory, allowed, allowed[-1] if is_confirmed else None, generation)
        shutil.rmtree(directory)
        steps += 1
    return trials, wrong


def _is_sound(
    directory: Path, allowed: list[list[tuple[str, int]]], confirmed: list[tuple[str, int]] | None, generation: int
) -> bool:
    try:
        index = FingerIndex(directory, KEY)
    except IndexBroken:
        return False
    index.close()
    state, reached = contents(index), index.generation
    leftovers = [file for file in directory.iterdir() if file.name.endswith(".new")]
    return state in allowed and reached >= generation and not leftovers and (confirmed is None or state == confirmed)


@pytest.mark.parametrize("name", CHANGES)
def test_a_cut_at_any_step_leaves_a_whole_index(name: str, before: Path, tmp_path: Path) -> None:
    trials, wrong = cut_everywhere(before, tmp_path, CHANGES[name], is_lying=False)
    print(f"{name}: {trials} power cuts, {wrong} wrong")  # noqa: T201
    assert trials > 10
    assert wrong == 0


def test_the_harness_finds_files_that_are_never_synced(before: Path, tmp_path: Path) -> None:
    trials, wrong = cut_everywhere(before, tmp_path, CHANGES["a person is put"], is_lying=True)
    print(f"planted bug: {trials} power cuts, {wrong} wrong")  # noqa: T201
    assert wrong > 0
