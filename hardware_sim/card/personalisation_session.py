"""The chip's end of an SCP03 session of level 33: commands and answers encrypted and authenticated.

GlobalPlatform Card Specification v2.3, Amendment D v1.1.2, "Secure Channel Protocol '03'", with AES-128.
"""

from __future__ import annotations

import hmac
from enum import IntEnum

from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.cmac import CMAC

from card_service.apdu import CLA_GLOBAL_PLATFORM_SECURE, CLA_PLAIN, SW, SW1_MASK, CommandApdu, ResponseApdu
from hardware_sim.card.key_derivation import (
    AES_BLOCK_BYTES,
    MAC_BYTES,
    decrypt,
    encrypt,
    encrypt_block,
    pad,
    unpad,
)
from hardware_sim.card.status import StatusError, require
from hardware_sim.card.transport_keys import TransportKeys

CHALLENGE_BYTES = 8
CRYPTOGRAM_BYTES = 8
_KEY_BITS, _SHORT_BITS = 128, 64
_LABEL_ZEROS = bytes(11)
_ANSWER_FLAG = 0x80
_WARNINGS = (0x6200, 0x6300)


class Derivation(IntEnum):
    """The constant that goes into a derivation (Amendment D, table 4-1)."""

    CARD_CRYPTOGRAM = 0x00
    HOST_CRYPTOGRAM = 0x01
    CARD_CHALLENGE = 0x02
    ENCRYPTION_KEY = 0x04
    COMMAND_MAC_KEY = 0x06
    ANSWER_MAC_KEY = 0x07


def derive(key: bytes, purpose: Derivation, context: bytes, bits: int) -> bytes:
    """KDF in counter mode with AES-CMAC (Amendment D, 4.1.5); at most 128 bits are wanted here, so one block."""
    head = _LABEL_ZEROS + bytes((purpose, 0)) + bits.to_bytes(2, "big") + b"\x01"
    return _cmac(key, head + context)[: bits // 8]


def card_challenge(keys: TransportKeys, sequence: bytes, application: bytes) -> bytes:
    """The pseudo-random challenge (Amendment D, 6.2.2.1)."""
    return derive(keys.encryption, Derivation.CARD_CHALLENGE, sequence + application, _SHORT_BITS)


class PersonalisationSession:
    """One session from the two challenges on. After any refusal it must not be used again."""

    def __init__(self, keys: TransportKeys, host_challenge: bytes, own_challenge: bytes) -> None:
        context = host_challenge + own_challenge
        self._encryption = derive(keys.encryption, Derivation.ENCRYPTION_KEY, context, _KEY_BITS)
        self._command_mac = derive(keys.authentication, Derivation.COMMAND_MAC_KEY, context, _KEY_BITS)
        self._answer_mac = derive(keys.authentication, Derivation.ANSWER_MAC_KEY, context, _KEY_BITS)
        self.card_cryptogram = derive(self._command_mac, Derivation.CARD_CRYPTOGRAM, context, _SHORT_BITS)
        self._host_cryptogram = derive(self._command_mac, Derivation.HOST_CRYPTOGRAM, context, _SHORT_BITS)
        self._chaining = bytes(AES_BLOCK_BYTES)
        self._counter = 0

    def is_opened_by(self, command: CommandApdu) -> bool:
        """Whether EXTERNAL AUTHENTICATE carries the right cryptogram and MAC; nothing tells which was wrong."""
        cryptogram, is_authentic = self._authenticated(command)
        is_host = hmac.compare_digest(cryptogram, self._host_cryptogram)
        return is_host and is_authentic

    def unprotect(self, command: CommandApdu) -> CommandApdu:
        """The plain command; 6982 for anything that the other end of this session did not make."""
        self._counter += 1
        cryptogram, is_authentic = self._authenticated(command)
        require(is_authentic, SW.SECURITY_STATUS)
        data = b""
        if cryptogram:
            require(len(cryptogram) % AES_BLOCK_BYTES == 0, SW.SECURITY_STATUS)
            padded = decrypt(self._encryption, self._vector(is_answer=False), cryptogram)
            unpadded = unpad(padded)
            if unpadded is None:
                raise StatusError(SW.SECURITY_STATUS)
            data = unpadded
        return CommandApdu(CLA_PLAIN, command.ins, command.p1, command.p2, data, command.le)

    def protect(self, answer: ResponseApdu) -> ResponseApdu:
        """The protected answer; an error is its status alone (Amendment D, 6.2.5)."""
        if answer.sw != SW.OK and answer.sw & SW1_MASK not in _WARNINGS:
            return ResponseApdu(b"", answer.sw)
        data = answer.data
        if data:
            data = encrypt(self._encryption, self._vector(is_answer=True), pad(data))
        tag = _cmac(self._answer_mac, self._chaining + data + answer.sw.to_bytes(2, "big"))
        return ResponseApdu(data + tag[:MAC_BYTES], answer.sw)

    def _authenticated(self, command: CommandApdu) -> tuple[bytes, bool]:
        """The data before the MAC, and whether the MAC is right; it then is what the next one is chained to."""
        body, given = command.data[:-MAC_BYTES], command.data[-MAC_BYTES:]
        header = bytes((CLA_GLOBAL_PLATFORM_SECURE, command.ins, command.p1, command.p2))
        length = len(command.data)
        lc = b"\x00" + length.to_bytes(2, "big") if command.needs_extended_length else bytes((length,))
        expected = _cmac(self._command_mac, self._chaining + header + lc + body)
        is_right = hmac.compare_digest(given, expected[:MAC_BYTES])
        if is_right:
            self._chaining = expected
        return body, is_right

    def _vector(self, *, is_answer: bool) -> bytes:
        block = bytearray(self._counter.to_bytes(AES_BLOCK_BYTES, "big"))
        if is_answer:
            block[0] = _ANSWER_FLAG
        return encrypt_block(self._encryption, bytes(block))


def _cmac(key: bytes, message: bytes) -> bytes:
    cmac = CMAC(algorithms.AES(key))
    cmac.update(message)
    return cmac.finalize()
