"""What a defect card is, as data, and the whole check that each is put through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from card_service.connection import CardConnection
from card_service.trust import TrustAnchors
from card_service.verdicts import CheckReason
from card_service.verification import CardVerification, RevokedCards, reason_of, verify_card
from card_service.verified_card import VerifiedCard
from domain.card_number import CardNumber
from domain.cards import CardProfile
from domain.errors import ProjectError
from domain.verification import Verdict
from hardware_sim.card.virtual_card import VirtualCard
from tests.attacks.country import home, kiosk
from tests.unit.card_service_terminal.reader import SimulatedReader
from tests.unit.card_service_terminal.registry import TODAY


@dataclass(frozen=True)
class Circumstances:
    """What the terminal knows when the card is presented."""

    on: date = TODAY
    anchors: Callable[[], TrustAnchors] = field(default=lambda: home().anchors)
    revoked: Callable[[], frozenset[CardNumber]] = field(default=lambda: frozenset())
    profile: CardProfile = CardProfile.HOUSEHOLD


@dataclass(frozen=True)
class Outcome:
    """Verdict and reason; no reason when verified."""

    verdict: Verdict
    reason: CheckReason | None = None

    def __str__(self) -> str:
        return f"{self.verdict} {self.reason or ''}".strip()


@dataclass(frozen=True)
class Defect:
    """A card with one thing wrong. ``make`` gives a chip to put on a reader, or a whole connection."""

    name: str
    make: Callable[[], VirtualCard | CardConnection]
    reason: CheckReason
    circumstances: Circumstances = field(default_factory=Circumstances)

    @property
    def expected(self) -> Outcome:
        """The one right answer."""
        return Outcome(self.reason.verdict, self.reason)


def examine(defect: Defect) -> Outcome:
    """What the whole check says of it: the verdict, then everything that a desk reads of a verified card."""
    made = defect.make()
    connection: CardConnection = SimulatedReader(made) if isinstance(made, VirtualCard) else made
    try:
        return check_whole(connection, defect.circumstances)
    finally:
        connection.close()


def verdict_of(defect: Defect) -> Outcome:
    """What the product's check alone says of it."""
    made = defect.make()
    connection: CardConnection = SimulatedReader(made) if isinstance(made, VirtualCard) else made
    try:
        result = our_check(connection, defect.circumstances)
    finally:
        connection.close()
    return Outcome(result.verdict, result.reason)


def our_check(connection: CardConnection, circumstances: Circumstances) -> CardVerification:
    """The product's own."""
    return verify_card(
        connection,
        circumstances.anchors(),
        on=circumstances.on,
        revoked=RevokedCards(circumstances.revoked()),
        profile=circumstances.profile,
    )


def check_whole(connection: CardConnection, circumstances: Circumstances) -> Outcome:
    """The verdict after the check, the photographs and the templates."""
    result = our_check(connection, circumstances)
    if result.card is None:
        return Outcome(result.verdict, result.reason)
    try:
        _read_everything(result.card)
    except ProjectError as error:
        reason = reason_of(error)
        return Outcome(reason.verdict, reason)
    return Outcome(result.verdict)


def _read_everything(card: VerifiedCard) -> None:
    """As a desk does to serve the holder: faces and fingers of all members."""
    for row in card.details.members:
        if row.has_photo:
            card.read_photo(row.index)
        if row.fingers:
            card.read_templates(kiosk(), row.index)
