"""Genuine cards that must not be served: out of force, not active, or with a statement that does not hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from card_service.entitlement_statement import EntitlementStatement, sign_statement, verify_statement, wrap_statement
from card_service.statement_slot import Limit, decode_slot, encode_slot
from card_service.verdicts import CheckReason
from domain.card_number import CardNumber
from domain.cards import CardProfile
from hardware_sim.card.virtual_card import VirtualCard
from tests.attacks.country import abroad, genuine_card, home
from tests.attacks.defect_cards import Circumstances, Defect
from tests.attacks.forgery import Forgery
from tests.unit.card_service_terminal.registry import TODAY, SoftKey

ALTERED, NOT_IN_FORCE = CheckReason.STATEMENT_ALTERED, CheckReason.STATEMENT_NOT_IN_FORCE
NOT_ACTIVE = CheckReason.NOT_ACTIVE
Make = Callable[[], VirtualCard]
OTHER = 1


def granted() -> bytes:
    """The registry's true grant for the card."""
    return home().registry.slot(genuine_card().number)


def slot_changed(**changes: object) -> Make:
    """The true grant with one field of the slot changed: signed as before."""
    return lambda: holding(encode_slot(replace(decode_slot(granted()), **changes)))  # type: ignore[arg-type]


def cose_changed(change: Callable[[bytes], bytes]) -> Make:
    """The true grant with the signed bytes changed."""

    def make() -> VirtualCard:
        slot = decode_slot(granted())
        return holding(encode_slot(replace(slot, statement=change(slot.statement))))

    return make


def holding(slot: bytes) -> VirtualCard:
    return Forgery().put_statement(slot).chip()


def statement() -> EntitlementStatement:
    return verify_statement(decode_slot(granted()).statement, home().anchors, at=TODAY)


def signed_by(signer: Callable[[], SoftKey], **changes: object) -> Make:
    """Another statement, properly signed by that key."""

    def make() -> VirtualCard:
        other = replace(statement(), **changes)  # type: ignore[arg-type]
        return holding(wrap_statement(other, sign_statement(other, signer())))

    return make


def our_signer() -> SoftKey:
    return home().registry.entitlement_signer


def greedy() -> tuple[Limit, ...]:
    return tuple(Limit(each.scheme, each.period, 9_999) for each in decode_slot(granted()).limits)


def last_byte(cose: bytes) -> bytes:
    return cose[:-1] + bytes((cose[-1] ^ 1,))


def without_algorithm(cose: bytes) -> bytes:
    """The number of no algorithm (0) in the place of ES256 (-7) in the protected header."""
    return cose.replace(bytes.fromhex("0126"), bytes.fromhex("0100"), 1)


def never_activated() -> VirtualCard:
    return Forgery().forget("ledger/").chip()


def without_statement() -> VirtualCard:
    return Forgery().forget("entitlement/").forget("content/0200/0201").chip()


def revoked() -> frozenset[CardNumber]:
    return frozenset({genuine_card().number})


YEARS = timedelta(days=365)
STATEMENTS = (
    Defect("statement of another card", lambda: holding(home().registry.slot(genuine_card(OTHER).number)), ALTERED),
    Defect("statement signed abroad", signed_by(lambda: abroad().registry.entitlement_signer), ALTERED),
    Defect("statement signed by nobody known", signed_by(SoftKey), ALTERED),
    Defect("statement signed by the document signer", signed_by(lambda: home().signer), ALTERED),
    Defect("statement with one bit of its signature changed", cose_changed(last_byte), ALTERED),
    Defect("statement without algorithm", cose_changed(without_algorithm), ALTERED),
    Defect("a byte behind the signed statement", cose_changed(lambda cose: cose + b"\0"), ALTERED),
    Defect("signed statement cut off", cose_changed(lambda cose: cose[:-9]), ALTERED),
    Defect("limits for the chip above the signed ones", lambda: slot_changed(limits=greedy())(), ALTERED),
    Defect("version for the chip above the signed one", lambda: slot_changed(version=9)(), ALTERED),
    Defect(
        "statement that ran out",
        signed_by(our_signer, valid_until=TODAY - timedelta(days=1), issued_on=TODAY - YEARS),
        NOT_IN_FORCE,
    ),
    Defect(
        "statement that begins tomorrow",
        signed_by(our_signer, issued_on=TODAY + timedelta(days=1), valid_until=TODAY + YEARS),
        NOT_IN_FORCE,
    ),
)
STANDING = (
    Defect("revoked card number", lambda: genuine_card().chip(), CheckReason.REVOKED, Circumstances(revoked=revoked)),
    Defect("expired card", lambda: genuine_card().chip(), CheckReason.EXPIRED, Circumstances(on=date(2032, 1, 5))),
    Defect("card without a statement", without_statement, NOT_ACTIVE),
    Defect("card without its activation record", never_activated, NOT_ACTIVE),
    Defect("officer's card at the beneficiary's reader", lambda: officer().chip(), CheckReason.WRONG_PROFILE),
    Defect(
        "household card at the officer's reader",
        lambda: genuine_card().chip(),
        CheckReason.WRONG_PROFILE,
        Circumstances(profile=CardProfile.OPERATOR),
    ),
    Defect("blank chip", lambda: VirtualCard.blank(), CheckReason.NOT_OUR_CARD),
)


def officer() -> Forgery:
    return Forgery(genuine_card(0, CardProfile.OPERATOR))


CATALOGUE = (*STATEMENTS, *STANDING)
