"""What came over a line with a weak checksum counts only when two readings of it agree.

What remains: the same damage at the same place in two readings. Two bytes that change places by chance do so in one of
32,000 ways in a feature file and of 200 million in a picture; a packet that comes again in the place of another, in one
of 12 ways in a feature file (four packets) and of 80,000 in a picture. A line or a module that always does wrong in the
same way is not noticed by reading again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from enrolment.devices.ports import SensorGarbage

MOST_READINGS = 3


def read_until_two_agree(read: Callable[[], bytes]) -> bytes:
    """The bytes that two readings had in common, by their SHA-256; SensorGarbage when none of three agree."""
    seen: set[bytes] = set()
    for _ in range(MOST_READINGS):
        reading = read()
        digest = hashlib.sha256(reading).digest()
        if digest in seen:
            return reading
        seen.add(digest)
    raise SensorGarbage("no two readings agree")
