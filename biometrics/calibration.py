"""Scores of the matcher on different fingers: what thresholds.py reads. Made by a benchmark, never by hand.

    python -m benchmarks.fingerprint_calibration --images DIR [--images DIR ...] --cache DIR

705240 impostor pairs, read by LEADER, by the classical engine, and one by each: 538200 of synthetic fingers
and 167040 of real pictures, inside and across the sets fvc2002_db1_b, fvc2002_db2_b, fvc2002_db4_b;
whole pictures and, again, 256 x 288 windows of 16 grey levels; pairs of one sensor apart from those of two.
Pairs share fingers and are not independent. Down to one in a thousand each of the 15 groups has the scores whose
rate is, by the one-sided 95 % bound of what was counted, no higher than stated, and the table holds the highest.
Beyond, an exponential goes on from there, fitted to what in all groups lies above one in a thousand and made
flatter by the one-sided 95 % bound of its slope.
"""

from __future__ import annotations

#: (score, share of impostor pairs that reach it), scores rising.
IMPOSTOR_TAIL: tuple[tuple[float, float], ...] = (
    (0.0, 1),
    (0.074, 0.5),
    (0.322, 0.3),
    (1.345, 0.1),
    (2.706, 0.03),
    (3.798, 0.01),
    (4.925, 0.003),
    (6.289, 0.001),
    (7.634, 0.0001),
    (10.323, 1e-06),
)
