"""A batch of chips with transport keys, and the office that holds their master key, on paper."""

from __future__ import annotations

from collections import Counter

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from card_service.scp03_issuer import ChipOpening, OpeningRefusal, open_session
from domain.ids import OrderId
from domain.messages.card_channels import HPKE_INFO_CHANNEL, CardChannelAnswer, CardChannelRequest
from hardware_sim.card.virtual_card import VirtualCard
from tests.unit.card_service_issuer.test_session_keys_of_the_issuer import MASTER, Stock

MOST_SESSIONS = 16


class PaperRefused(Exception):
    """The registry on paper says no with this code."""

    def __init__(self, code: str, status: int = 422) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


class StockedCupboard(Stock):
    """Signing keys and transport keys in one store, as a token holds them."""

    def __init__(self, cupboard: object) -> None:
        super().__init__({"B": MASTER})
        self.cupboard = cupboard

    def __getattr__(self, name: str) -> object:
        return getattr(self.cupboard, name)


def stock_blank(serial: bytes | None = None) -> VirtualCard:
    """A blank as the maker delivers it: it takes nothing but through the office."""
    return VirtualCard.blank(serial=serial, transport_master_key=MASTER)


class PaperOffice:
    """Gives the keys of sessions, and counts them by order and chip."""

    def __init__(self) -> None:
        self.sessions: Counter[tuple[str, str]] = Counter()
        #: The code to refuse the next session with.
        self.refusal: str | None = None

    def open_channel(self, order_id: str, request: CardChannelRequest) -> CardChannelAnswer:
        if self.refusal is not None:
            refusal, self.refusal = self.refusal, None
            raise PaperRefused(refusal)
        opening = ChipOpening(
            serial=bytes.fromhex(request.chip_serial_hex),
            key_info=bytes.fromhex(request.key_info_hex),
            host_challenge=bytes.fromhex(request.host_challenge_hex),
            card_challenge=bytes.fromhex(request.card_challenge_hex),
            sequence=request.sequence,
            card_cryptogram=bytes.fromhex(request.card_cryptogram_hex),
        )
        session = open_session(Stock({"B": MASTER}), opening)
        if isinstance(session, OpeningRefusal):
            raise PaperRefused("card.channel_refused")
        self.sessions[order_id, request.chip_serial_hex] += 1
        if self.sessions[order_id, request.chip_serial_hex] > MOST_SESSIONS:
            raise PaperRefused("card.too_many_sessions", 429)
        info = HPKE_INFO_CHANNEL + f"{order_id}/{request.host_challenge_hex}".encode()
        suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
        reply_key = X25519PublicKey.from_public_bytes(request.reply_key)
        sealed = suite.encrypt(session.enc + session.mac + session.rmac, reply_key, info)
        return CardChannelAnswer(order_id=OrderId(order_id), sealed=sealed)
