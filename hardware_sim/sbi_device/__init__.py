"""A simulated finger scanner behind MOSIP's Secure Biometric Interface."""

from hardware_sim.sbi_device.credentials import DeviceCredentials
from hardware_sim.sbi_device.device import SbiDeviceSim
from hardware_sim.sbi_device.faults import SbiFault

__all__ = ["DeviceCredentials", "SbiDeviceSim", "SbiFault"]
