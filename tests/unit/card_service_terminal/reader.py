"""A simulated card in a reader, behind the same port as a real one."""

from __future__ import annotations

from card_service.errors import CardGone, CardSilent
from hardware_sim.card import virtual_card
from hardware_sim.card.virtual_card import VirtualCard


class SimulatedReader:
    """One card on a reader: power comes with it. ``sent`` holds every command, for tests that count or alter."""

    def __init__(self, card: VirtualCard, *, is_contact: bool = True) -> None:
        self.card = card
        self.sent: list[bytes] = []
        card.is_contact = is_contact
        self._atr = card.power_on()

    @property
    def atr(self) -> bytes:
        return self._atr

    def transmit(self, apdu: bytes) -> bytes:
        self.sent.append(apdu)
        try:
            return self.card.transmit(apdu)
        except virtual_card.CardGone as error:
            raise CardGone("The card was taken away") from error
        except virtual_card.CardSilent as error:
            # On a real reader the worker's deadline ends the wait, and its process.
            raise CardSilent("The card did not answer in time") from error

    def close(self) -> None:
        self.card.power_off()
