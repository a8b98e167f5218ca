"""The process of a face model: two pictures in, one of three verdicts out. Pictures are decoded within bounds."""

from __future__ import annotations

import math
import resource
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from biometrics.errors import ImageRefused
from biometrics.face_matching import FaceComparison, FaceMatcher, NotCompared, open_face_matcher
from biometrics.face_model import FaceModel, ModelFile
from biometrics.images import MAX_PIXELS, ColourImage, decode_rgb
from kiosk.devices.frames import Value
from kiosk.devices.servants.settings_reading import Settings, number, text
from kiosk.devices.serving import Call, MethodUnknown

#: A photograph on a card has some 240 x 320 pixels.
_MOST_PORTRAIT_PIXELS = 1_000_000


class FaceServant:
    """Answers ``check`` and ``compare``. The model is opened at the first call, and at the next after a failure."""

    def __init__(self, model: FaceModel) -> None:
        self._model = model
        self._matcher: FaceMatcher | None = None

    def serve(self, method: str, args: Mapping[str, Value], _call: Call) -> Value:
        if method not in ("check", "compare"):
            raise MethodUnknown(method)
        if self._matcher is None:
            self._matcher = open_face_matcher(self._model)
        return True if method == "check" else _compare(self._matcher, args)

    def close(self) -> None:
        """Nothing is kept open."""


def _compare(matcher: FaceMatcher, args: Mapping[str, Value]) -> Value:
    portrait = args.get("portrait")
    try:
        reference = decode_rgb(portrait if isinstance(portrait, bytes) else b"", _MOST_PORTRAIT_PIXELS)
    except ImageRefused:
        # A photograph that cannot be read is a fault of the card, not of the person nor of the model.
        return {"verdict": "could_not_check", "score": None, "not_compared": NotCompared.NO_FACE_ON_CARD.value}
    return _answer(matcher.compare(_frame(args), reference))


def _answer(said: FaceComparison) -> Value:
    # Rounded down, so that what is written never claims more likeness than there was.
    score = None if said.cosine is None else math.floor(said.cosine * 1000)
    why = None if said.not_compared is None else said.not_compared.value
    return {"verdict": said.verdict.value, "score": score, "not_compared": why}


def _frame(args: Mapping[str, Value]) -> ColourImage:
    rgb, width_px, height_px = args.get("rgb"), args.get("width"), args.get("height")
    if not isinstance(rgb, bytes) or not isinstance(width_px, int) or not isinstance(height_px, int):
        raise ImageRefused("no picture")
    if not 0 < width_px * height_px <= MAX_PIXELS or len(rgb) != width_px * height_px * 3:
        raise ImageRefused("the pixels do not fill the picture")
    return np.frombuffer(rgb, np.uint8).reshape(height_px, width_px, 3)


def make(settings: Settings) -> FaceServant:
    """For the model that the settings name; bounded in memory."""
    limit = number(settings, "memory_mb", 4096) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    recogniser = ModelFile(Path(text(settings, "recogniser")), text(settings, "recogniser_sha256"))
    detector = ModelFile(Path(text(settings, "detector")), text(settings, "detector_sha256"))
    threshold, one_in = float(settings["threshold"]), number(settings, "one_in", 2)
    return FaceServant(
        FaceModel(text(settings, "name"), recogniser, detector if settings["detector"] else None, threshold, one_in)
    )
