"""PACE with the card access number, generic mapping on P-256 (ICAO 9303-11, 4.4)."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

from Crypto.PublicKey.ECC import EccPoint  # type: ignore[attr-defined]  # documented there, not re-exported
from cryptography.hazmat.primitives.asymmetric import ec
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
from card_service.ecdsa_raw import COORDINATE_BYTES, POINT_BYTES, encode_point, load_point, x_coordinate
from card_service.errors import CardMisbehaved, CardRefused, WrongCan
from card_service.secure_messaging import (
    ChannelKeys,
    SecureChannel,
    aes_cmac,
    derive_channel_keys,
    derive_key,
)
from card_service.tlv import TlvError, encode_tlv, get_value

# id-PACE-ECDH-GM-AES-CBC-CMAC-128, 0.4.0.127.0.7.2.2.4.2.2 (BSI TR-03110-3, A.1.1.1)
_OID_PACE = bytes.fromhex("04007F00070202040202")
_P1_SET_AT_MUTUAL, _P2_AT = 0xC1, 0xA4
_TAG_OID, _TAG_PASSWORD = 0x80, 0x83
_PASSWORD_CAN = b"\x02"
_TAG_DYNAMIC = 0x7C
_TAG_NONCE, _TAG_MAP, _TAG_MAP_CHIP, _TAG_KEY, _TAG_KEY_CHIP, _TAG_TOKEN, _TAG_TOKEN_CHIP = range(0x80, 0x87)
_TAG_PUBLIC_KEY, _TAG_OID_UNIVERSAL, _TAG_POINT = 0x7F49, 0x06, 0x86
_COUNTER_PASSWORD = 3
_NONCE_BYTES = 16
_CURVE = "P-256"
#: Order of the base point of P-256 (FIPS 186-4, D.1.2.3).
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
CAN_DIGITS = 6
#: What a card answers to a plain command while a channel of an earlier session is up; the channel ends with it.
CHANNEL_LEFT_OPEN = (SW.SM_OBJECTS_MISSING, SW.SM_OBJECTS_INCORRECT)


@dataclass(frozen=True)
class PaceResult:
    """The channel that PACE opened, and ID_PICC (32 bytes), which terminal authentication signs."""

    channel: SecureChannel
    chip_id: bytes


def is_can(text: str) -> bool:
    """Whether the text can be a card access number."""
    return len(text) == CAN_DIGITS and text.isascii() and text.isdigit()


def open_channel(transport: Transport, can: str) -> PaceResult:
    """A secure channel. Raises WrongCan, CardRefused, CardMisbehaved, CardGone."""
    if not is_can(can):
        raise WrongCan("A card access number has six digits")
    _select_protocol(transport)
    try:
        nonce = _read_nonce(transport, can)
        generator = _map_generator(transport, nonce)
        return _agree(transport, generator)
    except (TlvError, ValueError) as error:
        raise CardMisbehaved("The card's part of PACE is malformed") from error


def _select_protocol(transport: Transport) -> None:
    data = encode_tlv(_TAG_OID, _OID_PACE) + encode_tlv(_TAG_PASSWORD, _PASSWORD_CAN)
    command = CommandApdu(CLA_PLAIN, INS_MSE, _P1_SET_AT_MUTUAL, _P2_AT, data)
    response = transport.send(command)
    if response.sw in CHANNEL_LEFT_OPEN:
        response = transport.send(command)
    if not response.is_ok:
        raise CardRefused(response.sw, INS_MSE)


def _read_nonce(transport: Transport, can: str) -> int:
    """The nonce s, which only the right CAN decrypts; a wrong CAN shows at the end."""
    encrypted = _step(transport, b"", _TAG_NONCE)
    if len(encrypted) != _NONCE_BYTES:
        raise CardMisbehaved("The nonce has not 16 bytes")
    key = derive_key(can.encode("ascii"), _COUNTER_PASSWORD)
    decryptor = Cipher(algorithms.AES(key), modes.CBC(bytes(_NONCE_BYTES))).decryptor()
    return int.from_bytes(decryptor.update(encrypted) + decryptor.finalize(), "big")


def _map_generator(transport: Transport, nonce: int) -> EccPoint:
    """G' = s*G + H, H being the point agreed by an anonymous Diffie-Hellman (ICAO 9303-11, 4.4.3.3.1)."""
    own = ec.generate_private_key(ec.SECP256R1())
    own_point = encode_point(own.public_key())
    chip_point = _step(transport, encode_tlv(_TAG_MAP, own_point), _TAG_MAP_CHIP)
    if chip_point == own_point:
        raise CardMisbehaved("The card sent our own key back")
    shared = _point(chip_point) * own.private_numbers().private_value
    generator = _base_point() * nonce + shared
    if generator.is_point_at_infinity():
        raise CardMisbehaved("The card chose its key against ours")
    return generator


def _agree(transport: Transport, generator: EccPoint) -> PaceResult:
    secret = 1 + secrets.randbelow(_ORDER - 1)
    own_point = _encode(generator * secret)
    chip_point = _step(transport, encode_tlv(_TAG_KEY, own_point), _TAG_KEY_CHIP)
    if chip_point == own_point:
        raise CardMisbehaved("The card sent our own key back")
    own_key = ec.derive_private_key(secret, ec.SECP256R1())
    keys = derive_channel_keys(own_key.exchange(ec.ECDH(), load_point(chip_point)))
    _exchange_tokens(transport, keys, own_point, chip_point)
    return PaceResult(SecureChannel(transport, keys), x_coordinate(chip_point))


def _exchange_tokens(transport: Transport, keys: ChannelKeys, own_point: bytes, chip_point: bytes) -> None:
    own_token = encode_tlv(_TAG_TOKEN, _token(keys, chip_point))
    response = _send_step(transport, own_token, cla=CLA_PLAIN)
    if response.sw == SW.AUTHENTICATION_FAILED:
        raise WrongCan("The card does not open with this card access number")
    if not response.is_ok:
        raise CardRefused(response.sw, INS_GENERAL_AUTHENTICATE)
    chip_token = get_value(response.data, _TAG_DYNAMIC, _TAG_TOKEN_CHIP)
    if not hmac.compare_digest(chip_token, _token(keys, own_point)):
        raise WrongCan("The card could not prove that it knows the card access number")


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


def _base_point() -> EccPoint:
    one = ec.derive_private_key(1, ec.SECP256R1()).public_key()
    return _point(encode_point(one))


def _point(encoded: bytes) -> EccPoint:
    """The point; ValueError when it is not on the curve."""
    if len(encoded) != POINT_BYTES:
        raise ValueError("An uncompressed P-256 point has 65 bytes")
    load_point(encoded)
    x, y = encoded[1 : 1 + COORDINATE_BYTES], encoded[1 + COORDINATE_BYTES :]
    return EccPoint(int.from_bytes(x, "big"), int.from_bytes(y, "big"), curve=_CURVE)


def _encode(point: EccPoint) -> bytes:
    x, y = int(point.x), int(point.y)
    return b"\x04" + x.to_bytes(COORDINATE_BYTES, "big") + y.to_bytes(COORDINATE_BYTES, "big")
