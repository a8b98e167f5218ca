"""What the chip knows about one file: its control parameters and access rule (ISO/IEC 7816-4:2013, 7.4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntFlag

from card_service.apdu import SW
from card_service.tlv import TlvError, decode_tlv_one, encode_tlv
from hardware_sim.card.status import StatusError, require

TAG_FCP = 0x62
TAG_FCI = 0x6F
TAG_SIZE = 0x80
TAG_DESCRIPTOR = 0x82
TAG_FILE_ID = 0x83
TAG_DF_NAME = 0x84
TAG_ACCESS_RULE = 0x86
TAG_SHORT_ID = 0x88

_DESCRIPTOR_DF = b"\x38"
_DESCRIPTOR_TRANSPARENT = b"\x01"
_DESCRIPTOR_LINEAR = b"\x02\x41"  # linear fixed, data coding byte 41; two bytes of record length follow
_MASK_NEVER = 0xFF
_SHORT_ID_BITS = 0x1F
_MAX_AID_BYTES = 16
_RULE_BYTES = 3


class SecurityCondition(IntFlag):
    """What an access mask can ask for; all its bits must hold."""

    CHANNEL = 0x01
    PACE = 0x02
    CHIP_AUTHENTICATION = 0x04
    TERMINAL_AUTHENTICATION = 0x08
    CONTACT_READER = 0x10


# What the rest of a session rests on: nobody listens, and the chip is genuine.
GENUINE_CHANNEL = SecurityCondition.PACE | SecurityCondition.CHIP_AUTHENTICATION


class FileKind(Enum):
    """The three kinds of file that this chip makes."""

    DEDICATED = "df"
    TRANSPARENT = "transparent"
    LINEAR = "linear"


@dataclass(frozen=True, slots=True)
class AccessRule:
    """One operation's condition: security conditions and certified rights, or never."""

    mask: int
    rights: int

    @property
    def is_never(self) -> bool:
        """Whether nobody may do this once the chip is operational."""
        return self.mask == _MASK_NEVER

    @classmethod
    def decode(cls, raw: bytes) -> AccessRule:
        """From mask(1) rights(2)."""
        return cls(raw[0], int.from_bytes(raw[1:_RULE_BYTES], "big"))


NEVER = AccessRule(_MASK_NEVER, 0)


@dataclass(frozen=True, slots=True)
class FileHeader:
    """One file's control parameters. ``size`` is bytes for a transparent file, records for a linear one."""

    kind: FileKind
    file_id: int
    size: int = 0
    record_bytes: int = 0
    short_id: int | None = None
    df_name: bytes = b""
    read: AccessRule = NEVER
    update: AccessRule = NEVER
    append: AccessRule = NEVER
    control_parameters: bytes = b""

    @property
    def total_bytes(self) -> int:
        """What the file takes of the chip's memory."""
        return self.size * self.record_bytes if self.kind is FileKind.LINEAR else self.size

    def template(self, tag: int) -> bytes:
        """FCP (62) or FCI (6F) for the answer to SELECT."""
        return encode_tlv(tag, self.control_parameters)

    @classmethod
    def decode(cls, data: bytes) -> FileHeader:
        """From the template of CREATE FILE; 6A80 for anything that is not exactly as described."""
        try:
            template = decode_tlv_one(data)
            objects = template.children()
        except TlvError as malformed:
            raise StatusError(SW.WRONG_DATA) from malformed
        values = {each.tag: each.value for each in objects}
        require(template.tag == TAG_FCP and len(values) == len(objects), SW.WRONG_DATA)
        kind, record_bytes = _kind(values.get(TAG_DESCRIPTOR, b""))
        require(set(values) <= _allowed_tags(kind), SW.WRONG_DATA)
        name = values.get(TAG_DF_NAME, b"")
        require(bool(name) == (kind is FileKind.DEDICATED) and len(name) <= _MAX_AID_BYTES, SW.WRONG_DATA)
        rules = _rules(values.get(TAG_ACCESS_RULE))
        return cls(
            kind=kind,
            file_id=_number(values.get(TAG_FILE_ID, b""), 2),
            size=0 if kind is FileKind.DEDICATED else _number(values.get(TAG_SIZE, b""), 2),
            record_bytes=record_bytes,
            short_id=_short_id(values.get(TAG_SHORT_ID, b"")),
            df_name=name,
            read=rules[0],
            update=rules[1],
            append=rules[2],
            control_parameters=template.value,
        )


def _kind(descriptor: bytes) -> tuple[FileKind, int]:
    if descriptor == _DESCRIPTOR_DF:
        return FileKind.DEDICATED, 0
    if descriptor == _DESCRIPTOR_TRANSPARENT:
        return FileKind.TRANSPARENT, 0
    require(descriptor.startswith(_DESCRIPTOR_LINEAR), SW.WRONG_DATA)
    record_bytes = _number(descriptor[len(_DESCRIPTOR_LINEAR) :], 2)
    require(record_bytes > 0, SW.WRONG_DATA)
    return FileKind.LINEAR, record_bytes


def _allowed_tags(kind: FileKind) -> set[int]:
    if kind is FileKind.DEDICATED:
        return {TAG_DESCRIPTOR, TAG_FILE_ID, TAG_DF_NAME, TAG_ACCESS_RULE}
    return {TAG_DESCRIPTOR, TAG_FILE_ID, TAG_SIZE, TAG_SHORT_ID, TAG_ACCESS_RULE}


def _rules(raw: bytes | None) -> tuple[AccessRule, AccessRule, AccessRule]:
    if raw is None:
        return NEVER, NEVER, NEVER
    require(len(raw) == 3 * _RULE_BYTES, SW.WRONG_DATA)
    first, second, third = (AccessRule.decode(raw[at : at + _RULE_BYTES]) for at in range(0, len(raw), _RULE_BYTES))
    return first, second, third


def _short_id(raw: bytes) -> int | None:
    if not raw:
        return None
    short_id = _number(raw, 1)
    require(0 < short_id <= _SHORT_ID_BITS, SW.WRONG_DATA)
    return short_id


def _number(raw: bytes, width: int) -> int:
    require(len(raw) == width, SW.WRONG_DATA)
    return int.from_bytes(raw, "big")
