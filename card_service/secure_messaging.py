"""Secure messaging with AES-128 (ICAO 9303-11, 9.8): every command and answer encrypted and authenticated."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from cryptography.hazmat.primitives import cmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from card_service.apdu import CLA_SECURE_MESSAGING, MAX_SHORT_LE, CommandApdu, ResponseApdu
from card_service.connection import Transport
from card_service.errors import ChannelBroken, ChipNotGenuine
from card_service.tlv import Tlv, TlvError, decode_tlvs, encode_tlv, find_tlv

_BLOCK_BYTES = 16
_KEY_BYTES = 16
_MAC_BYTES = 8
_PADDING = b"\x80"
_PADDING_INDICATOR = b"\x01"

_TAG_DATA = 0x87
_TAG_DATA_ODD_INS = 0x85
_TAG_LE = 0x97
_TAG_STATUS = 0x99
_TAG_MAC = 0x8E
_ODD_INS = 0x01
_EXTENDED_LE_BYTES = 2

#: Largest plaintext whose protected answer fits into a short response: 87 + length + indicator, 99, 8E.
SHORT_READ_BYTES = 223
#: Bytes that protection adds to an answer at most: keeps it within the 64 KiB of a response.
_OVERHEAD_BYTES = 64

_COUNTER_ENC = 1
_COUNTER_MAC = 2


@dataclass(frozen=True)
class ChannelKeys:
    """The two AES-128 keys of a channel. Never logged, never shown."""

    enc: bytes
    mac: bytes

    def __repr__(self) -> str:
        return "ChannelKeys(…)"


def derive_key(secret: bytes, counter: int) -> bytes:
    """KDF for AES-128 (ICAO 9303-11, 9.7.1.2): the first 16 bytes of SHA-1(secret || counter)."""
    # The standard prescribes SHA-1 here; collisions do not matter to a key derivation.
    digest = hashlib.sha1(secret + counter.to_bytes(4, "big"), usedforsecurity=False).digest()
    return digest[:_KEY_BYTES]


def derive_channel_keys(secret: bytes) -> ChannelKeys:
    """The channel's keys from a shared secret."""
    return ChannelKeys(derive_key(secret, _COUNTER_ENC), derive_key(secret, _COUNTER_MAC))


def aes_cmac(key: bytes, message: bytes) -> bytes:
    """AES-CMAC truncated to 8 bytes (ICAO 9303-11, 9.8.6.2)."""
    mac = cmac.CMAC(algorithms.AES(key))
    mac.update(message)
    return mac.finalize()[:_MAC_BYTES]


