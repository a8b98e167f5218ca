"""Keys of one session with a chip of the stock, from the office (docs/card-commands.md, 12).

The desk shows the office what the chip answered and gets the keys of this session, sealed to a key of the moment.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import CancelledError
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from card_service.scp03 import Scp03Challenge
from card_service.scp03_keys import KEY_BYTES, Scp03SessionKeys
from domain.ids import HouseholdId, OperatorId, OrderId
from domain.messages.card_channels import HPKE_INFO_CHANNEL, CardChannelAnswer, CardChannelRequest
from kiosk.registry_client import RegistryClient, RegistryOutOfOrder, RegistryUnreachable

#: Longer than the client waits for an answer, so that its own account of a failure comes first.
_ANSWER_S = 20.0
_KEYS = 3


@dataclass(frozen=True)
class OfficeKeySource:
    """card_service.scp03.SessionKeySource over HTTP. Called in the reader's thread, never on the event loop's."""

    loop: asyncio.AbstractEventLoop
    registry: RegistryClient
    order_id: OrderId
    household_id: HouseholdId | None
    operator_id: OperatorId | None

    def session_keys(self, challenge: Scp03Challenge) -> Scp03SessionKeys:
        """Raises RegistryUnreachable, RegistryOutOfOrder or RegistryRefused."""
        reply_key = X25519PrivateKey.generate()
        request = self._request(challenge, reply_key)
        asking = asyncio.run_coroutine_threadsafe(self.registry.open_card_channel(self.order_id, request), self.loop)
        try:
            answer = asking.result(_ANSWER_S)
        except (TimeoutError, CancelledError) as error:
            asking.cancel()
            raise RegistryUnreachable("no keys in time") from error
        return open_session_keys(answer, self.order_id, challenge, reply_key)

    def _request(self, challenge: Scp03Challenge, reply_key: X25519PrivateKey) -> CardChannelRequest:
        return CardChannelRequest(
            household_id=self.household_id,
            operator_id=self.operator_id,
            chip_serial_hex=challenge.chip_serial.hex(),
            key_info_hex=challenge.key_info.hex(),
            host_challenge_hex=challenge.host_challenge.hex(),
            card_challenge_hex=challenge.card_challenge.hex(),
            sequence=challenge.sequence,
            card_cryptogram_hex=challenge.card_cryptogram.hex(),
            reply_key=reply_key.public_key().public_bytes_raw(),
        )


def open_session_keys(
    answer: CardChannelAnswer, order_id: OrderId, challenge: Scp03Challenge, reply_key: X25519PrivateKey
) -> Scp03SessionKeys:
    """The keys in the office's answer. Raises RegistryOutOfOrder when they are not for this order and session."""
    info = HPKE_INFO_CHANNEL + f"{order_id}/{challenge.host_challenge.hex()}".encode()
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
    try:
        plain = suite.decrypt(answer.sealed, reply_key, info)
    except (InvalidTag, ValueError):
        raise RegistryOutOfOrder("the session's keys are not sealed to this desk") from None
    if len(plain) != _KEYS * KEY_BYTES:
        raise RegistryOutOfOrder("not the keys of a session")
    return Scp03SessionKeys(plain[:KEY_BYTES], plain[KEY_BYTES : 2 * KEY_BYTES], plain[2 * KEY_BYTES :])
