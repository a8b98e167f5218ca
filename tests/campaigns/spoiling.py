"""Answers of a card, spoiled: bits, lengths, data objects, status words, cuts, replays, noise, too much."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

#: The largest answer PC/SC carries, status word included (pcsclite's extended buffer).
MOST_BYTES = 65_538
_STATUS_BYTES = 2
#: Status words that a reader treats each in its own way (ISO/IEC 7816-4, 5.6).
_STATUS_WORDS = (
    "9000 6100 6101 6110 61FF 6C00 6C01 6C10 6CFF 6282 6281 6300 63C0 63C5 6581 6700 6882 6883 6982 6983 6984 6985 "
    "6986 6987 6988 6A80 6A82 6A83 6A84 6A86 6A88 6A89 6B00 6D00 6E00 6F00 0000 FFFF 9001 9100"
)
STATUS_WORDS = tuple(bytes.fromhex(word) for word in _STATUS_WORDS.split())
#: Lengths that overflow, lie, or are not minimal (ISO/IEC 8825-1, 8.1.3).
_LENGTHS = tuple(
    bytes.fromhex(each)
    for each in ("00", "01", "7F", "80", "8100", "8101", "81FF", "820000", "82FFFF", "83FFFFFF", "84FFFFFFFF", "FF")
)
_TAGS = (b"\x1f\x81", b"\x7f\x49", b"\x1f\x81\x80", *(bytes((tag,)) for tag in b"\x00\x1f\x30\x5f\x77\x7c\xff"))
_TAGS += tuple(bytes((tag,)) for tag in (*range(0x80, 0x88), 0x8E, 0x97, 0x99, 0xC0, 0xC2))

Spoiling = Callable[[random.Random, bytes, Sequence[bytes]], bytes]


def spoil(dice: random.Random, answer: bytes, heard: Sequence[bytes]) -> tuple[str, bytes]:
    """The name of what was done, and an answer that differs from the true one. ``heard``: answers to replay."""
    while True:
        name = dice.choice(_NAMES)
        spoiled = SPOILINGS[name](dice, answer, heard)[:MOST_BYTES]
        if spoiled != answer:
            return name, spoiled


def _flip_bits(dice: random.Random, answer: bytes, _: Sequence[bytes]) -> bytes:
    changed = bytearray(answer or b"\x90\x00")
    for _each in range(dice.choice((1, 1, 1, 2, 8))):
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def _set_byte(dice: random.Random, answer: bytes, _: Sequence[bytes]) -> bytes:
    changed = bytearray(answer or b"\x90\x00")
    changed[dice.randrange(len(changed))] = dice.choice((0x00, 0x01, 0x7F, 0x80, 0xFF, dice.randrange(256)))
    return bytes(changed)


def _change_status(dice: random.Random, answer: bytes, _: Sequence[bytes]) -> bytes:
    return answer[:-_STATUS_BYTES] + dice.choice(STATUS_WORDS)


def _status_only(dice: random.Random, _: bytes, __: Sequence[bytes]) -> bytes:
    return dice.choice(STATUS_WORDS) if dice.random() < 0.8 else dice.randbytes(_STATUS_BYTES)


def _cut_short(dice: random.Random, answer: bytes, _: Sequence[bytes]) -> bytes:
    if dice.random() < 0.5 or len(answer) <= _STATUS_BYTES:  # the end of the answer, its status included
        return answer[: dice.randrange(len(answer) + 1)]
    return answer[: dice.randrange(len(answer) - 1)] + answer[-_STATUS_BYTES:]


def _insert(dice: random.Random, answer: bytes, _: Sequence[bytes]) -> bytes:
    at = dice.randrange(len(answer) + 1)
    return answer[:at] + dice.randbytes(dice.choice((1, 1, 2, 8, 300))) + answer[at:]


def _delete(dice: random.Random, answer: bytes, _: Sequence[bytes]) -> bytes:
    at, count = dice.randrange(len(answer) + 1), dice.choice((1, 1, 2, 8, 64))
    return answer[:at] + answer[at + count :]


def _repeat_part(dice: random.Random, answer: bytes, _: Sequence[bytes]) -> bytes:
    start = dice.randrange(len(answer) + 1)
    end = min(len(answer), start + dice.choice((1, 2, 8, 64)))
    return answer[:end] + answer[start:end] * dice.choice((1, 1, 2, 40)) + answer[end:]


def _change_length(dice: random.Random, answer: bytes, _: Sequence[bytes]) -> bytes:
    """A length byte of a data object becomes another one: of the outermost as often as of any inside."""
    at = 1 if dice.random() < 0.5 else dice.randrange(len(answer) + 1)
    return answer[:at] + dice.choice(_LENGTHS) + answer[at + 1 :]


def _change_tag(dice: random.Random, answer: bytes, _: Sequence[bytes]) -> bytes:
    at = 0 if dice.random() < 0.5 else dice.randrange(len(answer) + 1)
    return answer[:at] + dice.choice(_TAGS) + answer[at + 1 :]


def _wrap(dice: random.Random, answer: bytes, _: Sequence[bytes]) -> bytes:
    """Data objects nested in each other, up to far beyond any depth that a card needs."""
    content, tag = answer[:-_STATUS_BYTES], dice.choice((b"\x30", b"\x77", b"\x7c", b"\x87"))
    for _each in range(dice.choice((1, 2, 16, 400))):
        size = len(content)
        length = bytes((size,)) if size < 0x80 else b"\x82" + (size & 0xFFFF).to_bytes(2, "big")
        content = tag + length + content
    return content + answer[-_STATUS_BYTES:]


def _replay(dice: random.Random, _: bytes, heard: Sequence[bytes]) -> bytes:
    return dice.choice(heard) if heard else b"\x90\x00"


def _noise(dice: random.Random, answer: bytes, _: Sequence[bytes]) -> bytes:
    count = dice.choice((0, 1, 2, 16, len(answer), 256, 4_096))
    return dice.randbytes(count) + (b"\x90\x00" if dice.random() < 0.5 else b"")


def _far_too_long(dice: random.Random, answer: bytes, _: Sequence[bytes]) -> bytes:
    count = dice.choice((257, 1_000, 8_300, 32_769, 65_533, MOST_BYTES))
    return answer[:-_STATUS_BYTES].ljust(count, dice.randbytes(1)) + answer[-_STATUS_BYTES:]


def _zeros(_: random.Random, answer: bytes, __: Sequence[bytes]) -> bytes:
    return bytes(max(0, len(answer) - _STATUS_BYTES)) + b"\x90\x00"


SPOILINGS: dict[str, Spoiling] = {
    "bits": _flip_bits,
    "byte": _set_byte,
    "status": _change_status,
    "status only": _status_only,
    "cut short": _cut_short,
    "inserted": _insert,
    "deleted": _delete,
    "repeated part": _repeat_part,
    "length": _change_length,
    "tag": _change_tag,
    "nested": _wrap,
    "replay": _replay,
    "noise": _noise,
    "too long": _far_too_long,
    "zeros": _zeros,
}
_NAMES = tuple(SPOILINGS)
