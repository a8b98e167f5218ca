"""Scores of the matcher on different fingers: what thresholds.py reads. Made by a benchmark, never by hand.

    python -m benchmarks.fingerprint_calibration --images DIR [--images DIR ...] --synthetic PEOPLE

68320 impostor pairs: 12640 of synthetic fingers and 55680 of real pictures, inside and across the sets
fvc2002_db1_b, fvc2002_db2_b, fvc2002_db4_b; whole pictures and, again, 256 x 288 windows of 16 grey levels.
Pairs share fingers and are not independent.
Down to one in a thousand the scores are read from the pairs; beyond, an exponential is fitted to the 69 highest
and made 20 % flatter, the one-sided 95 % bound of its slope.
"""

from __future__ import annotations

#: (score, share of impostor pairs that reach it), scores rising.
IMPOSTOR_TAIL: tuple[tuple[float, float], ...] = (
    (0.0, 1),
    (0.272, 0.5),
    (0.43, 0.3),
    (0.793, 0.1),
    (1.285, 0.03),
    (1.802, 0.01),
    (2.408, 0.003),
    (3.05, 0.001),
    (4.473, 0.0001),
    (7.318, 1e-06),
)
