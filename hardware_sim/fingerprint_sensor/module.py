"""The sensor module's inside: its memory, and the answer to each instruction."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from typing import Protocol

from hardware_sim.fingerprint_sensor.frames import BROADCAST_ADDRESS, Frame, FrameType
from hardware_sim.fingerprint_sensor.instructions import Confirmation, Instruction, Parameter
from hardware_sim.fingerprint_sensor.picture import PICTURE_BYTES

CHARACTERISTICS_BYTES = 512
CAPACITY = 1000
NOTEPAD_PAGES = 16
NOTEPAD_PAGE_BYTES = 32
INDEX_PAGE_TEMPLATES = 256
PACKET_SIZES = (32, 64, 128, 256)
BAUD_STEP = 9600
STATUS_PASSWORD_VERIFIED = 0x0004
STATUS_IMAGE_VALID = 0x0008
SYSTEM_ID = 9


class OnModuleMatcher(Protocol):
    """The module's own recognition. A module without one answers UNSUPPORTED: "not available yet"."""

    def characteristics(self, packed_image: bytes) -> bytes | Confirmation:
        """At most 512 bytes of features, or TOO_MESSY / TOO_FEW_POINTS."""
        ...

    def combine(self, first: bytes, second: bytes) -> bytes | None:
        """One template of two captures of the same finger, None when they are not."""
        ...

    def score(self, first: bytes, second: bytes, security_level: int) -> int | None:
        """The match score at that security level, None for no match."""
        ...


