"""A verified card: everything a screen shows of it, and the open session that the next steps go through."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from card_service.authentic_card import AuthenticCard, find_anchored_file, find_anchored_templates
from card_service.counters import Counters
from card_service.data_groups import MemberRow
from card_service.entitlement_statement import EntitlementStatement, StatementLine
from card_service.layout import photo_file, template_file
from card_service.session import CardSession
from card_service.terminal_authentication import TerminalCredential
from domain.card_number import CardNumber
from domain.cards import CardProfile
from domain.ids import HouseholdId
from domain.people import BirthDate, Sex


@dataclass(frozen=True)
class LineOnCard:
    """One line of the statement with what the card says was already drawn, in the programme's units."""

    line: StatementLine
    drawn: int

    @property
    def left(self) -> int:
        """What may still be drawn."""
        return max(0, self.line.limit - self.drawn)

    def is_collectable(self, on: date) -> bool:
        """Whether that day lies within the days of collection."""
        return self.line.collect_from <= on <= self.line.collect_until


@dataclass(frozen=True)
class CardDetails:
    """What a screen shows: plain values that may travel between processes. ``household_id`` of an officer's card is
    the operator's id. ``counter`` is the number of the card's last ledger record."""

    card_number: CardNumber
    profile: CardProfile
    household_id: HouseholdId
    issue_number: int
    name_local: str
    name_latin: str
    born: BirthDate
    sex: Sex
    expires_on: date
    portrait_jpeg: bytes
    members: tuple[MemberRow, ...]
    statement: EntitlementStatement
    lines: tuple[LineOnCard, ...]
    counter: int
    receipt_public_key: bytes

    def find_line(self, scheme: int, period: int) -> LineOnCard | None:
        """The line of that programme and period, or None."""
        found = (each for each in self.lines if (each.line.scheme, each.line.period) == (scheme, period))
        return next(found, None)


@dataclass(frozen=True)
class VerifiedCard:
    """The card while it stays on the reader. Only ``verification.verify_card`` makes one."""

    authentic: AuthenticCard
    details: CardDetails

    @property
    def session(self) -> CardSession:
        """The open, authenticated session."""
        return self.authentic.session

    @property
    def card_number(self) -> CardNumber:
        """The signed number."""
        return self.authentic.card_number

    @property
    def receipt_public_key(self) -> bytes:
        """Point (65 bytes) of the chip's receipt key."""
        return self.authentic.receipt_public_key

    def read_templates(self, credential: TerminalCredential, member_index: int) -> bytes | None:
        """The member's finger templates (content of EF.FP), or None when the member gave no finger.

        Leaves an audit duty with the caller. Raises TerminalRefused, CardRefused (no READ_BIO right),
        CardNotVerified(DATA_ALTERED).
        """
        file = template_file(member_index)
        if file.fid not in self.authentic.anchor.hashes:
            return None
        self.session.show_credential(credential)
        is_renewed = partial(self.details.statement.names_templates, member_index)
        return find_anchored_templates(self.authentic, member_index, is_renewed)

    def read_photo(self, member_index: int) -> bytes | None:
        """The photograph of a member (the holder's is ``details.portrait_jpeg``), or None."""
        if member_index == 1:
            return self.details.portrait_jpeg
        return find_anchored_file(self.authentic, photo_file(member_index))

    def with_fresh_totals(self) -> VerifiedCard:
        """The same card with what is drawn read again from the chip."""
        counters = self.session.read_counters()
        lines = lines_on_card(self.details.statement, counters)
        return replace(self, details=replace(self.details, lines=lines, counter=counters.counter))


def lines_on_card(statement: EntitlementStatement, counters: Counters) -> tuple[LineOnCard, ...]:
    """The statement's lines, each with what the chip counted."""
    return tuple(LineOnCard(line, counters.drawn(line.scheme, line.period)) for line in statement.lines)
