"""The card's side of a virtual reader: speaks vpcd's socket protocol for one slot, in a thread of its own.

Protocol of vsmartcard's vpcd 3.3, as measured (docs of the project: reference page on cards): two bytes of length and
a payload in each direction; payloads of one byte are controls, of which only the request for the ATR is answered. An
open connection means "card present"; closing it takes the card out.
"""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable
from enum import IntEnum

from domain.errors import ProjectError
from hardware_sim.card.card_answer import CardAnswer, Delivery
from hardware_sim.card.virtual_card import CardGone, VirtualCard

CONNECT_TIMEOUT_S = 5.0
RETRY_DELAY_S = 0.02
# pcscd 1.9.9 looks every 0.4 s. A card torn and put back between two looks is dropped by pcscd, which then waits for
# its removal and never offers it again (measured): so a slot stays empty for longer than that.
MIN_EMPTY_S = 0.5
_LENGTH_BYTES = 2
_MAX_FRAME_BYTES = 0xFFFF

_log = logging.getLogger(__name__)

Connector = Callable[[], socket.socket]


class ReaderUnreachable(ProjectError):
    """No virtual reader answers: its daemon is not running, or another card lies in the slot."""

    code = "sim.reader_unreachable"
    message_key = "error.reader_unreachable"


class ReaderControl(IntEnum):
    """One-byte payloads from the reader."""

    POWER_OFF = 0
    POWER_ON = 1
    RESET = 2
    ANSWER_TO_RESET = 4


class VirtualReaderSlot:
    """One slot of a virtual reader, into which a card can be put and from which it can be pulled at any time.

    While a card is in, a lost connection (the daemon was restarted) is made again. A power cut ordered from the card
    counts as pulling it out.
    """

    def __init__(self, host: str, port: int, *, connector: Connector | None = None) -> None:
        self._connector = connector or (lambda: socket.create_connection((host, port), CONNECT_TIMEOUT_S))
        self._card: VirtualCard | None = None
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._emptied_at_s = 0.0
        self._connected = threading.Event()
        self._pulled, self._put_down = threading.Event(), threading.Event()
        self._lock = threading.Lock()

    @property
    def card(self) -> VirtualCard | None:
        """The card that lies in the slot, if one does."""
        return None if self._pulled.is_set() else self._card

    def insert(self, card: VirtualCard, *, timeout_s: float = CONNECT_TIMEOUT_S) -> None:
        """Put the card in, taking out one that is there.

        Raises ReaderUnreachable if no reader notices it in time, CardElsewhere if it lies in another one.
        """
        self.remove()
        if self._thread is not None:
            self._thread.join()
            time.sleep(max(0.0, self._emptied_at_s + MIN_EMPTY_S - time.monotonic()))
        card.take_up()
        self._card, self._pulled, self._put_down = card, threading.Event(), threading.Event()
        self._connected.clear()
        self._thread = threading.Thread(target=self._present, args=(card,), daemon=True)
        self._thread.start()
        if not self._connected.wait(timeout_s):
            self.remove()
            raise ReaderUnreachable

    def remove(self) -> None:
        """Pull the card out, whatever it is doing. Nothing happens if the slot is empty."""
        self._pulled.set()
        self._hang_up()
        if self._card is not None:
            self._put_down.wait()
        self._card = None

    def _present(self, card: VirtualCard) -> None:
        pulled, put_down = self._pulled, self._put_down
        try:
            while not pulled.is_set():
                self._serve_until_lost(card, pulled)
                pulled.wait(RETRY_DELAY_S)
        finally:
            card.put_down()
            self._emptied_at_s = time.monotonic()
            put_down.set()

    def _serve_until_lost(self, card: VirtualCard, pulled: threading.Event) -> None:
        try:
            self._serve(card, pulled)
        except OSError as lost:
            _log.debug("The virtual reader is not there: %s", lost)
        finally:
            self._hang_up()

    def _serve(self, card: VirtualCard, pulled: threading.Event) -> None:
        connection = self._connector()
        with self._lock:
            self._socket = connection
        connection.settimeout(None)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while not pulled.is_set():
            payload = _receive(connection)
            self._connected.set()
            answer = _control(card, payload[0]) if len(payload) == 1 else card.respond(payload)
            if answer.delivery is Delivery.CARD_GONE:
                pulled.set()
            else:
                _send(connection, answer)

    def _hang_up(self) -> None:
        with self._lock:
            connection, self._socket = self._socket, None
        if connection is not None:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError as already_gone:
                _log.debug("The reader had hung up: %s", already_gone)
            connection.close()


def _control(card: VirtualCard, control: int) -> CardAnswer:
    """Obey one control; only the request for the ATR has an answer."""
    if control == ReaderControl.ANSWER_TO_RESET:
        return CardAnswer(Delivery.WHOLE, card.atr)
    try:
        if control in (ReaderControl.POWER_ON, ReaderControl.RESET):
            card.power_on()
        elif control == ReaderControl.POWER_OFF:
            card.power_off()
    except CardGone:
        return CardAnswer(Delivery.CARD_GONE)
    return CardAnswer(Delivery.NEVER)


def _receive(connection: socket.socket) -> bytes:
    length = int.from_bytes(_receive_exactly(connection, _LENGTH_BYTES), "big")
    return _receive_exactly(connection, length)


def _receive_exactly(connection: socket.socket, count: int) -> bytes:
    received = b""
    while len(received) < count:
        # vpcd sends length and body in two pieces with Nagle's algorithm on: unless our kernel acknowledges the first
        # at once, the second waits 40 ms. The kernel forgets this option, so it is set before every receive.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        piece = connection.recv(count - len(received))
        if not piece:
            raise ConnectionError("The virtual reader hung up")
        received += piece
    return received


def _send(connection: socket.socket, answer: CardAnswer) -> None:
    if answer.delivery is Delivery.NEVER:
        return
    is_partial = answer.delivery is Delivery.PARTIAL
    announced = min(len(answer.data) * 2 + 1 if is_partial else len(answer.data), _MAX_FRAME_BYTES)
    connection.sendall(announced.to_bytes(_LENGTH_BYTES, "big") + answer.data[:_MAX_FRAME_BYTES])
