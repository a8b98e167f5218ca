"""A birth in eight digits, as precise as it is known."""

from __future__ import annotations

from datetime import date

from card_service.data_groups.errors import DataGroupRefused
from domain.people import BirthDate, BirthPrecision

_LENGTH = 8
# ICAO 9303-10 gives no sign for "about"; month 00 with day 01 says that the year itself is an estimate.
_SUFFIX = {BirthPrecision.YEAR: "0000", BirthPrecision.ABOUT: "0001"}
_PRECISION = {suffix: precision for precision, suffix in _SUFFIX.items()}


def encode_birth_date(born: BirthDate) -> bytes:
    """YYYYMMDD in ASCII; ``YYYY0000`` when only the year is known, ``YYYY0001`` when even that is an estimate.

    A birth not known to the day must say 1 January, else ``DataGroupRefused``: nothing is dropped in silence.
    """
    suffix = _SUFFIX.get(born.precision)
    if suffix is None:
        return f"{born.on.year:04}{born.on.month:02}{born.on.day:02}".encode("ascii")
    if (born.on.month, born.on.day) != (1, 1):
        raise DataGroupRefused("a birth known to the year only says 1 January")
    return f"{born.on.year:04}{suffix}".encode("ascii")


def decode_birth_date(digits: bytes) -> BirthDate:
    """The birth in those eight digits."""
    if len(digits) != _LENGTH or not digits.isdigit():
        raise DataGroupRefused("a birth has eight digits")
    text = digits.decode("ascii")
    precision = _PRECISION.get(text[4:], BirthPrecision.DAY)
    month_day = (int(text[4:6]), int(text[6:])) if precision is BirthPrecision.DAY else (1, 1)
    try:
        return BirthDate(on=date(int(text[:4]), *month_day), precision=precision)
    except ValueError as error:
        raise DataGroupRefused("a birth is no day") from error


def for_card(born: BirthDate) -> BirthDate:
    """``born`` as a card states it: known to the day, or 1 January of a year."""
    if born.precision is BirthPrecision.DAY:
        return born
    return BirthDate(on=date(born.on.year, 1, 1), precision=born.precision)
