"""The classical engine: filters and thinning in named stages, which needs no network weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from biometrics.capture.hints import give_hints
from biometrics.capture.mask import find_mask
from biometrics.capture.reading import RawMinutia, Reading, TraceHook
from biometrics.engine import Engine
from biometrics.extraction.enhancement import enhance, normalise
from biometrics.extraction.frequency import estimate_period
from biometrics.extraction.minutiae import find_minutiae
from biometrics.extraction.orientation import estimate_orientation, refine_orientation
from biometrics.extraction.parameters import ExtractionParameters
from biometrics.extraction.quality import evidence_map, finger_quality, probability
from biometrics.extraction.ridge_lines import repair
from biometrics.extraction.skeleton import binarise, thin
from biometrics.images import GreyImage


def read_classically(image: GreyImage, parameters: ExtractionParameters, trace: TraceHook) -> Reading:
    """The minutiae of a picture of 500 dpi."""
    mask = find_mask(image, parameters.mask)
    trace("mask", mask)
    found, reliability = _minutiae(image, mask, parameters, trace) if mask.any() else ([], 0.0)
    kept = found[: parameters.minutia.most_minutiae]
    quality = finger_quality([m.trust for m in kept])
    hints = give_hints(image, mask, reliability, quality)
    return Reading(tuple(kept), quality, hints, float(mask.mean()), Engine.CLASSICAL)


def _minutiae(
    image: GreyImage, mask: NDArray[np.uint8], parameters: ExtractionParameters, trace: TraceHook
) -> tuple[list[RawMinutia], float]:
    """The minutiae, most trusted first, and how reliable the print is on the whole."""
    normalised = normalise(image, mask, parameters.enhancement.normalising_window_px)
    trace("normalised", normalised)
    field = estimate_orientation(normalised, parameters.orientation)
    enhanced = normalised
    for _ in range(parameters.enhancement.passes):
        trace("orientation", field.angle_rad)
        period = estimate_period(normalised, mask, field.angle_rad, parameters.frequency)
        trace("period", period)
        enhanced = enhance(normalised, mask, field.angle_rad, period, parameters.enhancement)
        trace("enhanced", enhanced)
        field = refine_orientation(enhanced, parameters.orientation)
    ridges = binarise(enhanced, mask, parameters.minutia.speck_px)
    trace("ridges", ridges)
    lines = repair(thin(ridges), field.angle_rad, parameters.minutia)
    trace("lines", lines)
    evidence = evidence_map(enhanced, field)
    trace("evidence", evidence)
    minutiae = find_minutiae(lines, mask, field, evidence, parameters.minutia)
    return minutiae, probability(float(evidence[mask > 0].mean()))
