"""A simulated ZFM-20 fingerprint sensor on a pseudo-terminal."""

from hardware_sim.fingerprint_sensor.line import FingerprintSensorSim
from hardware_sim.fingerprint_sensor.module import IMAGE_DPI, IMAGE_HEIGHT_PX, IMAGE_WIDTH_PX, OnModuleMatcher

__all__ = ["IMAGE_DPI", "IMAGE_HEIGHT_PX", "IMAGE_WIDTH_PX", "FingerprintSensorSim", "OnModuleMatcher"]
