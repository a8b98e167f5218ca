"""How much each measure of evidence.py weighs. Made by a benchmark, never by hand.

    python -m benchmarks.score_fit --images DIR [--images DIR ...]

13030 genuine and 73812 impostor pairs in which the first look found something, both engines, of the sets
fvc2002_db1_b, fvc2002_db2_b, fvc2002_db4_b without fingers 109 and 110:
none, zfm, turned, stretched, partial, dry, wet, noisy, field, worst.
"""

from __future__ import annotations

SUPPORT, CLOSENESS, OVERLAP, SHARE = 1.841, 6.244, -3.077, 8.452
#: The weighed evidence at which a score begins.
BEGINNING = 7.949
