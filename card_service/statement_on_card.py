"""The entitlement statement in force on a card, read from its two slots and believed only as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from card_service.authentic_card import AuthenticCard, select_social_protection
from card_service.counters import Counters
from card_service.entitlement_statement import (
    EntitlementStatement,
    StatementRefusal,
    StatementRefused,
    limits_of,
    verify_statement,
)
from card_service.layout import ENTITLEMENTS_A, ENTITLEMENTS_B, CardFile
from card_service.session import CardSession
from card_service.statement_slot import StatementSlot, StatementSlotMalformed, decode_slot_file, is_whole_slot
from card_service.trust import TrustAnchors
from card_service.verdicts import CardNotVerified, CheckReason

#: Holds a statement of four lines or so.
_USUAL_SLOT_BYTES = 512
_NOT_IN_FORCE = (StatementRefusal.EXPIRED, StatementRefusal.NOT_YET_VALID)


@dataclass(frozen=True)
class Entitlement:
    """The statement in force and what the chip has counted."""

    statement: EntitlementStatement
    counters: Counters


def read_entitlement(card: AuthenticCard, anchors: TrustAnchors, *, on: date) -> Entitlement:
    """What may be drawn and what was: one command on a card that tells both at once, else three.

    Raises what ``read_statement`` raises.
    """
    state = card.session.find_state()
    if state is not None and state.slot is not None:
        statement = _accept(state.slot, card, anchors, on=on)
        if isinstance(statement, EntitlementStatement):
            return Entitlement(statement, state.counters)
    statement = read_statement(card, anchors, on=on)
    return Entitlement(statement, card.session.read_counters() if state is None else state.counters)


def read_statement(card: AuthenticCard, anchors: TrustAnchors, *, on: date) -> EntitlementStatement:
    """The statement in force: the highest version that our signer signed for this card, with the chip's own limits.

    A newer slot that does not hold (a write that was torn) is passed over; deliveries are still bounded by the
    statement returned here. Raises CardNotVerified with NOT_ACTIVE, STATEMENT_ALTERED or STATEMENT_NOT_IN_FORCE.
    """
    select_social_protection(card.session)
    contents = [_read_slot(card.session, file) for file in (ENTITLEMENTS_A, ENTITLEMENTS_B)]
    if not any(any(content) for content in contents):
        raise CardNotVerified(CheckReason.NOT_ACTIVE)
    slots = sorted(_readable(contents), key=lambda slot: slot.version, reverse=True)
    reason = CheckReason.STATEMENT_ALTERED
    for slot in slots:
        found = _accept(slot, card, anchors, on=on)
        if isinstance(found, EntitlementStatement):
            return found
        if found is CheckReason.STATEMENT_NOT_IN_FORCE:
            reason = found
    raise CardNotVerified(reason)


def _accept(
    slot: StatementSlot, card: AuthenticCard, anchors: TrustAnchors, *, on: date
) -> EntitlementStatement | CheckReason:
    """The slot's statement when it is signed, in force, of this card, and says what the chip enforces."""
    try:
        statement = verify_statement(slot.statement, anchors, at=on)
    except StatementRefused as error:
        is_out_of_force = error.reason in _NOT_IN_FORCE
        return CheckReason.STATEMENT_NOT_IN_FORCE if is_out_of_force else CheckReason.STATEMENT_ALTERED
    if is_statement_of_slot(statement, slot) and statement.card_number == card.card_number:
        return statement
    return CheckReason.STATEMENT_ALTERED


def _read_slot(session: CardSession, file: CardFile) -> bytes:
    """The file as far as its statement goes: on a slow link the zeros behind it would cost more than a command."""
    beginning = session.find_beginning(file, _USUAL_SLOT_BYTES) or b""
    return beginning if is_whole_slot(beginning) else session.read(file)


def is_statement_of_slot(statement: EntitlementStatement, slot: StatementSlot) -> bool:
    """Whether the limits that the chip enforces are those of the signed lines, and the version is the same."""
    return slot.version == statement.version and slot.limits == limits_of(statement.lines)


def _readable(contents: list[bytes]) -> Iterator[StatementSlot]:
    for content in contents:
        try:
            slot = decode_slot_file(content)
        except StatementSlotMalformed:
            continue
        if slot is not None:
            yield slot
