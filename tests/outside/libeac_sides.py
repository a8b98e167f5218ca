"""A terminal and a chip whose cryptography is libeac's: PACE steps and protected messages, put into APDUs here."""

from __future__ import annotations

from card_service.apdu import CommandApdu, ResponseApdu
from card_service.tlv import decode_tlvs, encode_tlv, find_tlv, get_value
from tests.outside.libeac import LibeacPace, LibeacRefused

_OK = 0x9000
_PROTECTED = 0x0C
_CHAIN = 0x10
_SELECT_PACE = (0x22, 0xC1, 0xA4)
_GENERAL_AUTHENTICATE = 0x86
_READ_BINARY = 0xB0
_EF_CARD_ACCESS_BY_SFI = 0x9C
_MASTER_FILE = bytes.fromhex("3F00")
_PACE_OID = bytes.fromhex("04007F00070202040202")
_STATUS, _MAC, _DATA, _LE = 0x99, 0x8E, 0x87, 0x97


class LibeacTerminal:
    """Reads a card with libeac: PACE, then protected commands."""

    def __init__(self, connection: object, card_access: bytes, can: str) -> None:
        self._transmit = connection.transmit  # type: ignore[attr-defined]
        self._pace = LibeacPace(card_access, can)

    def open(self) -> int:
        """Runs PACE; the status word of its last step. LibeacRefused when the chip's token is wrong."""
        pace, ins = self._pace, _GENERAL_AUTHENTICATE
        self._plain(CommandApdu(0, *_SELECT_PACE, encode_tlv(0x80, _PACE_OID) + encode_tlv(0x83, b"\x02")))
        pace.decrypt_nonce(get_value(self._plain(CommandApdu(_CHAIN, ins, 0, 0, b"\x7c\x00", 256)), 0x7C, 0x80))
        pace.map_generator(self._step(0x81, pace.mapping_data(), 0x82))
        own = pace.ephemeral_key()
        theirs = self._step(0x83, own, 0x84)
        pace.agree(theirs)
        token = encode_tlv(0x7C, encode_tlv(0x85, pace.token(theirs)))
        answer = ResponseApdu.decode(self._transmit(CommandApdu(0, ins, 0, 0, token, 256).encode()))
        if answer.sw == _OK:
            pace.check_token(get_value(answer.data, 0x7C, 0x86))
            pace.start_channel()
        return answer.sw

    def send(self, command: CommandApdu) -> ResponseApdu:
        """One protected command; the answer opened, LibeacRefused when its checksum is wrong."""
        answer = ResponseApdu.decode(self._transmit(_protect_command(self._pace, command).encode()))
        return _open_answer(self._pace, answer)

    def _step(self, tag: int, value: bytes, answer_tag: int) -> bytes:
        command = CommandApdu(_CHAIN, _GENERAL_AUTHENTICATE, 0, 0, encode_tlv(0x7C, encode_tlv(tag, value)), 256)
        return get_value(self._plain(command), 0x7C, answer_tag)

    def _plain(self, command: CommandApdu) -> bytes:
        answer = ResponseApdu.decode(self._transmit(command.encode()))
        if answer.sw != _OK:
            raise LibeacRefused(f"{answer.sw:04X}")
        return answer.data


