"""Writing a card: steps that can all be repeated, and end in a card that must still prove itself (read_back.py).

A chip is written while it is PERSONALISING: in plain, or through SCP03 when it was bought with transport keys
(``keys``; see scp03.py). EF.SOD is written last and the chip is locked after it, so a card
torn at any command is refused everywhere, and is finished by running the same steps again, or wiped by
``prepare_chip``. ``docs/card-commands.md``, 1 and 2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from card_service.apdu import (
    CLA_PLAIN,
    INS_ACTIVATE_FILE,
    INS_CREATE_FILE,
    INS_DELETE_FILE,
    INS_GENERATE_KEY_PAIR,
    INS_SELECT,
    INS_UPDATE_BINARY,
    MAX_SHORT_LE,
    SW,
    CommandApdu,
)
from card_service.chip_life import ChipLife, LifeState, read_chip_life
from card_service.connection import PERSONALISATION_LIMITS, CardConnection
from card_service.curves import curve_of_point
from card_service.cv_certificate import encode_cv_date
from card_service.ecdsa_raw import load_point
from card_service.errors import CardMisbehaved, CardRefused, ReadBackDiffers, WrongChip
from card_service.file_control import encode_directory_control, encode_file_control
from card_service.file_reader import ODD_FROM_OFFSET
from card_service.layout import (
    CHANGING_FILES,
    DO_CAN,
    DO_CHIP_DATE,
    DO_CVCA,
    DO_LEDGER_FILE,
    DO_QUOTA,
    DO_QUOTA_AUTHORITY,
    DO_STATEMENT_SLOTS,
    EF_DIR,
    EF_SOD,
    ENTITLEMENTS_A,
    ENTITLEMENTS_B,
    KEY_CHIP_AUTHENTICATION,
    KEY_RECEIPT,
    LEDGER,
    CardFile,
    Directory,
    is_content,
    room_bytes,
)
from card_service.personalisation_data import (
    FileKey,
    PackageUnfit,
    PersonalisationData,
    data_from_package,
    readback_digest,
)
from card_service.scp03 import SessionKeySource
from card_service.session import CardSession
from card_service.tlv import TlvError, encode_tlv, get_value

__all__ = [
    "ChipKeys",
    "FileKey",
    "PackageUnfit",
    "PersonalisationData",
    "StepProgress",
    "data_from_package",
    "lock_card",
    "prepare_chip",
    "readback_digest",
    "write_card",
]

_MF_NAME = Directory.MF.to_bytes(2, "big")
_TAG_FILE_ID = 0x83
_TAG_KEY_AGREEMENT, _TAG_SIGNATURE, _TAG_KEY_REFERENCE = 0xA6, 0xB6, 0x84
_TAG_PUBLIC_KEY, _TAG_POINT = 0x7F49, 0x86
_P1_GENERATE = 0x80
_SFI_IN_P1 = 0x80
_P2_NO_ANSWER = 0x0C
_QUOTA_BYTES = 2
#: One write: a whole number of the chip's pages, and within what every reader carries.
_UPDATE_BYTES = 1_024
#: The same where a command is short and may be protected.
_SHORT_UPDATE_BYTES = 192


@dataclass(frozen=True)
class ChipKeys:
    """What the registry needs to make a package for this chip: serial (8 bytes) and two points (65 bytes)."""

    serial: bytes
    ca_public_key: bytes
    receipt_public_key: bytes


@dataclass(frozen=True)
class StepProgress:
    """``done`` of ``total`` bytes are written; ``file`` is the name of the file just finished."""

    done: int
    total: int
    file: str


def prepare_chip(connection: CardConnection, *, keys: SessionKeySource | None = None) -> ChipKeys:
    """An empty chip with fresh keys made on it. A chip that was being written is wiped first, keys and all.

    Do not call it on a chip whose package is already there: the keys would change. Raises WrongChip for a locked card.
    """
    session = _open(connection)
    life = read_chip_life(session)
    if life.state is LifeState.OPERATIONAL or life.serial is None:
        raise WrongChip("The chip already is a finished card")
    _secure(session, keys)
    if life.state is LifeState.PERSONALISING:
        _require(session, CommandApdu(CLA_PLAIN, INS_DELETE_FILE, 0, 0, encode_tlv(_TAG_FILE_ID, _MF_NAME)))
    _create(session, encode_directory_control(Directory.EMRTD))
    agreement_key = _generate(session, _TAG_KEY_AGREEMENT, KEY_CHIP_AUTHENTICATION, check=curve_of_point)
    receipt_key = _generate(session, _TAG_SIGNATURE, KEY_RECEIPT, check=load_point)
    _create(session, encode_directory_control(Directory.SOCIAL_PROTECTION))
    return ChipKeys(life.serial, agreement_key, receipt_key)


def write_card(
    connection: CardConnection,
    data: PersonalisationData,
    progress: Callable[[StepProgress], None] = lambda _: None,
    *,
    keys: SessionKeySource | None = None,
) -> None:
    """Everything on the chip but the lock. May be called again after a tear, with the same data.

    Raises WrongChip for another chip, or one that is not between ``prepare_chip`` and the lock; CardRefused when the
    chip cannot take the data (then wipe it with ``prepare_chip``).
    """
    session = _open(connection)
    _require_our_chip(read_chip_life(session), data)
    _secure(session, keys)
    _put_trust(session, data)
    session.put_data(DO_CAN, data.can.encode("ascii"))
    if data.quota is not None:
        session.put_data(DO_QUOTA, data.quota.to_bytes(_QUOTA_BYTES, "big"))
        session.put_data(DO_QUOTA_AUTHORITY, data.quota_authority)
    _make_changing_files(session)
    _write_immutable_files(session, data, progress)


def lock_card(connection: CardConnection, data: PersonalisationData, *, keys: SessionKeySource | None = None) -> None:
    """Locks the chip for ever, after every file was compared in plain. Nothing happens when it is locked already.

    Raises ReadBackDiffers while the chip can still be wiped; WrongChip.
    """
    session = _open(connection)
    life = read_chip_life(session)
    if life.state is LifeState.OPERATIONAL:
        return
    _require_our_chip(life, data)
    _secure(session, keys)
    for file, content in data.items():
        if not is_content(file, session.find(file) or b"", content):
            raise ReadBackDiffers(f"{file.name} is not what was written")
    session.select(Directory.MF)
    _require(session, CommandApdu(CLA_PLAIN, INS_ACTIVATE_FILE, 0, 0))


def _open(connection: CardConnection) -> CardSession:
    session = CardSession(connection, limits=PERSONALISATION_LIMITS)
    session.learn_length()
    return session


def _secure(session: CardSession, keys: SessionKeySource | None) -> None:
    """What follows goes through SCP03 when the chip was bought with transport keys."""
    if keys is not None:
        session.secure(keys)


def _require_our_chip(life: ChipLife, data: PersonalisationData) -> None:
    if life.state is not LifeState.PERSONALISING or life.serial != data.chip_serial:
        raise WrongChip("Not the chip that these data were made for, or not ready for them")


def _put_trust(session: CardSession, data: PersonalisationData) -> None:
    """Trust points and date, once: EF.DIR is created after them and so tells that they are there."""
    if session.find(EF_DIR) is not None:
        return
    for certificate in data.cvca_points:
        session.put_data(DO_CVCA, certificate)
    session.put_data(DO_CHIP_DATE, encode_cv_date(data.chip_date))


def _write_immutable_files(
    session: CardSession, data: PersonalisationData, progress: Callable[[StepProgress], None]
) -> None:
    """Every file of the package, EF.SOD after all others."""
    items = [item for item in data.items() if item[0] is not EF_SOD] + [(EF_SOD, data.files[EF_SOD.key])]
    written, total = 0, sum(len(content) for content in data.files.values())
    for file, content in items:
        _write_file(session, file, content)
        written += len(content)
        progress(StepProgress(written, total, file.name))


def _make_changing_files(session: CardSession) -> None:
    """The files that the chip itself will write, and which of them is what."""
    for file in CHANGING_FILES:
        session.select(file.directory)
        _create(session, encode_file_control(file, file.size_bytes))
    session.put_data(DO_LEDGER_FILE, _fid(LEDGER))
    session.put_data(DO_STATEMENT_SLOTS, _fid(ENTITLEMENTS_A) + _fid(ENTITLEMENTS_B))


def _write_file(session: CardSession, file: CardFile, content: bytes) -> None:
    session.select(file.directory)
    _create(session, encode_file_control(file, room_bytes(file, len(content))))
    for command in _updates(file, content, piece_bytes=_piece_bytes(session)):
        _require(session, command)


def _updates(file: CardFile, content: bytes, *, piece_bytes: int) -> Iterator[CommandApdu]:
    if file.sfi is None:
        yield CommandApdu(CLA_PLAIN, INS_SELECT, 0x00, _P2_NO_ANSWER, _fid(file))
    for offset in range(0, min(len(content), ODD_FROM_OFFSET), piece_bytes):
        is_last_that_p1_p2_can_say = offset + piece_bytes >= ODD_FROM_OFFSET
        part = content[offset:] if is_last_that_p1_p2_can_say else content[offset : offset + piece_bytes]
        p1, p2 = offset >> 8, offset & 0xFF
        if offset == 0 and file.sfi is not None:
            p1 = _SFI_IN_P1 | file.sfi
        yield CommandApdu(CLA_PLAIN, INS_UPDATE_BINARY, p1, p2, part)


def _piece_bytes(session: CardSession) -> int:
    return _UPDATE_BYTES if session.max_read_bytes > MAX_SHORT_LE else _SHORT_UPDATE_BYTES


def _create(session: CardSession, control: bytes) -> None:
    """Creates the file; one that is there already, from before a tear, will do."""
    response = session.send(CommandApdu(CLA_PLAIN, INS_CREATE_FILE, 0, 0, control))
    if not response.is_ok and response.sw != SW.FILE_EXISTS:
        raise CardRefused(response.sw, INS_CREATE_FILE)


def _generate(session: CardSession, purpose: int, key_reference: int, *, check: Callable[[bytes], object]) -> bytes:
    """The public point of a key pair made on the chip in the current DF."""
    data = encode_tlv(purpose, encode_tlv(_TAG_KEY_REFERENCE, bytes((key_reference,))))
    command = CommandApdu(CLA_PLAIN, INS_GENERATE_KEY_PAIR, _P1_GENERATE, 0, data, MAX_SHORT_LE)
    try:
        point = get_value(_require(session, command), _TAG_PUBLIC_KEY, _TAG_POINT)
    except TlvError as error:
        raise CardMisbehaved("The chip's new public key is malformed") from error
    try:
        check(point)
    except ValueError as error:
        # Noticed now the chip is wiped and asked again; noticed after the lock it would be a card for the bin.
        raise CardMisbehaved("The chip's new public key is no point of the curve") from error
    return point


def _fid(file: CardFile) -> bytes:
    return file.fid.to_bytes(2, "big")


def _require(session: CardSession, command: CommandApdu) -> bytes:
    response = session.send(command)
    if not response.is_ok:
        raise CardRefused(response.sw, command.ins)
    return response.data
