"""The first entitlement statement of a card, from what the registry granted."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Connection

from card_service.entitlement_statement import MAX_LINES, EntitlementStatement, StatementLine
from card_service.issuer import CardIssuer
from card_service.statement_slot import StatementSlotMalformed
from central_api.cards.repository import CardRow
from central_api.entitlements.repository import lock_drawing
from central_api.entitlements.service import list_for_statement
from central_api.programmes.repository import list_programmes
from domain.entitlements import Entitlement

FIRST_VERSION = 1
#: A card works so long without being renewed; then the statement says that it wants to be.
STATEMENT_VALIDITY = timedelta(days=365)


def make_statement(connection: Connection, issuer: CardIssuer, card: CardRow, *, on: date) -> bytes:
    """The data of PUT DATA 0201, with as many lines as the card holds.

    When not all fit, benefits handed over at a desk go first, then those of the nearest period.
    """
    lines = [] if card.household_id is None else _plan_lines(connection, card, on=on)
    kept = lines[:MAX_LINES]
    while True:
        statement = EntitlementStatement(
            card_number=card.number,
            version=FIRST_VERSION,
            issued_on=on,
            valid_until=min(on + STATEMENT_VALIDITY, card.valid_until),
            lines=tuple(sorted(kept, key=lambda line: (line.scheme, line.period))),
        )
        try:
            return issuer.sign_statement(statement)
        except StatementSlotMalformed:
            if not kept:
                raise
            kept = kept[:-1]


def _plan_lines(connection: Connection, card: CardRow, *, on: date) -> list[StatementLine]:
    """Most wanted first. What another card already drew is not granted again."""
    assert card.household_id is not None
    at_desk = {programme.code for programme in list_programmes(connection) if programme.delivered_at_desk}
    granted = list_for_statement(connection, card.household_id, on=on)
    ordered = sorted(granted, key=lambda each: (each.programme not in at_desk, each.period.first_day, each.scheme))
    return [_line(connection, each) for each in ordered]


def _line(connection: Connection, entitlement: Entitlement) -> StatementLine:
    scheme, period = entitlement.key
    drawing = lock_drawing(connection, entitlement.household_id, scheme, period)
    drawn = 0 if drawing is None else drawing.drawn
    return StatementLine(
        scheme=scheme,
        programme_code=entitlement.programme,
        period=period,
        limit=max(0, entitlement.units - drawn),
        unit=entitlement.measure,
        benefit_kind=entitlement.kind.value,
        name_key=f"programme.{entitlement.programme}",
        amount_minor=entitlement.amount_minor,
        currency=entitlement.currency,
        collect_from=entitlement.period.first_day,
        collect_until=entitlement.period.last_day,
    )
