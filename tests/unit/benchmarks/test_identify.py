"""The identification benchmark runs to its end without images, and says all that is asked of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks import identification_probes, identify


@pytest.fixture
def few_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identification_probes, "_SEARCHED_PEOPLE", 2)
    monkeypatch.setattr(identification_probes, "_CROWD_PEOPLE", 4)
    monkeypatch.setattr(identify, "_SIZES_ON_THE_WAY", (20, 300))


@pytest.mark.usefixtures("few_people")
def test_a_run_without_images_says_all_that_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "out" / "identify.json"
    monkeypatch.setattr(sys, "argv", ["identify", "--people", "60", "--searches", "2", "--json", str(file)])
    assert identify.main() == 0
    report = json.loads(file.read_text())
    for name in ("one_finger", "two_fingers"):
        row = report[name]
        # Every impression is searched for with every other one of its person.
        assert row["trials"] == 2 * 4 * 3
        assert row["mates_in_best"].keys() == {"0.01%", "0.1%", "1%"}
        assert 0.5 < row["rank_1"] <= 1
        assert all(0 <= point["fpir"] <= 1 and 0 <= point["fnir"] <= 1 for point in row["fpir_fnir"])
        assert row["templates_per_second_per_core"] > 0
    assert list(report["speed_by_people"]) == ["20", "60"]
    assert report["append"]["one_person_ms_median"] > 0
    assert report["delete"]["people_per_s_at_once"] > 0
    assert report["memory_bytes"] > 0
    assert report["index_bytes_on_disk"] > report["memory_bytes"] / 10
    told = capsys.readouterr()
    assert "rank 1" in told.out
    assert "enrolled 60 of 60 people" in told.err


@pytest.mark.usefixtures("few_people")
def test_no_finger_is_both_searched_for_and_in_the_crowd() -> None:
    material = identification_probes.gather_town()
    crowd = {finger.minutiae for finger in material.crowd}
    assert len(crowd) == 8
    assert not crowd & {finger.minutiae for person in material.people for finger in person.fingers}
