"""What a fingerprint sensor and a camera offer the rest of the product, and how they fail.

A driver may block: the kiosk runs each one in a worker process of its own with a deadline on every call.
Drivers still bring time-outs where the hardware allows it, so that the worker seldom has to be killed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

from domain.errors import ProjectError
from domain.fingers import FingerPosition
from domain.sensors import SensorIdentity


@dataclass(frozen=True)
class FingerImage:
    """One picture of a finger: 8-bit grey, ridges dark on light, rows from the fingertip down."""

    pixels: bytes = field(repr=False)
    width_px: int
    height_px: int
    dpi: int
    nfiq2: int | None = None
    """Its NFIQ 2 value, 0..100, where the sensor's own record tells one."""
    #: The device that took it, where it says who it is. Two equal pictures are equal whoever took them.
    sensor: SensorIdentity | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if len(self.pixels) != self.width_px * self.height_px:
            raise ValueError("pixels do not fill the image")


@dataclass(frozen=True)
class CameraFrame:
    """One picture of the camera: 8-bit red, green, blue; ``sequence`` grows by one with each new frame."""

    rgb: bytes = field(repr=False)
    width_px: int
    height_px: int
    sequence: int

    def __post_init__(self) -> None:
        if len(self.rgb) != 3 * self.width_px * self.height_px:
            raise ValueError("pixels do not fill the frame")


class FingerprintSensor(Protocol):
    """A sensor that shows whether a finger lies on it and gives its picture."""

    def expect(self, position: FingerPosition) -> None:
        """Which finger is asked for from now on; UNKNOWN: any. A sensor that cannot tell fingers apart ignores it."""
        ...

    def finger_present(self) -> bool:
        """Whether a finger lies on the window now. Raises a SensorError when the sensor cannot say."""
        ...

    def capture(self) -> FingerImage | None:
        """The picture of the finger now on the window, None when there is none. Raises a SensorError."""
        ...

    def close(self) -> None:
        """Let go of the port; calling it twice is allowed."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Camera(Protocol):
    """A camera that keeps its newest picture ready."""

    def latest(self, max_age_s: float) -> CameraFrame | None:
        """The newest frame not older than that; None when the camera runs but has no frame so fresh yet.

        Raises CameraSilent when it stopped giving frames, CameraUnplugged when it cannot be reached.
        """
        ...

    def close(self) -> None:
        """Let go of the camera; calling it twice is allowed."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class DeviceError(ProjectError):
    """A device at the desk stopped us."""

    code = "device.failed"
    message_key = "error.device"


class SensorError(DeviceError):
    """The fingerprint sensor stopped us."""

    code = "sensor.failed"
    message_key = "error.sensor"


class SensorSilent(SensorError):
    """The sensor is connected and does not answer in time."""

    code = "sensor.silent"
    message_key = "error.sensor_silent"


class SensorUnplugged(SensorError):
    """The sensor is not connected, or was pulled out."""

    code = "sensor.unplugged"
    message_key = "error.sensor_unplugged"


class SensorGarbage(SensorError):
    """The sensor answers, and what it answers cannot be trusted: nothing of it is used."""

    code = "sensor.garbage"
    message_key = "error.sensor_garbage"


class SensorDriverMissing(SensorError):
    """The software for this sensor is an optional part and is not installed."""

    code = "sensor.driver_missing"
    message_key = "error.sensor_driver_missing"


class SensorUntrusted(SensorError):
    """The sensor does not prove that what it sends is its own, fresh and meant for us: nothing of it is used."""

    code = "sensor.untrusted"
    message_key = "error.sensor_untrusted"


class SensorBusy(SensorError):
    """Another program has the sensor."""

    code = "sensor.busy"
    message_key = "error.sensor_busy"


class SensorSameImage(SensorError):
    """The very same picture came twice, which no living finger does: it was refused."""

    code = "sensor.same_image"
    message_key = "error.sensor_same_image"


class SensorOtherFinger(SensorError):
    """The sensor knows fingers apart and saw another one than was asked for: its picture was refused."""

    code = "sensor.other_finger"
    message_key = "error.sensor_other_finger"


class CameraError(DeviceError):
    """The camera stopped us."""

    code = "camera.failed"
    message_key = "error.camera"


class CameraSilent(CameraError):
    """The camera is connected and gives no new picture."""

    code = "camera.silent"
    message_key = "error.camera_silent"


class CameraUnplugged(CameraError):
    """The camera is not connected, or was pulled out."""

    code = "camera.unplugged"
    message_key = "error.camera_unplugged"
