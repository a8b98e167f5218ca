"""A card just written, read through the same door as any card later: proof that it is complete and genuine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from card_service.authentic_card import authenticate_card
from card_service.chip_life import LifeState, read_chip_life
from card_service.connection import PERSONALISATION_LIMITS, CardConnection
from card_service.errors import ReadBackDiffers, WrongChip
from card_service.layout import is_content
from card_service.personalisation_data import FileKey, PersonalisationData, is_read_back, readback_digest
from card_service.session import CardSession
from card_service.terminal_authentication import TerminalCredential
from card_service.trust import TrustAnchors
from domain.card_number import CardNumber


@dataclass(frozen=True)
class ReadBack:
    """The card holds every file as ordered, its chip proved its key, and it is locked. ``digest`` is 32 bytes."""

    card_number: CardNumber
    digest: bytes


def read_back(
    connection: CardConnection,
    data: PersonalisationData,
    anchors: TrustAnchors,
    credential: TerminalCredential,
    *,
    on: date,
) -> ReadBack:
    """Reads and compares every file through PACE, passive, chip and terminal authentication (needs READ_BIO).

    Raises ReadBackDiffers, WrongChip (not locked yet), and what ``authenticate_card`` raises.
    """
    session = CardSession(connection, limits=PERSONALISATION_LIMITS)
    card = authenticate_card(session, anchors, on=on, can=data.can)
    if read_chip_life(session).state is not LifeState.OPERATIONAL:
        raise WrongChip("The card is not locked yet")
    session.show_credential(credential)
    contents: dict[FileKey, bytes] = {}
    for file, expected in data.items():
        if not is_read_back(file):
            continue
        if not is_content(file, session.find(file) or b"", expected):
            raise ReadBackDiffers(f"{file.name} is not what was ordered")
        contents[file.key] = expected
    return ReadBack(card.card_number, readback_digest(contents))
