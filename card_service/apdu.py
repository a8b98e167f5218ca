"""Command and response APDUs, short and extended (ISO/IEC 7816-3:2006, 12.1; ISO/IEC 7816-4:2013, 5)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from domain.errors import ProjectError

CLA_PLAIN = 0x00
CLA_SECURE_MESSAGING = 0x0C  # ISO/IEC 7816-4:2013, 5.4.1: SM, header authenticated
CLA_GLOBAL_PLATFORM = 0x80
CLA_GLOBAL_PLATFORM_SECURE = 0x84
CLA_CHAINING = 0x10  # bit 5: more commands of this chain follow

INS_VERIFY = 0x20
INS_MSE = 0x22
INS_DISABLE_VERIFICATION = 0x26
INS_PSO = 0x2A
INS_RESET_RETRY_COUNTER = 0x2C
INS_ACTIVATE_FILE = 0x44
INS_GENERATE_KEY_PAIR = 0x46
INS_INITIALIZE_UPDATE = 0x50
INS_EXTERNAL_AUTHENTICATE = 0x82
INS_GET_CHALLENGE = 0x84
INS_GENERAL_AUTHENTICATE = 0x86
INS_INTERNAL_AUTHENTICATE = 0x88
INS_SELECT = 0xA4
INS_READ_BINARY = 0xB0
INS_READ_BINARY_ODD = 0xB1
INS_READ_RECORD = 0xB2
INS_GET_RESPONSE = 0xC0
INS_GET_DATA = 0xCA
INS_GET_DATA_ODD = 0xCB
INS_UPDATE_BINARY = 0xD6
INS_PUT_DATA = 0xDA
INS_CREATE_FILE = 0xE0
INS_APPEND_RECORD = 0xE2
INS_DELETE_FILE = 0xE4

HEADER_BYTES = 4
MAX_SHORT_DATA = 255
MAX_SHORT_LE = 256
MAX_EXTENDED_DATA = 65_535
MAX_EXTENDED_LE = 65_536
_BYTE_MAX = 0xFF


class SW(IntEnum):
    """Status words of docs/card-commands.md, section 7; a card may answer others."""

    OK = 0x9000
    BYTES_AVAILABLE = 0x6100  # low byte: how many (00 = 256 or more)
    END_OF_FILE = 0x6282
    AUTHENTICATION_FAILED = 0x6300
    MEMORY_FAILURE = 0x6581
    WRONG_LENGTH = 0x6700
    TRIES_LEFT = 0x63C0  # low nibble: how many
    LAST_COMMAND_EXPECTED = 0x6883
    SM_NOT_SUPPORTED = 0x6882
    SECURITY_STATUS = 0x6982
    AUTHENTICATION_BLOCKED = 0x6983
    REFERENCE_DATA_UNUSABLE = 0x6984
    CONDITIONS_NOT_SATISFIED = 0x6985
    NO_CURRENT_EF = 0x6986
    SM_OBJECTS_MISSING = 0x6987
    SM_OBJECTS_INCORRECT = 0x6988
    WRONG_DATA = 0x6A80
    FILE_NOT_FOUND = 0x6A82
    RECORD_NOT_FOUND = 0x6A83
    NOT_ENOUGH_MEMORY = 0x6A84
    WRONG_P1_P2 = 0x6A86
    REFERENCE_NOT_FOUND = 0x6A88
    FILE_EXISTS = 0x6A89
    WRONG_OFFSET = 0x6B00
    WRONG_LE = 0x6C00  # low byte: the right Le
    INS_NOT_SUPPORTED = 0x6D00
    CLA_NOT_SUPPORTED = 0x6E00


SW1_MASK = 0xFF00
SW2_MASK = 0x00FF


class ApduError(ProjectError):
    """Bytes that are no APDU, or a value that no APDU can carry."""

    code = "card.apdu_malformed"
    message_key = "error.card_unreadable"


@dataclass(frozen=True, slots=True)
class CommandApdu:
    """One command. ``le`` counts the bytes wanted (256 = short maximum, 65,536 = extended); None = none."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    le: int | None = None

    def __post_init__(self) -> None:
        if not all(0 <= part <= _BYTE_MAX for part in (self.cla, self.ins, self.p1, self.p2)):
            raise ApduError("A header field does not fit into a byte")
        if len(self.data) > MAX_EXTENDED_DATA:
            raise ApduError("More than 65,535 bytes of command data")
        if self.le is not None and not 1 <= self.le <= MAX_EXTENDED_LE:
            raise ApduError("Le must be 1 to 65,536")

    @property
    def header(self) -> bytes:
        """CLA INS P1 P2."""
        return bytes((self.cla, self.ins, self.p1, self.p2))

    @property
    def needs_extended_length(self) -> bool:
        """Whether the short form cannot carry this command."""
        return len(self.data) > MAX_SHORT_DATA or (self.le or 0) > MAX_SHORT_LE

    def encode(self, *, extended: bool = False) -> bytes:
        """The bytes for the card: short form where it is enough, unless ``extended`` is asked for."""
        if extended or self.needs_extended_length:
            return self.header + self._extended_body()
        lc_and_data = bytes((len(self.data),)) + self.data if self.data else b""
        le = b"" if self.le is None else bytes((self.le % MAX_SHORT_LE,))
        return self.header + lc_and_data + le

    def _extended_body(self) -> bytes:
        lc_and_data = b"\x00" + len(self.data).to_bytes(2, "big") + self.data if self.data else b""
        if self.le is None:
            return lc_and_data
        le = (self.le % MAX_EXTENDED_LE).to_bytes(2, "big")
        return lc_and_data + (le if self.data else b"\x00" + le)

    @classmethod
    def decode(cls, raw: bytes) -> CommandApdu:
        """The command in these bytes; refuses anything missing or left over."""
        if len(raw) < HEADER_BYTES:
            raise ApduError("Shorter than a command header")
        data, le = _decode_body(raw[HEADER_BYTES:])
        return cls(raw[0], raw[1], raw[2], raw[3], data, le)


