"""What came over a line with a weak checksum counts only when several readings of it agree.

What remains: the same damage at the same place in all of them. Two bytes that change places by chance do so in one of
32,000 ways in a feature file and of 200 million in a picture; a packet that comes in the place of another, in one of 12
ways in a feature file (four packets) and of 80,000 in a picture. Two readings let 1 wrong feature file through in a
million damaged packets, so a feature file, which is short, is read three times. A line or a module that always does
wrong in the same way is not noticed by reading again.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable

from enrolment.devices.ports import SensorGarbage

#: Readings beyond those that must agree, before we give up.
SPARE_READINGS = 1


def read_until_agreed(read: Callable[[], bytes], *, agreeing: int = 2) -> bytes:
    """The bytes that so many readings had in common, by their SHA-256; SensorGarbage when they disagree too often."""
    seen: Counter[bytes] = Counter()
    for _ in range(agreeing + SPARE_READINGS):
        reading = read()
        digest = hashlib.sha256(reading).digest()
        seen[digest] += 1
        if seen[digest] == agreeing:
            return reading
    raise SensorGarbage("the readings do not agree")
