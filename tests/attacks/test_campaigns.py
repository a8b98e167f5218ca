"""The same attack many times: clones, swapped data groups, recorded sessions, and a relay that alters every byte.

By default a part of each, spread over the whole; the ``nightly`` runs make the full counts of the threat table.
"""

from __future__ import annotations

import random
from collections import Counter
from functools import cache

import pytest

from card_service.authentic_card import read_data_group
from card_service.layout import DATA_GROUPS, EF_SOD, CardFile
from card_service.personalisation import ChipKeys, PersonalisationData
from card_service.security_object import verify_sod
from card_service.verdicts import CardNotVerified, CheckReason
from card_service.verification import CardVerification
from domain.verification import Verdict
from tests.attacks.bytes_of_answers import Recording, record_session
from tests.attacks.country import genuine_card, home
from tests.attacks.defect_cards import Circumstances, our_check
from tests.attacks.forgery import Forgery
from tests.unit.card_service_terminal.reader import SimulatedReader
from tests.unit.card_service_terminal.registry import TODAY, SoftKey

CLONES, ALL_CLONES = 60, 10_000
SESSIONS, ALL_SESSIONS = 40, 1_000
#: Every 61st byte by default: no divisor of a block, so that each part of an answer is met.
STRIDE, EVERY_BYTE = 61, 1
HOUSEHOLDS = 50
GENUINE_CARDS = 5
campaign = pytest.mark.parametrize(
    "is_full",
    [False, pytest.param(True, marks=[pytest.mark.nightly, pytest.mark.timeout(3_600)])],
    ids=["part", "full"],
)


def verdict_on(connection: object) -> CardVerification:
    return our_check(connection, Circumstances())  # type: ignore[arg-type]


@campaign
def test_a_clone_is_never_accepted_however_often_it_is_presented(is_full: bool) -> None:
    """T-01."""
    trials = ALL_CLONES if is_full else CLONES
    seen: Counter[str] = Counter()
    for trial in range(trials):
        clone = Forgery(genuine_card(trial % GENUINE_CARDS)).lose_keys().chip()
        seen[str(verdict_on(SimulatedReader(clone)).reason)] += 1
    print(f"\nT-01: {trials} presentations of clones: {dict(seen)}")  # noqa: T201
    assert seen == {CheckReason.NOT_GENUINE.value: trials}


@campaign
def test_a_recorded_session_is_never_accepted_again(is_full: bool) -> None:
    """T-03."""
    trials = ALL_SESSIONS if is_full else SESSIONS
    seen: Counter[str] = Counter()
    for _ in range(trials):
        result = verdict_on(record_session())
        seen[str(result.reason)] += 1
        assert result.verdict is not Verdict.VERIFIED
    print(f"\nT-03: {trials} recorded sessions played back: {dict(seen)}")  # noqa: T201
    assert seen.total() == trials


@cache
def household(index: int) -> PersonalisationData:
    """The files of one of many cards, as signed; no chip is needed to swap them."""
    keys = ChipKeys(index.to_bytes(8, "big"), SoftKey().public_point, SoftKey().public_point)
    return home().registry.package(keys)


class OneFile:
    """A session with a card that holds this in the place of any file."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def find(self, file: CardFile) -> bytes:
        return self._content


def test_no_data_group_of_one_card_is_accepted_on_another() -> None:
    """T-05: all ordered pairs of 50 cards, each data group."""
    cards = [household(index) for index in range(HOUSEHOLDS)]
    believed = [verify_sod(sod_of(card), home().anchors, at=TODAY).hashes for card in cards]
    swapped = accepted = same = 0
    for mine, hashes in enumerate(believed):
        for theirs, other in enumerate(cards):
            for number, file in DATA_GROUPS.items():
                is_swap = other.files[file.key] != cards[mine].files[file.key]
                swapped += is_swap
                same += not is_swap
                accepted += is_swap and is_accepted(other.files[file.key], hashes, number)
                assert is_swap or mine == theirs or number in SAME_FOR_ALL
    print(f"\nT-05: {swapped} data groups swapped between {HOUSEHOLDS} cards, {accepted} accepted")  # noqa: T201
    assert accepted == 0
    assert swapped >= HOUSEHOLDS * (HOUSEHOLDS - 1) * (len(DATA_GROUPS) - len(SAME_FOR_ALL))


#: The households of the test registry share one face and one name.
SAME_FOR_ALL = (2, 11)


def sod_of(data: PersonalisationData) -> bytes:
    return data.files[EF_SOD.key]


def is_accepted(content: bytes, hashes: object, number: int) -> bool:
    try:
        read_data_group(OneFile(content), hashes, number)  # type: ignore[arg-type]
    except CardNotVerified:
        return False
    return True


class Relay(SimulatedReader):
    """A genuine card behind someone who alters one byte of one answer."""

    def __init__(self, answer: int, place: int, mask: int) -> None:
        super().__init__(genuine_card().chip())
        self._answer, self._place, self._mask = answer, place, mask

    def transmit(self, apdu: bytes) -> bytes:
        content = bytearray(super().transmit(apdu))
        if len(self.sent) == self._answer and self._place < len(content):
            content[self._place] ^= self._mask
        return bytes(content)


@campaign
def test_a_relay_that_alters_a_byte_shows_no_altered_value_as_verified(is_full: bool) -> None:
    """T-19: every byte of every answer once."""
    honest = Recording(genuine_card().chip())
    shown = verdict_on(honest).card
    assert shown is not None
    places = [(n, at) for n, answer in enumerate(honest.answers, start=1) for at in range(len(answer))]
    chance = random.Random(19)
    seen: Counter[str] = Counter()
    for answer, place in places[:: EVERY_BYTE if is_full else STRIDE]:
        result = verdict_on(Relay(answer, place, 1 << chance.randrange(8)))
        seen[str(result.reason or result.verdict)] += 1
        # Verified all the same: asked again, or altered where nothing is authentic yet and nothing rests on it.
        assert result.card is None or result.card.details == shown.details, (answer, place)
    print(f"\nT-19: {seen.total()} of {len(places)} bytes altered: {dict(seen)}")  # noqa: T201
    assert seen[CheckReason.UNREADABLE.value] > 0
