"""The engine LEADER: the print is cut out of the picture, read by the network, and judged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from biometrics.capture.hints import give_hints
from biometrics.capture.mask import find_mask
from biometrics.capture.reading import RawMinutia, Reading, TraceHook
from biometrics.engine import Engine
from biometrics.images import GreyImage
from biometrics.leader.decoding import decode_maps
from biometrics.leader.parameters import LeaderParameters
from biometrics.leader.runtime import Network

#: The sum of trusts at which a finger has 63 of 100 points. With it 1 % of the pictures of fingers 101-108 lie below 65
#: points, as with the classical engine, so that "good" asks as much of both.
_ORDINARY_TRUST = 11.8
#: With less ground than this around the print nothing is told from its grey.
_LEAST_GROUND_SHARE = 0.03
_NOTHING = Reading((), 0, (), 0.0, Engine.LEADER)


def read_by_network(image: GreyImage, network: Network, parameters: LeaderParameters, trace: TraceHook) -> Reading:
    """The minutiae of a picture of 500 dpi."""
    mask = find_mask(image, parameters.mask)
    trace("mask", mask)
    share = float(mask.mean())
    if not mask.any():
        return replace(_NOTHING, hints=give_hints(image, mask, 0.0, 0))
    rows, columns = _frame(mask, parameters.margin_px)
    found = [
        replace(m, x_px=m.x_px + columns.start, y_px=m.y_px + rows.start)
        for m in _minutiae(image[rows, columns], _is_ground_dark(image, mask), network, parameters, trace)
    ][: parameters.most_minutiae]
    quality = finger_quality([m.trust for m in found])
    reliability = float(np.mean([m.trust for m in found])) if found else 0.0
    return Reading(tuple(found), quality, give_hints(image, mask, reliability, quality), share, Engine.LEADER)


def _minutiae(
    print_: GreyImage, is_ground_dark: bool, network: Network, parameters: LeaderParameters, trace: TraceHook
) -> list[RawMinutia]:
    """Most trusted first. On a dark ground the ridges may be the light lines: both are tried, the likelier is kept."""
    pictures = [print_, np.asarray(255 - print_, np.uint8)] if is_ground_dark else [print_]
    readings = []
    for picture in pictures:
        (maps,) = network.read([picture], background=int(picture[0, 0]))
        trace("position", maps.position)
        readings.append(decode_maps(maps, parameters.least_trust))
    return max(readings, key=lambda found: sum(m.trust for m in found))


def _is_ground_dark(image: GreyImage, mask: NDArray[np.uint8]) -> bool:
    """Whether what lies around the print is darker than the print; False where hardly anything does."""
    ground, print_ = image[mask == 0], image[mask > 0]
    return ground.size > _LEAST_GROUND_SHARE * image.size and float(np.median(ground)) < float(np.median(print_))


def finger_quality(trusts: Sequence[float]) -> int:
    """0..100 from the sum of the minutiae's trusts."""
    return round(100 * (1 - math.exp(-sum(trusts) / _ORDINARY_TRUST)))


def _frame(mask: NDArray[np.uint8], margin_px: int) -> tuple[slice, slice]:
    """Rows and columns of the print with a margin."""
    rows, columns = np.nonzero(mask.any(axis=1))[0], np.nonzero(mask.any(axis=0))[0]
    return (
        slice(max(0, int(rows[0]) - margin_px), int(rows[-1]) + 1 + margin_px),
        slice(max(0, int(columns[0]) - margin_px), int(columns[-1]) + 1 + margin_px),
    )
