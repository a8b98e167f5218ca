"""The desk's two card readers and the box of cards beside them."""

from __future__ import annotations

from pathlib import Path

from domain.errors import ProjectError
from hardware_sim.card.faults import CardFault, FaultKind
from hardware_sim.card.virtual_card import VirtualCard
from hardware_sim.card_box import CardBox, CardKind, CardNotInBox
from hardware_sim.pcscd import SLOTS, PrivatePcscd

BLANK = "blank"
OFFICER = "officer"
COPY_OF = "copy of "


class NoCardInReader(ProjectError):
    """There is no card in that reader."""

    code = "simulator.no_card_in_reader"
    message_key = "error.simulator"


class CardReaders:
    """Two readers behind a PC/SC service of their own. Must be started and stopped."""

    def __init__(self, directory: Path, box: CardBox) -> None:
        self._daemon = PrivatePcscd(directory)
        self.box = box

    @property
    def pcsc_socket(self) -> Path:
        """What PCSCLITE_CSOCK_NAME must name."""
        return self._daemon.socket_path

    @property
    def reader_names(self) -> tuple[str, str]:
        """The readers as PC/SC lists them."""
        return self._daemon.reader_names

    @property
    def is_plugged(self) -> bool:
        """Whether the readers are connected: they share one cable."""
        return self._daemon.is_running

    def plug(self) -> None:
        """Connect the readers."""
        if not self.is_plugged:
            self._daemon.start()

    def unplug(self) -> None:
        """Pull the readers' cable; cards stay in them."""
        self._daemon.kill()

    def stop(self) -> None:
        """Take the cards out and end the service."""
        self._daemon.stop()

    def card_in(self, reader: int) -> VirtualCard | None:
        """The card now in that reader."""
        return self._daemon.slot(reader).card

    def insert(self, reader: int, wanted: str) -> str:
        """Put a card in: a number, a chip serial, "blank", "officer" or "copy of NUMBER". Returns the serial.

        The card leaves the other reader first, should it lie there. Raises CardNotInBox.
        """
        serial_hex = self.find_serial(wanted)
        for other in range(SLOTS):
            card = self.card_in(other)
            if card is not None and card.serial_hex == serial_hex:
                self.remove(other)
        self._daemon.slot(reader).insert(self.box.load(serial_hex))
        return serial_hex

    def remove(self, reader: int) -> None:
        """Pull the card out."""
        self._daemon.slot(reader).remove()

    def find_serial(self, wanted: str) -> str:
        """The chip serial of the card somebody means."""
        if wanted == BLANK:
            return self._unused_blank()
        if wanted == OFFICER:
            return self._newest_officer()
        is_copy = wanted.startswith(COPY_OF)
        face = self.box.find(wanted.removeprefix(COPY_OF), is_copy=is_copy)
        return face.serial_hex if face is not None else wanted

    def label(self, reader: int, number: str, can: str, kind: CardKind) -> bool:
        """Print a face on the card in that reader; False when there is none."""
        card = self.card_in(reader)
        if card is None:
            return False
        self.box.label(card.serial_hex, number, can, kind)
        return True

    def order_fault(self, reader: int, kind: FaultKind, in_commands: int) -> None:
        """Let the card in that reader fail so many commands from now (1: the next one)."""
        card = self.card_in(reader)
        if card is None:
            raise NoCardInReader(f"There is no card in reader {reader}", reader=reader)
        substitute = self.box.load(self.box.new_blank()) if kind is FaultKind.SWAP_CARD else None
        card.faults.order(CardFault(kind, card.faults.commands + in_commands, substitute=substitute))

    def _unused_blank(self) -> str:
        """A chip that lies in no reader and was never written; a new one when there is none."""
        in_use = {card.serial_hex for reader in range(SLOTS) if (card := self.card_in(reader))}
        free = [serial for serial in self.box.blanks() if serial not in in_use]
        return free[0] if free else self.box.new_blank()

    def _newest_officer(self) -> str:
        faces = [face for face in self.box.list() if face.kind is CardKind.OFFICER]
        if not faces:
            raise CardNotInBox("There is no officer's card in the box yet")
        return faces[-1].serial_hex
