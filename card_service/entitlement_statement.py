"""The entitlement statement: what a card's household may draw, signed so that any kiosk believes it offline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from card_service.cose import (
    CborValue,
    ContentType,
    CoseFault,
    CoseRefused,
    decode_cbor,
    encode_cbor,
    open_cose,
    sign_cose,
)
from card_service.layout import MAX_MEMBERS
from card_service.signing import Signer
from card_service.statement_slot import Limit, StatementSlot, encode_slot
from card_service.trust import TrustAnchors
from domain.card_number import CardNumber, CardNumberWrong, parse_card_number
from domain.errors import ProjectError
from domain.ids import ProgrammeCode

FORMAT = 1
_UINT32_MAX = 0xFFFF_FFFF
MAX_LINES = 32
MAX_TEXT_LENGTH = 64
#: Each member once, and once more the capture before.
MAX_RENEWED = 16
_HASH_BYTES = 32


class StatementRefusal(StrEnum):
    """Why a statement is not believed."""

    MALFORMED = "malformed"
    SIGNER_UNKNOWN = "signer_unknown"
    SIGNATURE_WRONG = "signature_wrong"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"


class StatementRefused(ProjectError):
    """The statement is not genuine, or not valid on the day; ``reason`` says which."""

    code = "card.statement_refused"
    message_key = "error.card.statement_refused"

    def __init__(self, reason: StatementRefusal, text: str = "") -> None:
        super().__init__(text or f"statement refused: {reason}", reason=reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class StatementLine:
    """What may be drawn of one programme in one period.

    ``limit`` is in ``unit`` (kg, course, paise …); ``name_key`` names the programme in the translation catalogues;
    ``amount_minor`` is its worth in minor units of ``currency``, when money can say it. Both days are included.
    """

    scheme: int
    programme_code: ProgrammeCode
    period: int
    limit: int
    unit: str
    benefit_kind: str
    name_key: str
    amount_minor: int | None
    currency: str | None
    collect_from: date
    collect_until: date

    def __post_init__(self) -> None:
        numbers = (self.scheme, self.period, self.limit)
        texts = (self.programme_code, self.unit, self.benefit_kind, self.name_key, self.currency or "-")
        if not all(0 <= number <= _UINT32_MAX for number in numbers):
            raise StatementRefused(StatementRefusal.MALFORMED, "a number of a line does not fit into four bytes")
        if not all(1 <= len(text) <= MAX_TEXT_LENGTH for text in texts):
            raise StatementRefused(StatementRefusal.MALFORMED, "a text of a line has 1 to 64 characters")
        if self.collect_until < self.collect_from:
            raise StatementRefused(StatementRefusal.MALFORMED, "collection ends before it begins")


@dataclass(frozen=True, slots=True)
class RenewedTemplates:
    """A newer capture of a member's fingers than the one in DG13, by the SHA-256 of the content of EF.FP."""

    member_index: int
    sha256: bytes

    def __post_init__(self) -> None:
        if not 1 <= self.member_index <= MAX_MEMBERS or len(self.sha256) != _HASH_BYTES:
            raise StatementRefused(StatementRefusal.MALFORMED, "a member 1 to 8 and a hash of 32 bytes")


