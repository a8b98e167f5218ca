"""The serial line to a ZFM-20: never waits for ever, hands on only whole, undamaged frames of the right sensor."""

from __future__ import annotations

import time

import serial

from enrolment.devices.ports import SensorGarbage, SensorSilent
from enrolment.devices.zfm_frames import FrameKind, ReceivedFrame, encode_frame, read_frame


class ZfmLine:
    """A serial port as pyfingerprint uses it (one byte a read), and whole commands and data for ourselves."""

    def __init__(self, port: serial.Serial, address: int, idle_timeout_s: float) -> None:
        self._port = port
        self._address = address
        self.set_idle_timeout(idle_timeout_s)
        self._deadline_s = 0.0
        self._waiting = bytearray()
        self._checked = b""
        self._at = 0
        #: The first byte of the last acknowledgement: what the sensor said, whatever the library made of it.
        self.last_confirmation: int | None = None

    def set_idle_timeout(self, seconds: float) -> None:
        """How long a byte may take."""
        self._port.timeout = self._port.write_timeout = seconds

    def set_baud(self, baud: int) -> None:
        """Speak at that speed from now on."""
        self._port.baudrate = baud

    def begin(self, timeout_s: float) -> None:
        """Start a command that ends within ``timeout_s``: forget what an earlier one left on the line."""
        self._deadline_s = time.monotonic() + timeout_s
        self._waiting.clear()
        self._checked, self._at = b"", 0
        self.last_confirmation = None
        self._port.reset_input_buffer()

    def write(self, data: bytes) -> None:
        """For the library."""
        self._port.write(data)

    def read(self) -> bytes:
        """For the library: the next byte of a frame that was checked whole before."""
        if self._at == len(self._checked):
            self._checked, self._at = self.receive().raw, 0
        self._at += 1
        return self._checked[self._at - 1 : self._at]

    def ask(self, instruction: bytes) -> bytes:
        """Send a command; the payload of its acknowledgement, confirmation code first."""
        self._port.write(encode_frame(self._address, FrameKind.COMMAND, instruction))
        frame = self.receive()
        if frame.kind is not FrameKind.ACK:
            raise SensorGarbage("data where an acknowledgement was due")
        return frame.payload

    def receive_data(self, size: int) -> bytes:
        """The data frames that follow an acknowledgement, exactly ``size`` bytes in all."""
        received = bytearray()
        while len(received) <= size:
            frame = self.receive()
            if frame.kind is FrameKind.ACK:
                raise SensorGarbage("something else among the data")
            received += frame.payload
            if frame.kind is FrameKind.END_OF_DATA:
                break
        if len(received) != size:
            raise SensorGarbage("the data have the wrong size")
        return bytes(received)

    def receive(self) -> ReceivedFrame:
        """The next frame. Raises SensorSilent, or SensorGarbage for anything but a whole frame of this sensor."""
        frame = read_frame(self._take, self._address)
        if frame.kind is FrameKind.ACK:
            self.last_confirmation = frame.payload[0]
        return frame

    def _take(self, count: int) -> bytes:
        while len(self._waiting) < count:
            if time.monotonic() > self._deadline_s:
                raise SensorSilent("no complete answer in time")
            received = self._port.read(max(1, self._port.in_waiting))
            if not received:
                raise SensorSilent("no answer")
            self._waiting += received
        taken = bytes(self._waiting[:count])
        del self._waiting[:count]
        return taken

    def isOpen(self) -> bool:
        """For the library."""
        return bool(self._port.is_open)

    def close(self) -> None:
        """Let go of the port."""
        self._port.close()
