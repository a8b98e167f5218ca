"""A PC/SC client in a process of its own: pcsclite reads its socket's name once in a process.

``python pcsc_client.py round-trips READER N`` prints the median and 95th percentile in microseconds;
``python pcsc_client.py transmit READER APDU…`` prints one answer a line, or the name of the exception.
"""

from __future__ import annotations

import statistics
import sys
import time

from smartcard.Exceptions import CardConnectionException, NoCardException
from smartcard.System import readers

WAIT_S = 5.0


def main(action: str, reader_name: str, *arguments: str) -> None:
    connection = _connect(reader_name)
    if action == "round-trips":
        _measure(connection, int(arguments[0]))
        return
    for apdu in arguments:
        try:
            data, sw1, sw2 = connection.transmit(list(bytes.fromhex(apdu)))
        except CardConnectionException as lost:
            print(type(lost).__name__)  # noqa: T201
            return
        print(bytes((*data, sw1, sw2)).hex(), flush=True)  # noqa: T201


def _connect(reader_name: str):  # type: ignore[no-untyped-def]
    deadline_s = time.monotonic() + WAIT_S
    while True:
        found = [each for each in readers() if str(each) == reader_name]
        try:
            connection = found[0].createConnection()
            connection.connect()
        except (IndexError, NoCardException, CardConnectionException):
            if time.monotonic() > deadline_s:
                raise
            time.sleep(0.01)
        else:
            return connection


def _measure(connection, count: int) -> None:  # type: ignore[no-untyped-def]
    apdu = list(bytes.fromhex("00CA011000"))
    times_us = []
    for _ in range(count):
        began = time.perf_counter()
        connection.transmit(apdu)
        times_us.append((time.perf_counter() - began) * 1e6)
    print(statistics.median(times_us), statistics.quantiles(times_us, n=20)[-1])  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
