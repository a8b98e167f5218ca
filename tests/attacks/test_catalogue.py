"""Every defect card ends as it must: in its own verdict and reason, and never verified."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from card_service.connection import CardConnection
from card_service.layout import EF_SOD
from card_service.verdicts import CheckReason
from domain.verification import Verdict
from hardware_sim.card.virtual_card import VirtualCard
from tests.attacks import bytes_of_answers, files_of_cards, rules_broken, signers, standing
from tests.attacks.country import genuine_card
from tests.attacks.defect_cards import Circumstances, Defect, Outcome, check_whole, examine, our_check
from tests.attacks.forgery import Forgery
from tests.attacks.signed_objects import make_signer, make_sod
from tests.unit.card_service_terminal.reader import SimulatedReader

ROOMS = {
    "files and keys": files_of_cards.CATALOGUE,
    "security object and signer": signers.CATALOGUE,
    "standing and statement": standing.CATALOGUE,
    "rules of the channel": rules_broken.CATALOGUE,
    "bytes of answers": bytes_of_answers.CATALOGUE,
}
CATALOGUE: tuple[Defect, ...] = tuple(defect for room in ROOMS.values() for defect in room)
AT_LEAST = 60
Make = Callable[[], VirtualCard | CardConnection]


@pytest.mark.parametrize("room", ROOMS)
def test_every_defect_card_ends_in_its_own_verdict_and_reason(room: str) -> None:
    seen = {defect.name: examine(defect) for defect in ROOMS[room]}
    for defect in ROOMS[room]:
        print(f"{defect.name:62} {seen[defect.name]}")  # noqa: T201
    verdicts = Counter(str(outcome.verdict) for outcome in seen.values())
    print(f"{room}: {len(seen)} defect cards, {dict(verdicts)}")  # noqa: T201
    assert {d.name: str(seen[d.name]) for d in ROOMS[room]} == {d.name: str(d.expected) for d in ROOMS[room]}
    assert verdicts[Verdict.VERIFIED] == 0


def test_the_catalogue_is_as_large_as_promised_and_meets_every_reason() -> None:
    assert len({defect.name for defect in CATALOGUE}) == len(CATALOGUE) >= AT_LEAST
    elsewhere = {CheckReason.CAN_NEEDED, CheckReason.CARD_CHANGED}
    assert set(CheckReason) - elsewhere <= {defect.reason for defect in CATALOGUE}


@pytest.mark.parametrize("lie", bytes_of_answers.UNSIGNED_LIES, ids=lambda lie: lie[0])
def test_what_nobody_signs_changes_nothing_on_a_genuine_card(lie: tuple[str, Make]) -> None:
    honest = our_check(SimulatedReader(genuine_card().chip()), Circumstances())
    made = lie[1]()
    told = our_check(SimulatedReader(made) if isinstance(made, VirtualCard) else made, Circumstances())
    assert told.verdict is Verdict.VERIFIED, told.reason
    assert honest.card is not None
    assert told.card is not None
    assert told.card.details == honest.card.details


def test_the_forger_s_tools_make_cards_that_are_believed_when_nothing_is_wrong() -> None:
    """The control: each tool, used without a defect, gives a card that is verified."""
    signed = make_sod(Forgery().hashes())
    by_other = make_sod(Forgery().hashes(), make_signer())
    for chip in (
        Forgery().chip(),
        Forgery().sign_again().chip(),
        Forgery().write(EF_SOD, signed).chip(),
        Forgery().write(EF_SOD, by_other).chip(),
        standing.holding(standing.granted()),
    ):
        assert check_whole(SimulatedReader(chip), Circumstances()) == Outcome(Verdict.VERIFIED)
