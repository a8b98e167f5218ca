"""How many commands the flows take; a change that costs one more is noticed here."""

from __future__ import annotations

import pytest

from card_service.flow_figures import figure_a, figure_d
from tests.unit.card_service_terminal.desk import REGISTRY, active_card, kiosk
from tests.unit.card_service_terminal.reader import SimulatedReader
from tests.unit.card_service_terminal.registry import CAN, TODAY

#: What a check and a whole visit may cost on any interface (F45).
MOST_FOR_A, MOST_FOR_D = 15, 27


@pytest.mark.parametrize(
    ("is_contact", "a", "shown", "d"),
    [(False, 13, 17, 26), (True, 14, 18, 27)],
    ids=["contactless", "contact"],
)
def test_the_flows_take_as_few_commands_as_stated(is_contact: bool, a: int, shown: int, d: int) -> None:
    can = None if is_contact else CAN
    first = SimulatedReader(active_card(), is_contact=is_contact)
    figures = [figure_a(first, REGISTRY.anchors, on=TODAY, can=can)]
    second = SimulatedReader(active_card(), is_contact=is_contact)
    figures.extend(figure_d(second, REGISTRY.anchors, kiosk(), on=TODAY, can=can))
    for each in figures:
        print(f"\n{each}")  # noqa: T201
    assert [each.apdus for each in figures] == [a, shown, d]
    assert a <= MOST_FOR_A
    assert d <= MOST_FOR_D
