"""Every number of the extraction by network. Lengths are pixels at 500 dpi, shares 0..1."""

from __future__ import annotations

from dataclasses import dataclass

from biometrics.capture.mask import DEFAULT_MASK, MaskParameters


@dataclass(frozen=True, slots=True)
class LeaderParameters:
    """What is given to the network and what is believed of its answer."""

    mask: MaskParameters = DEFAULT_MASK
    margin_px: int = 48
    """Kept around the print when it is cut out of the picture; with 24 a print's edge reads worse than uncut."""
    least_trust: float = 0.3
    """Lower than the network's own proposal (0.6): weaker minutiae still help the matcher (docs/accuracy.md)."""
    most_minutiae: int = 80


DEFAULT_LEADER_PARAMETERS = LeaderParameters()
