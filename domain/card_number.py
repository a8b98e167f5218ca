"""The number printed on the plastic: eight random characters and a check character."""

from __future__ import annotations

from typing import NewType

from domain.errors import ProjectError

CardNumber = NewType("CardNumber", str)

#: No I, L, O, U: they are misread for 1, 1, 0, V, or make words.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHECK_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BODY_LENGTH = 8
_MODULUS = 36


class CardNumberWrong(ProjectError):
    """The typed or read number is not one that we give out."""

    code = "card.number_wrong"
    message_key = "error.card_number_wrong"


def _check_character(body: str) -> str:
    # ISO 7064:2003 MOD 37,36: finds every single error and nearly every swap of neighbours.
    carry = _MODULUS
    for character in body:
        carry += _CHECK_ALPHABET.index(character)
        carry = (carry % _MODULUS or _MODULUS) * 2 % (_MODULUS + 1)
    return _CHECK_ALPHABET[(_MODULUS + 1 - carry) % _MODULUS]


def make_card_number(random: bytes) -> CardNumber:
    """A card number from 5 random bytes (40 bits, so that numbers cannot be guessed)."""
    value = int.from_bytes(random, "big")
    body = "".join(ALPHABET[value >> shift & 31] for shift in range(5 * (_BODY_LENGTH - 1), -1, -5))
    return CardNumber(body + _check_character(body))


def parse_card_number(text: str) -> CardNumber:
    """The number as we store it; spaces, hyphens and small letters are forgiven."""
    number = text.replace(" ", "").replace("-", "").upper()
    body, check = number[:_BODY_LENGTH], number[_BODY_LENGTH:]
    if len(number) != _BODY_LENGTH + 1 or any(c not in ALPHABET for c in body):
        raise CardNumberWrong("not nine characters of the card alphabet")
    if check != _check_character(body):
        raise CardNumberWrong("the check character does not fit")
    return CardNumber(number)


def spaced(number: CardNumber) -> str:
    """The number as people read it aloud, in groups of three."""
    return " ".join(number[start : start + 3] for start in range(0, len(number), 3))
