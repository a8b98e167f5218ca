"""Which extractor reads minutiae from a picture."""

from __future__ import annotations

from enum import Enum


class Engine(Enum):
    """Stored with each template; templates of both are compared with the same matcher."""

    CLASSICAL = "classical"
    """Our own filters and thinning: needs nothing but this program."""
    LEADER = "leader"
    """The network LEADER, with weights from the package pyfing: about a third of the errors."""
