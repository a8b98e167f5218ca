"""The one table of files on an SPC-1 card; ``python -m card_service.layout`` prints the manual page made from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, IntEnum, IntFlag

#: Members whose templates and photographs fit on one card (holder = 1).
MAX_MEMBERS = 8

AID_EMRTD = bytes.fromhex("A0000002471001")  # ICAO 9303-10, 3.11.1
AID_SOCIAL_PROTECTION = bytes.fromhex("F053504341524401")  # category F: unregistered, ISO/IEC 7816-4, 8.2.1.2

KEY_CHIP_AUTHENTICATION = 0x01
KEY_RECEIPT = 0x02

DO_LIFE_STATE = 0x0110
DO_CAN = 0x0100
DO_CVCA = 0x0101
DO_CHIP_DATE = 0x0102
DO_LEDGER_FILE = 0x0103
DO_STATEMENT_SLOTS = 0x0104
DO_QUOTA = 0x0105
DO_QUOTA_AUTHORITY = 0x0106
DO_STATEMENT = 0x0201
DO_TEMPLATES = 0x0202
DO_QUOTA_GRANT = 0x0203
DO_RECEIPT = 0x0210
DO_COUNTERS = 0x0211
DO_CHANGING = 0x0212
DO_QUOTA_STATE = 0x0220


class Directory(IntEnum):
    """Where a file lives, by file identifier."""

    MF = 0x3F00
    EMRTD = 0x0100
    SOCIAL_PROTECTION = 0x0200

    @property
    def aid(self) -> bytes | None:
        """The DF name to select it by; the MF has none."""
        return {Directory.EMRTD: AID_EMRTD, Directory.SOCIAL_PROTECTION: AID_SOCIAL_PROTECTION}.get(self)


class Condition(IntFlag):
    """What the chip demands before it opens a file (docs/card-commands.md, 2)."""

    ALWAYS = 0x00
    CHANNEL = 0x01
    PACE = 0x02
    CHIP_AUTHENTICATION = 0x04
    TERMINAL_AUTHENTICATION = 0x08
    CONTACT_READER = 0x10
    NEVER = 0xFF


class TerminalRights(IntFlag):
    """What a terminal's certificates let it do (docs/card-commands.md, 5)."""

    NONE = 0x0000
    READ_BIO = 0x0001
    DELIVER = 0x0002
    UPDATE = 0x0004
    ENROL = 0x0008
    UNBLOCK = 0x0010
    COUNTERSIGN = 0x0020


@dataclass(frozen=True)
class Access:
    """One access rule: conditions of the channel, and rights that every certificate of the chain must grant."""

    condition: Condition
    rights: TerminalRights = TerminalRights.NONE

    def encode(self) -> bytes:
        """The three bytes of this rule in an FCP."""
        return bytes((self.condition,)) + self.rights.to_bytes(2, "big")

    def __str__(self) -> str:
        if self.condition is Condition.NEVER:
            return "never"
        if self.condition is Condition.ALWAYS:
            return "always"
        words = [_CONDITION_WORDS[each] for each in _CONDITION_WORDS if self.condition & each]
        return " + ".join(words + [right.name or "" for right in TerminalRights if right & self.rights])


_CONDITION_WORDS = {
    Condition.CHANNEL: "channel",
    Condition.PACE: "PACE",
    Condition.CHIP_AUTHENTICATION: "chip authentication",
    Condition.TERMINAL_AUTHENTICATION: "terminal authentication",
    Condition.CONTACT_READER: "contact reader",
}


class FileKind(Enum):
    """How the bytes of a file are arranged."""

    TRANSPARENT = "transparent"
    RECORDS = "linear, append only"


ALWAYS = Access(Condition.ALWAYS)
NEVER = Access(Condition.NEVER)
IN_CHANNEL = Access(Condition.CHANNEL)
AFTER_PACE = Access(Condition.CHANNEL | Condition.PACE)
IN_CONTACT_READER = Access(Condition.CONTACT_READER)
BIOMETRIC = Access(
    Condition.CHANNEL | Condition.CHIP_AUTHENTICATION | Condition.TERMINAL_AUTHENTICATION,
    TerminalRights.READ_BIO,
)
ANY_TERMINAL = Access(Condition.CHANNEL | Condition.TERMINAL_AUTHENTICATION)
DELIVERING_TERMINAL = Access(Condition.CHANNEL | Condition.TERMINAL_AUTHENTICATION, TerminalRights.DELIVER)

