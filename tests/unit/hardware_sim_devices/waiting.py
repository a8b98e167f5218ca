"""Waiting for something that another thread does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")
LONGEST_WAIT_S = 10.0
POLL_S = 0.01


def eventually(look: Callable[[], Found]) -> Found:
    """The first true answer of ``look``; fails when none comes in ten seconds."""
    pause = threading.Event()
    deadline_s = time.monotonic() + LONGEST_WAIT_S
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline_s, "it never happened"
        pause.wait(POLL_S)
