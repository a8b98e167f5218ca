"""The modelled times against a table that was worked out by hand before this code was written."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hardware_sim.card.delay_model import (
    ChipSpeed,
    DelayModel,
    Exchange,
    LinkSpeed,
    chip_time_ms,
    exchange_time_ms,
    floor_ms,
    modelled_session_ms,
)
from hardware_sim.card.virtual_card import VirtualCard
from tests.unit.hardware_sim_card.terminal import AID_ONE, AID_TWO, DELIVER, Terminal, make_desk, record

# "Verified and entitled": 15 commands, 511 bytes up and 1,988 down are the table's totals; how they are spread over the
# commands is chosen here, with the security object in two reads and the entitlement statement in one.
_UP = (5, 34, 8, 75, 75, 18, 33, 19, 19, 19, 51, 97, 19, 19, 20)
_DOWN = (22, 2, 22, 71, 71, 16, 16, 250, 687, 247, 16, 16, 115, 16, 421)
FLOW_A = tuple(Exchange(up, down) for up, down in zip(_UP, _DOWN, strict=True))

TABLE_MS = {
    LinkSpeed.CONTACTLESS_106: 225,
    LinkSpeed.CONTACTLESS_424: 59,
    LinkSpeed.CONTACTLESS_848: 31,
    LinkSpeed.CONTACT_9600: 3111,
    LinkSpeed.CONTACT_115200: 259,
    LinkSpeed.CONTACT_250000: 119,
}


def test_the_flow_has_the_bytes_of_the_table() -> None:
    assert (sum(_UP), sum(_DOWN), len(FLOW_A)) == (511, 1988, 15)


@pytest.mark.parametrize("link", TABLE_MS, ids=lambda link: link.name)
def test_a_check_of_a_card_takes_on_each_link_what_the_table_says(link: LinkSpeed) -> None:
    assert round(modelled_session_ms(FLOW_A, link, 0.0)) == TABLE_MS[link]


def test_the_bytes_alone_are_the_floor() -> None:
    assert floor_ms(FLOW_A, LinkSpeed.CONTACTLESS_106) == pytest.approx(2499 * 0.085, rel=0.001)
    assert floor_ms(FLOW_A, LinkSpeed.CONTACTLESS_424) == pytest.approx(2499 * 0.02125, rel=0.001)
    for link in LinkSpeed:
        assert floor_ms(FLOW_A, link) < modelled_session_ms(FLOW_A, link, 0.0)


def test_twice_the_speed_is_never_slower() -> None:
    slowest_first = [link for link in LinkSpeed if link.name.startswith("CONTACTLESS")]
    times = [exchange_time_ms(20, 900, link) for link in slowest_first]
    assert len(times) == 4
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize(("link", "border"), [(LinkSpeed.CONTACTLESS_106, 253), (LinkSpeed.CONTACT_9600, 254)])
def test_one_byte_beyond_a_block_costs_a_block_and_its_acknowledgement(link: LinkSpeed, border: int) -> None:
    step = exchange_time_ms(5, border + 1, link) - exchange_time_ms(5, border, link)
    assert step == pytest.approx(link.value.byte_ms + 2 * link.value.frame_ms)


def test_the_chip_adds_its_multiplications_and_its_pages() -> None:
    exchange = Exchange(100, 70, scalar_multiplications=2, written_pages=5)
    link = LinkSpeed.CONTACTLESS_424
    alone = exchange_time_ms(100, 70, link)
    assert modelled_session_ms([exchange], link, 30.0) == pytest.approx(alone + 60)
    assert modelled_session_ms([exchange], link, 30.0, ms_per_page=3.0) == pytest.approx(alone + 75)
    assert chip_time_ms(exchange, ChipSpeed()) == pytest.approx(75)


def test_each_step_of_a_session_costs_the_multiplications_of_its_protocol() -> None:
    desk = make_desk()
    terminal = Terminal(desk.card)
    counts: dict[str, int] = {}

    def counted(name: str, step: Callable[[], object]) -> None:
        before = desk.card.scalar_multiplications
        step()
        counts[name] = desk.card.scalar_multiplications - before

    counted("pace", terminal.open)
    terminal.select(AID_ONE)
    counted("chip", lambda: terminal.prove_chip(desk.agreement_point))
    counted("terminal", lambda: terminal.authenticate(desk.authority.terminal(DELIVER)))
    terminal.select(AID_TWO)
    counted("delivery", lambda: terminal.must("00E20080", record(terminal.credential, 1), 256))
    assert counts == {"pace": 5, "chip": 1, "terminal": 3, "delivery": 2}


def test_a_card_without_a_delay_never_sleeps_and_one_with_a_delay_sleeps_what_the_model_says() -> None:
    slept: list[float] = []
    card = VirtualCard(make_desk().card._memory.snapshot(), None, sleep=slept.append)
    Terminal(card).open()
    assert slept == []
    card.delay = DelayModel(LinkSpeed.CONTACTLESS_424, ChipSpeed(30.0, 3.0))
    exchanges = []

    class Recording(Terminal):
        def transmit(self, apdu: bytes) -> bytes:
            answer = super().transmit(apdu)
            assert card.last_exchange is not None
            exchanges.append(card.last_exchange)
            return answer

    Recording(card).open()
    expected_ms = modelled_session_ms(exchanges, LinkSpeed.CONTACTLESS_424, 30.0, 3.0)
    assert sum(slept) * 1000 == pytest.approx(expected_ms)
    assert expected_ms > 5 * 30.0
    assert sum(each.written_pages for each in exchanges) == 2
