"""From a picture to a template, by the engine that the configuration names."""

from __future__ import annotations

import logging
import math
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from biometrics.capture.hints import CaptureHint
from biometrics.capture.reading import RawMinutia, Reading, TraceHook
from biometrics.engine import Engine
from biometrics.errors import NetworkWeightsRefused
from biometrics.extraction.classical import read_classically
from biometrics.extraction.configuration import CLASSICAL_ENGINE, ExtractionConfiguration
from biometrics.extraction.parameters import WORKING_DPI
from biometrics.extraction.result import Extraction
from biometrics.images import GreyImage
from biometrics.leader.extractor import read_by_network
from biometrics.leader.model_file import find_model
from biometrics.leader.runtime import Network, open_network, usual_threads
from biometrics.template import ANGLE_STEPS, Minutia, Template
from domain.fingers import FingerPosition

__all__ = ["CLASSICAL_ENGINE", "CaptureHint", "Engine", "Extraction", "ExtractionConfiguration", "extract"]

_log = logging.getLogger(__name__)


def extract(
    image: GreyImage,
    *,
    dpi: int,
    position: FingerPosition,
    configuration: ExtractionConfiguration | None = None,
    trace: TraceHook = lambda _stage, _picture: None,
) -> Extraction:
    """The minutiae of a finger picture with dark ridges.

    Never raises for a bad picture: quality 0 and hints. Raises NetworkWeightsRefused when the configuration insists on
    LEADER and its model is not there.
    """
    configuration = configuration or ExtractionConfiguration()
    height_px, width_px = image.shape
    reading = _read(at_working_dpi(image, dpi), configuration, trace)
    scale = dpi / WORKING_DPI
    minutiae = tuple(_scaled(m, scale, width_px, height_px) for m in reading.minutiae)
    template = Template(width_px, height_px, dpi, position, reading.quality, minutiae, reading.engine)
    return Extraction(template, reading.quality, reading.hints, reading.foreground_share, reading.engine)


def engine_of(configuration: ExtractionConfiguration) -> Engine:
    """The engine that extract will use."""
    return Engine.LEADER if _network_of(configuration) else Engine.CLASSICAL


def _read(image: GreyImage, configuration: ExtractionConfiguration, trace: TraceHook) -> Reading:
    network = _network_of(configuration)
    if network is None:
        return read_classically(image, configuration.classical, trace)
    return read_by_network(image, network, configuration.leader, trace)


def _network_of(configuration: ExtractionConfiguration) -> Network | None:
    """The network to be used; None for the classical engine."""
    if configuration.engine is Engine.CLASSICAL:
        return None
    model = _checked_model(configuration.models.absolute())
    if model is not None:
        return open_network(model, configuration.threads or usual_threads())
    if configuration.engine is Engine.LEADER:
        raise NetworkWeightsRefused("the model of LEADER has not been made: run biometrics.leader.model_file")
    return None


@lru_cache(maxsize=4)
def _checked_model(models: Path) -> Path | None:
    """Looked for once a process, so that all fingers of a run are read by one engine; the choice is noted."""
    model = find_model(models)
    if model is None:
        _log.warning("fingers are read by the classical engine: the model of LEADER has not been made")
    return model


def at_working_dpi(image: GreyImage, dpi: int) -> GreyImage:
    """The picture at 500 dpi."""
    if dpi == WORKING_DPI:
        return image
    scale = WORKING_DPI / dpi
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, size, interpolation=interpolation), np.uint8)


def _scaled(raw: RawMinutia, scale: float, width_px: int, height_px: int) -> Minutia:
    return Minutia(
        min(max(round(raw.x_px * scale), 0), width_px - 1),
        min(max(round(raw.y_px * scale), 0), height_px - 1),
        round(raw.angle_rad * ANGLE_STEPS / (2 * math.pi)) % ANGLE_STEPS,
        raw.kind,
        max(1, min(100, round(100 * raw.trust))),
    )
