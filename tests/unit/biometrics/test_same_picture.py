"""The same picture twice is refused; no two touches of a finger ever are."""

from __future__ import annotations

from itertools import combinations

import cv2
import numpy as np
import pytest

from biometrics.images import GreyImage
from biometrics.replay import SAME_PICTURE, SeenPictures, likeness, trace_of
from tests.unit.biometrics.fingers_in_tests import real_pictures


def ridges(seed: int, turn: float = 0.3, shift: float = 0.0) -> GreyImage:
    """A waving pattern of ridges, about nine pixels apart."""
    y, x = np.mgrid[0:288, 0:256].astype(np.float32)
    rng = np.random.default_rng(seed)
    bend = 20 * np.sin((x + 40 * seed) / 60) + 15 * np.cos((y - 30 * seed) / 70)
    waves = 128 + 90 * np.sin((x * np.cos(turn) + y * np.sin(turn) + bend + shift) * 2 * np.pi / 9)
    return np.clip(waves + rng.normal(0, 6, waves.shape), 0, 255).astype(np.uint8)


def noisy(image: GreyImage) -> GreyImage:
    return np.clip(image + np.random.default_rng(5).normal(0, 10, image.shape), 0, 255).astype(np.uint8)


def brighter(image: GreyImage) -> GreyImage:
    return np.clip(image * 0.8 + 30, 0, 255).astype(np.uint8)


def squeezed(image: GreyImage) -> GreyImage:
    _, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 40])
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE), np.uint8)


def moved(image: GreyImage) -> GreyImage:
    return np.asarray(np.roll(image, (1, 1), (0, 1)), np.uint8)


def coarse(image: GreyImage) -> GreyImage:
    return (image // 16 * 16).astype(np.uint8)


CHANGES = (np.copy, noisy, brighter, squeezed, coarse, moved)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_picture_played_back_is_seen_also_when_it_was_touched_up(change: object) -> None:
    assert callable(change)
    seen = SeenPictures()
    assert not seen.is_repeated(ridges(1))
    assert seen.is_repeated(change(ridges(1)))


def test_another_finger_and_another_placing_are_not_taken_for_a_repetition() -> None:
    seen = SeenPictures()
    for image in (ridges(1), ridges(2), ridges(1, turn=0.38), ridges(1, shift=3.5)):
        assert not seen.is_repeated(image)


def test_an_empty_picture_is_like_nothing() -> None:
    blank = np.full((288, 256), 255, np.uint8)
    assert likeness(trace_of(blank), trace_of(blank)) == 0


def test_traces_never_show_in_a_text() -> None:
    seen = SeenPictures()
    seen.is_repeated(ridges(1))
    assert repr(seen) == "SeenPictures()"


@pytest.mark.parametrize("name", ["fvc2002_db1_b", "fvc2002_db2_b", "fvc2002_db4_b"])
def test_no_two_touches_of_a_real_finger_are_refused_and_every_replay_is(name: str) -> None:
    fingers: dict[str, list[GreyImage]] = {}
    for path in sorted((real_pictures() / name).glob("*.png")):
        image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        fingers.setdefault(path.stem.split("_")[0], []).append(np.asarray(image, np.uint8))
    traces = {finger: [trace_of(image) for image in images] for finger, images in fingers.items()}
    pairs = [likeness(a, b) for several in traces.values() for a, b in combinations(several, 2)]
    replays = [
        likeness(trace, trace_of(noisy(image)))
        for finger, images in fingers.items()
        for image, trace in zip(images, traces[finger], strict=True)
    ]
    said = f"{name}: {len(pairs)} genuine pairs, highest {max(pairs):.3f}; {len(replays)} replays, {min(replays):.3f}"
    print(said)  # noqa: T201  how many were looked at is part of the answer
    assert len(pairs) == 280
    assert max(pairs) < SAME_PICTURE / 1.5
    assert min(replays) > SAME_PICTURE
    # Planted: a guard at a tenth of the threshold would refuse living touches, and this test would see it.
    assert max(pairs) > SAME_PICTURE / 10
