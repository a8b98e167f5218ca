"""The machine readable zone of a TD1 card: three lines of thirty characters (ICAO 9303-5, 4.2; 9303-3, 4)."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from card_service.data_groups.errors import DataGroupRefused

LINE_LENGTH = 30
MRZ_LENGTH = 90
FILLER = "<"

_VALUES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_WEIGHTS = (7, 3, 1)
_PIVOT_CENTURY = 2000

# ICAO 9303-3, section 6.A: Latin letters that do not simply lose their mark.
_LATIN = {
    "Ä": "AE", "Å": "AA", "Æ": "AE", "Ð": "D", "Ñ": "N", "Ö": "OE", "Ø": "OE", "Ü": "UE", "Þ": "TH", "ß": "SS",
    "ẞ": "SS", "Đ": "D", "Ħ": "H", "ı": "I", "Ł": "L", "Ŋ": "N", "Œ": "OE", "Ŧ": "T", "ĸ": "K", "Ĳ": "IJ",
}  # fmt: skip


def check_digit(text: str) -> str:
    """The check digit of a field (ICAO 9303-3, 4.9): weights 7, 3, 1; the filler counts zero."""
    total = 0
    for position, character in enumerate(text):
        value = 0 if character == FILLER else _VALUES.find(character)
        if value < 0:
            raise DataGroupRefused("a character does not belong into a machine readable zone")
        total += value * _WEIGHTS[position % len(_WEIGHTS)]
    return str(total % 10)


def transliterate(name: str) -> str:
    """``name``, written in Latin letters, as A–Z and single spaces (ICAO 9303-3, 4.6 and 6).

    Hyphens become spaces, apostrophes and other marks vanish. The result may be empty.
    """
    letters = []
    for character in unicodedata.normalize("NFC", name).upper():
        plain = _LATIN.get(character) or unicodedata.normalize("NFKD", character)
        letters.append(" " if plain in ("-", "\u2010", "\u2011", "\u2013") or plain.isspace() else plain)
    return " ".join(re.sub(r"[^A-Z ]", "", "".join(letters)).split())


def fit_name(name: str) -> str:
    """As much of the transliterated name as one line holds, cut at its end (ICAO 9303-5, 4.2.3)."""
    return transliterate(name)[:LINE_LENGTH].strip()


def pad(text: str, length: int) -> str:
    """``text`` with spaces as fillers, filled up to ``length``."""
    filled = text.replace(" ", FILLER)
    if len(filled) > length:
        raise DataGroupRefused("a field of the machine readable zone is too long")
    return filled.ljust(length, FILLER)


def encode_mrz_date(day: date, *, is_day_known: bool = True) -> str:
    """YYMMDD; month and day are fillers when only the year is known (ICAO 9303-3, 4.8)."""
    return day.strftime("%y%m%d") if is_day_known else day.strftime("%y") + FILLER * 4


def decode_expiry(text: str) -> date:
    """The day of a YYMMDD in this century: every card of ours expires in it."""
    return _decode_date(text, _PIVOT_CENTURY)


def decode_birth(text: str, *, before: date) -> tuple[date, bool]:
    """The latest such day before ``before`` and whether month and day are known (else 1 January)."""
    is_day_known = text[2:] != FILLER * 4
    digits = text if is_day_known else text[:2] + "0101"
    born = _decode_date(digits, _PIVOT_CENTURY)
    return (born if born < before else _decode_date(digits, _PIVOT_CENTURY - 100)), is_day_known


def _decode_date(text: str, century: int) -> date:
    if not re.fullmatch(r"[0-9]{6}", text):
        raise DataGroupRefused("a date of the machine readable zone has no six digits")
    try:
        return date(century + int(text[:2]), int(text[2:4]), int(text[4:]))
    except ValueError as error:
        raise DataGroupRefused("a date of the machine readable zone is no day") from error
