"""The chip's end of a secure channel (ICAO 9303-11, 9.8): AES-128 CBC and CMAC with a send sequence counter."""

from __future__ import annotations

import hmac

from card_service.apdu import (
    CLA_SECURE_MESSAGING,
    MAX_EXTENDED_LE,
    MAX_SHORT_LE,
    SW,
    CommandApdu,
    ResponseApdu,
)
from card_service.tlv import Tlv, TlvError, decode_tlvs, encode_tlv
from hardware_sim.card.key_derivation import (
    AES_BLOCK_BYTES,
    MAC_BYTES,
    SessionKeys,
    decrypt,
    encrypt,
    encrypt_block,
    mac,
    pad,
    unpad,
)
from hardware_sim.card.status import StatusError, require

TAG_CRYPTOGRAM = 0x87
TAG_CRYPTOGRAM_ODD_INS = 0x85
TAG_LE = 0x97
TAG_STATUS = 0x99
TAG_MAC = 0x8E
PADDING_INDICATOR = b"\x01"  # ISO/IEC 7816-4:2013, table 50: padding as in ISO/IEC 9797-1, method 2

_ODD_INS = 0x01


class SecureChannel:
    """One pair of session keys and its counter. After any refusal the channel must not be used again."""

    def __init__(self, keys: SessionKeys) -> None:
        self._keys = keys
        self._counter = 0

    def unprotect(self, command: CommandApdu) -> CommandApdu:
        """The plain command; 6987 if an object is missing, 6988 if one is wrong."""
        self._counter += 1
        objects = _ordered_objects(command)
        covered = b"".join(each.encode() for each in objects if each.tag != TAG_MAC)
        header = bytes((CLA_SECURE_MESSAGING, command.ins, command.p1, command.p2))
        expected = mac(self._keys.authentication, self._counter_block() + pad(header) + _pad_some(covered))
        require(hmac.compare_digest(objects[-1].value, expected), SW.SM_OBJECTS_INCORRECT)
        data, le = b"", None
        for each in objects[:-1]:
            if each.tag == TAG_LE:
                le = _decode_le(each.value)
            else:
                data = self._decrypt(each)
        return CommandApdu(0, command.ins, command.p1, command.p2, data, le)

    def protect(self, response: ResponseApdu, *, ins: int) -> ResponseApdu:
        """The protected answer to a command with this instruction byte."""
        self._counter += 1
        covered = self._encrypt(response.data, ins) + encode_tlv(TAG_STATUS, response.sw.to_bytes(2, "big"))
        tag = mac(self._keys.authentication, self._counter_block() + pad(covered))
        return ResponseApdu(covered + encode_tlv(TAG_MAC, tag), response.sw)

    def _counter_block(self) -> bytes:
        return self._counter.to_bytes(AES_BLOCK_BYTES, "big")

    def _vector(self) -> bytes:
        return encrypt_block(self._keys.encryption, self._counter_block())

    def _encrypt(self, data: bytes, ins: int) -> bytes:
        if not data:
            return b""
        cryptogram = encrypt(self._keys.encryption, self._vector(), pad(data))
        if ins & _ODD_INS:
            return encode_tlv(TAG_CRYPTOGRAM_ODD_INS, cryptogram)
        return encode_tlv(TAG_CRYPTOGRAM, PADDING_INDICATOR + cryptogram)

    def _decrypt(self, cryptogram_object: Tlv) -> bytes:
        cryptogram = cryptogram_object.value
        if cryptogram_object.tag == TAG_CRYPTOGRAM:
            require(cryptogram.startswith(PADDING_INDICATOR), SW.SM_OBJECTS_INCORRECT)
            cryptogram = cryptogram[len(PADDING_INDICATOR) :]
        is_whole = bool(cryptogram) and len(cryptogram) % AES_BLOCK_BYTES == 0
        require(is_whole, SW.SM_OBJECTS_INCORRECT)
        data = unpad(decrypt(self._keys.encryption, self._vector(), cryptogram))
        if data is None:
            raise StatusError(SW.SM_OBJECTS_INCORRECT)
        return data


def _ordered_objects(command: CommandApdu) -> tuple[Tlv, ...]:
    """Cryptogram, Le and MAC in this order, each at most once, the MAC always."""
    try:
        objects = decode_tlvs(command.data)
    except TlvError as malformed:
        raise StatusError(SW.SM_OBJECTS_INCORRECT) from malformed
    tags = [each.tag for each in objects]
    require(TAG_MAC in tags, SW.SM_OBJECTS_MISSING)
    cryptogram = TAG_CRYPTOGRAM_ODD_INS if command.ins & _ODD_INS else TAG_CRYPTOGRAM
    order = [tag for tag in (cryptogram, TAG_LE, TAG_MAC) if tag in tags]
    require(tags == order and len(objects[-1].value) == MAC_BYTES, SW.SM_OBJECTS_INCORRECT)
    return objects


def _pad_some(covered: bytes) -> bytes:
    return pad(covered) if covered else b""


def _decode_le(value: bytes) -> int:
    require(len(value) in (1, 2), SW.SM_OBJECTS_INCORRECT)
    return int.from_bytes(value, "big") or (MAX_SHORT_LE if len(value) == 1 else MAX_EXTENDED_LE)
