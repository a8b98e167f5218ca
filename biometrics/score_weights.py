"""How much each measure of evidence.py weighs. Made by a benchmark, never by hand.

    python -m benchmarks.score_fit --images DIR [--images DIR ...]

13004 genuine and 71809 impostor pairs in which the first look found something, both engines, of the sets
fvc2002_db1_b, fvc2002_db2_b, fvc2002_db4_b without fingers 109 and 110; none, zfm, turned, stretched, partial, dry, wet, noisy, field, worst.
"""

from __future__ import annotations

SUPPORT, CLOSENESS, OVERLAP, SHARE = 2.015, 5.389, -2.728, 9.972
#: The weighed evidence at which a score begins.
BEGINNING = 8.383
