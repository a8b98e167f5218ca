"""The road between a kiosk and the registry."""

from hardware_sim.network.proxy import NetworkProxy

__all__ = ["NetworkProxy"]
