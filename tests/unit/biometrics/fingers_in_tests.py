"""Fingers for tests: invented minutiae, and where the real pictures are, if they are."""

from __future__ import annotations

import math
import os
import random
from pathlib import Path

import pytest

from biometrics.template import Minutia, MinutiaKind, Template
from domain.fingers import FingerPosition

WIDTH_PX, HEIGHT_PX, DPI = 256, 288, 500


def invented_finger(seed: int, count: int = 35, position: FingerPosition = FingerPosition.RIGHT_INDEX) -> Template:
    """A finger that exists nowhere: minutiae spread evenly, directions following a smooth flow."""
    rng = random.Random(seed)
    bend, phase = rng.uniform(0.004, 0.012), rng.uniform(0, 2 * math.pi)
    spots: list[tuple[int, int]] = []
    while len(spots) < count:
        x, y = rng.randrange(12, WIDTH_PX - 12), rng.randrange(12, HEIGHT_PX - 12)
        if all(math.hypot(x - a, y - b) > 10 for a, b in spots):
            spots.append((x, y))
    return _template([_minutia(rng, x, y, phase + bend * (x - 2 * y)) for x, y in spots], position)


def _minutia(rng: random.Random, x_px: int, y_px: int, angle_rad: float) -> Minutia:
    turned = angle_rad + rng.choice((0.0, math.pi)) + rng.gauss(0, 0.1)
    kind = rng.choice((MinutiaKind.RIDGE_ENDING, MinutiaKind.BIFURCATION))
    return Minutia(x_px, y_px, round(turned * 128 / math.pi) % 256, kind, rng.randrange(20, 101))


def another_impression(
    finger: Template, seed: int, *, turn_deg: float = 10.0, shift_px: tuple[int, int] = (12, -9), lost: float = 0.2
) -> Template:
    """The same finger placed again: turned (counter-clockwise), moved, jittered, some minutiae lost, some invented."""
    rng = random.Random(seed)
    turn = math.radians(turn_deg)
    moved = []
    for minutia in finger.minutiae:
        if rng.random() < lost:
            continue
        dx, dy = minutia.x_px - WIDTH_PX / 2, minutia.y_px - HEIGHT_PX / 2
        x = WIDTH_PX / 2 + math.cos(turn) * dx + math.sin(turn) * dy + shift_px[0] + rng.gauss(0, 1.2)
        y = HEIGHT_PX / 2 - math.sin(turn) * dx + math.cos(turn) * dy + shift_px[1] + rng.gauss(0, 1.2)
        angle = round(minutia.angle_256 + turn_deg * 256 / 360 + rng.gauss(0, 3)) % 256
        if 0 <= round(x) < WIDTH_PX and 0 <= round(y) < HEIGHT_PX:
            moved.append(Minutia(round(x), round(y), angle, minutia.kind, minutia.quality))
    for _ in range(int(lost * len(finger.minutiae) / 2)):
        moved.append(_minutia(rng, rng.randrange(WIDTH_PX), rng.randrange(HEIGHT_PX), rng.uniform(0, 6.28)))
    return _template(moved, finger.position)


def _template(minutiae: list[Minutia], position: FingerPosition) -> Template:
    return Template(WIDTH_PX, HEIGHT_PX, DPI, position, 80, tuple(minutiae))


def real_pictures() -> Path:
    """The folder with the real sets; skips the test where there is none."""
    beside = Path(__file__).resolve().parents[4] / "shared" / "data" / "fingerprints"
    folder = Path(os.environ.get("SINGLE_WINDOW_FINGERPRINTS", beside))
    if not (folder / "fvc2002_db1_b").is_dir():
        pytest.skip("no real finger pictures: set SINGLE_WINDOW_FINGERPRINTS to their folder")
    return folder
