"""Scores of the matcher on pairs of different fingers: what thresholds.py reads. Made by a benchmark, never by hand.

python -m benchmarks.fingerprint_calibration --images DIR --images DIR ...
"""

from __future__ import annotations

#: (score, share of impostor pairs that reach it), scores rising. The last piece is an exponential fitted to the tail.
IMPOSTOR_TAIL: tuple[tuple[float, float], ...] = (
    (0.0, 1.0),
    (4.0, 1e-2),
    (8.0, 1e-4),
)
