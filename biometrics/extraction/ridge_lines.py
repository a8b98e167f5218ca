"""Stage 6: following thinned ridges, and repairing what thinning and noise did to them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from biometrics.compiled import compiled
from biometrics.extraction.orientation import FloatMap
from biometrics.extraction.parameters import MinutiaParameters
from biometrics.extraction.skeleton import Binary

IntRows = NDArray[np.int32]

#: The eight neighbours in circular order: rows and columns.
_AROUND_Y = np.array([-1, -1, 0, 1, 1, 1, 0, -1], np.int32)
_AROUND_X = np.array([0, 1, 1, 1, 0, -1, -1, -1], np.int32)
_ENDING, _LINE, _BIFURCATION = 1, 2, 3
#: A bridge crosses the ridges at more than this angle.
_BRIDGE_TURN_RAD = math.pi / 4


def repair(skeleton: Binary, angle_rad: FloatMap, parameters: MinutiaParameters) -> Binary:
    """The lines without spurs, islets, bridges and lakes, and with short breaks closed."""
    repaired = skeleton.copy()
    for _ in range(2):
        _remove_short_lines(repaired, angle_rad, parameters.spur_px, parameters.island_px, parameters.bridge_px)
        _close_breaks(repaired, angle_rad, parameters.break_px, parameters.break_turn_rad)
    _remove_lakes(repaired, parameters.lake_px)
    _remove_short_lines(repaired, angle_rad, parameters.spur_px, parameters.island_px, parameters.bridge_px)
    return repaired


def find_nodes(skeleton: Binary) -> IntRows:
    """Rows of (y, x, 1 ending or 3 bifurcation)."""
    return _nodes(skeleton)


def trace_branches(skeleton: Binary, nodes: IntRows, steps: int) -> IntRows:
    """Per node three rows of (y, x, steps walked): where its branches lead, 0 steps where there is none."""
    return _branches(skeleton, nodes, steps)


@compiled
def _crossings(image: Binary, y: int, x: int) -> int:
    """Rutovitz's crossing number: 1 at an ending, 2 on a line, 3 at a bifurcation."""
    turns = 0
    for k in range(8):
        here = image[y + _AROUND_Y[k], x + _AROUND_X[k]]
        after = image[y + _AROUND_Y[(k + 1) % 8], x + _AROUND_X[(k + 1) % 8]]
        turns += here != after
    return turns // 2


