"""A card reader's process: one for each reader, the only place where PC/SC is spoken."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from card_service.errors import CardGone
from card_service.pcsc import PcscConnection, open_reader, wait_for_card
from kiosk.devices.frames import Value
from kiosk.devices.servants.settings_reading import Settings, text
from kiosk.devices.serving import Call, MethodUnknown


class CardReaderServant:
    """Answers ``check``, ``is_present``, ``connect``, ``transmit`` and ``disconnect``.

    A connection has a number, so that a session that outlived its card can never talk to the next one.
    """

    def __init__(self, reader: str) -> None:
        self._reader = reader
        self._numbers = itertools.count(1)
        self._number = 0
        self._connection: PcscConnection | None = None

    def serve(self, method: str, args: Mapping[str, Value], _call: Call) -> Value:
        if method == "transmit":
            return self._transmit(args)
        if method in ("check", "is_present"):
            is_present = wait_for_card(self._reader, 0.0)
            return True if method == "check" else is_present
        if method == "connect":
            return self._connect()
        if method == "disconnect":
            if args.get("connection") == self._number:
                self.close()
            return True
        raise MethodUnknown(method)

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connect(self) -> Value:
        # The old handle first: disconnecting it later would reset the new session (reference/cards.md, 1).
        self.close()
        self._connection = open_reader(self._reader)
        self._number = next(self._numbers)
        return {"connection": self._number, "atr": self._connection.atr}

    def _transmit(self, args: Mapping[str, Value]) -> Value:
        apdu = args.get("apdu")
        if self._connection is None or args.get("connection") != self._number or not isinstance(apdu, bytes):
            raise CardGone("no such connection")
        try:
            return self._connection.transmit(apdu)
        except CardGone:
            self.close()
            raise


def make(settings: Settings) -> CardReaderServant:
    """For the reader named ``reader``."""
    return CardReaderServant(text(settings, "reader"))
