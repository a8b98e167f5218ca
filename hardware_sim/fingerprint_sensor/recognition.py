"""The module's own recognition: extracts, merges and compares, and says nothing but its codes and scores."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from biometrics.extraction.pipeline import CLASSICAL_ENGINE, extract
from biometrics.matcher import PreparedTemplate, compare_prepared, prepare
from biometrics.template import Minutia, MinutiaKind, Template
from biometrics.thresholds import fmr_of
from domain.fingers import FingerPosition
from hardware_sim.fingerprint_sensor.features import (
    MOST_POINTS,
    FeaturePoint,
    Features,
    FeaturesMalformed,
    decode_capture,
    encode_capture,
    split_template,
)
from hardware_sim.fingerprint_sensor.instructions import Confirmation
from hardware_sim.fingerprint_sensor.picture import HEIGHT_PX, WIDTH_PX, WINDOW_DPI, unpack_greys

#: False match rate at each security level. ZFM-20 manual: FAR below 0.001 % at level 3, the default.
FMR_OF_LEVEL = {1: 1e-3, 2: 1e-4, 3: 1e-5, 4: 1e-6, 5: 1e-7}
#: Two captures become a template when they are one finger at this rate.
COMBINING_FMR = 1e-4
FEWEST_POINTS = 10
MESSY_QUALITY = 8
#: The module reports whole points; a good comparison is between 50 and 400, as on the real one.
POINTS_A_SCORE = 20
MOST_SCORE = 0xFFFF
CACHED_CAPTURES = 2048


class ModuleRecognition:
    """An OnModuleMatcher over the classical engine: no network runs in a sensor."""

    def characteristics(self, packed_image: bytes) -> bytes | Confirmation:
        """One capture's features; TOO_FEW_POINTS for a partial or dry finger, TOO_MESSY for a smeared one."""
        image = np.frombuffer(unpack_greys(packed_image), dtype=np.uint8).reshape(HEIGHT_PX, WIDTH_PX)
        found = extract(image, dpi=WINDOW_DPI, position=FingerPosition.UNKNOWN, configuration=CLASSICAL_ENGINE)
        minutiae = found.template.minutiae
        if len(minutiae) < FEWEST_POINTS:
            return Confirmation.TOO_FEW_POINTS
        if found.quality < MESSY_QUALITY:
            return Confirmation.TOO_MESSY
        best = sorted(minutiae, key=lambda minutia: -minutia.quality)[:MOST_POINTS]
        points = tuple(FeaturePoint(m.x_px, m.y_px, m.angle_256, int(m.kind)) for m in best)
        return encode_capture(Features(found.quality, points))

    def combine(self, first: bytes, second: bytes) -> bytes | None:
        """Both captures behind each other, when they are of one finger."""
        try:
            captures = (split_template(first)[0], split_template(second)[0])
            score = _score(*captures)
        except FeaturesMalformed:
            return None
        return b"".join(captures) if fmr_of(score) <= COMBINING_FMR else None

    def score(self, first: bytes, second: bytes, security_level: int) -> int | None:
        """The best of the captures against each other, in the module's points; None below the level's threshold."""
        try:
            best = max(_scores(first, second))
        except FeaturesMalformed:
            return None
        if fmr_of(best) > FMR_OF_LEVEL[security_level]:
            return None
        return min(round(best * POINTS_A_SCORE), MOST_SCORE)


def _scores(first: bytes, second: bytes) -> Iterator[float]:
    for one in split_template(first):
        for other in split_template(second):
            yield _score(one, other)


def _score(one: bytes, other: bytes) -> float:
    return compare_prepared(_prepared(one), _prepared(other))


@lru_cache(maxsize=CACHED_CAPTURES)
def _prepared(capture: bytes) -> PreparedTemplate:
    points = decode_capture(capture).points
    inside = [p for p in points if p.x_px < WIDTH_PX and p.y_px < HEIGHT_PX and p.kind in set(MinutiaKind)]
    minutiae = tuple(Minutia(p.x_px, p.y_px, p.angle_256, MinutiaKind(p.kind), 0) for p in inside)
    return prepare(Template(WIDTH_PX, HEIGHT_PX, WINDOW_DPI, FingerPosition.UNKNOWN, 0, minutiae))
