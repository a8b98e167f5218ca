"""Base45 (RFC 9285): bytes in the alphanumeric characters of a QR."""

from __future__ import annotations

from domain.errors import ProjectError

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
_BASE = len(_ALPHABET)
_PAIR_CHARACTERS, _SINGLE_CHARACTERS = 3, 2
_PAIR_LIMIT, _SINGLE_LIMIT = 0x1_0000, 0x100


class Base45Malformed(ProjectError):
    """Text that no bytes are written as."""

    code = "card.base45_malformed"
    message_key = "error.card.qr_refused"


def encode_base45(data: bytes) -> str:
    """Three characters for two bytes, two for a last single one."""
    groups = [data[start : start + 2] for start in range(0, len(data), 2)]
    return "".join(_encode_group(group) for group in groups)


def decode_base45(text: str) -> bytes:
    """The bytes of that text; refuses characters, lengths and groups that ``encode_base45`` never writes."""
    groups = [text[start : start + _PAIR_CHARACTERS] for start in range(0, len(text), _PAIR_CHARACTERS)]
    return b"".join(_decode_group(group) for group in groups)


def _encode_group(group: bytes) -> str:
    value = int.from_bytes(group, "big")
    length = _PAIR_CHARACTERS if len(group) == 2 else _SINGLE_CHARACTERS
    return "".join(_ALPHABET[value // _BASE**place % _BASE] for place in range(length))


def _decode_group(group: str) -> bytes:
    if len(group) < _SINGLE_CHARACTERS or any(character not in _VALUES for character in group):
        raise Base45Malformed("not base45")
    value = 0
    for character in reversed(group):
        value = value * _BASE + _VALUES[character]
    is_pair = len(group) == _PAIR_CHARACTERS
    if value >= (_PAIR_LIMIT if is_pair else _SINGLE_LIMIT):
        raise Base45Malformed("not base45")
    return value.to_bytes(2 if is_pair else 1, "big")
