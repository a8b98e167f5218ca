"""The service point's own gallery."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

from biometrics.index.local_gallery import LocalGallery
from domain.fingers import FingerPosition
from tests.unit.biometrics_index.people_in_index import KEY, fingers_of, name_of, probes_of


def test_a_person_of_the_area_is_found_before_the_card_is_written(tmp_path: Path) -> None:
    with LocalGallery(tmp_path, KEY) as gallery:
        gallery.put({name_of(number): fingers_of(number) for number in range(30)})
        again = [replace(finger, position=FingerPosition.LEFT_LITTLE) for finger in probes_of(11)]
        answer = gallery.search(again)
        assert answer.candidates[0].subject == name_of(11)
        assert (answer.people, answer.is_complete) == (30, True)
        assert gallery.search(probes_of(999)).candidates == ()


def test_the_gallery_follows_the_feed_and_is_there_after_a_restart(tmp_path: Path) -> None:
    with LocalGallery(tmp_path, KEY) as gallery:
        gallery.put({name_of(number): fingers_of(number) for number in range(5)})
        assert gallery.remove([name_of(4), "moved away long ago"]) == 1
    with LocalGallery(tmp_path, KEY) as gallery:
        assert len(gallery) == 4
        assert sorted(gallery.subjects()) == [name_of(number) for number in range(4)]
        assert gallery.search(probes_of(4)).candidates == ()
        assert gallery.search(probes_of(3)[:1]).candidates[0].subject == name_of(3)


def test_an_answer_cut_short_by_the_clock_says_so(tmp_path: Path) -> None:
    clock = itertools.count(step=10)
    with LocalGallery(tmp_path, KEY, now=lambda: float(next(clock))) as gallery:
        gallery.put({name_of(number): fingers_of(number) for number in range(5)})
        answer = gallery.search(probes_of(2), budget_s=1.0)
        assert not answer.is_complete
        assert (answer.compared, answer.shortlisted) == (0, 5)
