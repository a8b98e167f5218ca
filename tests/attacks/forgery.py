"""A chip whose files or keys are not those that were issued: what a forger's laboratory can make of a genuine card."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Mapping

from card_service.layout import DATA_GROUPS, DG1, EF_SOD, STATEMENT_SLOT_BYTES, CardFile
from card_service.security_object import build_sod
from card_service.tlv import decode_tlv_one, encode_tlv
from hardware_sim.card.virtual_card import VirtualCard
from tests.attacks.country import SIGNED_AT, GenuineCard, genuine_card, home

_KEYS = "key/"
_TAG_FILE_ID, _TAG_SIZE, _TAG_SHORT_ID, _TAG_TEMPLATE = 0x83, 0x80, 0x88, 0x62
_SIZE = struct.Struct(">H")
Change = Callable[[bytes], bytes]


class Forgery:
    """Begins as a true image of a genuine card, keys included; each step returns the same object."""

    def __init__(self, card: GenuineCard | None = None) -> None:
        self.card = card or genuine_card()
        self._segments = dict(self.card.segments)
        self._files = dict(self.card.data.files)

    def chip(self) -> VirtualCard:
        """The forged chip."""
        return VirtualCard(dict(self._segments), None)

    def read(self, file: CardFile) -> bytes:
        """The file as it stands now."""
        return self._segments[_content(file)]

    def write(self, file: CardFile, content: bytes) -> Forgery:
        """Put other bytes into a file, which becomes as large as they are."""
        self._segments[_content(file)] = content
        self._segments[_header(file)] = _resized(self._segments[_header(file)], len(content))
        self._files[file.key] = content
        return self

    def change(self, file: CardFile, change: Change) -> Forgery:
        """Put the changed bytes into a file."""
        return self.write(file, change(self.read(file)))

    def add(self, file: CardFile, content: bytes) -> Forgery:
        """A file that the card never had."""
        self._segments[_header(file)] = _renamed(self._segments[_header(DG1)], file)
        return self.write(file, content)

    def remove(self, file: CardFile) -> Forgery:
        """As if the file had never been made."""
        for segment in (_content(file), _header(file)):
            self._segments.pop(segment, None)
        self._files.pop(file.key, None)
        return self

    def take(self, other: GenuineCard, *files: CardFile) -> Forgery:
        """These files of another genuine card."""
        for file in files:
            self.write(file, other.data.files[file.key])
        return self

    def lose_keys(self) -> Forgery:
        """Keys of its own: what every copy has, because the genuine keys never leave their chip."""
        copy = VirtualCard(self._segments, None).copy_files_without_keys()
        self._segments = dict(copy._memory.snapshot())
        return self

    def sign_again(self, hashes: Mapping[int, bytes] | None = None) -> Forgery:
        """EF.SOD by the genuine signer over the files as they are now, so that only the file itself is wrong."""
        return self.write(EF_SOD, build_sod(hashes or self.hashes(), home().signer, signed_at=SIGNED_AT))

    def hashes(self) -> dict[int, bytes]:
        """SHA-256 of the data groups as they are now."""
        return {
            number: hashlib.sha256(self._files[file.key]).digest()
            for number, file in DATA_GROUPS.items()
            if file.key in self._files
        }

    def put_statement(self, slot: bytes) -> Forgery:
        """This statement alone in force, whatever the chip would have said to it."""
        self._segments["content/0200/0201"] = slot.ljust(STATEMENT_SLOT_BYTES, b"\0")
        self._segments["entitlement/current"] = b"\0" + len(slot).to_bytes(4, "big")
        return self

    def forget(self, prefix: str) -> Forgery:
        """Drop what the chip keeps under names with this beginning."""
        self._segments = {name: raw for name, raw in self._segments.items() if not name.startswith(prefix)}
        return self


def _content(file: CardFile) -> str:
    return f"content/{int(file.directory):04X}/{file.fid:04X}"


def _header(file: CardFile) -> str:
    return f"header/{int(file.directory):04X}/{file.fid:04X}"


def _resized(header: bytes, size: int) -> bytes:
    return _with(header, {_TAG_SIZE: _SIZE.pack(size)})


def _renamed(header: bytes, file: CardFile) -> bytes:
    return _with(header, {_TAG_FILE_ID: _SIZE.pack(file.fid), _TAG_SHORT_ID: bytes((file.sfi or 0,))})


def _with(header: bytes, values: Mapping[int, bytes]) -> bytes:
    objects = decode_tlv_one(header).children()
    body = b"".join(encode_tlv(each.tag, values.get(each.tag, each.value)) for each in objects)
    return encode_tlv(_TAG_TEMPLATE, body)
