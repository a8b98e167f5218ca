"""Every instruction of the ZFM-20 manual and its relatives, byte by byte over the serial line, in one conversation.

No library in between: what pyfingerprint never sends is asked too (0B, 17, 18, 19, 1B, 35, 3D, 40 and 53).
"""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator

import pytest
import serial

from domain.fingers import FingerPosition
from hardware_sim.fingerprint_sensor import FingerprintSensorSim
from hardware_sim.fingerprint_sensor.frames import FIXED_BYTES, Frame, FrameType, decode
from hardware_sim.fingerprint_sensor.instructions import Instruction
from hardware_sim.fingerprint_sensor.picture import PICTURE_BYTES, pack_greys
from hardware_sim.fingers.finger import Finger, FingerCondition
from hardware_sim.fingers.synthetic import SyntheticFingers

ADDRESS = 0xFFFFFFFF
#: Extracting and comparing in the module; the first call of a session may compile.
PATIENCE_S = 60.0


class Host:
    """The other end of the line, by hand."""

    def __init__(self, path: str, baud: int = 57_600) -> None:
        self._port = serial.Serial(path, baud, timeout=PATIENCE_S)
        self.sent: set[int] = set()

    def ask(self, payload_hex: str) -> bytes:
        """The payload of the acknowledgement."""
        payload = bytes.fromhex(payload_hex)
        self.sent.add(payload[0])
        self._port.write(Frame(ADDRESS, FrameType.COMMAND, payload).encode())
        frame = self.receive()
        assert frame.type is FrameType.ACK
        return frame.payload

    def receive(self) -> Frame:
        head = self._port.read(FIXED_BYTES)
        return decode(head + self._port.read(int.from_bytes(head[-2:], "big")))

    def receive_data(self) -> bytes:
        """All data frames up to the last one."""
        parts = []
        while True:
            frame = self.receive()
            parts.append(frame.payload)
            if frame.type is FrameType.END_OF_DATA:
                return b"".join(parts)

    def send_data(self, content: bytes, size: int = 128) -> None:
        parts = [content[at : at + size] for at in range(0, len(content), size)]
        for number, part in enumerate(parts, start=1):
            kind = FrameType.END_OF_DATA if number == len(parts) else FrameType.DATA
            self._port.write(Frame(ADDRESS, kind, part).encode())

    def close(self) -> None:
        self._port.close()


@pytest.fixture
def sensor(tmp_path) -> Iterator[FingerprintSensorSim]:
    with FingerprintSensorSim(tmp_path / "port", is_noisy=False) as sim:
        yield sim


@pytest.fixture
def host(sensor) -> Iterator[Host]:
    made = Host(str(sensor.path))
    yield made
    made.close()


def score_of(answer: bytes) -> int:
    (score,) = struct.unpack(">H", answer[-2:])
    return score


