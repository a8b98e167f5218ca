"""Roots that follow one another: what an old terminal, a new one and the chip's own date may still do in between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from card_service.errors import TerminalRefused
from card_service.terminal_authentication import TerminalCredential
from card_service.tlv import decode_tlvs, get_value
from hardware_sim.card.terminal_authentication import TrustPoints
from hardware_sim.card.terminal_certificate import HolderRole
from tests.unit.hardware_sim_card.terminal import (
    AID_ONE,
    AID_TWO,
    DELIVER,
    READ_BIO,
    UPDATE,
    Desk,
    KeyPair,
    Terminal,
    certificate,
    make_desk,
    record,
)

CHAT = bytes.fromhex("7F4C0E060904007F000703010201530100")
FAR = date(2032, 12, 31)
ANCHOR, DV, TERMINAL = HolderRole.TRUST_ANCHOR, HolderRole.DOCUMENT_VERIFIER, HolderRole.TERMINAL


@dataclass(frozen=True)
class Root:
    name: str
    key: KeyPair

    def link_to(self, other: Root, since: date) -> bytes:
        return certificate(other.name, other.key, self.name, self.key, ANCHOR, effective=since, expires=FAR)

    def terminal(
        self, since: date, until: date, rights: int | None = DELIVER, dv_rights: int | None = 0xFFFF
    ) -> TerminalCredential:
        dv_key, key, dv_name = KeyPair(), KeyPair(), "UTDV" + self.name[-5:]
        dv = certificate(dv_name, dv_key, self.name, self.key, DV, effective=since, expires=FAR, rights=dv_rights)
        own = certificate("UTTERM00009", key, dv_name, dv_key, TERMINAL, effective=since, expires=until, rights=rights)
        return TerminalCredential((dv, own), key.private)


FIRST_DAY, LAST_DAY = date(2026, 11, 22), date(2026, 12, 21)
SECOND_SINCE, THIRD_SINCE = date(2026, 12, 1), date(2027, 1, 10)


@pytest.fixture
def desk() -> Desk:
    return make_desk()


def roots_of(desk: Desk) -> tuple[Root, Root, Root]:
    first = Root("UTROOT00001", desk.authority.root_key)
    return first, Root("UTROOT00002", KeyPair()), Root("UTROOT00003", KeyPair())


def genuine(desk: Desk) -> Terminal:
    terminal = desk.terminal()
    terminal.select(AID_ONE)
    terminal.prove_chip(desk.agreement_point)
    return terminal


def outcome(desk: Desk, credential: TerminalCredential, *links: bytes) -> str:
    terminal = genuine(desk)
    try:
        for link in links:
            terminal.show(link)
        terminal.authenticate(credential)
    except TerminalRefused as refused:
        return str(refused.params["sw"])
    return "accepted"


def today(desk: Desk) -> date:
    return TrustPoints(desk.card._memory).today


def test_two_roots_follow_one_another_and_each_terminal_works_in_its_time(desk: Desk) -> None:
    first, second, third = roots_of(desk)
    old = first.terminal(FIRST_DAY, LAST_DAY)
    new = second.terminal(SECOND_SINCE, date(2027, 1, 31))
    newest = third.terminal(THIRD_SINCE, date(2027, 2, 28))
    to_second, to_third = first.link_to(second, SECOND_SINCE), second.link_to(third, THIRD_SINCE)
    assert outcome(desk, old) == "accepted"
    assert outcome(desk, new) == "6A88"
    assert outcome(desk, new, to_second) == "accepted"
    assert today(desk) == SECOND_SINCE
    assert outcome(desk, old) == outcome(desk, new) == "accepted"
    assert outcome(desk, newest) == "6A88"
    assert outcome(desk, newest, to_third) == "accepted"
    assert today(desk) == THIRD_SINCE
    assert outcome(desk, old) == "6A88"
    assert outcome(desk, old, to_second) == "6A88"
    assert outcome(desk, new) == outcome(desk, newest) == "accepted"


def test_both_links_in_one_session_lead_an_old_card_to_the_newest_root(desk: Desk) -> None:
    first, second, third = roots_of(desk)
    links = first.link_to(second, SECOND_SINCE), second.link_to(third, THIRD_SINCE)
    assert outcome(desk, third.terminal(THIRD_SINCE, FAR), *links) == "accepted"


def test_the_link_alone_makes_the_old_terminal_expire_when_the_chip_learns_the_date(desk: Desk) -> None:
    first, second, _ = roots_of(desk)
    old = first.terminal(FIRST_DAY, LAST_DAY)
    genuine(desk).show(first.link_to(second, date(2026, 12, 22)))
    assert today(desk) == date(2026, 12, 22)
    assert outcome(desk, old) == "6984"
    assert outcome(desk, first.terminal(FIRST_DAY, FAR)) == "accepted"


def test_an_expired_link_still_leads_on_as_its_time_is_not_the_roots(desk: Desk) -> None:
    first, second, _ = roots_of(desk)
    assert outcome(desk, first.terminal(date(2027, 5, 1), FAR)) == "accepted"
    late = certificate(second.name, second.key, first.name, first.key, ANCHOR, effective=FIRST_DAY, expires=LAST_DAY)
    genuine(desk).show(late)
    assert today(desk) == date(2027, 5, 1)
    assert outcome(desk, second.terminal(date(2027, 5, 1), FAR)) == "6984"


def test_rights_are_the_and_over_the_new_chain_too(desk: Desk) -> None:
    first, second, _ = roots_of(desk)
    terminal = genuine(desk)
    terminal.show(first.link_to(second, SECOND_SINCE))
    terminal.authenticate(second.terminal(SECOND_SINCE, FAR, DELIVER | READ_BIO, DELIVER | UPDATE))
    terminal.select(AID_TWO)
    assert terminal.sw("00B09100", le=4) == 0x6982
    assert terminal.sw("00DA0201", b"") == 0x6982
    terminal.must("00E20080", record(terminal.credential, 1), 256)


@pytest.mark.parametrize(("rights", "dv_rights"), [(None, 0xFFFF), (0xFFFF, None)])
def test_a_certificate_without_the_extension_is_accepted_and_grants_nothing(
    desk: Desk, rights: int | None, dv_rights: int | None
) -> None:
    first, _, _ = roots_of(desk)
    terminal = genuine(desk)
    terminal.authenticate(first.terminal(FIRST_DAY, LAST_DAY, rights, dv_rights))
    terminal.select(AID_TWO)
    assert terminal.sw("00E20080", record(terminal.credential, 1), 256) == 0x6982
    assert terminal.sw("00B09100", le=4) == terminal.sw("00DA0202", b"") == 0x6982
    assert terminal.sw("00B20083", le=112) == 0x6A83


def test_a_root_held_already_is_not_taken_twice_and_not_under_another_key(desk: Desk) -> None:
    first, second, _ = roots_of(desk)
    genuine(desk).show(first.link_to(second, SECOND_SINCE))
    genuine(desk).show(first.link_to(second, date(2026, 12, 5)))
    held = [each.holder_reference for each in TrustPoints(desk.card._memory).all()]
    assert held == [b"UTROOT00002", b"UTROOT00001"]
    with pytest.raises(TerminalRefused, match="6A80"):
        genuine(desk).show(first.link_to(Root(second.name, KeyPair()), date(2026, 12, 6)))
    assert outcome(desk, first.terminal(FIRST_DAY, LAST_DAY)) == "accepted"


class _Announcing(Terminal):
    """Says at PACE whether it is a terminal with rights, whatever the reader side does."""

    says_so = True

    def transmit(self, apdu: bytes) -> bytes:
        if apdu[:4] == bytes.fromhex("0022C1A4"):
            data = apdu[5:].replace(CHAT, b"") + (CHAT if self.says_so else b"")
            apdu = apdu[:4] + bytes((len(data),)) + data
        return super().transmit(apdu)


def named_roots(desk: Desk, *, says_so: bool = True) -> dict[int, bytes]:
    terminal = _Announcing(desk.card)
    terminal.says_so = says_so
    terminal.open()
    objects = decode_tlvs(get_value(terminal.answers[-1][:-2], 0x7C))
    return {each.tag: each.value for each in objects if each.tag in (0x87, 0x88)}


def test_pace_names_the_roots_newest_first_to_a_terminal_that_says_it_has_rights(desk: Desk) -> None:
    first, second, _ = roots_of(desk)
    assert named_roots(desk) == {0x87: b"UTROOT00001"}
    genuine(desk).show(first.link_to(second, SECOND_SINCE))
    assert named_roots(desk) == {0x87: b"UTROOT00002", 0x88: b"UTROOT00001"}
    assert named_roots(desk, says_so=False) == {}
