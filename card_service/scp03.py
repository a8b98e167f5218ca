"""Secured personalisation, the desk's side: SCP03, security level 33 (GlobalPlatform Card Specification, Amendment D).

The desk never holds a chip's keys: it passes on the two challenges and is given the keys of this session only.
docs/card-commands.md, 12.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import Protocol

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

from card_service.apdu import (
    CLA_GLOBAL_PLATFORM,
    CLA_GLOBAL_PLATFORM_SECURE,
    INS_EXTERNAL_AUTHENTICATE,
    INS_INITIALIZE_UPDATE,
    MAX_SHORT_LE,
    SW,
    SW1_MASK,
    CommandApdu,
    ResponseApdu,
)
from card_service.connection import Transport
from card_service.errors import CardError, CardMisbehaved, CardRefused, ChannelBroken
from card_service.scp03_keys import CHALLENGE_BYTES, DerivationConstant, Scp03SessionKeys, derive

KEY_VERSION = 0x30
_SECURITY_LEVEL = 0x33
_SCP_IDENTIFIER = bytes((KEY_VERSION, 0x03, 0x70))
_HEAD_BYTES, _SERIAL_BYTES, _SEQUENCE_BYTES = 2, 8, 3
_BLOCK_BYTES, _MAC_BYTES, _CRYPTOGRAM_BYTES = 16, 8, 8
_OVERHEAD_BYTES = _BLOCK_BYTES + _MAC_BYTES
_ANSWER_FLAG = 0x80
_WARNINGS = (0x6200, 0x6300)
_PADDING = b"\x80"


class ChipNotOurs(CardError):
    """The chip does not hold the keys of its batch: not from our maker, or already activated. Send it back."""

    code = "card.chip_not_ours"
    message_key = "error.card_wrong_chip"


@dataclass(frozen=True)
class Scp03Challenge:
    """What the keys of a session follow from: the chip's serial, and a challenge of each side (8 bytes each).

    The rest lets the issuer check the chip before it gives keys: the chip's key information (3 bytes), its session
    counter, and its cryptogram (8 bytes).
    """

    chip_serial: bytes
    host_challenge: bytes
    card_challenge: bytes
    key_info: bytes = _SCP_IDENTIFIER
    sequence: int = 0
    card_cryptogram: bytes = b""


class SessionKeySource(Protocol):
    """Whoever can derive a session's keys: the issuer's token, asked through the registry."""

    def session_keys(self, challenge: Scp03Challenge) -> Scp03SessionKeys:
        """The keys of that session. Raises ProjectError when it refuses or cannot be reached."""


def open_secured_session(transport: Transport, source: SessionKeySource) -> Scp03Channel:
    """A session with a chip that holds the keys of its batch.

    Raises ChipNotOurs, CardRefused (6983: too many wrong attempts), CardMisbehaved, and what ``source`` raises.
    """
    host_challenge = secrets.token_bytes(CHALLENGE_BYTES)
    command = CommandApdu(CLA_GLOBAL_PLATFORM, INS_INITIALIZE_UPDATE, KEY_VERSION, 0, host_challenge, MAX_SHORT_LE)
    response = transport.send(command)
    if not response.is_ok:
        raise CardRefused(response.sw, INS_INITIALIZE_UPDATE)
    challenge = _parse(response.data, host_challenge)
    keys = source.session_keys(challenge)
    context = host_challenge + challenge.card_challenge
    if not hmac.compare_digest(
        challenge.card_cryptogram, _cryptogram(keys, DerivationConstant.CARD_CRYPTOGRAM, context)
    ):
        raise ChipNotOurs("The chip does not know the keys of its batch")
    channel = Scp03Channel(transport, keys)
    channel.authenticate(_cryptogram(keys, DerivationConstant.HOST_CRYPTOGRAM, context))
    return channel


class Scp03Channel:
    """Sends commands encrypted and with a MAC, and opens the answers. One broken answer ends it for good."""

    def __init__(self, transport: Transport, keys: Scp03SessionKeys) -> None:
        self._transport = transport
        self._keys = keys
        self._chaining = bytes(_BLOCK_BYTES)
        self._counter = 0
        self._is_broken = False

    @property
    def max_read_bytes(self) -> int:
        """The largest useful Le of a read."""
        return self._transport.max_read_bytes

    def authenticate(self, host_cryptogram: bytes) -> None:
        """EXTERNAL AUTHENTICATE: with a MAC, not encrypted. Raises ChipNotOurs when the chip does not take it."""
        command = CommandApdu(
            CLA_GLOBAL_PLATFORM_SECURE, INS_EXTERNAL_AUTHENTICATE, _SECURITY_LEVEL, 0, host_cryptogram
        )
        response = self._transport.send(self._with_mac(command))
        if response.sw == SW.AUTHENTICATION_FAILED:
            raise ChipNotOurs("The chip does not accept the keys of its batch")
        if not response.is_ok:
            raise CardRefused(response.sw, INS_EXTERNAL_AUTHENTICATE)

    def send(self, command: CommandApdu) -> ResponseApdu:
        """The opened answer; an error comes without a MAC (6.2.5) and says only that nothing was done."""
        if self._is_broken:
            raise ChannelBroken("The secured session has ended")
        self._counter += 1
        data = self._encrypt(_pad(command.data), is_answer=False) if command.data else b""
        sealed = CommandApdu(
            CLA_GLOBAL_PLATFORM_SECURE, command.ins, command.p1, command.p2, data, self._outer_le(command.le)
        )
        response = self._transport.send(self._with_mac(sealed))
        try:
            return self._open(response)
        except ChannelBroken:
            self._is_broken = True
            raise

    def _outer_le(self, le: int | None) -> int:
        """Room for padding and MAC too, so that nothing waits for a GET RESPONSE: every answer carries a MAC."""
        longest = self._transport.max_read_bytes + _OVERHEAD_BYTES if self._transport.is_extended else MAX_SHORT_LE
        return MAX_SHORT_LE if le is None else min(le + _OVERHEAD_BYTES, longest)

    def _with_mac(self, command: CommandApdu) -> CommandApdu:
        """C-MAC over the header, Lc with the MAC counted in, and the data; chained to the one before (6.2.4)."""
        length = len(command.data) + _MAC_BYTES
        sealed = CommandApdu(command.cla, command.ins, command.p1, command.p2, bytes(length), command.le)
        lc = b"\0" + length.to_bytes(2, "big") if sealed.needs_extended_length else bytes((length,))
        if sealed.needs_extended_length and not self._transport.is_extended:
            raise CardMisbehaved("Too long for a chip without extended length: personalisation is never chained")
        self._chaining = _cmac(self._keys.mac, self._chaining + command.header + lc + command.data)
        data = command.data + self._chaining[:_MAC_BYTES]
        return CommandApdu(command.cla, command.ins, command.p1, command.p2, data, command.le)

    def _open(self, response: ResponseApdu) -> ResponseApdu:
        if not response.is_ok and response.sw & SW1_MASK not in _WARNINGS:
            return ResponseApdu(b"", response.sw)
        sealed, mac = response.data[:-_MAC_BYTES], response.data[-_MAC_BYTES:]
        expected = _cmac(self._keys.rmac, self._chaining + sealed + response.sw.to_bytes(2, "big"))
        if not hmac.compare_digest(mac, expected[:_MAC_BYTES]):
            raise ChannelBroken("Wrong checksum of an answer")
        return ResponseApdu(self._decrypt(sealed) if sealed else b"", response.sw)

    def _encrypt(self, padded: bytes, *, is_answer: bool) -> bytes:
        encryptor = Cipher(algorithms.AES(self._keys.enc), modes.CBC(self._vector(is_answer=is_answer))).encryptor()
        return encryptor.update(padded) + encryptor.finalize()

    def _decrypt(self, sealed: bytes) -> bytes:
        if len(sealed) % _BLOCK_BYTES:
            raise ChannelBroken("The answer is not whole blocks")
        decryptor = Cipher(algorithms.AES(self._keys.enc), modes.CBC(self._vector(is_answer=True))).decryptor()
        padded = (decryptor.update(sealed) + decryptor.finalize()).rstrip(b"\0")
        if not padded.endswith(_PADDING):
            raise ChannelBroken("Wrong padding")
        return padded[:-1]

    def _vector(self, *, is_answer: bool) -> bytes:
        """The encrypted counter; its first byte tells answers from commands (6.2.6, 6.2.7)."""
        block = bytearray(self._counter.to_bytes(_BLOCK_BYTES, "big"))
        if is_answer:
            block[0] = _ANSWER_FLAG
        encryptor = Cipher(algorithms.AES(self._keys.enc), modes.ECB()).encryptor()  # noqa: S305  # a single block
        return encryptor.update(bytes(block)) + encryptor.finalize()


def _parse(answer: bytes, host_challenge: bytes) -> Scp03Challenge:
    lengths = (_HEAD_BYTES, _SERIAL_BYTES, len(_SCP_IDENTIFIER), CHALLENGE_BYTES, _CRYPTOGRAM_BYTES, _SEQUENCE_BYTES)
    if len(answer) != sum(lengths):
        raise CardMisbehaved("The answer of INITIALIZE UPDATE has a wrong length")
    parts, at = [], 0
    for length in lengths:
        parts.append(answer[at : at + length])
        at += length
    _, serial, identifier, card_challenge, cryptogram, sequence = parts
    if identifier != _SCP_IDENTIFIER:
        raise CardMisbehaved("The chip offers another secure channel than SCP03 with i = 70")
    return Scp03Challenge(
        serial, host_challenge, card_challenge, identifier, int.from_bytes(sequence, "big"), cryptogram
    )


def _cryptogram(keys: Scp03SessionKeys, constant: DerivationConstant, context: bytes) -> bytes:
    return derive(lambda message: _cmac(keys.mac, message), constant, context, _CRYPTOGRAM_BYTES)


def _cmac(key: bytes, message: bytes) -> bytes:
    mac = CMAC(algorithms.AES(key))
    mac.update(message)
    return mac.finalize()


def _pad(data: bytes) -> bytes:
    padded = data + _PADDING
    return padded + bytes(-len(padded) % _BLOCK_BYTES)
