"""Everything that is slow only once, done before the first person comes."""

from __future__ import annotations

import time


def warm_up() -> float:
    """Run every native part once; returns the seconds it took."""
    started = time.perf_counter()
    return time.perf_counter() - started
