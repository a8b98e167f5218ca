"""Stage 7: endings and forks of the thinned ridges, with direction and trust."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.capture.reading import RawMinutia
from biometrics.extraction.orientation import FloatMap, OrientationField
from biometrics.extraction.parameters import MinutiaParameters
from biometrics.extraction.quality import trust_of
from biometrics.extraction.ridge_lines import find_nodes, trace_branches
from biometrics.extraction.skeleton import Binary
from biometrics.template import MinutiaKind

#: A branch shorter than this tells no direction.
_LEAST_BRANCH_PX = 5


def find_minutiae(
    skeleton: Binary, mask: Binary, field: OrientationField, evidence: FloatMap, parameters: MinutiaParameters
) -> list[RawMinutia]:
    """All minutiae inside the finger, away from its edge, most trusted first."""
    depth = cv2.distanceTransform(cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT), cv2.DIST_L2, 5)
    depth = depth[1:-1, 1:-1]
    nodes = find_nodes(skeleton)
    nodes = nodes[depth[nodes[:, 0], nodes[:, 1]] > parameters.border_px]
    branches = trace_branches(skeleton, nodes, parameters.trace_px)
    found = []
    for (y, x, crossings), legs in zip(nodes.tolist(), branches.tolist(), strict=True):
        direction = _direction(y, x, [leg for leg in legs if leg[2] >= _LEAST_BRANCH_PX], crossings)
        if direction is None:
            continue
        angle = _along_ridge(direction, float(field.angle_rad[y, x]))
        kind = MinutiaKind.RIDGE_ENDING if crossings == 1 else MinutiaKind.BIFURCATION
        found.append(RawMinutia(x, y, angle, kind, float(evidence[y, x])))
    return _trusted(_without_facing_pairs(found), parameters)


def _trusted(minutiae: list[RawMinutia], parameters: MinutiaParameters) -> list[RawMinutia]:
    """The minutiae worth keeping, their evidence turned into trust, most trusted first."""
    spots = np.array([(m.x_px, m.y_px) for m in minutiae]).reshape(-1, 2)
    away = np.hypot(spots[:, None, 0] - spots[None, :, 0], spots[:, None, 1] - spots[None, :, 1])
    np.fill_diagonal(away, np.inf)
    nearest = away.min(axis=1, initial=np.inf).tolist()
    judged = [replace(m, trust=trust_of(m.trust, near)) for m, near in zip(minutiae, nearest, strict=True)]
    kept = [m for m in judged if m.trust >= parameters.least_trust]
    return sorted(kept, key=lambda m: (-m.trust, m.y_px, m.x_px))


def _direction(y: int, x: int, legs: list[list[int]], crossings: int) -> float | None:
    """Counter-clockwise angle into the gap.

    Along an ending's ridge, or between a fork's two nearest branches.
    """
    angles = [math.atan2(y - leg[0], leg[1] - x) for leg in legs]
    if crossings == 1:
        return angles[0] if angles else None
    if len(angles) < 3:
        return None
    pairs = [(angles[0], angles[1]), (angles[1], angles[2]), (angles[0], angles[2])]
    one, two = min(pairs, key=lambda pair: abs(_turn(pair[0], pair[1])))
    return one + _turn(one, two) / 2


def _turn(start: float, end: float) -> float:
    return (end - start + math.pi) % (2 * math.pi) - math.pi


def _along_ridge(direction: float, ridge_angle_rad: float) -> float:
    """The smooth field's direction (mod pi, clockwise) with the sense that the traced branch gives."""
    along = -ridge_angle_rad
    if abs(_turn(along, direction)) > math.pi / 2:
        along += math.pi
    return along % (2 * math.pi)


def _without_facing_pairs(minutiae: list[RawMinutia], near_px: float = 7.0) -> list[RawMinutia]:
    """Two minutiae almost on one spot that point apart are a nick of one ridge: both go."""
    if len(minutiae) < 2:
        return minutiae
    spots = np.array([(m.x_px, m.y_px, m.angle_rad) for m in minutiae])
    away = np.hypot(spots[:, None, 0] - spots[None, :, 0], spots[:, None, 1] - spots[None, :, 1])
    turn = np.cos(spots[:, None, 2] - spots[None, :, 2])
    facing: NDArray[np.bool_] = (away < near_px) & (turn < -0.5)
    np.fill_diagonal(facing, False)
    doomed = set(np.nonzero(facing.any(axis=1))[0].tolist())
    return [m for index, m in enumerate(minutiae) if index not in doomed]