def _decode_body(body: bytes) -> tuple[bytes, int | None]:
    if not body:
        return b"", None
    if len(body) == 1:
        return b"", body[0] or MAX_SHORT_LE
    if body[0] != 0:
        return _split_data(body, length_at=0, length_bytes=1, max_le=MAX_SHORT_LE)
    if len(body) == 3:
        return b"", int.from_bytes(body[1:], "big") or MAX_EXTENDED_LE
    return _split_data(body, length_at=1, length_bytes=2, max_le=MAX_EXTENDED_LE)


def _split_data(body: bytes, *, length_at: int, length_bytes: int, max_le: int) -> tuple[bytes, int | None]:
    """Lc, data and an Le of the same width, in the short or the extended form."""
    start = length_at + length_bytes
    lc = int.from_bytes(body[length_at:start], "big")
    data, rest = body[start : start + lc], body[start + lc :]
    if len(body) < start or lc == 0 or len(data) != lc or len(rest) not in (0, length_bytes):
        raise ApduError("Lc does not agree with the length of the command")
    return data, (int.from_bytes(rest, "big") or max_le) if rest else None


@dataclass(frozen=True, slots=True)
class ResponseApdu:
    """One answer: data and status word (a plain int: a card may answer words we do not know)."""

    data: bytes
    sw: int

    @property
    def is_ok(self) -> bool:
        """Whether the status word is 9000."""
        return self.sw == SW.OK

    def encode(self) -> bytes:
        """Data followed by SW1 SW2."""
        return self.data + self.sw.to_bytes(2, "big")

    @classmethod
    def decode(cls, raw: bytes) -> ResponseApdu:
        """The answer in these bytes (at least the two of the status word, at most an extended answer)."""
        if not 2 <= len(raw) <= MAX_EXTENDED_LE + 2:
            raise ApduError("An answer has 2 to 65,538 bytes")
        return cls(raw[:-2], int.from_bytes(raw[-2:], "big"))
