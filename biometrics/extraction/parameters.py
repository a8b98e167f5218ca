"""Every number of the extraction in one place. Lengths are pixels at 500 dpi, angles radians, shares 0..1."""

from __future__ import annotations

from dataclasses import dataclass

from biometrics.capture.mask import DEFAULT_MASK, MaskParameters

WORKING_DPI = 500


@dataclass(frozen=True, slots=True)
class OrientationParameters:
    """Which way the ridges run."""

    fine_sigma_px: float = 6.0
    coarse_sigma_px: float = 14.0
    refined_sigma_px: float = 6.0


@dataclass(frozen=True, slots=True)
class FrequencyParameters:
    """How far apart the ridges are."""

    grid_px: int = 8
    half_length_px: int = 22
    half_width_px: int = 8
    shortest_period_px: float = 4.5
    longest_period_px: float = 16.0
    default_period_px: float = 9.0
    smoothing_cells: float = 3.5


@dataclass(frozen=True, slots=True)
class EnhancementParameters:
    """The steered Gabor filters."""

    orientations: int = 48
    period_step_px: float = 0.5
    radius_px: int = 11
    across_sigma_periods: float = 0.38
    along_sigma_periods: float = 0.75
    normalising_window_px: int = 25
    passes: int = 2


@dataclass(frozen=True, slots=True)
class MinutiaParameters:
    """What counts as a minutia."""

    trace_px: int = 14
    """How far ridges are followed to tell a direction."""
    border_px: int = 10
    """Minutiae nearer to the edge of the finger are cut ridges."""
    speck_px: int = 24
    """Ridge specks and pores of fewer pixels are noise."""
    spur_px: int = 9
    island_px: int = 14
    bridge_px: int = 9
    lake_px: int = 14
    break_px: float = 11.0
    break_turn_rad: float = 0.6
    least_trust: float = 0.35
    """Minutiae less likely to be found again are left out."""
    most_minutiae: int = 80


@dataclass(frozen=True, slots=True)
class ExtractionParameters:
    """The whole set, one record per stage."""

    mask: MaskParameters = DEFAULT_MASK
    orientation: OrientationParameters = OrientationParameters()
    frequency: FrequencyParameters = FrequencyParameters()
    enhancement: EnhancementParameters = EnhancementParameters()
    minutia: MinutiaParameters = MinutiaParameters()


DEFAULT_PARAMETERS = ExtractionParameters()
