"""Cards issued at a desk, and visits to it: what most tests begin with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from card_service.activation import write_activation
from card_service.data_groups import decode_dg1
from card_service.layout import DG1
from card_service.ledger import DeliveryProof, PlannedRecord, append_delivery, plan_delivery
from card_service.personalisation import PersonalisationData, lock_card, prepare_chip, write_card
from card_service.read_back import ReadBack, read_back
from card_service.terminal_authentication import TerminalCredential
from card_service.verdicts import CheckReason
from card_service.verification import CardVerification, RevokedCards, verify_card
from card_service.verified_card import VerifiedCard
from domain.cards import CardProfile
from domain.verification import Verdict, VerifiedBy
from hardware_sim.card.virtual_card import VirtualCard
from tests.unit.card_service_terminal.reader import SimulatedReader
from tests.unit.card_service_terminal.registry import TODAY, make_registry

REGISTRY = make_registry()

Segments = dict[str, bytes]


@cache
def kiosk() -> TerminalCredential:
    """The credential of the kiosk that issues."""
    return REGISTRY.credential()


@cache
def other_kiosk() -> TerminalCredential:
    """The credential of a kiosk that has never heard of the first."""
    return REGISTRY.credential(reference="UTKIOSK00002")


@dataclass(frozen=True)
class Stage:
    """A chip's memory after a step of issuing, and what was written to it."""

    segments: Segments
    data: PersonalisationData

    def card(self) -> VirtualCard:
        """A card of its own with that memory."""
        return VirtualCard(dict(self.segments), None)


def memory_of(card: VirtualCard) -> Segments:
    """Everything the chip keeps without power: only a test bench may look there."""
    return dict(card._memory.snapshot())


@cache
def issue(profile: CardProfile = CardProfile.HOUSEHOLD, years: int = 5) -> dict[str, Stage]:
    """One card, issued; its memory after each step: prepared, written, locked, active."""
    chip = VirtualCard.blank()
    reader = SimulatedReader(chip)
    data = REGISTRY.package(prepare_chip(reader), profile=profile, years=years)
    stages = {"prepared": Stage(memory_of(chip), data)}
    write_card(reader, data)
    stages["written"] = Stage(memory_of(chip), data)
    lock_card(reader, data)
    stages["locked"] = Stage(memory_of(chip), data)
    activate(reader, data)
    stages["active"] = Stage(memory_of(chip), data)
    return stages


def issue_on(chip: VirtualCard) -> PersonalisationData:
    """Issue and activate a card on this chip, whatever its make."""
    reader = SimulatedReader(chip)
    data = REGISTRY.package(prepare_chip(reader))
    write_card(reader, data)
    lock_card(reader, data)
    activate(reader, data)
    return data


def activate(reader: SimulatedReader, data: PersonalisationData) -> DeliveryProof:
    """Read back and activate a locked card."""
    read_all_back(reader, data)
    return grant_activation(reader, data)


def read_all_back(reader: SimulatedReader, data: PersonalisationData) -> ReadBack:
    """Read back a locked card."""
    return read_back(reader, data, REGISTRY.anchors, kiosk(), on=TODAY)


def grant_activation(reader: SimulatedReader, data: PersonalisationData) -> DeliveryProof:
    """Activate a card that was read back."""
    return write_activation(
        reader, REGISTRY.anchors, kiosk(), first_slot(data), on=TODAY, verified_by=VerifiedBy.FINGER, can=data.can
    )


def first_slot(data: PersonalisationData) -> bytes:
    """The registry's grant for these data."""
    return REGISTRY.slot(decode_dg1(data.files[DG1.key]).card_number)


def active_card() -> VirtualCard:
    """An activated household card."""
    return issue()["active"].card()


def check(card: VirtualCard, *, profile: CardProfile = CardProfile.HOUSEHOLD) -> CardVerification:
    """The verdict on a card that is put on the reader now."""
    reader = SimulatedReader(card)
    return verify_card(reader, REGISTRY.anchors, on=TODAY, revoked=RevokedCards(), profile=profile)


def present(card: VirtualCard, *, profile: CardProfile = CardProfile.HOUSEHOLD) -> VerifiedCard:
    """A card that must be verified."""
    result = check(card, profile=profile)
    assert result.verdict is Verdict.VERIFIED, result.reason
    assert result.card is not None
    return result.card


def refusal(card: VirtualCard) -> tuple[Verdict, CheckReason | None]:
    """The verdict and reason on a card that must not be verified."""
    result = check(card)
    assert result.card is None
    return result.verdict, result.reason


def plan(card: VerifiedCard, quantity: int, credential: TerminalCredential | None = None) -> PlannedRecord:
    """A delivery of the first line, planned."""
    line = card.details.lines[0].line
    return plan_delivery(card, credential or kiosk(), line, quantity, 1, VerifiedBy.FINGER, TODAY)


def deliver(card: VerifiedCard, quantity: int, credential: TerminalCredential | None = None) -> DeliveryProof:
    """A delivery of the first line, done."""
    return append_delivery(card, plan(card, quantity, credential))
