"""The same picture twice: played back by a false sensor, or a finger that was never lifted. Two touches always differ.

Measured on FVC2002 DB1_B, DB2_B and DB4_B: two impressions of one finger reach a likeness of at most 0.315 (840 pairs),
different fingers 0.212 (8,640 pairs); a picture seen again 0.975 or more after noise of 10 grey levels, JPEG at quality
40, other brightness or 16 grey levels (240 pictures each), and 0.649 or more after a shift by one pixel both ways.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.images import GreyImage

#: From here on two pictures are one. Two touches of a finger stay far below, also where it was laid down with care.
SAME_PICTURE = 0.60
#: So many pictures are remembered: more than a desk takes in a day at work, 37 MB.
_REMEMBERED = 500
_TRACE_SIZE = (128, 144)
_FINE_PX, _COARSE_PX = 1.0, 8.0
#: An empty picture has nothing to compare; it is no finger either.
_FLAT = 1e-6

Trace: TypeAlias = NDArray[np.float32]


def trace_of(image: GreyImage) -> Trace:
    """The ridges of the picture, small, free of brightness and contrast; its length is 1, or 0 for an empty one."""
    grey = image.astype(np.float32)
    ridges = cv2.GaussianBlur(grey, (0, 0), _FINE_PX) - cv2.GaussianBlur(grey, (0, 0), _COARSE_PX)
    small = cv2.resize(ridges, _TRACE_SIZE, interpolation=cv2.INTER_AREA).ravel()
    small -= small.mean()
    length = float(np.linalg.norm(small))
    return np.asarray(small / length if length > _FLAT else np.zeros_like(small), np.float32)


def likeness(one: Trace, other: Trace) -> float:
    """-1..1: 1 for the same picture; about 0 for any two touches."""
    return float(one @ other)


@dataclass(slots=True)
class SeenPictures:
    """The pictures of a desk since it was started. In memory only: a trace shows ridges, and none is ever written."""

    _traces: OrderedDict[bytes, Trace] = field(default_factory=OrderedDict, repr=False)

    def is_repeated(self, image: GreyImage) -> bool:
        """Whether this picture was seen before, as it is or nearly; from now on it is seen."""
        digest = hashlib.sha256(image.tobytes()).digest()
        if digest in self._traces:
            self._traces.move_to_end(digest)
            return True
        trace = trace_of(image)
        is_known = any(likeness(trace, seen) >= SAME_PICTURE for seen in self._traces.values())
        self._traces[digest] = trace
        if len(self._traces) > _REMEMBERED:
            self._traces.popitem(last=False)
        return is_known
