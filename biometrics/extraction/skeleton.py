"""Stage 5: the enhanced picture made black and white, and ridges thinned to lines one pixel wide."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.compiled import compiled
from biometrics.extraction.orientation import FloatMap

Binary = NDArray[np.uint8]


def binarise(enhanced: FloatMap, mask: Binary, least_speck_px: int) -> Binary:
    """1 on ridges; specks and pores smaller than least_speck_px pixels are taken out."""
    ridges = ((enhanced < 0) & (mask > 0)).astype(np.uint8)
    ridges = _without_small_areas(ridges, least_speck_px)
    valleys = ((ridges == 0) & (mask > 0)).astype(np.uint8)
    return np.asarray((mask > 0) & (_without_small_areas(valleys, least_speck_px) == 0), np.uint8)


def _without_small_areas(binary: Binary, least_area_px: int) -> Binary:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(binary, connectivity=4)
    keep = stats[:, cv2.CC_STAT_AREA] >= least_area_px
    keep[0] = False
    return keep.astype(np.uint8)[labels] if count > 1 else binary


def thin(binary: Binary) -> Binary:
    """Lines one pixel wide with the same connections; a frame of one pixel is left empty."""
    framed = binary.copy()
    framed[0, :] = framed[-1, :] = 0
    framed[:, 0] = framed[:, -1] = 0
    _thin_in_place(framed)
    return framed


@compiled
def _thin_in_place(image: Binary) -> None:
    """Guo and Hall's two-step parallel thinning (Communications of the ACM 32(3), 1989)."""
    height, width = image.shape
    ys = np.empty(image.size, np.int32)
    xs = np.empty(image.size, np.int32)
    active = 0
    for y in range(1, height - 1):
        for x in range(1, width - 1):
            if image[y, x]:
                ys[active], xs[active] = y, x
                active += 1
    doomed = np.empty(active, np.int32)
    changed = True
    while changed:
        changed = False
        for step in range(2):
            found = 0
            for index in range(active):
                if _is_removable(image, ys[index], xs[index], step):
                    doomed[found] = index
                    found += 1
            for position in range(found):
                image[ys[doomed[position]], xs[doomed[position]]] = 0
            changed = changed or found > 0
            left = 0
            for index in range(active):
                if image[ys[index], xs[index]]:
                    ys[left], xs[left] = ys[index], xs[index]
                    left += 1
            active = left


@compiled
def _is_removable(image: Binary, y: int, x: int, step: int) -> bool:
    p2, p3, p4 = image[y - 1, x], image[y - 1, x + 1], image[y, x + 1]
    p5, p6, p7 = image[y + 1, x + 1], image[y + 1, x], image[y + 1, x - 1]
    p8, p9 = image[y, x - 1], image[y - 1, x - 1]
    groups = ((1 - p2) & (p3 | p4)) + ((1 - p4) & (p5 | p6)) + ((1 - p6) & (p7 | p8)) + ((1 - p8) & (p9 | p2))
    if groups != 1:
        return False
    one = (p9 | p2) + (p3 | p4) + (p5 | p6) + (p7 | p8)
    two = (p2 | p3) + (p4 | p5) + (p6 | p7) + (p8 | p9)
    if not 2 <= min(one, two) <= 3:
        return False
    if step == 0:
        return bool(((p6 | p7 | (1 - p9)) & p8) == 0)
    return bool(((p2 | p3 | (1 - p5)) & p4) == 0)