LEDGER_RECORD_BYTES = 112
LEDGER_RECORDS = 64
STATEMENT_SLOT_BYTES = 1_536


@dataclass(frozen=True)
class CardFile:
    """One row of the table. ``size_bytes`` is the most it may hold; immutable files are created as large as needed.

    For a file of records ``size_bytes`` is that of all records together.
    """

    name: str
    directory: Directory
    fid: int
    sfi: int | None
    size_bytes: int
    read: Access
    append: Access = NEVER
    kind: FileKind = FileKind.TRANSPARENT
    content: str = ""

    @property
    def key(self) -> tuple[int, int]:
        """Directory and file identifier: how a file is named in a card package."""
        return int(self.directory), self.fid


_MF, _EMRTD, _SP = Directory.MF, Directory.EMRTD, Directory.SOCIAL_PROTECTION

EF_ATR_INFO = CardFile("EF.ATR/INFO", _MF, 0x2F01, 0x1D, 32, ALWAYS, content="longest command and answer")
EF_DIR = CardFile("EF.DIR", _MF, 0x2F00, 0x1E, 64, ALWAYS, content="the two applications")
EF_CARD_ACCESS = CardFile("EF.CardAccess", _MF, 0x011C, 0x1C, 64, ALWAYS, content="PACE parameters")
EF_CAN = CardFile("EF.CAN", _MF, 0x0120, 0x1B, 6, IN_CONTACT_READER, content="the six digits printed on the face")
EF_COM = CardFile("EF.COM", _EMRTD, 0x011E, 0x1E, 64, AFTER_PACE, content="list of data groups (never decided from)")
EF_SOD = CardFile("EF.SOD", _EMRTD, 0x011D, 0x1D, 4_096, AFTER_PACE, content="signed hashes; written last")
DG1 = CardFile("DG1", _EMRTD, 0x0101, 0x01, 128, AFTER_PACE, content="machine readable zone")
DG2 = CardFile("DG2", _EMRTD, 0x0102, 0x02, 16_384, AFTER_PACE, content="portrait of the holder")
DG11 = CardFile("DG11", _EMRTD, 0x010B, 0x0B, 512, AFTER_PACE, content="name in two scripts")
DG13 = CardFile("DG13", _EMRTD, 0x010D, 0x0D, 1_536, AFTER_PACE, content="anchor of the social-protection files")
DG14 = CardFile("DG14", _EMRTD, 0x010E, 0x0E, 512, AFTER_PACE, content="chip authentication key")
DG15 = CardFile("DG15", _EMRTD, 0x010F, 0x0F, 256, AFTER_PACE, content="receipt key")
ENTITLEMENTS_A = CardFile(
    "EF.EntA", _SP, 0x0201, 0x01, STATEMENT_SLOT_BYTES, IN_CHANNEL, content="entitlement statement, slot A"
)
ENTITLEMENTS_B = CardFile(
    "EF.EntB", _SP, 0x0202, 0x02, STATEMENT_SLOT_BYTES, IN_CHANNEL, content="entitlement statement, slot B"
)
MEMBERS = CardFile("EF.Mbr", _SP, 0x0203, 0x03, 1_024, IN_CHANNEL, content="member table")
LEDGER = CardFile(
    "EF.Ledger",
    _SP,
    0x0230,
    0x10,
    LEDGER_RECORDS * LEDGER_RECORD_BYTES,
    ANY_TERMINAL,
    append=DELIVERING_TERMINAL,
    kind=FileKind.RECORDS,
    content=f"{LEDGER_RECORDS} records of {LEDGER_RECORD_BYTES} bytes",
)
_FIRST_TEMPLATE_FID, _FIRST_TEMPLATE_SFI = 0x0211, 0x11
_FIRST_PHOTO_FID = 0x0221
_HOLDER = 1


def template_file(member_index: int) -> CardFile:
    """EF.FP of that member (1 = holder): finger templates, ISO/IEC 19794-2."""
    offset = _checked(member_index) - 1
    return CardFile(
        f"EF.FP{member_index}",
        _SP,
        _FIRST_TEMPLATE_FID + offset,
        _FIRST_TEMPLATE_SFI + offset,
        4_096,
        BIOMETRIC,
        content=f"finger templates of member {member_index}",
    )


