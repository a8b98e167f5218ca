"""The road between a kiosk and the registry."""

from .proxy import NetworkProxy

__all__ = ["NetworkProxy"]
