"""A desk asks for the keys of one personalisation session with a chip (docs/card-commands.md, 12)."""

from __future__ import annotations

from pydantic import Field

from domain.ids import HouseholdId, OperatorId, OrderId
from domain.record import Record

#: POST CardChannelRequest -> CardChannelAnswer.
CARD_CHANNEL = "/v1/card-orders/{order_id}/channel"
#: HPKE info (suite as for enrolments); order id, ``/``, host challenge in hex follow: for this session only.
HPKE_INFO_CHANNEL = b"single-window/card-channel/1/"


class CardChannelRequest(Record):
    """What INITIALIZE UPDATE was asked with and answered, for a card that is to be made for this holder.

    The first request for an order binds the order id to desk, chip and holder.
    """

    household_id: HouseholdId | None = None
    operator_id: OperatorId | None = None
    chip_serial_hex: str = Field(max_length=16)
    key_info_hex: str = Field(max_length=6)
    host_challenge_hex: str = Field(max_length=16)
    card_challenge_hex: str = Field(max_length=16)
    sequence: int
    card_cryptogram_hex: str = Field(max_length=16)
    #: X25519 public key (32 bytes), made for this request, that the keys are sealed to.
    reply_key: bytes = Field(max_length=32)


class CardChannelAnswer(Record):
    """``sealed``: HPKE (encapsulated key || ciphertext) of S-ENC || S-MAC || S-RMAC, 48 bytes."""

    order_id: OrderId
    sealed: bytes