class SecureChannel:
    """Sends commands protected; counts them. One broken answer ends the channel for good.

    ``proves_chip``: the first good answer is what proves the chip's key (after chip authentication), so a failure
    before it means ChipNotGenuine.
    """

    def __init__(self, transport: Transport, keys: ChannelKeys, *, proves_chip: bool = False) -> None:
        self._transport = transport
        self._keys = keys
        self._counter = 0
        self._is_proof_open = proves_chip
        self._is_broken = False

    @property
    def transport(self) -> Transport:
        """What carries the protected commands."""
        return self._transport

    @property
    def max_read_bytes(self) -> int:
        """The largest useful Le of a read."""
        return self._transport.max_read_bytes if self._transport.is_extended else SHORT_READ_BYTES

    def send(self, command: CommandApdu) -> ResponseApdu:
        """The opened answer. Raises ChannelBroken (or ChipNotGenuine, see the class) when it is not authentic."""
        if self._is_broken:
            raise ChannelBroken("The secure channel has ended")
        response = self._transport.send(self._protect(command))
        try:
            opened = self._open(response, is_odd=bool(command.ins & _ODD_INS))
        except (ChannelBroken, TlvError) as error:
            self._is_broken = True
            if self._is_proof_open:
                raise ChipNotGenuine("The chip does not hold the key of DG14") from error
            raise ChannelBroken("The answer is not protected as it must be") from error
        self._is_proof_open = False
        return opened

    def _protect(self, command: CommandApdu) -> CommandApdu:
        self._counter += 1
        cla = command.cla | CLA_SECURE_MESSAGING
        objects = b""
        if command.data:
            objects += self._data_object(command)
        if command.le is not None:
            objects += encode_tlv(_TAG_LE, self._le_bytes(command.le))
        header = _pad(bytes((cla, command.ins, command.p1, command.p2)))
        mac = self._mac(header + (_pad(objects) if objects else b""))
        data = objects + encode_tlv(_TAG_MAC, mac)
        is_extended = self._transport.is_extended and (command.le or 0) > SHORT_READ_BYTES
        le = (command.le or 0) + _OVERHEAD_BYTES if is_extended else MAX_SHORT_LE
        return CommandApdu(cla, command.ins, command.p1, command.p2, data, le)

    def _data_object(self, command: CommandApdu) -> bytes:
        ciphertext = self._encrypt(_pad(command.data))
        if command.ins & _ODD_INS:
            return encode_tlv(_TAG_DATA_ODD_INS, ciphertext)
        return encode_tlv(_TAG_DATA, _PADDING_INDICATOR + ciphertext)

    def _le_bytes(self, le: int) -> bytes:
        if le <= MAX_SHORT_LE:
            return bytes((le % MAX_SHORT_LE,))
        return (le & 0xFFFF).to_bytes(_EXTENDED_LE_BYTES, "big")

    def _open(self, response: ResponseApdu, *, is_odd: bool) -> ResponseApdu:
        self._counter += 1
        objects = decode_tlvs(response.data)
        status, mac = find_tlv(objects, _TAG_STATUS), find_tlv(objects, _TAG_MAC)
        if status is None or mac is None or objects[-1] != mac:
            raise ChannelBroken("The answer lacks its status or its checksum")
        expected = self._mac(_pad(b"".join(each.encode() for each in objects[:-1])))
        if not hmac.compare_digest(expected, mac.value):
            raise ChannelBroken("Wrong checksum of an answer")
        if status.value != response.sw.to_bytes(2, "big"):
            raise ChannelBroken("The protected status word differs from the plain one")
        return ResponseApdu(self._plain_data(objects[:-1], is_odd=is_odd), response.sw)

    def _plain_data(self, objects: tuple[Tlv, ...], *, is_odd: bool) -> bytes:
        known = (_TAG_DATA, _TAG_DATA_ODD_INS, _TAG_STATUS)
        if any(each.tag not in known for each in objects):
            raise ChannelBroken("The answer holds an object that secure messaging does not know")
        found = find_tlv(objects, _TAG_DATA)
        if found is not None:
            if found.value[:1] != _PADDING_INDICATOR:
                raise ChannelBroken("Unknown padding")
            return _unpad(self._decrypt(found.value[1:]))
        odd = find_tlv(objects, _TAG_DATA_ODD_INS) if is_odd else None
        return b"" if odd is None else _unpad(self._decrypt(odd.value))

    def _encrypt(self, padded: bytes) -> bytes:
        encryptor = self._cipher().encryptor()
        return encryptor.update(padded) + encryptor.finalize()

    def _decrypt(self, ciphertext: bytes) -> bytes:
        if not ciphertext or len(ciphertext) % _BLOCK_BYTES:
            raise ChannelBroken("The ciphertext is not whole blocks")
        decryptor = self._cipher().decryptor()
        return decryptor.update(ciphertext) + decryptor.finalize()

    def _cipher(self) -> Cipher[modes.CBC]:
        # ICAO 9303-11, 9.8.6.1: IV = E(K_enc, SSC). A single block, so ECB is what the standard asks for.
        encryptor = Cipher(algorithms.AES(self._keys.enc), modes.ECB()).encryptor()  # noqa: S305
        iv = encryptor.update(self._sequence()) + encryptor.finalize()
        return Cipher(algorithms.AES(self._keys.enc), modes.CBC(iv))

    def _mac(self, padded: bytes) -> bytes:
        return aes_cmac(self._keys.mac, self._sequence() + padded)

    def _sequence(self) -> bytes:
        return self._counter.to_bytes(_BLOCK_BYTES, "big")


def _pad(data: bytes) -> bytes:
    """ISO/IEC 9797-1, padding method 2."""
    padded = data + _PADDING
    return padded + bytes(-len(padded) % _BLOCK_BYTES)


def _unpad(padded: bytes) -> bytes:
    stripped = padded.rstrip(b"\0")
    if not stripped.endswith(_PADDING) or len(padded) - len(stripped) >= _BLOCK_BYTES:
        raise ChannelBroken("Wrong padding")
    return stripped[:-1]
