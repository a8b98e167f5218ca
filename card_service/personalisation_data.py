"""All that is written to one chip, checked against the layout before the first command is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from card_service.data_groups import (
    DataGroupRefused,
    EfCardAccess,
    EfDir,
    decode_dg14,
    encode_ef_card_access,
    encode_ef_dir,
)
from card_service.ecdsa_raw import POINT_BYTES
from card_service.errors import CardError
from card_service.layout import (
    AID_EMRTD,
    AID_SOCIAL_PROTECTION,
    CARD_FILES,
    CHANGING_FILES,
    DATA_GROUPS,
    DG14,
    EF_ATR_INFO,
    EF_CAN,
    EF_CARD_ACCESS,
    EF_COM,
    EF_DIR,
    EF_SOD,
    MEMBERS,
    CardFile,
    Directory,
    find_card_file,
)
from card_service.pace import is_can
from domain.messages.cards import CardPackage

#: Directory and file identifier: how a package names a file (``layout.CardFile.key``).
FileKey = tuple[int, int]

_REQUIRED = (EF_COM, EF_SOD, *DATA_GROUPS.values(), MEMBERS)
_MAX_TRUST_POINTS = 2
_MAX_QUOTA = 0xFFFF


class PackageUnfit(CardError):
    """The data offered cannot make a card of this layout; nothing was written."""

    code = "card.package_unfit"
    message_key = "error.card_package"


@dataclass(frozen=True)
class PersonalisationData:
    """What one chip is to hold. ``files`` by directory and identifier, EF.SOD among them.

    EF.DIR, EF.CardAccess and EF.CAN are the same on every card, or follow from ``can`` and DG14: they are added when
    missing.
    ``quota`` (an officer's card): how often it may countersign before the quota authority, whose key (65-byte point)
    is ``quota_authority``, grants more. ``chip_serial`` is the serial that ``prepare_chip`` gave, so that the data
    cannot land on another chip.
    """

    chip_serial: bytes
    can: str
    files: Mapping[FileKey, bytes]
    cvca_points: tuple[bytes, ...]
    chip_date: date
    quota: int | None = None
    quota_authority: bytes = b""

    def __post_init__(self) -> None:
        added = {
            EF_DIR.key: _DIRECTORY,
            EF_CARD_ACCESS.key: self._card_access(),
            EF_CAN.key: self.can.encode(),
        }
        object.__setattr__(self, "files", MappingProxyType(added | dict(self.files)))
        if not is_can(self.can) or self.files[EF_CAN.key] != self.can.encode("ascii"):
            raise PackageUnfit("The card access number is not six digits, or EF.CAN holds another")
        if not 1 <= len(self.cvca_points) <= _MAX_TRUST_POINTS:
            raise PackageUnfit("A card holds one or two trust points")
        if self.quota is not None and not (0 <= self.quota <= _MAX_QUOTA and len(self.quota_authority) == POINT_BYTES):
            raise PackageUnfit("A quota is 0 to 65,535, and somebody must be able to grant more")
        missing = [file.name for file in _REQUIRED if file.key not in self.files]
        if missing:
            raise PackageUnfit(f"Missing: {', '.join(missing)}")
        for key, content in self.files.items():
            _check_file(find_card_file(*key), content)

    def _card_access(self) -> bytes:
        """EF.CardAccess says of PACE what DG14 says, signed."""
        try:
            return encode_ef_card_access(EfCardAccess(decode_dg14(self.files[DG14.key]).pace_curve.value))
        except (KeyError, DataGroupRefused):
            return encode_ef_card_access(EfCardAccess())  # what is wrong with DG14 is found by others

    def items(self) -> tuple[tuple[CardFile, bytes], ...]:
        """Files with their content in the order of the layout table."""
        return tuple((file, self.files[file.key]) for file in CARD_FILES if file.key in self.files)


def data_from_package(package: CardPackage, chip_serial: bytes) -> PersonalisationData:
    """The registry's package as this chip's data. Raises PackageUnfit."""
    files = {(_directory(file.application_hex), file.file_id): file.content for file in package.files}
    return PersonalisationData(
        chip_serial,
        package.can,
        files,
        package.cvca_certificates,
        package.chip_date,
        package.officer_quota,
        package.quota_authority_key,
    )


def readback_digest(files: Mapping[FileKey, bytes]) -> bytes:
    """SHA-256 over every file that never changes, in layout order: what kiosk and registry compare (32 bytes).

    EF.CAN is left out: a contactless reader cannot read it, and PACE proved it. So is EF.ATR/INFO, which the
    maker of the chip may have written.
    """
    digest = hashlib.sha256()
    for file in CARD_FILES:
        if file.key in files and is_read_back(file):
            content = files[file.key]
            digest.update(bytes.fromhex(f"{file.directory:04X}{file.fid:04X}{len(content):08X}") + content)
    return digest.digest()


def is_read_back(file: CardFile) -> bool:
    """Whether the file counts for the read-back digest."""
    return file not in (*CHANGING_FILES, EF_CAN, EF_ATR_INFO)


_DIRECTORY = encode_ef_dir(EfDir((AID_EMRTD, AID_SOCIAL_PROTECTION)))


def _directory(application_hex: str) -> int:
    wanted = application_hex.upper()
    for directory in Directory:
        if wanted == (directory.aid.hex().upper() if directory.aid else ""):
            return int(directory)
    raise PackageUnfit("The package names an unknown application")


def _check_file(file: CardFile | None, content: bytes) -> None:
    if file is None or file in CHANGING_FILES:
        raise PackageUnfit("The package holds a file that the layout does not have, or that the chip writes")
    if not 1 <= len(content) <= file.size_bytes:
        raise PackageUnfit(f"{file.name} is empty or larger than the layout allows")
