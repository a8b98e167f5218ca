"""Whole conversations of a reader with a card, each with the words that say whether it was deceived."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

from card_service.activation import write_activation
from card_service.connection import CardConnection
from card_service.ledger import (
    AlreadyDrawn,
    DeliveryProof,
    NotWritten,
    PlannedRecord,
    append_delivery,
    encode_record,
    plan_reversal,
    recover_delivery,
)
from card_service.officer_card import countersign
from card_service.personalisation import ChipKeys, PersonalisationData, lock_card, prepare_chip, write_card
from card_service.read_back import read_back
from card_service.verification import RevokedCards, verify_card
from card_service.verified_card import CardDetails, VerifiedCard
from domain.cards import CardProfile
from domain.errors import ProjectError
from domain.verification import VerifiedBy
from hardware_sim.card.curve import is_signed
from hardware_sim.card.virtual_card import VirtualCard
from tests.unit.card_service_terminal import desk
from tests.unit.card_service_terminal.desk import REGISTRY, Segments
from tests.unit.card_service_terminal.reader import SimulatedReader
from tests.unit.card_service_terminal.registry import TODAY

_HASH = bytes(range(32))
#: T=1 and no historical bytes (ISO/IEC 7816-3, 8.2): nothing is announced.
_NO_EXTENDED_LENGTH = bytes.fromhex("3B80800101")


class Deceived(Exception):
    """The reader took for true what the card made up."""


@dataclass(frozen=True)
class Flow:
    """``play`` ends in a word for the statistics, an error of ours, or Deceived. Its second argument: whether answers
    are spoiled inside the channel, by a card that has its keys: such a card may lie about its own totals."""

    segments: Segments
    play: Callable[[CardConnection, bool], str]
    #: An answer to reset other than the card's own.
    atr: bytes | None = None


def _verify(connection: CardConnection, profile: CardProfile = CardProfile.HOUSEHOLD) -> VerifiedCard | str:
    try:
        result = verify_card(connection, REGISTRY.anchors, on=TODAY, revoked=RevokedCards(), profile=profile)
    except ProjectError as error:
        # verify_card promises a verdict, whatever the card does.
        raise AssertionError(f"verify_card raised {error!r}") from error
    return result.card or f"{result.verdict.value}: {result.reason}"


def _require_true(card: VerifiedCard, truth: CardDetails, is_sealed: bool) -> None:
    told, true = vars(card.details), vars(truth)
    by_card_alone = ("lines", "counter") if is_sealed else ()
    for name, value in true.items():
        if name not in by_card_alone and told[name] != value:
            raise Deceived(f"verified with a false {name}")


@cache
def _truth(profile: CardProfile = CardProfile.HOUSEHOLD) -> CardDetails:
    return desk.present(_issued(profile)["active"].card(), profile=profile).details


def _issued(profile: CardProfile) -> dict[str, desk.Stage]:
    """One card of each kind; ``desk.issue`` remembers by how it is called, and ``desk.active_card`` calls it so."""
    return desk.issue() if profile is CardProfile.HOUSEHOLD else desk.issue(profile)


def play_verify(connection: CardConnection, is_sealed: bool) -> str:
    """Every tap."""
    card = _verify(connection)
    if isinstance(card, str):
        return card
    _require_true(card, _truth(), is_sealed)
    return "verified"


def play_open(connection: CardConnection, is_sealed: bool) -> str:
    """Verified, and templates and photographs read."""
    card = _verify(connection)
    if isinstance(card, str):
        return card
    _require_true(card, _truth(), is_sealed)
    read = (card.read_templates(desk.kiosk(), 1), card.read_templates(desk.kiosk(), 2), card.read_photo(2))
    if read != _private_files():
        raise Deceived("read a false template or photograph")
    return "opened"


@cache
def _private_files() -> tuple[bytes | None, ...]:
    card = desk.present(desk.active_card())
    return card.read_templates(desk.kiosk(), 1), card.read_templates(desk.kiosk(), 2), card.read_photo(2)


def play_deliver(connection: CardConnection, is_sealed: bool) -> str:
    """Verified, and one delivery written."""
    card = _verify(connection)
    if isinstance(card, str):
        return card
    _require_true(card, _truth(), is_sealed)
    _require_proof(desk.deliver(card, 5))
    return "delivered"


def play_overdraw(connection: CardConnection, is_sealed: bool) -> str:
    """More than the limit is asked for, of a card that gave something already: the reason is read from the card."""
    card = _verify(connection)
    if isinstance(card, str):
        return card
    try:
        desk.deliver(card, 35)
    except AlreadyDrawn as refused:
        return "refused" if refused.drawn == 5 else "refused, says a chip that lies"
    if not is_sealed:
        raise Deceived("more than the limit was delivered")
    return "delivered by a chip that lies"


def play_take_back(connection: CardConnection, is_sealed: bool) -> str:
    """A delivery is reversed."""
    card = _verify(connection)
    if isinstance(card, str):
        return card
    planned = plan_reversal(card, desk.kiosk(), _torn()[1].record, TODAY)
    _require_proof(append_delivery(card, planned))
    return "taken back"


def play_recover(connection: CardConnection, is_sealed: bool) -> str:
    """After a tear: the record is on the card, and its proof is fetched."""
    card = _verify(connection)
    if isinstance(card, str):
        return card
    result = recover_delivery(card, desk.kiosk(), _torn()[1])
    if isinstance(result, NotWritten):
        if not is_sealed:
            raise Deceived("a record that the card holds was taken for not written")
        return "not written, says a chip that lies"
    _require_proof(result)
    return "recovered"


@cache
def _torn() -> tuple[Segments, PlannedRecord]:
    """A card that took a delivery whose answer was lost, and the plan that the kiosk kept."""
    card = desk.active_card()
    shown = desk.present(card)
    planned = desk.plan(shown, 5)
    append_delivery(shown, planned)
    return desk.memory_of(card), planned


def _require_proof(proof: DeliveryProof) -> None:
    """Checked by the simulator's own arithmetic, which shares nothing with the reader's."""
    message = b"RCPT" + proof.counter.to_bytes(4, "big") + encode_record(proof.record)
    if not is_signed(_truth().receipt_public_key, proof.receipt, message):
        raise Deceived("a receipt that the chip never gave")


def play_personalise(connection: CardConnection, is_sealed: bool) -> str:
    """A blank chip becomes a card that is locked and read back."""
    data = _package(prepare_chip(connection))
    write_card(connection, data)
    lock_card(connection, data)
    done = read_back(connection, data, REGISTRY.anchors, desk.kiosk(), on=TODAY)
    if len(done.digest) != 32:
        raise Deceived("read back without a digest")
    return "issued"


@lru_cache(64)
def _package(keys: ChipKeys) -> PersonalisationData:
    return REGISTRY.package(keys)


def play_activate(connection: CardConnection, is_sealed: bool) -> str:
    """A locked card is read back and activated."""
    data = desk.issue()["locked"].data
    read_back(connection, data, REGISTRY.anchors, desk.kiosk(), on=TODAY)
    proof = write_activation(
        connection, REGISTRY.anchors, desk.kiosk(), _slot(), on=TODAY, verified_by=VerifiedBy.FINGER, can=data.can
    )
    _require_proof(proof)
    return "activated"


@cache
def _slot() -> bytes:
    return desk.first_slot(desk.issue()["locked"].data)


def play_officer(connection: CardConnection, is_sealed: bool) -> str:
    """An officer's card is verified and countersigns."""
    card = _verify(connection, CardProfile.OPERATOR)
    if isinstance(card, str):
        return card
    truth = _truth(CardProfile.OPERATOR)
    _require_true(card, truth, is_sealed)
    signature = countersign(card, desk.kiosk(), _HASH)
    if not is_signed(truth.receipt_public_key, signature, b"SIGN" + _HASH):
        raise Deceived("a countersignature that the officer's chip never made")
    return "countersigned"


@cache
def flows() -> dict[str, tuple[int, Flow]]:
    """Every flow with how often it is played, in parts of the whole."""
    household, officer = _issued(CardProfile.HOUSEHOLD), _issued(CardProfile.OPERATOR)
    active, blank = household["active"].segments, desk.memory_of(VirtualCard.blank(serial=bytes(8)))
    return {
        "verify": (6, Flow(active, play_verify)),
        "open": (3, Flow(active, play_open)),
        "deliver": (4, Flow(active, play_deliver)),
        "recover": (2, Flow(_torn()[0], play_recover)),
        "personalise": (1, Flow(blank, play_personalise)),
        "activate": (1, Flow(household["locked"].segments, play_activate)),
        "overdraw": (2, Flow(_torn()[0], play_overdraw)),
        "take back": (1, Flow(_torn()[0], play_take_back)),
        "in short commands": (2, Flow(active, play_deliver, _NO_EXTENDED_LENGTH)),
        "officer": (2, Flow(officer["active"].segments, play_officer)),
    }


def play_live(flow: Flow) -> str:
    """The flow with an honest card, the simulated chip itself: what a campaign begins by checking."""
    return flow.play(SimulatedReader(VirtualCard(dict(flow.segments), None)), False)
