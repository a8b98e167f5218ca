"""Money, dates, quantities and digits as each language writes and says them.

Digits are Western in all three languages: card numbers, amounts and dates must look alike on screen, card and paper
for every reader in one place. A language with its own digits names its zero in ``OWN_ZERO``.
"""

from __future__ import annotations

from datetime import date

from kiosk.i18n.catalogue import get_sentence

OWN_ZERO: dict[str, str] = {}

#: Symbol before the number; a currency without one is written by its code.
SYMBOLS = {"INR": "₹", "EUR": "€", "USD": "$", "BDT": "৳", "PKR": "Rs "}
#: Minor units in one major unit (ISO 4217).
MINOR_UNITS = {"JPY": 1}
_MINOR_UNITS_USUAL = 100
_LAKH_LANGUAGES = frozenset({"hi", "ur"})


def write_digits(text: str, language: str) -> str:
    """The text with the language's own digits, where it has them."""
    zero = OWN_ZERO.get(language)
    if zero is None:
        return text
    return "".join(chr(ord(zero) + int(c)) if c.isascii() and c.isdigit() else c for c in text)


def group_digits(number: int, currency: str, language: str) -> str:
    """``1,50,000`` for rupees and in languages that count in lakhs, ``150,000`` elsewhere."""
    if currency != "INR" and language not in _LAKH_LANGUAGES:
        return f"{number:,}"
    digits = str(abs(number))
    head, tail = digits[:-3], digits[-3:]
    groups = [tail]
    while head:
        groups.insert(0, head[-2:])
        head = head[:-2]
    return ("-" if number < 0 else "") + ",".join(groups)


def write_money(minor: int, currency: str, language: str) -> str:
    """``₹1,500``, with minor units only when there are some."""
    unit = MINOR_UNITS.get(currency, _MINOR_UNITS_USUAL)
    whole, rest = divmod(abs(minor), unit)
    sign = "-" if minor < 0 else ""
    symbol = SYMBOLS.get(currency, f"{currency} ")
    decimals = f".{rest:02d}" if rest else ""
    return write_digits(f"{sign}{symbol}{group_digits(whole, currency, language)}{decimals}", language)


def say_money(minor: int, currency: str, language: str) -> str:
    """``1500 rupees``: the voice reads the number, not the symbol."""
    unit = MINOR_UNITS.get(currency, _MINOR_UNITS_USUAL)
    whole, rest = divmod(minor, unit)
    spoken = f"{whole} {_currency_name(currency, language)}"
    return f"{spoken} {rest} {_currency_name(currency + '.minor', language)}" if rest else spoken


def _currency_name(code: str, language: str) -> str:
    return get_sentence(language, f"currency.{code}")


def write_date(day: date, language: str) -> str:
    """``1 April 2026``; months are words, so that day and month are never confused."""
    return write_digits(f"{day.day} {get_sentence(language, f'month.{day.month}')} {day.year}", language)
