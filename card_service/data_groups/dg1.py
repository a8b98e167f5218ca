"""DG1: the machine readable zone of the holder (ICAO 9303-10, 4.7.1; 9303-5, 4.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from card_service.data_groups import mrz
from card_service.data_groups.errors import DataGroupRefused
from card_service.tlv import TlvError, encode_tlv, get_value
from domain.card_number import CardNumber, CardNumberWrong, parse_card_number
from domain.people import BirthDate, BirthPrecision, Sex

TAG_DG1 = 0x61
TAG_MRZ = 0x5F1F

#: ``I``: an official travel-size identity document (ICAO 9303-5, 4.2.2.1).
DOCUMENT_CODE = "I<"
#: The State of no State, reserved for specimens (ICAO 9303-3, part D of section 5).
SPECIMEN_STATE = "UTO"

_SEX_TO_MRZ = {Sex.FEMALE: "F", Sex.MALE: "M", Sex.OTHER: mrz.FILLER}
_SEX_FROM_MRZ = {letter: sex for sex, letter in _SEX_TO_MRZ.items()}
_NAME = re.compile(r"[A-Z]+( [A-Z]+)*")


@dataclass(frozen=True, slots=True)
class Dg1:
    """Who holds the card, as printed in the machine readable zone.

    ``name`` is A–Z and single spaces, at most 30 characters (``mrz.fit_name`` makes it). ``born`` is known to the
    day, or to the year and then says 1 January; a birth more than a century before ``expires_on`` would lose its
    century here, DG11 keeps it.
    """

    card_number: CardNumber
    name: str
    born: BirthDate
    sex: Sex
    expires_on: date
    issuing_state: str = SPECIMEN_STATE

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or len(self.name) > mrz.LINE_LENGTH:
            raise DataGroupRefused("the name of DG1 is not up to thirty letters A to Z")
        if not re.fullmatch(r"[A-Z]{1,3}", self.issuing_state):
            raise DataGroupRefused("the issuing state has one to three letters")
        is_first_of_year = (self.born.on.month, self.born.on.day) == (1, 1)
        if self.born.precision is BirthPrecision.ABOUT or (
            self.born.precision is BirthPrecision.YEAR and not is_first_of_year
        ):
            raise DataGroupRefused("a birth in DG1 is known to the day, or is 1 January of a year")


def encode_dg1(record: Dg1) -> bytes:
    """The file, tag 61."""
    return encode_tlv(TAG_DG1, encode_tlv(TAG_MRZ, _mrz_text(record).encode("ascii")))


def decode_dg1(data: bytes) -> Dg1:
    """The holder in that file; ``DataGroupRefused`` when any check digit or filler is not as it must be."""
    try:
        text = get_value(data, TAG_DG1, TAG_MRZ).decode("ascii")
        record = _parse(text)
    except (TlvError, UnicodeDecodeError, CardNumberWrong) as error:
        raise DataGroupRefused("DG1 cannot be read") from error
    if encode_dg1(record) != data:
        raise DataGroupRefused("DG1 is not in its one encoding")
    return record


def _mrz_text(record: Dg1) -> str:
    state = mrz.pad(record.issuing_state, 3)
    first = DOCUMENT_CODE + state + record.card_number + mrz.check_digit(record.card_number)
    first = mrz.pad(first, mrz.LINE_LENGTH)
    is_day_known = record.born.precision is BirthPrecision.DAY
    birth = mrz.encode_mrz_date(record.born.on, is_day_known=is_day_known)
    expiry = mrz.encode_mrz_date(record.expires_on)
    second = birth + mrz.check_digit(birth) + _SEX_TO_MRZ[record.sex] + expiry + mrz.check_digit(expiry)
    second = mrz.pad(second + state, mrz.LINE_LENGTH - 1)
    # ICAO 9303-5, 4.2.4: document number to optional data, birth, expiry, optional data.
    composite = first[5:] + second[0:7] + second[8:15] + second[18:29]
    return first + second + mrz.check_digit(composite) + mrz.pad(record.name, mrz.LINE_LENGTH)


def _parse(text: str) -> Dg1:
    if len(text) != mrz.MRZ_LENGTH:
        raise DataGroupRefused("the machine readable zone has not ninety characters")
    first, second, third = (text[start : start + mrz.LINE_LENGTH] for start in (0, 30, 60))
    expires_on = mrz.decode_expiry(second[8:14])
    born_on, is_day_known = mrz.decode_birth(second[0:6], before=expires_on)
    sex = _SEX_FROM_MRZ.get(second[7])
    if sex is None:
        raise DataGroupRefused("the sex is not F, M or a filler")
    return Dg1(
        card_number=parse_card_number(first[5:14]),
        name=third.replace(mrz.FILLER, " ").strip(),
        born=BirthDate(on=born_on, precision=BirthPrecision.DAY if is_day_known else BirthPrecision.YEAR),
        sex=sex,
        expires_on=expires_on,
        issuing_state=first[2:5].rstrip(mrz.FILLER),
    )
