"""PACE with the card access number, generic mapping (ICAO 9303-11, 4.4)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from card_service.apdu import (
    CLA_CHAINING,
    CLA_PLAIN,
    INS_GENERAL_AUTHENTICATE,
    INS_MSE,
    MAX_SHORT_LE,
    SW,
    CommandApdu,
    ResponseApdu,
)
from card_service.connection import Transport
from card_service.curves import AgreementCurve
from card_service.ecdsa_raw import encode_point, x_coordinate
from card_service.errors import CardMisbehaved, CardRefused, WrongCan
from card_service.secure_messaging import (
    ChannelKeys,
    SecureChannel,
    aes_cmac,
    derive_channel_keys,
    derive_key,
)
from card_service.tlv import TlvError, decode_tlvs, encode_tlv, find_tlv, get_value

# id-PACE-ECDH-GM-AES-CBC-CMAC-128, 0.4.0.127.0.7.2.2.4.2.2 (BSI TR-03110-3, A.1.1.1)
_OID_PACE = bytes.fromhex("04007F00070202040202")
_P1_SET_AT_MUTUAL, _P2_AT = 0xC1, 0xA4
_TAG_OID, _TAG_PASSWORD = 0x80, 0x83
_PASSWORD_CAN = b"\x02"
_TAG_DYNAMIC = 0x7C
_TAG_NONCE, _TAG_MAP, _TAG_MAP_CHIP, _TAG_KEY, _TAG_KEY_CHIP, _TAG_TOKEN, _TAG_TOKEN_CHIP = range(0x80, 0x87)
_TAG_PUBLIC_KEY, _TAG_OID_UNIVERSAL, _TAG_POINT = 0x7F49, 0x06, 0x86
_TAG_NEWEST_ROOT, _TAG_OLDER_ROOT = 0x87, 0x88
# CHAT of an inspection system, role terminal (BSI TR-03110-4, 2.2.3.1): its rights are in its certificates.
_CHAT_OF_A_TERMINAL = bytes.fromhex("7F4C0E060904007F000703010201530100")
_CHAT_UNKNOWN = (SW.WRONG_DATA, SW.REFERENCE_NOT_FOUND, SW.WRONG_LENGTH)
_COUNTER_PASSWORD = 3
_NONCE_BYTES = 16
CAN_DIGITS = 6
#: What a card answers to a plain command while a channel of an earlier session is up; the channel ends with it.
CHANNEL_LEFT_OPEN = (SW.SM_OBJECTS_MISSING, SW.SM_OBJECTS_INCORRECT)


@dataclass(frozen=True)
class PaceResult:
    """The channel that PACE opened, and ID_PICC (32 bytes), which terminal authentication signs.

    ``roots``: references of the CVCAs that the card knows (tags 87 and 88), the newest first; empty when not told.
    """

    channel: SecureChannel
    chip_id: bytes
    curve: AgreementCurve
    roots: tuple[str, ...]


def is_can(text: str) -> bool:
    """Whether the text can be a card access number."""
    return len(text) == CAN_DIGITS and text.isascii() and text.isdigit()


def open_channel(transport: Transport, can: str, *, curve: AgreementCurve = AgreementCurve.P256) -> PaceResult:
    """A secure channel on that curve. Raises WrongCan, CardRefused, CardMisbehaved, CardGone.

    A card made for another curve refuses our first point with 6A80 (CardRefused): then EF.CardAccess names its own.
    """
    if not is_can(can):
        raise WrongCan("A card access number has six digits")
    _select_protocol(transport)
    try:
        nonce = _read_nonce(transport, can)
        generator = _map_generator(transport, curve, nonce)
        return _agree(transport, curve, generator)
    except (TlvError, ValueError) as error:
        raise CardMisbehaved("The card's part of PACE is malformed") from error


def _select_protocol(transport: Transport) -> None:
    """Says that a terminal with rights may follow, so that the card names the roots it knows; a stock card that does
    not take that is asked without."""
    data = encode_tlv(_TAG_OID, _OID_PACE) + encode_tlv(_TAG_PASSWORD, _PASSWORD_CAN)
    response = _send_mse(transport, data + _CHAT_OF_A_TERMINAL)
    if response.sw in _CHAT_UNKNOWN:
        response = _send_mse(transport, data)
    if not response.is_ok:
        raise CardRefused(response.sw, INS_MSE)


def _send_mse(transport: Transport, data: bytes) -> ResponseApdu:
    command = CommandApdu(CLA_PLAIN, INS_MSE, _P1_SET_AT_MUTUAL, _P2_AT, data)
    response = transport.send(command)
    return transport.send(command) if response.sw in CHANNEL_LEFT_OPEN else response


def _read_nonce(transport: Transport, can: str) -> int:
    """The nonce s, which only the right CAN decrypts; a wrong CAN shows at the end."""
    encrypted = _step(transport, b"", _TAG_NONCE)
    if len(encrypted) != _NONCE_BYTES:
        raise CardMisbehaved("The nonce has not 16 bytes")
    key = derive_key(can.encode("ascii"), _COUNTER_PASSWORD)
    decryptor = Cipher(algorithms.AES(key), modes.CBC(bytes(_NONCE_BYTES))).decryptor()
    return int.from_bytes(decryptor.update(encrypted) + decryptor.finalize(), "big")


def _map_generator(transport: Transport, curve: AgreementCurve, nonce: int) -> bytes:
    """G' = s*G + H, H being the point agreed by an anonymous Diffie-Hellman (ICAO 9303-11, 4.4.3.3.1)."""
    own = curve.draw()
    own_point = encode_point(own.public_key)
    chip_point = _step(transport, encode_tlv(_TAG_MAP, own_point), _TAG_MAP_CHIP)
    if chip_point == own_point:
        raise CardMisbehaved("The card sent our own key back")
    # The sum is at infinity only if the card chose its key against ours.
    return curve.add(curve.base_times(nonce), own.times(chip_point))


