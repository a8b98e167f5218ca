"""A PIN is set by an officer, tried by the holder, used up, and given back."""

from __future__ import annotations

import pytest

from card_service.errors import CardRefused, TerminalRefused
from card_service.layout import TerminalRights
from card_service.ledger import append_delivery, plan_delivery
from card_service.pin import (
    PIN_TRIES,
    PinOutcome,
    PinStatus,
    PinUnfit,
    read_pin_status,
    remove_pin,
    set_pin,
    unblock_pin,
    verify_pin,
)
from card_service.verified_card import VerifiedCard
from domain.verification import VerifiedBy
from hardware_sim.card.faults import FaultKind
from tests.unit.card_service_terminal.desk import REGISTRY, active_card, kiosk, present
from tests.unit.card_service_terminal.registry import TODAY

PIN, OTHER = "4821", "1111"


def card_with_pin() -> VerifiedCard:
    card = present(active_card())
    set_pin(card.session, kiosk(), PIN)
    return card


def test_a_card_has_no_pin_until_an_officer_sets_one() -> None:
    card = present(active_card())
    assert verify_pin(card.session, PIN) == read_pin_status(card.session) == PinOutcome(PinStatus.NOT_SET)
    assert unblock_pin(card.session, kiosk()).status is PinStatus.NOT_SET
    set_pin(card.session, kiosk(), PIN)
    assert verify_pin(card.session, PIN).is_right
    remove_pin(card.session, kiosk())
    assert verify_pin(card.session, PIN).status is PinStatus.NOT_SET


def test_five_wrong_tries_block_and_an_officer_gives_them_back() -> None:
    card = card_with_pin()
    for used in range(1, PIN_TRIES):
        assert verify_pin(card.session, OTHER) == PinOutcome(PinStatus.WRONG, PIN_TRIES - used)
    assert verify_pin(card.session, OTHER) == PinOutcome(PinStatus.BLOCKED, 0)
    assert verify_pin(card.session, PIN) == PinOutcome(PinStatus.BLOCKED, 0), "also the right one"
    assert unblock_pin(card.session, kiosk()) == PinOutcome(PinStatus.WRONG, PIN_TRIES)
    assert verify_pin(card.session, PIN).is_right
    assert read_pin_status(card.session).is_right


def test_pulling_the_card_never_gives_a_try_back() -> None:
    chip = active_card()
    set_pin(present(chip).session, kiosk(), PIN)
    for left in range(PIN_TRIES - 1, 0, -1):
        card = present(chip)
        chip.faults.order_next(FaultKind.CUT_ANSWER_LOST)
        with pytest.raises(Exception):  # noqa: B017, PT011  # the card is gone
            verify_pin(card.session, OTHER)
        assert read_pin_status(present(chip).session) == PinOutcome(PinStatus.WRONG, left)


def test_only_a_terminal_with_the_right_changes_a_pin() -> None:
    weak = REGISTRY.credential(TerminalRights.DELIVER)
    for change in (lambda session: set_pin(session, weak, PIN), lambda session: remove_pin(session, weak)):
        with pytest.raises(TerminalRefused):
            change(present(active_card()).session)


@pytest.mark.parametrize("unfit", ["", "123", "1234567", "12a4", "१२३४"])
def test_what_is_no_pin_is_not_sent_and_not_repeated_in_the_error(unfit: str) -> None:
    card = card_with_pin()
    before = card.session.traffic.apdus
    with pytest.raises(PinUnfit) as refused:
        verify_pin(card.session, unfit)
    assert card.session.traffic.apdus == before
    assert not unfit or unfit not in f"{refused.value} {refused.value.__dict__}"


def test_a_delivery_by_pin_is_taken_only_where_the_pin_was_shown() -> None:
    card = card_with_pin()
    line = card.details.lines[0].line

    def by_pin() -> int:
        planned = plan_delivery(card, kiosk(), line, 1, 1, VerifiedBy.PIN, TODAY)
        return append_delivery(card, planned).counter

    with pytest.raises((TerminalRefused, CardRefused)):
        by_pin()
    assert verify_pin(card.session, PIN).is_right
    assert by_pin() == 2