@dataclass(frozen=True, slots=True)
class EntitlementStatement:
    """All lines of one card. ``version`` only rises; ``valid_until`` is included.

    ``renewed_templates`` may name a member's capture before this one as well: then a card torn between statement and
    templates goes on working with the fingers it has.
    """

    card_number: CardNumber
    version: int
    issued_on: date
    valid_until: date
    lines: tuple[StatementLine, ...]
    renewed_templates: tuple[RenewedTemplates, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.version <= _UINT32_MAX or self.valid_until < self.issued_on:
            raise StatementRefused(StatementRefusal.MALFORMED, "version or validity out of range")
        keys = {(line.scheme, line.period) for line in self.lines}
        if len(keys) != len(self.lines) or len(self.lines) > MAX_LINES:
            raise StatementRefused(StatementRefusal.MALFORMED, "one line for each programme and period")
        if len(self.renewed_templates) > MAX_RENEWED:
            raise StatementRefused(StatementRefusal.MALFORMED, "too many renewed templates")

    def names_templates(self, member_index: int, sha256: bytes) -> bool:
        """Whether this content of EF.FP is signed here as the member's."""
        return RenewedTemplates(member_index, sha256) in self.renewed_templates


def sign_statement(statement: EntitlementStatement, signer: Signer) -> bytes:
    """The COSE_Sign1 of the statement."""
    return sign_cose(encode_statement(statement), ContentType.STATEMENT, signer)


def verify_statement(cose: bytes, anchors: TrustAnchors, *, at: date) -> EntitlementStatement:
    """The statement, signed by a trusted entitlement signer and valid on that day; else ``StatementRefused``.

    The caller compares its card number with the card's: a statement is good for one card only.
    """
    try:
        statement = decode_statement(open_cose(cose, ContentType.STATEMENT, anchors.believed_signers(at=at)))
        if anchors.entitlement_windows:
            # Once more, by those in office on the day it bears: a retired key signs nothing new.
            in_office = anchors.believed_signers(at=at, signed_on=statement.issued_on)
            open_cose(cose, ContentType.STATEMENT, in_office)
    except CoseRefused as error:
        raise StatementRefused(_REFUSALS[error.reason]) from error
    if at < statement.issued_on:
        raise StatementRefused(StatementRefusal.NOT_YET_VALID)
    if at > statement.valid_until:
        raise StatementRefused(StatementRefusal.EXPIRED)
    return statement


_REFUSALS = {
    CoseFault.MALFORMED: StatementRefusal.MALFORMED,
    CoseFault.SIGNER_UNKNOWN: StatementRefusal.SIGNER_UNKNOWN,
    CoseFault.SIGNATURE_WRONG: StatementRefusal.SIGNATURE_WRONG,
}


def limits_of(lines: Iterable[StatementLine]) -> tuple[Limit, ...]:
    """What the chip itself enforces: one limit for each line, in the lines' order."""
    return tuple(Limit(line.scheme, line.period, line.limit) for line in lines)


def wrap_statement(statement: EntitlementStatement, cose: bytes) -> bytes:
    """The data of PUT DATA 0201: version, limits and the signed statement, in step with each other."""
    return encode_slot(StatementSlot(statement.version, limits_of(statement.lines), cose))


def encode_statement(statement: EntitlementStatement) -> bytes:
    """The signed payload: CBOR, positions instead of names, days as days since 1970-01-01."""
    head: list[CborValue] = [
        FORMAT,
        str(statement.card_number),
        statement.version,
        _to_days(statement.issued_on),
        _to_days(statement.valid_until),
    ]
    body: list[CborValue] = [*head, [_encode_line(line) for line in statement.lines]]
    if statement.renewed_templates:
        # Left out when there are none: such statements stay what they have always been.
        body.append([[each.member_index, each.sha256] for each in statement.renewed_templates])
    return encode_cbor(body)


def decode_statement(payload: bytes) -> EntitlementStatement:
    """The statement in exactly these bytes."""
    try:
        format_, number, version, issued, until, lines, *more = _items(decode_cbor(payload))
        statement = EntitlementStatement(
            card_number=parse_card_number(_text(number)),
            version=_number(version),
            issued_on=_from_days(issued),
            valid_until=_from_days(until),
            lines=tuple(_decode_line(line) for line in _items(lines)),
            renewed_templates=_decode_renewed(more),
        )
    except (CoseRefused, CardNumberWrong, ValueError, OverflowError) as error:
        raise StatementRefused(StatementRefusal.MALFORMED) from error
    if format_ != FORMAT:
        raise StatementRefused(StatementRefusal.MALFORMED)
    return statement


def _decode_renewed(more: list[CborValue]) -> tuple[RenewedTemplates, ...]:
    if not more:
        return ()
    (rows,) = more
    pairs = [_items(row) for row in _items(rows)]
    if not pairs:
        raise ValueError("an empty list is left out")
    return tuple(RenewedTemplates(_number(member), _bytes(digest)) for member, digest in pairs)


def _encode_line(line: StatementLine) -> CborValue:
    return [
        line.scheme,
        str(line.programme_code),
        line.period,
        line.limit,
        line.unit,
        # A plain text: an enum member would be written with its class.
        str(line.benefit_kind),
        line.name_key,
        line.amount_minor,
        line.currency,
        _to_days(line.collect_from),
        _to_days(line.collect_until),
    ]


def _decode_line(raw: CborValue) -> StatementLine:
    scheme, code, period, limit, unit, kind, name_key, amount, currency, begin, end = _items(raw)
    return StatementLine(
        scheme=_number(scheme),
        programme_code=ProgrammeCode(_text(code)),
        period=_number(period),
        limit=_number(limit),
        unit=_text(unit),
        benefit_kind=_text(kind),
        name_key=_text(name_key),
        amount_minor=None if amount is None else _number(amount),
        currency=None if currency is None else _text(currency),
        collect_from=_from_days(begin),
        collect_until=_from_days(end),
    )


_EPOCH = date(1970, 1, 1)


def _to_days(day: date) -> int:
    return (day - _EPOCH).days


def _from_days(value: CborValue) -> date:
    return date.fromordinal(_EPOCH.toordinal() + _number(value))


def _items(value: CborValue) -> list[CborValue]:
    if not isinstance(value, list):
        raise ValueError("a list expected")
    return value


def _bytes(value: CborValue) -> bytes:
    if not isinstance(value, bytes):
        raise ValueError("bytes expected")
    return value


def _text(value: CborValue) -> str:
    if not isinstance(value, str):
        raise ValueError("a text expected")
    return value


def _number(value: CborValue) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("a number expected")
    return value