def _agree(transport: Transport, curve: AgreementCurve, generator: bytes) -> PaceResult:
    own = curve.draw()
    own_point = own.times(generator)
    chip_point = _step(transport, encode_tlv(_TAG_KEY, own_point), _TAG_KEY_CHIP)
    if chip_point == own_point:
        raise CardMisbehaved("The card sent our own key back")
    keys = derive_channel_keys(own.agree(chip_point))
    roots = _exchange_tokens(transport, keys, own_point, chip_point)
    return PaceResult(SecureChannel(transport, keys), x_coordinate(chip_point), curve, roots)


def _exchange_tokens(transport: Transport, keys: ChannelKeys, own_point: bytes, chip_point: bytes) -> tuple[str, ...]:
    """The roots of terminal rights that the card knows, the newest first; none when it names none."""
    own_token = encode_tlv(_TAG_TOKEN, _token(keys, chip_point))
    response = _send_step(transport, own_token, cla=CLA_PLAIN)
    if response.sw == SW.AUTHENTICATION_FAILED:
        raise WrongCan("The card does not open with this card access number")
    if not response.is_ok:
        raise CardRefused(response.sw, INS_GENERAL_AUTHENTICATE)
    answer = get_value(response.data, _TAG_DYNAMIC)
    if not hmac.compare_digest(get_value(answer, _TAG_TOKEN_CHIP), _token(keys, own_point)):
        raise WrongCan("The card could not prove that it knows the card access number")
    named = (find_tlv(decode_tlvs(answer), tag) for tag in (_TAG_NEWEST_ROOT, _TAG_OLDER_ROOT))
    return tuple(each.value.decode("ascii") for each in named if each is not None)


def _token(keys: ChannelKeys, point: bytes) -> bytes:
    """ICAO 9303-11, 4.4.3.4: a checksum over the other side's key."""
    public_key = encode_tlv(_TAG_OID_UNIVERSAL, _OID_PACE) + encode_tlv(_TAG_POINT, point)
    return aes_cmac(keys.mac, encode_tlv(_TAG_PUBLIC_KEY, public_key))


def _step(transport: Transport, content: bytes, answer_tag: int) -> bytes:
    response = _send_step(transport, content, cla=CLA_PLAIN | CLA_CHAINING)
    if not response.is_ok:
        raise CardRefused(response.sw, INS_GENERAL_AUTHENTICATE)
    return get_value(response.data, _TAG_DYNAMIC, answer_tag)


def _send_step(transport: Transport, content: bytes, *, cla: int) -> ResponseApdu:
    data = encode_tlv(_TAG_DYNAMIC, content)
    return transport.send(CommandApdu(cla, INS_GENERAL_AUTHENTICATE, 0, 0, data, MAX_SHORT_LE))