class Module:
    """One ZFM-20: image buffer, two feature buffers, 1000 templates, a notepad, and settings that survive."""

    def __init__(
        self, look: Callable[[], bytes | Confirmation], *, matcher: OnModuleMatcher | None = None, seed: int = 0
    ) -> None:
        """``look`` gives the packed picture now on the window, or NO_FINGER, or IMAGE_FAILED."""
        self._look = look
        self._matcher = matcher
        self._random = random.Random(seed)
        self.address = BROADCAST_ADDRESS
        self.baud_steps = 6
        self.light_on = False
        self._password = 0
        self._security_level = 3
        self._packet_size_code = 2
        self._notepad = [bytes(NOTEPAD_PAGE_BYTES)] * NOTEPAD_PAGES
        self._templates: dict[int, bytes] = {}
        self.power_up()
        self._table = self._instruction_table()

    @property
    def baud(self) -> int:
        """The line speed the module is set to."""
        return self.baud_steps * BAUD_STEP

    def answer(self, frame: Frame) -> list[Frame]:
        """What the module sends back; nothing for a frame meant for another module."""
        if frame.address not in (self.address, BROADCAST_ADDRESS):
            return []
        if frame.type in (FrameType.DATA, FrameType.END_OF_DATA):
            return self._take_data(frame)
        if frame.type is not FrameType.COMMAND or not frame.payload:
            return self._ack(Confirmation.RECEIVE_ERROR)
        instruction, arguments = frame.payload[0], frame.payload[1:]
        if self._password and not self._is_verified and instruction != Instruction.VERIFY_PASSWORD:
            return self._ack(Confirmation.PASSWORD_NEEDED)
        handler = self._table.get(instruction)
        if handler is None:
            return self._ack(Confirmation.UNSUPPORTED)
        try:
            return handler(arguments)
        except struct.error:
            return self._ack(Confirmation.RECEIVE_ERROR)

    # -- plumbing

    def _instruction_table(self) -> dict[int, Callable[[bytes], list[Frame]]]:
        return {
            Instruction.READ_IMAGE: self._read_image,
            Instruction.CONVERT_IMAGE: self._convert_image,
            Instruction.COMPARE_CHARACTERISTICS: self._compare,
            Instruction.SEARCH: self._search,
            Instruction.FAST_SEARCH: self._search,
            Instruction.CREATE_TEMPLATE: self._create_template,
            Instruction.STORE_TEMPLATE: self._store,
            Instruction.LOAD_TEMPLATE: self._load,
            Instruction.CHARACTERISTICS_TO_HOST: self._characteristics_to_host,
            Instruction.CHARACTERISTICS_FROM_HOST: self._characteristics_from_host,
            Instruction.IMAGE_TO_HOST: self._image_to_host,
            Instruction.IMAGE_FROM_HOST: self._image_from_host,
            Instruction.DELETE_TEMPLATES: self._delete,
            Instruction.CLEAR_TEMPLATES: self._clear,
            Instruction.SET_PARAMETER: self._set_parameter,
            Instruction.READ_PARAMETERS: self._read_parameters,
            Instruction.SET_PASSWORD: self._set_password,
            Instruction.VERIFY_PASSWORD: self._verify_password,
            Instruction.RANDOM_NUMBER: self._random_number,
            Instruction.SET_ADDRESS: self._set_address,
            Instruction.PORT_CONTROL: lambda _: self._ack(Confirmation.OK),
            Instruction.WRITE_NOTEPAD: self._write_notepad,
            Instruction.READ_NOTEPAD: self._read_notepad,
            Instruction.TEMPLATE_COUNT: lambda _: self._ack(Confirmation.OK, struct.pack(">H", len(self._templates))),
            Instruction.TEMPLATE_INDEX: self._template_index,
            Instruction.LIGHT: self._light,
            Instruction.SOFT_RESET: self._soft_reset,
            Instruction.HANDSHAKE: lambda _: self._ack(Confirmation.OK),
            Instruction.ECHO: lambda _: self._ack(Confirmation.ECHO_OK),
        }

    def power_up(self) -> None:
        """Start anew: buffers are empty and the password is asked for again; settings and templates stay."""
        self._is_verified = False
        self._image: bytes | None = None
        self._buffers: dict[int, bytes | None] = {1: None, 2: None}
        self._receiving: int | None = None
        self._received = bytearray()

    def _ack(self, code: Confirmation, more: bytes = b"") -> list[Frame]:
        return [Frame(self.address, FrameType.ACK, bytes([code]) + more)]

    def _data(self, content: bytes) -> list[Frame]:
        size = PACKET_SIZES[self._packet_size_code]
        parts = [content[start : start + size] for start in range(0, len(content), size)]
        kinds = [FrameType.DATA] * (len(parts) - 1) + [FrameType.END_OF_DATA]
        return [Frame(self.address, kind, part) for kind, part in zip(kinds, parts, strict=True)]

    def _take_data(self, frame: Frame) -> list[Frame]:
        if self._receiving is None:
            return []
        self._received += frame.payload
        if frame.type is FrameType.END_OF_DATA:
            if self._receiving == 0:
                self._image = bytes(self._received[:PICTURE_BYTES]).ljust(PICTURE_BYTES, b"\xff")
            else:
                self._buffers[self._receiving] = bytes(self._received[:CHARACTERISTICS_BYTES])
            self._receiving = None
        return []

    def _start_receiving(self, target: int) -> list[Frame]:
        self._receiving, self._received = target, bytearray()
        return self._ack(Confirmation.OK)

    # -- image

    def _read_image(self, _: bytes) -> list[Frame]:
        seen = self._look()
        self._image = None if isinstance(seen, Confirmation) else seen
        return self._ack(seen if isinstance(seen, Confirmation) else Confirmation.OK)

    def _image_to_host(self, _: bytes) -> list[Frame]:
        if self._image is None:
            return self._ack(Confirmation.IMAGE_UPLOAD_FAILED)
        return self._ack(Confirmation.OK) + self._data(self._image)

    def _image_from_host(self, _: bytes) -> list[Frame]:
        return self._start_receiving(0)

    # -- features and templates

    def _convert_image(self, arguments: bytes) -> list[Frame]:
        (number,) = struct.unpack(">B", arguments)
        if self._image is None:
            return self._ack(Confirmation.NO_IMAGE)
        if self._matcher is None:
            return self._ack(Confirmation.UNSUPPORTED)
        features = self._matcher.characteristics(self._image)
        if isinstance(features, Confirmation):
            return self._ack(features)
        self._buffers[number if number in self._buffers else 2] = features
        return self._ack(Confirmation.OK)

    def _create_template(self, _: bytes) -> list[Frame]:
        first, second = self._buffers[1], self._buffers[2]
        if self._matcher is None:
            return self._ack(Confirmation.UNSUPPORTED)
        if first is None or second is None:
            return self._ack(Confirmation.COMBINE_FAILED)
        combined = self._matcher.combine(first, second)
        if combined is None:
            return self._ack(Confirmation.COMBINE_FAILED)
        self._buffers = {1: combined, 2: combined}
        return self._ack(Confirmation.OK)

    def _compare(self, _: bytes) -> list[Frame]:
        first, second = self._buffers[1], self._buffers[2]
        if self._matcher is None:
            return self._ack(Confirmation.UNSUPPORTED)
        score = None
        if first is not None and second is not None:
            score = self._matcher.score(first, second, self._security_level)
        code = Confirmation.NOT_MATCHING if score is None else Confirmation.OK
        return self._ack(code, struct.pack(">H", score or 0))

    def _search(self, arguments: bytes) -> list[Frame]:
        number, start, count = struct.unpack(">BHH", arguments)
        if self._matcher is None:
            return self._ack(Confirmation.UNSUPPORTED)
        probe = self._buffers.get(number)
        best = (0, 0)  # score and position
        for position in sorted(self._templates):
            if probe is None or not start <= position < start + count:
                continue
            score = self._matcher.score(probe, self._templates[position], self._security_level)
            if score is not None and score > best[0]:
                best = (score, position)
        code = Confirmation.OK if best[0] else Confirmation.NOT_FOUND
        return self._ack(code, struct.pack(">HH", best[1], best[0]))

    def _store(self, arguments: bytes) -> list[Frame]:
        number, position = struct.unpack(">BH", arguments)
        features = self._buffers.get(number)
        if position >= CAPACITY:
            return self._ack(Confirmation.BAD_POSITION)
        if features is None:
            return self._ack(Confirmation.FLASH_ERROR)
        self._templates[position] = features
        return self._ack(Confirmation.OK)

    def _load(self, arguments: bytes) -> list[Frame]:
        number, position = struct.unpack(">BH", arguments)
        if position >= CAPACITY:
            return self._ack(Confirmation.BAD_POSITION)
        if position not in self._templates or number not in self._buffers:
            return self._ack(Confirmation.LOAD_FAILED)
        self._buffers[number] = self._templates[position]
        return self._ack(Confirmation.OK)

    def _characteristics_to_host(self, arguments: bytes) -> list[Frame]:
        (number,) = struct.unpack(">B", arguments)
        features = self._buffers.get(number)
        if features is None:
            return self._ack(Confirmation.CHARACTERISTICS_UPLOAD_FAILED)
        return self._ack(Confirmation.OK) + self._data(features.ljust(CHARACTERISTICS_BYTES, b"\0"))

    def _characteristics_from_host(self, arguments: bytes) -> list[Frame]:
        (number,) = struct.unpack(">B", arguments)
        if number not in self._buffers:
            return self._ack(Confirmation.DATA_REFUSED)
        return self._start_receiving(number)

    def _delete(self, arguments: bytes) -> list[Frame]:
        start, count = struct.unpack(">HH", arguments)
        if start + count > CAPACITY:
            return self._ack(Confirmation.DELETE_FAILED)
        for position in range(start, start + count):
            self._templates.pop(position, None)
        return self._ack(Confirmation.OK)

    def _clear(self, _: bytes) -> list[Frame]:
        self._templates.clear()
        return self._ack(Confirmation.OK)

    def _template_index(self, arguments: bytes) -> list[Frame]:
        (page,) = struct.unpack(">B", arguments)
        bits = bytearray(INDEX_PAGE_TEMPLATES // 8)
        for position in self._templates:
            if position // INDEX_PAGE_TEMPLATES == page:
                slot = position % INDEX_PAGE_TEMPLATES
                bits[slot // 8] |= 1 << slot % 8
        return self._ack(Confirmation.OK, bytes(bits))

    # -- settings

    def _verify_password(self, arguments: bytes) -> list[Frame]:
        (password,) = struct.unpack(">I", arguments)
        self._is_verified = password == self._password
        return self._ack(Confirmation.OK if self._is_verified else Confirmation.WRONG_PASSWORD)

    def _set_password(self, arguments: bytes) -> list[Frame]:
        (self._password,) = struct.unpack(">I", arguments)
        self._is_verified = True
        return self._ack(Confirmation.OK)

    def _set_address(self, arguments: bytes) -> list[Frame]:
        (address,) = struct.unpack(">I", arguments)
        acknowledgement = self._ack(Confirmation.OK)
        self.address = address
        return acknowledgement

    def _set_parameter(self, arguments: bytes) -> list[Frame]:
        number, value = struct.unpack(">BB", arguments)
        if number == Parameter.BAUD and 1 <= value <= 12:
            self.baud_steps = value
        elif number == Parameter.SECURITY_LEVEL and 1 <= value <= 5:
            self._security_level = value
        elif number == Parameter.PACKET_SIZE and value < len(PACKET_SIZES):
            self._packet_size_code = value
        else:
            return self._ack(Confirmation.BAD_REGISTER)
        return self._ack(Confirmation.OK)

    def _read_parameters(self, _: bytes) -> list[Frame]:
        status = STATUS_PASSWORD_VERIFIED if self._is_verified else 0
        status |= STATUS_IMAGE_VALID if self._image is not None else 0
        values = (status, SYSTEM_ID, CAPACITY, self._security_level)
        more = struct.pack(">HHHHIHH", *values, self.address, self._packet_size_code, self.baud_steps)
        return self._ack(Confirmation.OK, more)

    # -- the rest

    def _random_number(self, _: bytes) -> list[Frame]:
        return self._ack(Confirmation.OK, self._random.randbytes(4))

    def _write_notepad(self, arguments: bytes) -> list[Frame]:
        page, content = struct.unpack(f">B{NOTEPAD_PAGE_BYTES}s", arguments)
        if page >= NOTEPAD_PAGES:
            return self._ack(Confirmation.WRONG_NOTEPAD_PAGE)
        self._notepad[page] = content
        return self._ack(Confirmation.OK)

    def _read_notepad(self, arguments: bytes) -> list[Frame]:
        (page,) = struct.unpack(">B", arguments)
        if page >= NOTEPAD_PAGES:
            return self._ack(Confirmation.WRONG_NOTEPAD_PAGE)
        return self._ack(Confirmation.OK, self._notepad[page])

    def _light(self, arguments: bytes) -> list[Frame]:
        control, _speed, _colour, _count = struct.unpack(">BBBB", arguments)
        self.light_on = control not in (4, 6)
        return self._ack(Confirmation.OK)

    def _soft_reset(self, _: bytes) -> list[Frame]:
        acknowledgement = self._ack(Confirmation.OK)
        self.power_up()
        return acknowledgement
