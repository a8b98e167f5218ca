"""The stages of extraction, in order; the classical engine, which needs no network weights."""

from __future__ import annotations

import math
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.extraction.capture_hints import give_hints
from biometrics.extraction.enhancement import enhance, normalise
from biometrics.extraction.frequency import estimate_period
from biometrics.extraction.mask import find_mask
from biometrics.extraction.minutiae import RawMinutia, find_minutiae
from biometrics.extraction.orientation import estimate_orientation, refine_orientation
from biometrics.extraction.parameters import DEFAULT_PARAMETERS, WORKING_DPI, ExtractionParameters
from biometrics.extraction.quality import evidence_map, finger_quality, probability
from biometrics.extraction.result import CaptureHint, Extraction, ExtractorKind
from biometrics.extraction.ridge_lines import repair
from biometrics.extraction.skeleton import binarise, thin
from biometrics.images import GreyImage
from biometrics.template import ANGLE_STEPS, Minutia, Template
from domain.fingers import FingerPosition

__all__ = ["CaptureHint", "Extraction", "ExtractorKind", "extract"]

#: Called with a stage's name and its picture: for the bench page and for finding out why a finger fails.
TraceHook = Callable[[str, NDArray[np.generic]], None]


def extract(
    image: GreyImage,
    *,
    dpi: int,
    position: FingerPosition,
    parameters: ExtractionParameters = DEFAULT_PARAMETERS,
    trace: TraceHook = lambda _stage, _picture: None,
) -> Extraction:
    """The minutiae of a finger picture with dark ridges.

    Never raises for a bad picture: quality 0 and hints.
    """
    height_px, width_px = image.shape
    working = at_working_dpi(image, dpi)
    mask = find_mask(working, parameters.mask)
    trace("mask", mask)
    share = float(mask.mean())
    raw, reliability = _minutiae(working, mask, parameters, trace) if mask.any() else ([], 0.0)
    kept = raw[: parameters.minutia.most_minutiae]
    scale = dpi / WORKING_DPI
    minutiae = tuple(_scaled(m, scale, width_px, height_px) for m in kept)
    quality = finger_quality([m.trust for m in kept])
    template = Template(width_px, height_px, dpi, position, quality, minutiae)
    return Extraction(template, quality, give_hints(working, mask, reliability, quality), share)


def at_working_dpi(image: GreyImage, dpi: int) -> GreyImage:
    """The picture at 500 dpi."""
    if dpi == WORKING_DPI:
        return image
    scale = WORKING_DPI / dpi
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, size, interpolation=interpolation), np.uint8)


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


def _scaled(raw: RawMinutia, scale: float, width_px: int, height_px: int) -> Minutia:
    return Minutia(
        min(max(round(raw.x_px * scale), 0), width_px - 1),
        min(max(round(raw.y_px * scale), 0), height_px - 1),
        round(raw.angle_rad * ANGLE_STEPS / (2 * math.pi)) % ANGLE_STEPS,
        raw.kind,
        max(1, min(100, round(100 * raw.trust))),
    )
