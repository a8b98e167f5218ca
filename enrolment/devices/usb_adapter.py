"""The serial number of the USB adapter that a sensor hangs on: a module without one of its own is known by it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from serial.tools import list_ports


class Port(Protocol):
    """What we use of pyserial's ListPortInfo."""

    device: str
    serial_number: str | None


def find_adapter_serial(port: str, ports: Iterable[Port] | None = None) -> str:
    """Empty for a port that is no USB adapter's, or whose adapter has none. ``port`` may be a link to it."""
    try:
        wanted = Path(port).resolve()
        listed = list_ports.comports() if ports is None else ports
        return next((each.serial_number or "" for each in listed if Path(each.device).resolve() == wanted), "")
    except OSError:
        # Pulled out while it was looked at: whose picture it was is not worth losing the picture.
        return ""
