"""Keys of one personalisation session, for an open order of the desk that asks."""

from __future__ import annotations

import binascii
from http import HTTPStatus

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from sqlalchemy import insert, select, update

from card_service.scp03_issuer import ChipOpening, OpeningRefusal, TransportKeys, open_session
from card_service.scp03_keys import Scp03SessionKeys
from central_api.access.repository import KnownKiosk
from central_api.cards import repository
from central_api.cards.authority import get_authority
from central_api.cards.notes import note_card
from central_api.cards.repository import UNFINISHED
from central_api.cards.signing_desk import SigningDesk
from central_api.context import Registry
from central_api.database import take_turns
from central_api.enrolments.sealed_submission import enrolment_suite
from central_api.errors import Conflict, MalformedRequest, NotFound, RequestRefused
from central_api.journal.transaction import Transaction
from central_api.tables.issuing import card_channels
from domain.errors import NotAvailableYet
from domain.ids import OrderId
from domain.messages.card_channels import HPKE_INFO_CHANNEL, CardChannelAnswer, CardChannelRequest

#: Torn, begun again, read back, torn again: more sessions than this are no honest card.
MOST_SESSIONS = 16


class OrderNotOpen(Conflict):
    """The order is finished, or belongs to another desk, chip or holder."""

    code = "card.order_not_open"
    message_key = "error.card_order_differs"


class ChannelRefused(RequestRefused):
    """The chip did not prove to be of our stock; ``reason`` says what was wrong."""

    code = "card.channel_refused"
    message_key = "error.card_channel_refused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, reason: str) -> None:
        super().__init__(f"no session: {reason}", reason=reason)
        self.reason = reason


class TooManySessions(RequestRefused):
    """This order had all the sessions that it may have: take another blank."""

    code = "card.too_many_sessions"
    message_key = "error.card_too_many"
    status = HTTPStatus.TOO_MANY_REQUESTS


def open_channel(
    transaction: Transaction, order_id: OrderId, request: CardChannelRequest, kiosk: KnownKiosk, registry: Registry
) -> CardChannelAnswer:
    """The keys, sealed to the desk's key of the moment.

    Raises NotFound, OrderNotOpen, TooManySessions, ChannelRefused, MalformedRequest, NotAvailableYet or
    KeyStoreUnavailable.
    """
    keys = get_authority(registry).keys
    if not isinstance(keys, TransportKeys):
        raise NotAvailableYet("this registry holds no transport keys")
    opening = _opening(request)
    take_turns(transaction.connection, "card_channels")
    _check_order_open(transaction, order_id, request, kiosk)
    _count_session(transaction, order_id, request, kiosk)
    session = open_session(keys, opening)
    if isinstance(session, OpeningRefusal):
        raise ChannelRefused(session)
    note_card(transaction, None, kiosk.id, "card.channel_opened", order=order_id, chip=request.chip_serial_hex)
    return CardChannelAnswer(order_id=order_id, sealed=_seal(session, order_id, request))


def _check_order_open(
    transaction: Transaction, order_id: OrderId, request: CardChannelRequest, kiosk: KnownKiosk
) -> None:
    """An order that came already must be this desk's and this chip's, and not finished; a new one needs approval."""
    connection = transaction.connection
    if (request.household_id is None) == (request.operator_id is None):
        raise MalformedRequest("a channel is for the card of a household or of an operator", problems=1)
    card = repository.find_card_of_order(connection, order_id)
    if card is None:
        desk = SigningDesk(connection, kiosk.id, request.household_id, request.operator_id)
        if not desk.is_approved():
            raise NotFound("enrolment")
        return
    is_same = (card.kiosk_id, card.chip_serial_hex.lower()) == (kiosk.id, request.chip_serial_hex.lower())
    if not is_same or card.status not in UNFINISHED:
        raise OrderNotOpen("the order is finished or another's")


def _count_session(transaction: Transaction, order_id: OrderId, request: CardChannelRequest, kiosk: KnownKiosk) -> None:
    connection, now = transaction.connection, transaction.now
    holder = f"household:{request.household_id}" if request.household_id else f"operator:{request.operator_id}"
    bound = {"kiosk_id": kiosk.id, "chip_serial_hex": request.chip_serial_hex.lower(), "holder": holder}
    row = connection.execute(select(card_channels).where(card_channels.c.order_id == order_id)).mappings().first()
    if row is None:
        values = {**bound, "sessions": 1, "last_sequence": request.sequence, "opened_at": now, "used_at": now}
        connection.execute(insert(card_channels).values(order_id=order_id, **values))
        return
    if any(row[name] != value for name, value in bound.items()):
        raise OrderNotOpen("the order was begun by another desk, for another chip or holder")
    if row["sessions"] >= MOST_SESSIONS:
        raise TooManySessions("no more sessions for this order")
    if request.sequence <= row["last_sequence"]:
        # The chip counts up: this is an answer of an earlier session.
        raise ChannelRefused("replayed")
    values = {"sessions": row["sessions"] + 1, "last_sequence": request.sequence, "used_at": now}
    connection.execute(update(card_channels).where(card_channels.c.order_id == order_id).values(values))


def _opening(request: CardChannelRequest) -> ChipOpening:
    try:
        return ChipOpening(
            serial=bytes.fromhex(request.chip_serial_hex),
            key_info=bytes.fromhex(request.key_info_hex),
            host_challenge=bytes.fromhex(request.host_challenge_hex),
            card_challenge=bytes.fromhex(request.card_challenge_hex),
            sequence=request.sequence,
            card_cryptogram=bytes.fromhex(request.card_cryptogram_hex),
        )
    except (ValueError, binascii.Error) as error:
        raise MalformedRequest("not hexadecimal", problems=1) from error


def _seal(session: Scp03SessionKeys, order_id: OrderId, request: CardChannelRequest) -> bytes:
    info = HPKE_INFO_CHANNEL + f"{order_id}/{request.host_challenge_hex.lower()}".encode()
    try:
        reply_key = X25519PublicKey.from_public_bytes(request.reply_key)
    except ValueError as error:
        raise MalformedRequest("not an X25519 public key", problems=1) from error
    return enrolment_suite().encrypt(session.enc + session.mac + session.rmac, reply_key, info)