def photo_file(member_index: int) -> CardFile:
    """EF.PH of that member (2 and up: the holder's portrait is DG2)."""
    if _checked(member_index) == _HOLDER:
        raise ValueError("The holder's portrait is DG2")
    return CardFile(
        f"EF.PH{member_index}",
        _SP,
        _FIRST_PHOTO_FID + member_index - 1,
        None,
        8_192,
        IN_CHANNEL,
        content=f"photograph of member {member_index}",
    )


def _checked(member_index: int) -> int:
    if not _HOLDER <= member_index <= MAX_MEMBERS:
        raise ValueError(f"A card has members 1 to {MAX_MEMBERS}")
    return member_index


TEMPLATES = tuple(template_file(index) for index in range(1, MAX_MEMBERS + 1))
PHOTOS = tuple(photo_file(index) for index in range(2, MAX_MEMBERS + 1))

_TEMPLATE_FIDS = frozenset(file.fid for file in TEMPLATES)
_TEMPLATE_PAGE_BYTES = 64


def room_bytes(file: CardFile, content_bytes: int) -> int:
    """How large to create a file for its first content: a later capture of fingers may need a quarter more."""
    if file.directory is not _SP or file.fid not in _TEMPLATE_FIDS:
        return content_bytes
    pages = -(-content_bytes * 5 // (4 * _TEMPLATE_PAGE_BYTES))
    return max(content_bytes, min(file.size_bytes, pages * _TEMPLATE_PAGE_BYTES))


def is_content(file: CardFile, found: bytes, content: bytes) -> bool:
    """Whether the file holds this content, with nothing but zeros behind it where the file has room to spare."""
    return found == content.ljust(room_bytes(file, len(content)), b"\0")


#: Every file an SPC-1 card may have.
CARD_FILES: tuple[CardFile, ...] = (
    EF_ATR_INFO,
    EF_DIR,
    EF_CARD_ACCESS,
    EF_CAN,
    EF_COM,
    EF_SOD,
    DG1,
    DG2,
    DG11,
    DG13,
    DG14,
    DG15,
    ENTITLEMENTS_A,
    ENTITLEMENTS_B,
    MEMBERS,
    *TEMPLATES,
    *PHOTOS,
    LEDGER,
)

#: Written by the chip itself or by a terminal during the card's life; everything else never changes after issue.
CHANGING_FILES = (ENTITLEMENTS_A, ENTITLEMENTS_B, LEDGER)

#: Data groups by the number they have in EF.SOD.
DATA_GROUPS: dict[int, CardFile] = {1: DG1, 2: DG2, 11: DG11, 13: DG13, 14: DG14, 15: DG15}

#: Social-protection files that DG13 anchors.
ANCHORED_FILES = (MEMBERS, *TEMPLATES, *PHOTOS)

_FILE_BY_KEY = {file.key: file for file in CARD_FILES}


def find_card_file(directory: int, fid: int) -> CardFile | None:
    """The row with these identifiers, or None."""
    return _FILE_BY_KEY.get((directory, fid))


_PAGE_HEAD = """# Files of an SPC-1 card

Generated from `card_service/layout.py` by `python -m card_service.layout > docs/card-layout.md`; do not edit.
`card-commands.md` says what the chip understands. Identifiers are hexadecimal, sizes are in bytes and the most a file
may hold. Nothing can be updated in an operational card except by the chip itself.

| application | DF | AID |
|---|---|---|"""
_TABLE_HEAD = """
| file | in | FID | SFI | up to | kind | READ | APPEND | content |
|---|---|---|---|---|---|---|---|---|"""


def layout_page() -> str:
    """The manual page ``docs/card-layout.md``."""
    return "\n".join((_PAGE_HEAD, *_directory_rows(), _TABLE_HEAD, *map(_file_row, CARD_FILES))) + "\n"


def _directory_rows() -> Iterator[str]:
    for directory in Directory:
        aid = directory.aid.hex().upper() if directory.aid else "none"
        yield f"| {directory.name} | {directory:04X} | {aid} |"


def _file_row(file: CardFile) -> str:
    sfi = "" if file.sfi is None else f"{file.sfi:02X}"
    cells = (
        file.name,
        file.directory.name,
        f"{file.fid:04X}",
        sfi,
        f"{file.size_bytes:,}",
        file.kind.value,
        str(file.read),
        str(file.append),
        file.content,
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    import sys

    sys.stdout.write(layout_page())
