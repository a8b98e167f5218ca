"""What each flow costs in commands and bytes: figures that benchmarks print and tests hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from card_service.authentic_card import authenticate_card
from card_service.connection import CardConnection, Traffic
from card_service.ledger import append_delivery, plan_delivery
from card_service.session import CardSession
from card_service.statement_on_card import read_entitlement
from card_service.terminal_authentication import TerminalCredential
from card_service.trust import TrustAnchors
from card_service.verification import RevokedCards, verify_card
from domain.verification import VerifiedBy


@dataclass(frozen=True)
class FlowFigure:
    """Commands, bytes to the card and bytes from it, since the card was tapped."""

    flow: str
    apdus: int
    bytes_up: int
    bytes_down: int


def figure_a(connection: CardConnection, anchors: TrustAnchors, *, on: date, can: str | None) -> FlowFigure:
    """Flow A: genuine, ours, unaltered, with a statement in force."""
    session = CardSession(connection)
    read_entitlement(authenticate_card(session, anchors, on=on, can=can), anchors, on=on)
    return _figure("A: verified and entitled", session.traffic)


def figure_d(
    connection: CardConnection,
    anchors: TrustAnchors,
    credential: TerminalCredential,
    *,
    on: date,
    can: str | None,
) -> tuple[FlowFigure, FlowFigure]:
    """The check as the kiosk makes it, with all that the screen shows; then flow D: templates and one delivery too.

    Draws one unit of the first line of the card. Raises ValueError when the card is not verified.
    """
    card = verify_card(connection, anchors, on=on, revoked=RevokedCards(), can=can).card
    if card is None:
        raise ValueError("The card must be verified and entitled")
    shown = _figure("check, with all that the screen shows", card.session.traffic)
    card.read_templates(credential, 1)
    line = card.details.lines[0].line
    append_delivery(card, plan_delivery(card, credential, line, 1, 1, VerifiedBy.FINGER, on))
    return shown, _figure("D: everything, with templates and a delivery", card.session.traffic)


def _figure(flow: str, traffic: Traffic) -> FlowFigure:
    return FlowFigure(flow, traffic.apdus, traffic.bytes_up, traffic.bytes_down)