@compiled
def _nodes(image: Binary) -> IntRows:
    height, width = image.shape
    nodes = np.empty((image.size // 4 + 1, 3), np.int32)
    count = 0
    for y in range(1, height - 1):
        for x in range(1, width - 1):
            if image[y, x] and count < nodes.shape[0]:
                crossings = _crossings(image, y, x)
                if crossings in (_ENDING, _BIFURCATION):
                    nodes[count, 0], nodes[count, 1], nodes[count, 2] = y, x, crossings
                    count += 1
    return nodes[:count].copy()


@compiled
def _next_on_line(image: Binary, y: int, x: int, from_y: int, from_x: int) -> int:
    """The neighbour (0..7) that goes on, straight ones first; -1 when the line stops or forks."""
    best, found = -1, 0
    for k in range(8):
        ny, nx = y + _AROUND_Y[k], x + _AROUND_X[k]
        if image[ny, nx] == 0 or (ny == from_y and nx == from_x):
            continue
        if max(abs(ny - from_y), abs(nx - from_x)) <= 1:
            continue  # beside where we came from: a step of a staircase, not a way on
        if best < 0 or k % 2 == 0:
            best = k
        found += 1
    return best if found else -1


@compiled
def _walk(image: Binary, start_y: int, start_x: int, k: int, steps: int, path: IntRows) -> tuple[int, int]:
    """Follow the line that leaves a node by its neighbour k.

    Returns (length, crossing number where it stopped).
    """
    from_y, from_x = start_y, start_x
    y, x = start_y + _AROUND_Y[k], start_x + _AROUND_X[k]
    path[0, 0], path[0, 1] = y, x
    length = 1
    while length < steps:
        crossings = _crossings(image, y, x)
        if crossings != _LINE:
            return length, crossings
        onward = _next_on_line(image, y, x, from_y, from_x)
        if onward < 0:
            return length, _LINE
        from_y, from_x = y, x
        y, x = y + _AROUND_Y[onward], x + _AROUND_X[onward]
        path[length, 0], path[length, 1] = y, x
        length += 1
    return length, _crossings(image, y, x)


@compiled
def _exits(image: Binary, y: int, x: int, exits: IntRows) -> int:
    """The neighbours by which lines leave a node.

    One per group of touching neighbours, straight ones first.
    """
    count = 0
    for k in range(8):
        if image[y + _AROUND_Y[k], x + _AROUND_X[k]] == 0:
            continue
        before = image[y + _AROUND_Y[(k + 7) % 8], x + _AROUND_X[(k + 7) % 8]]
        after = image[y + _AROUND_Y[(k + 1) % 8], x + _AROUND_X[(k + 1) % 8]]
        if k % 2 == 1 and (before or after):
            continue  # a diagonal beside a straight neighbour belongs to the same line
        if count < exits.shape[0]:
            exits[count, 0] = k
            count += 1
    return count


@compiled
def _branches(image: Binary, nodes: IntRows, steps: int) -> IntRows:
    found = np.zeros((nodes.shape[0], 3, 3), np.int32)
    path = np.empty((steps + 1, 2), np.int32)
    exits = np.empty((8, 1), np.int32)
    for index in range(nodes.shape[0]):
        y, x = nodes[index, 0], nodes[index, 1]
        count = min(_exits(image, y, x, exits), 3)
        for branch in range(count):
            length, _stop = _walk(image, y, x, exits[branch, 0], steps, path)
            found[index, branch, 0] = path[length - 1, 0]
            found[index, branch, 1] = path[length - 1, 1]
            found[index, branch, 2] = length
    return found


@compiled
def _erase(image: Binary, path: IntRows, length: int) -> None:
    for index in range(length):
        image[path[index, 0], path[index, 1]] = 0


@compiled
def _crosses_ridges(angle_rad: FloatMap, y: int, x: int, end_y: int, end_x: int) -> bool:
    turn = abs(math.atan2(end_y - y, end_x - x) - angle_rad[(y + end_y) // 2, (x + end_x) // 2]) % math.pi
    return bool(min(turn, math.pi - turn) > _BRIDGE_TURN_RAD)


@compiled
def _remove_short_lines(image: Binary, angle_rad: FloatMap, spur_px: int, island_px: int, bridge_px: int) -> None:
    longest = max(spur_px, island_px, bridge_px) + 1
    path = np.empty((longest + 1, 2), np.int32)
    exits = np.empty((8, 1), np.int32)
    nodes = _nodes(image)
    for index in range(nodes.shape[0]):
        y, x, kind = nodes[index, 0], nodes[index, 1], nodes[index, 2]
        if image[y, x] == 0 or _crossings(image, y, x) != kind:
            continue
        for branch in range(_exits(image, y, x, exits)):
            length, stop = _walk(image, y, x, exits[branch, 0], longest, path)
            end_y, end_x = path[length - 1, 0], path[length - 1, 1]
            if kind == _ENDING and stop == _ENDING and length < island_px:
                image[y, x] = 0
                _erase(image, path, length)
                break
            if kind == _ENDING and stop >= _BIFURCATION and length < spur_px:
                image[y, x] = 0
                _erase(image, path, length - 1)
                break
            is_short = kind == _BIFURCATION and stop >= _BIFURCATION and 2 < length < bridge_px
            if is_short and _crosses_ridges(angle_rad, y, x, end_y, end_x):
                _erase(image, path, length - 1)
                break


@compiled
def _remove_lakes(image: Binary, lake_px: int) -> None:
    """Where two branches of a fork meet again at once, one of them goes."""
    paths = np.empty((3, lake_px + 2, 2), np.int32)
    lengths = np.zeros(3, np.int32)
    exits = np.empty((8, 1), np.int32)
    nodes = _nodes(image)
    for index in range(nodes.shape[0]):
        y, x = nodes[index, 0], nodes[index, 1]
        if image[y, x] == 0 or _crossings(image, y, x) != _BIFURCATION:
            continue
        count = min(_exits(image, y, x, exits), 3)
        for branch in range(count):
            lengths[branch], stop = _walk(image, y, x, exits[branch, 0], lake_px + 1, paths[branch])
            if stop < _BIFURCATION or lengths[branch] > lake_px:
                lengths[branch] = 0
        for one in range(count):
            for two in range(one + 1, count):
                if lengths[one] < 3 or lengths[two] < 3:
                    continue
                away_y = paths[one, lengths[one] - 1, 0] - paths[two, lengths[two] - 1, 0]
                away_x = paths[one, lengths[one] - 1, 1] - paths[two, lengths[two] - 1, 1]
                if max(abs(away_y), abs(away_x)) <= 1:
                    _erase(image, paths[two], lengths[two] - 1)
                    lengths[two] = 0


@compiled
def _close_breaks(image: Binary, angle_rad: FloatMap, break_px: float, turn_rad: float) -> None:
    """Join two endings that face each other along the ridge."""
    nodes = _nodes(image)
    exits = np.empty((8, 1), np.int32)
    path = np.empty((9, 2), np.int32)
    count = 0
    ends = np.empty((nodes.shape[0], 3), np.float64)
    for index in range(nodes.shape[0]):
        y, x = nodes[index, 0], nodes[index, 1]
        if nodes[index, 2] == _ENDING and _exits(image, y, x, exits) == 1:
            length, _stop = _walk(image, y, x, exits[0, 0], 8, path)
            ends[count, 0], ends[count, 1] = y, x
            ends[count, 2] = math.atan2(y - path[length - 1, 0], x - path[length - 1, 1])
            count += 1
    used = np.zeros(count, np.uint8)
    for one in range(count):
        best, nearest = -1, break_px
        for two in range(count):
            if two == one or used[one] or used[two]:
                continue
            dy, dx = ends[two, 0] - ends[one, 0], ends[two, 1] - ends[one, 1]
            distance = math.hypot(dx, dy)
            if distance > nearest or distance == 0:
                continue
            line = math.atan2(dy, dx)
            out = abs((ends[one, 2] - line + math.pi) % (2 * math.pi) - math.pi)
            back = abs((ends[two, 2] - line) % (2 * math.pi) - math.pi)
            flow = abs(line - angle_rad[int(ends[one, 0]), int(ends[one, 1])]) % math.pi
            if out < 2 * turn_rad and back < 2 * turn_rad and min(flow, math.pi - flow) < turn_rad:
                best, nearest = two, distance
        if best >= 0:
            used[one] = used[best] = 1
            steps = int(nearest) + 1
            for step in range(steps + 1):
                y = int(ends[one, 0] + (ends[best, 0] - ends[one, 0]) * step / steps + 0.5)
                x = int(ends[one, 1] + (ends[best, 1] - ends[one, 1]) * step / steps + 0.5)
                image[y, x] = 1
