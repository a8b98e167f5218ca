"""A simulated ZFM-20 fingerprint sensor on a pseudo-terminal."""

from hardware_sim.fingerprint_sensor.line import FingerprintSensorSim
from hardware_sim.fingerprint_sensor.module import OnModuleMatcher
from hardware_sim.fingerprint_sensor.window import Glass

__all__ = ["FingerprintSensorSim", "Glass", "OnModuleMatcher"]
