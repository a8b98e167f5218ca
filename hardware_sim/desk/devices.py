"""The desk's devices as somebody sees them who pulls cables and breaks things."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from domain.errors import ProjectError
from hardware_sim.desk.simulated_desk import SimulatedDesk
from hardware_sim.faults import FaultSwitch


class Device(Enum):
    """What can be unplugged and broken. The readers' faults belong to the card in them."""

    READERS = "readers"
    SENSOR = "sensor"
    CAMERA = "camera"
    RECEIPT_PRINTER = "receipt_printer"
    CARD_PRINTER = "card_printer"
    NETWORK = "network"


class NoSuchFault(ProjectError):
    """That device has no such fault."""

    code = "simulator.no_such_fault"
    message_key = "error.simulator"


@dataclass(frozen=True)
class DeviceSwitch:
    """One device's cable and its fault."""

    is_plugged: Callable[[], bool]
    plug: Callable[[], None]
    unplug: Callable[[], None]
    faults: FaultSwitch[Any] | None = None

    @property
    def fault_names(self) -> list[str]:
        """Every fault it can have, "none" among them."""
        return [] if self.faults is None else [fault.value for fault in type(self.faults.now)]

    @property
    def fault_now(self) -> str:
        """The fault that is on."""
        return "none" if self.faults is None else str(self.faults.now.value)

    def set_fault(self, name: str, uses: int | None) -> None:
        """Turn a fault on, or "none". Raises NoSuchFault."""
        if self.faults is None or name not in self.fault_names:
            raise NoSuchFault(f"this device has no fault {name}", fault=name)
        self.faults.set(type(self.faults.now)(name), uses=uses)


def device_switches(desk: SimulatedDesk) -> dict[Device, DeviceSwitch]:
    """The switches of every device on the desk."""
    readers, network = desk.readers, desk.network
    sensor, camera = desk.sensor, desk.camera
    receipts, cards = desk.receipt_printer, desk.card_printer
    return {
        Device.READERS: DeviceSwitch(lambda: readers.is_plugged, readers.plug, readers.unplug),
        Device.SENSOR: DeviceSwitch(lambda: sensor.is_plugged, sensor.replug, sensor.unplug, sensor.faults),
        Device.CAMERA: DeviceSwitch(lambda: camera.is_plugged, camera.replug, camera.unplug, camera.faults),
        Device.RECEIPT_PRINTER: DeviceSwitch(
            lambda: receipts.is_plugged, receipts.replug, receipts.unplug, receipts.faults
        ),
        Device.CARD_PRINTER: DeviceSwitch(lambda: cards.is_plugged, cards.replug, cards.unplug, cards.faults),
        Device.NETWORK: DeviceSwitch(lambda: network.is_up, network.up, network.down, network.faults),
    }
