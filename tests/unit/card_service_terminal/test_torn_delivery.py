"""A card torn at every command of a delivery: the ration is drawn once, and the receipt is always found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from card_service.ledger import (
    DeliveryProof,
    NotWritten,
    PlannedRecord,
    append_delivery,
    recover_delivery,
    verify_receipt,
)
from card_service.terminal_authentication import TerminalCredential
from card_service.verification import RevokedCards, verify_card
from card_service.verified_card import VerifiedCard
from tests.unit.card_service_terminal.desk import REGISTRY, active_card, deliver, kiosk, plan, present
from tests.unit.card_service_terminal.reader import SimulatedReader
from tests.unit.card_service_terminal.registry import TODAY
from tests.unit.card_service_terminal.tears import Tear, all_tears, run_torn

QUANTITY = 10
Recovery = Callable[[VerifiedCard, TerminalCredential, PlannedRecord], DeliveryProof | NotWritten]


class Kiosk:
    """Plans, journals, sends; what is in the journal survives the tear."""

    def __init__(self) -> None:
        self.journal: PlannedRecord | None = None
        self.proof: DeliveryProof | None = None

    def visit(self, reader: SimulatedReader) -> None:
        """One tap: verify, plan, journal, append."""
        card = verify_card(reader, REGISTRY.anchors, on=TODAY, revoked=RevokedCards()).card
        if card is not None:
            self.journal = plan(card, QUANTITY)
            self.proof = append_delivery(card, self.journal)

    def visit_again(self, card: VerifiedCard, recover: Recovery) -> DeliveryProof:
        """The tap after a tear: first find out, then deliver only what was not written."""
        if self.proof is not None:
            return self.proof
        found = NotWritten(0) if self.journal is None else recover(card, kiosk(), self.journal)
        return found if isinstance(found, DeliveryProof) else deliver(card, QUANTITY)


def outcome_of(tear: Tear, recover: Recovery) -> str:
    """How the household fares: 'once', or what went wrong."""
    chip, desk = active_card(), Kiosk()
    run_torn(chip, tear, desk.visit)
    card = present(chip)
    was_on_card = card.details.counter == 2
    proof = desk.visit_again(card, recover)
    fresh = card.with_fresh_totals().details
    if (fresh.lines[0].drawn, fresh.counter) != (QUANTITY, 2):
        return "drawn twice"
    if not verify_receipt(proof, card.receipt_public_key):
        return "no receipt"
    return "found again" if was_on_card else "delivered after the tear"


def outcomes(recover: Recovery) -> Iterator[str]:
    """The outcome of every tear of a visit."""
    return (outcome_of(tear, recover) for tear in all_tears(active_card(), Kiosk().visit))


def test_a_card_torn_at_any_command_of_a_delivery_delivers_exactly_once() -> None:
    found = Counter(outcomes(recover_delivery))
    print(f"\ndelivery torn in {found.total()} ways: {dict(found)}")  # noqa: T201  # a zero is only worth its number of trials
    assert found.keys() == {"found again", "delivered after the tear"}
    assert found.total() > 60
    assert found["found again"] >= 1


def test_the_harness_finds_a_kiosk_that_does_not_read_the_card_before_it_sends_again() -> None:
    def careless(card: VerifiedCard, credential: TerminalCredential, record: PlannedRecord) -> NotWritten:
        return NotWritten(record.record.sequence - 1)

    assert "drawn twice" in outcomes(careless)
