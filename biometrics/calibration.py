"""Scores of the matcher on different fingers: what thresholds.py reads. Made by a benchmark, never by hand.

    python -m benchmarks.fingerprint_calibration --images DIR [--images DIR ...] --cache DIR

705240 impostor pairs, read by LEADER, by the classical engine, and one by each: 538200 of synthetic fingers
and 167040 of real pictures, inside and across the sets fvc2002_db1_b, fvc2002_db2_b, fvc2002_db4_b;
whole pictures and, again, 256 x 288 windows of 16 grey levels. Pairs share fingers and are not independent.
Each of the 9 groups has a curve of its own: down to one in a thousand the scores whose rate is, by the one-sided
95 % bound of what was counted, no higher than stated; beyond, an exponential fitted to the highest three in a
thousand and made flatter by the one-sided 95 % bound of its slope. The table holds the highest of these curves.
"""

from __future__ import annotations

#: (score, share of impostor pairs that reach it), scores rising.
IMPOSTOR_TAIL: tuple[tuple[float, float], ...] = (
    (0.0, 1),
    (0.046, 0.5),
    (0.21, 0.3),
    (1.1, 0.1),
    (2.353, 0.03),
    (3.436, 0.01),
    (4.492, 0.003),
    (5.233, 0.001),
    (7.124, 0.0001),
    (10.934, 1e-06),
)
