"""A newer capture of a member's fingers on an active card (docs/card-commands.md, 10).

The statement that names the new content is written first, the content second. Torn between the two the card still holds
the fingers it held, which DG13 (or the statement, when it names them too) still confirms; done again it is finished.
"""

from __future__ import annotations

import hashlib
from datetime import date

from card_service.activation import StatementUnfit, write_statement
from card_service.authentic_card import AuthenticCard
from card_service.entitlement_statement import verify_statement
from card_service.layout import DO_TEMPLATES, Directory
from card_service.statement_slot import decode_slot
from card_service.terminal_authentication import TerminalCredential
from card_service.tlv import encode_tlv
from card_service.trust import TrustAnchors
from card_service.verified_card import VerifiedCard

_TAG_MEMBER, _TAG_CONTENT = 0xC0, 0xC1


def renew_statement(
    card: VerifiedCard | AuthenticCard, anchors: TrustAnchors, credential: TerminalCredential, slot: bytes, *, on: date
) -> None:
    """A newer statement on an active card; nothing happens when it or a newer one is there. Ends what was read of
    the card: verify it again. ``credential`` needs UPDATE. Raises StatementUnfit, CardChanged, TerminalRefused."""
    authentic = card.authentic if isinstance(card, VerifiedCard) else card
    authentic.session.show_credential(credential)
    write_statement(authentic, anchors, slot, on=on)


def renew_templates(
    card: VerifiedCard | AuthenticCard,
    anchors: TrustAnchors,
    credential: TerminalCredential,
    slot: bytes,
    *,
    member_index: int,
    content: bytes,
    on: date,
) -> None:
    """The member's new finger templates, and the statement that names them. May be called again after a tear.

    ``slot`` is the registry's grant (data of PUT DATA 0201); ``credential`` needs UPDATE and ENROL. Raises
    StatementUnfit when the statement does not name this content, CardRefused (6A84 too large for the file, 6A88 no
    file), and what ``renew_statement`` raises.
    """
    authentic = card.authentic if isinstance(card, VerifiedCard) else card
    named = verify_statement(decode_slot(slot).statement, anchors, at=on)
    if not named.names_templates(member_index, hashlib.sha256(content).digest()):
        raise StatementUnfit("The statement does not name these templates")
    renew_statement(authentic, anchors, credential, slot, on=on)
    authentic.session.select(Directory.SOCIAL_PROTECTION)
    data = encode_tlv(_TAG_MEMBER, bytes((member_index,))) + encode_tlv(_TAG_CONTENT, content)
    authentic.session.put_data(DO_TEMPLATES, data)
