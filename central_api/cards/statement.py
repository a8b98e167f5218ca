"""The entitlement statement of a card, from what the registry granted: the first one, and those that renew it."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

from sqlalchemy import Connection

from card_service.entitlement_statement import MAX_LINES, EntitlementStatement, StatementLine, encode_statement
from card_service.issuer import CardIssuer
from card_service.statement_slot import StatementSlotMalformed
from central_api.cards import repository, shares_repository
from central_api.cards.balance import Balance, read_balance
from central_api.cards.repository import CardRow
from central_api.cards.shares_repository import SignedStatement
from central_api.entitlements.repository import lock_drawing
from central_api.entitlements.service import list_for_statement
from central_api.journal.transaction import Transaction
from central_api.programmes.repository import list_programmes
from domain.card_number import CardNumber
from domain.cards import CardProfile
from domain.entitlements import Entitlement

FIRST_VERSION = 1
#: A card works so long without being renewed; then the statement says that it wants to be.
STATEMENT_VALIDITY = timedelta(days=365)
#: A statement that says the same is signed anew so long before it runs out.
RENEW_BEFORE = timedelta(days=60)


def renew_statement(transaction: Transaction, card: CardRow, issuer: CardIssuer) -> SignedStatement:
    """The newest statement of the card: the last one when it still says what the registry would say today."""
    connection, on = transaction.connection, transaction.now.date()
    lines = _plan_lines(connection, card, on=on)
    signed = shares_repository.list_statements(connection, card.number)
    last = signed[-1] if signed else None
    if last is not None and _says(last, lines) and last.valid_until - on > min(RENEW_BEFORE, card.valid_until - on):
        return last
    if last is not None and _says(last, lines) and last.valid_until == _valid_until(card, on):
        return last
    version = max(card.statement_version, 0 if last is None else last.version) + 1
    statement, slot = _sign(issuer, card, lines, version, on=on)
    limits = {(line.scheme, line.period): line.limit for line in statement.lines}
    shares_repository.add_statement(
        connection, card.number, version, limits, _digest(lines), statement.valid_until, slot, transaction.now
    )
    repository.put_statement(connection, card.number, version, card.details)
    return shares_repository.list_statements(connection, card.number)[-1]


def _valid_until(card: CardRow, on: date) -> date:
    return min(on + STATEMENT_VALIDITY, card.valid_until)


def _sign(
    issuer: CardIssuer, card: CardRow, lines: list[StatementLine], version: int, *, on: date
) -> tuple[EntitlementStatement, bytes]:
    """With as many lines as the card holds.

    When not all fit, benefits handed over at a desk go first, then those of the nearest period.
    """
    kept = lines[:MAX_LINES]
    while True:
        statement = _statement(card, kept, version, on)
        try:
            return statement, issuer.sign_statement(statement)
        except StatementSlotMalformed:
            if not kept:
                raise
            kept = kept[:-1]


def _statement(card: CardRow, lines: list[StatementLine], version: int, on: date) -> EntitlementStatement:
    return EntitlementStatement(
        card_number=card.number,
        version=version,
        issued_on=on,
        valid_until=_valid_until(card, on),
        lines=tuple(sorted(lines, key=lambda line: (line.scheme, line.period))),
    )


def _says(statement: SignedStatement, lines: list[StatementLine]) -> bool:
    return statement.content_sha256 == _digest(lines)


def _digest(lines: list[StatementLine]) -> str:
    """Of all that was to be said, also of what found no room; in an order of its own."""
    day = date(2000, 1, 1)
    ordered = sorted(lines, key=lambda line: (line.scheme, line.period))
    digest = hashlib.sha256()
    for line in ordered:
        digest.update(encode_statement(EntitlementStatement(_ANY_CARD, FIRST_VERSION, day, day, (line,))))
    return digest.hexdigest()


_ANY_CARD = CardNumber("000000000")


def _plan_lines(connection: Connection, card: CardRow, *, on: date) -> list[StatementLine]:
    """Most wanted first. What other cards already drew, or may draw, is not granted again.

    A worker's own card draws nothing of the household's, and an officer's card nothing at all.
    """
    if card.household_id is None or card.profile is not CardProfile.HOUSEHOLD:
        return []
    at_desk = {programme.code for programme in list_programmes(connection) if programme.delivered_at_desk}
    granted = list_for_statement(connection, card.household_id, on=on)
    ordered = sorted(granted, key=lambda each: (each.programme not in at_desk, each.period.first_day, each.scheme))
    balance = read_balance(connection, card)
    return [_line(connection, balance, each) for each in ordered]


def _line(connection: Connection, balance: Balance, entitlement: Entitlement) -> StatementLine:
    scheme, period = entitlement.key
    drawing = lock_drawing(connection, entitlement.household_id, scheme, period)
    return StatementLine(
        scheme=scheme,
        programme_code=entitlement.programme,
        period=period,
        limit=balance.limit((scheme, period), entitlement.units, 0 if drawing is None else drawing.drawn),
        unit=entitlement.measure,
        benefit_kind=entitlement.kind.value,
        name_key=f"programme.{entitlement.programme}",
        amount_minor=entitlement.amount_minor,
        currency=entitlement.currency,
        collect_from=entitlement.period.first_day,
        collect_until=entitlement.period.last_day,
    )