def test_every_instruction_is_answered_as_the_manual_says(sensor, host, tmp_path) -> None:
    fingers = SyntheticFingers(tmp_path / "fingers")
    thumb = Finger(1, FingerPosition.RIGHT_THUMB)
    first, second = (fingers.picture(thumb, number, FingerCondition.GOOD) for number in (1, 2))

    assert host.ask("1300000000") == b"\x00"  # VerifyPassword
    told = struct.unpack(">BHHHHIHH", host.ask("0f"))  # ReadSysPara
    assert told == (0, 0x0004, 9, 1000, 3, ADDRESS, 2, 6)
    assert host.ask("01") == b"\x02"  # GenImg: no finger
    assert host.ask("0a") == b"\x0f"  # UpImage: nothing to give
    assert host.ask("0201") == b"\x15"  # Img2Tz: no picture
    sensor.place(first)
    assert host.ask("01") == b"\x00"
    assert struct.unpack(">BH", host.ask("0f")[:3]) == (0, 0x000C)  # password verified, picture there
    assert host.ask("0a") == b"\x00"
    assert host.receive_data() == pack_greys(first)

    assert host.ask("0b") == b"\x00"  # DownImage, never sent by pyfingerprint
    host.send_data(pack_greys(second))
    assert host.ask("0a") == b"\x00"
    assert host.receive_data() == pack_greys(second)
    assert host.ask("0202") == b"\x00"
    assert host.ask("01") == b"\x00"
    assert host.ask("0201") == b"\x00"
    matched = host.ask("03")  # Match
    assert (matched[0], score_of(matched) > 0) == (0, True)
    assert host.ask("05") == b"\x00"  # RegModel
    assert host.ask("06010005") == b"\x00"  # Store
    assert host.ask("060103e8") == b"\x0b"  # beyond the last of 1,000 places
    assert host.ask("1d") == b"\x00\x00\x01"  # TempleteNum
    assert host.ask("1f00") == b"\x00" + b"\x20" + bytes(31)  # ReadConList: bit 5
    assert host.ask("07020005") == b"\x00"  # LoadChar
    assert host.ask("07020006") == b"\x0c"
    assert host.ask("0802") == b"\x00"  # UpChar
    template = host.receive_data()
    assert len(template) == 512
    assert host.ask("0901") == b"\x00"  # DownChar
    host.send_data(template)
    assert host.ask("0801") == b"\x00"
    assert host.receive_data() == template

    assert host.ask("0201") == b"\x00"
    for search in ("04", "1b"):  # Search; 1B, the fast one, never sent by pyfingerprint
        found = host.ask(f"{search}01000003e8")
        assert (found[0], found[1:3], score_of(found) > 0) == (0, b"\x00\x05", True)
        assert host.ask(f"{search}0100000005")[0] == 0x09  # not among the first five
    assert host.ask("0c00050001") == b"\x00"  # DeletChar
    assert host.ask("0c03e80001") == b"\x10"
    assert host.ask("0d") == b"\x00"  # Empty
    assert host.ask("0401000003e8")[0] == 0x09

    assert host.ask("0e0505") == b"\x00"  # SetSysPara: security
    assert host.ask("0e0603") == b"\x00"  # packets of 256
    assert host.ask("0e0701") == b"\x1a"  # no such register
    assert host.ask("14")[0] == 0x00  # GetRandomCode
    assert len(host.ask("14")) == 5
    note = bytes(range(32)).hex()
    assert host.ask(f"1803{note}") == b"\x00"  # WriteNotepad
    assert host.ask("1903") == b"\x00" + bytes(range(32))  # ReadNotepad
    assert host.ask("1910") == b"\x1c"
    assert host.ask("1701") == b"\x00"  # PortControl
    assert host.ask("3501800200") == b"\x00"  # light
    assert host.ask("40") == b"\x00"  # handshake
    assert host.ask("53") == b"\x55"  # echo
    assert host.ask("1200000007") == b"\x00"  # SetPwd
    assert host.ask("3d") == b"\x00"  # soft reset
    assert host.ask("1d") == b"\x21"  # the password first
    assert host.ask("1300000008") == b"\x13"
    assert host.ask("1300000007") == b"\x00"
    assert host.ask("1d") == b"\x00\x00\x00"
    assert host.ask("15ffffffff") == b"\x00"  # SetAdder
    assert host.ask("99") == b"\xfc"
    assert host.sent - {0x99} == {int(each) for each in Instruction}


@pytest.mark.parametrize(("code", "size"), [(0, 32), (1, 64), (2, 128), (3, 256)])
def test_a_picture_comes_in_packets_of_the_size_that_was_set(sensor, host, code: int, size: int) -> None:
    sensor.place(bytes(range(256)) * 288)
    assert host.ask(f"0e060{code}") == b"\x00"
    assert host.ask("01") == b"\x00"
    assert host.ask("0a") == b"\x00"
    frames = [host.receive() for _ in range(PICTURE_BYTES // size)]
    assert {len(frame.payload) for frame in frames} == {size}
    assert [frame.type for frame in frames].count(FrameType.END_OF_DATA) == 1
    assert frames[-1].type is FrameType.END_OF_DATA


@pytest.mark.parametrize("steps", [1, 6, 12])
def test_answers_leave_at_the_speed_that_was_set(tmp_path, steps: int) -> None:
    with FingerprintSensorSim(tmp_path / "port", is_paced=True) as sensor:
        host = Host(str(sensor.path))
        assert host.ask(f"0e04{steps:02x}") == b"\x00"
        host.close()
        host = Host(str(sensor.path), steps * 9_600)
        assert host.ask("0901") == b"\x00"
        host.send_data(bytes(512))
        began = time.monotonic()
        assert host.ask("0801") == b"\x00"
        host.receive_data()
        # An acknowledgement of 12 bytes, four packets of 139; ten bits a byte.
        assert time.monotonic() - began >= (12 + 4 * 139) * 10 / (steps * 9_600)
        host.close()
