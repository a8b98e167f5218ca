"""The desk's box of cards: one file for each card, and what is printed on each card's face."""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from domain.errors import ProjectError
from hardware_sim.card.chip import SERIAL_BYTES
from hardware_sim.card.virtual_card import VirtualCard

_SERIAL = re.compile(r"[0-9a-f]{16}")
_FACES_NAME = "faces.json"
_LOCK_NAME = ".faces.lock"
#: Master key of the batch, in hexadecimal, in the box of a maker who delivers protected chips.
MAKER_KEY_NAME = "maker.key"


class CardNotInBox(ProjectError):
    """No card with this number or serial lies in the box."""

    code = "sim.card_not_in_box"


class CardBoxDamaged(ProjectError):
    """The list of faces cannot be read."""

    code = "sim.card_box_damaged"


class CardKind(StrEnum):
    """What a printed card is."""

    HOUSEHOLD = "household"
    OFFICER = "officer"
    COPY = "copy"  # files and face of another card, without its keys: for the attack in the demo


@dataclass(frozen=True, slots=True)
class CardFace:
    """What is printed on one card: its number and CAN; and which chip is in it."""

    serial_hex: str
    number: str
    can: str
    kind: CardKind


class CardBox:
    """A directory of cards. Several processes may use it; a card itself lies in one reader at a time.

    With the master key of a batch, its new blanks have transport keys.
    """

    def __init__(self, directory: Path, *, transport_master_key: bytes | None = None) -> None:
        self._directory = directory
        self._transport_master_key = transport_master_key
        directory.mkdir(parents=True, exist_ok=True)

    @classmethod
    def of_maker(cls, directory: Path) -> CardBox:
        """The box in this folder; its blanks are protected when the maker's key lies in it. Raises CardBoxDamaged."""
        path = directory / MAKER_KEY_NAME
        if not path.exists():
            return cls(directory)
        try:
            return cls(directory, transport_master_key=bytes.fromhex(path.read_text(encoding="ascii")))
        except ValueError as damaged:
            raise CardBoxDamaged("the maker's key is malformed") from damaged

    @property
    def is_open_stock(self) -> bool:
        """Whether new blanks take commands from anybody."""
        return self._transport_master_key is None

    def new_blank(self) -> str:
        """Put a new chip into the box; returns its serial in hexadecimal."""
        serial = secrets.token_bytes(SERIAL_BYTES)
        VirtualCard.blank(self._path(serial.hex()), serial, transport_master_key=self._transport_master_key)
        return serial.hex()

    def list(self) -> tuple[CardFace, ...]:
        """The printed cards, the one printed first leading."""
        with self._locked():
            return self._read()

    def blanks(self) -> tuple[str, ...]:
        """Serials of the chips without a face, the newest file last."""
        printed = {face.serial_hex for face in self.list()}
        files = sorted(self._directory.glob("*.card"), key=lambda path: (path.stat().st_ctime_ns, path.name))
        return tuple(path.stem for path in files if path.stem not in printed)

    def label(self, serial_hex: str, number: str, can: str, kind: CardKind = CardKind.HOUSEHOLD) -> CardFace:
        """Print a face on the card; printing anew moves it to the end of the list."""
        self.load(serial_hex)
        face = CardFace(serial_hex, number, can, kind)
        with self._locked():
            others = (each for each in self._read() if each.serial_hex != serial_hex)
            self._write((*others, face))
        return face

    def find(self, number: str, *, is_copy: bool = False) -> CardFace | None:
        """The face with this number, the one printed last if there are several; or its copy."""
        found = [each for each in self.list() if each.number == number]
        return next((each for each in reversed(found) if (each.kind is CardKind.COPY) is is_copy), None)

    def get(self, number: str) -> VirtualCard:
        """The card with this number on its face; raises CardNotInBox."""
        face = self.find(number)
        if face is None:
            raise CardNotInBox(f"There is no card {number} in the box", number=number)
        return self.load(face.serial_hex)

    def copy_without_keys(self, number: str) -> CardFace:
        """Add a copied card: the same files and the same face, but keys of its own."""
        face = self.find(number)
        if face is None:
            raise CardNotInBox(f"There is no card {number} in the box", number=number)
        temporary = self._directory / f".copy-{secrets.token_hex(SERIAL_BYTES)}"
        copy = self.load(face.serial_hex).copy_files_without_keys(temporary)
        temporary.replace(self._path(copy.serial_hex))
        return self.label(copy.serial_hex, number, face.can, CardKind.COPY)

    def load(self, serial_hex: str) -> VirtualCard:
        """The card with this chip serial; raises CardNotInBox."""
        path = self._path(serial_hex)
        if not path.exists():
            raise CardNotInBox(f"There is no chip {serial_hex} in the box", serial=serial_hex)
        return VirtualCard.load(path)

    def _path(self, serial_hex: str) -> Path:
        if not _SERIAL.fullmatch(serial_hex):
            raise CardNotInBox("A chip serial has 16 hexadecimal digits")
        return self._directory / f"{serial_hex}.card"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self._directory / _LOCK_NAME).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _read(self) -> tuple[CardFace, ...]:
        path = self._directory / _FACES_NAME
        if not path.exists():
            return ()
        try:
            rows = json.loads(path.read_text(encoding="utf-8"))
            return tuple(CardFace(row["serial_hex"], row["number"], row["can"], CardKind(row["kind"])) for row in rows)
        except (ValueError, KeyError, TypeError) as damaged:
            raise CardBoxDamaged from damaged

    def _write(self, faces: Sequence[CardFace]) -> None:
        path = self._directory / _FACES_NAME
        temporary = path.with_suffix(".new")
        with temporary.open("w", encoding="utf-8") as file:
            json.dump([asdict(face) for face in faces], file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
