"""A simulated ZFM-20 fingerprint sensor on a pseudo-terminal."""

from .line import FingerprintSensorSim
from .module import IMAGE_DPI, IMAGE_HEIGHT_PX, IMAGE_WIDTH_PX, OnModuleMatcher

__all__ = ["IMAGE_DPI", "IMAGE_HEIGHT_PX", "IMAGE_WIDTH_PX", "FingerprintSensorSim", "OnModuleMatcher"]
