"""Visits of a card to a desk: whole ones, and short ones that leave out what does not decide about a ledger.

A short visit runs the real commands of the ledger, through the reader's own session, on the simulated chip; left out
are PACE, secure messaging, passive, chip and terminal authentication: the chip is put into the state after them
(channel, PACE, chip and terminal authentication proven, this terminal's certificate), and the reader's session is told
that the card took its credential. Commands then go in plain. Record signatures, the chip's checks of sequence, previous
hash, terminal, signature and limit, its transaction, the receipt and the reader's check of it are all computed.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from card_service.ecdsa_raw import encode_point
from card_service.errors import CardGone
from card_service.session import CardSession
from card_service.terminal_authentication import TerminalCredential
from card_service.verified_card import VerifiedCard
from hardware_sim.card.file_header import SecurityCondition
from hardware_sim.card.security_state import AuthenticatedTerminal
from hardware_sim.card.virtual_card import VirtualCard
from tests.unit.card_service_terminal import desk
from tests.unit.card_service_terminal.reader import SimulatedReader

_ALL_RIGHTS = 0xFFFF


def visit_whole(card: VirtualCard, _known: VerifiedCard, _credential: TerminalCredential) -> VerifiedCard | None:
    """The card verified as at every tap; None when it is not."""
    return desk.check(card).card


@cache
def _accepted(credential: TerminalCredential) -> AuthenticatedTerminal:
    """What the chip remembers of a terminal that proved itself."""
    point = encode_point(credential.private_key.public_key())
    return AuthenticatedTerminal(credential.holder_reference.encode(), point, _ALL_RIGHTS)


def visit_short(card: VirtualCard, known: VerifiedCard, credential: TerminalCredential) -> VerifiedCard:
    """``known`` (the same card verified whole once) as if it had been verified again now, with its totals of now."""
    session = CardSession(SimulatedReader(card))
    if card._system is None:
        raise CardGone("torn at power-on")
    security = card._system._chip.security
    security.conditions = ~SecurityCondition(0)
    security.accept_terminal(_accepted(credential))
    vars(session)["_terminal"] = credential
    return replace(known, authentic=replace(known.authentic, session=session)).with_fresh_totals()