class LibeacChip:
    """A card whose PACE and channel are libeac's; behind them it answers ``answers`` in turn."""

    atr = bytes.fromhex("3B8A80018073C12140")

    def __init__(self, card_access: bytes, can: str, answers: list[ResponseApdu]) -> None:
        self._pace = LibeacPace(card_access, can)
        self._card_access, self._can = card_access, can
        self._answers = answers
        self._own = self._theirs = b""
        self._is_open = False
        self.has_believed_token = False
        self.received: list[CommandApdu] = []

    def transmit(self, apdu: bytes) -> bytes:
        command = CommandApdu.decode(apdu)
        if self._is_open:
            return self._protected(command).encode()
        if (command.ins, command.p1, command.p2) == _SELECT_PACE or command.data == _MASTER_FILE:
            return ResponseApdu(b"", _OK).encode()
        if command.ins == _READ_BINARY and command.p1 == _EF_CARD_ACCESS_BY_SFI:
            return ResponseApdu(self._card_access, 0x6282).encode()
        if command.ins == _GENERAL_AUTHENTICATE:
            return self._step(get_value(command.data, 0x7C)).encode()
        return ResponseApdu(b"", 0x6A82).encode()

    def close(self) -> None:
        """Nothing to let go of."""

    def _step(self, content: bytes) -> ResponseApdu:
        if not content:
            return _dynamic(0x80, self._pace.encrypt_nonce())
        (given,) = decode_tlvs(content)
        if given.tag == 0x81:
            return self._map(given.value)
        if given.tag == 0x83:
            self._own, self._theirs = self._pace.ephemeral_key(), given.value
            self._pace.agree(given.value)
            return _dynamic(0x84, self._own)
        try:
            self._pace.check_token(given.value)
        except LibeacRefused:
            return ResponseApdu(b"", 0x6300)
        self.has_believed_token = True
        token = self._pace.token(self._theirs)
        self._pace.start_channel()
        self._is_open = True
        return _dynamic(0x86, token)

    def _map(self, theirs: bytes) -> ResponseApdu:
        own = self._pace.mapping_data()
        try:
            self._pace.map_generator(theirs)
        except LibeacRefused:
            # A point of another curve: as a chip says it, and ready for the next attempt.
            self._pace = LibeacPace(self._card_access, self._can)
            return ResponseApdu(b"", 0x6A80)
        return _dynamic(0x82, own)

    def _protected(self, command: CommandApdu) -> ResponseApdu:
        self.received.append(_open_command(self._pace, command))
        return _protect_answer(self._pace, self._answers.pop(0))


def _dynamic(tag: int, value: bytes) -> ResponseApdu:
    return ResponseApdu(encode_tlv(0x7C, encode_tlv(tag, value)), _OK)


def _protect_command(pace: LibeacPace, command: CommandApdu) -> CommandApdu:
    pace.count()
    objects = encode_tlv(_DATA, b"\x01" + pace.encrypt(pace.pad(command.data))) if command.data else b""
    if command.le is not None:
        objects += encode_tlv(_LE, bytes((command.le % 256,)))
    header = bytes((command.cla | _PROTECTED, command.ins, command.p1, command.p2))
    covered = pace.pad(header) + (pace.pad(objects) if objects else b"")
    data = objects + encode_tlv(_MAC, pace.mac(covered))
    return CommandApdu(command.cla | _PROTECTED, command.ins, command.p1, command.p2, data, 256)


def _open_command(pace: LibeacPace, command: CommandApdu) -> CommandApdu:
    pace.count()
    objects = decode_tlvs(command.data)
    mac, data, le = (find_tlv(objects, tag) for tag in (_MAC, _DATA, _LE))
    before = b"".join(each.encode() for each in objects if each.tag != _MAC)
    covered = pace.pad(command.header) + (pace.pad(before) if before else b"")
    if mac is None or mac.value != pace.mac(covered):
        raise LibeacRefused("checksum of a command")
    plain = b"" if data is None else pace.decrypt(data.value[1:])
    return CommandApdu(0, command.ins, command.p1, command.p2, plain, None if le is None else le.value[0] or 256)


def _protect_answer(pace: LibeacPace, answer: ResponseApdu) -> ResponseApdu:
    pace.count()
    objects = encode_tlv(_DATA, b"\x01" + pace.encrypt(pace.pad(answer.data))) if answer.data else b""
    objects += encode_tlv(_STATUS, answer.sw.to_bytes(2, "big"))
    return ResponseApdu(objects + encode_tlv(_MAC, pace.mac(pace.pad(objects))), answer.sw)


def _open_answer(pace: LibeacPace, answer: ResponseApdu) -> ResponseApdu:
    pace.count()
    objects = decode_tlvs(answer.data)
    mac, data, status = (find_tlv(objects, tag) for tag in (_MAC, _DATA, _STATUS))
    covered = b"".join(each.encode() for each in objects if each.tag != _MAC)
    if mac is None or status is None or mac.value != pace.mac(pace.pad(covered)):
        raise LibeacRefused("checksum of an answer")
    plain = b"" if data is None else pace.decrypt(data.value[1:])
    return ResponseApdu(plain, int.from_bytes(status.value, "big"))
