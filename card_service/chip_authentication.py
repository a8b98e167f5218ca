"""Chip authentication, version 1 (ICAO 9303-11, 6.2): only the genuine chip can answer afterwards."""

from __future__ import annotations

from dataclasses import dataclass

from card_service.apdu import CLA_PLAIN, INS_GENERAL_AUTHENTICATE, INS_MSE, MAX_SHORT_LE, CommandApdu
from card_service.curves import curve_of_point
from card_service.ecdsa_raw import encode_point, x_coordinate
from card_service.errors import CardMisbehaved, ChipNotGenuine
from card_service.secure_messaging import SecureChannel, derive_channel_keys
from card_service.tlv import encode_tlv

# id-CA-ECDH-AES-CBC-CMAC-128, 0.4.0.127.0.7.2.2.3.2.2 (BSI TR-03110-3, A.1.1.2)
_OID_CA = bytes.fromhex("04007F00070202030202")
_P1_SET_AT_COMPUTE, _P2_AT = 0x41, 0xA4
_TAG_OID, _TAG_KEY_REFERENCE = 0x80, 0x84
_TAG_DYNAMIC, _TAG_KEY = 0x7C, 0x80


@dataclass(frozen=True)
class ChipAuthenticationResult:
    """The new channel, whose first good answer is the proof; and Comp(PK_PCD), for terminal authentication."""

    channel: SecureChannel
    terminal_key_id: bytes


def authenticate_chip(channel: SecureChannel, chip_point: bytes, key_reference: int) -> ChipAuthenticationResult:
    """A channel that only the chip holding the key of DG14 can use.

    ``chip_point`` must come from a data group whose hash the SOD confirms. Raises ChipNotGenuine when the chip does
    not know the key at all; a chip with another key fails at the first command of the returned channel.
    """
    try:
        own = curve_of_point(chip_point).draw()
    except ValueError as error:
        raise CardMisbehaved("The chip's public key is on no curve in use") from error
    own_point, secret = encode_point(own.public_key), own.agree(chip_point)
    data = encode_tlv(_TAG_OID, _OID_CA) + encode_tlv(_TAG_KEY_REFERENCE, bytes((key_reference,)))
    _send(channel, CommandApdu(CLA_PLAIN, INS_MSE, _P1_SET_AT_COMPUTE, _P2_AT, data))
    content = encode_tlv(_TAG_DYNAMIC, encode_tlv(_TAG_KEY, own_point))
    _send(channel, CommandApdu(CLA_PLAIN, INS_GENERAL_AUTHENTICATE, 0, 0, content, MAX_SHORT_LE))
    proven = SecureChannel(channel.transport, derive_channel_keys(secret), proves_chip=True)
    return ChipAuthenticationResult(proven, x_coordinate(own_point))


def _send(channel: SecureChannel, command: CommandApdu) -> None:
    response = channel.send(command)
    if not response.is_ok:
        raise ChipNotGenuine(f"The chip has no such key: {response.sw:04X}")
