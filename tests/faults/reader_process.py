"""A long-lived process that speaks PC/SC, told what to do line by line; and the test's end of it.

``python -m tests.faults.reader_process READER`` knows ``wait S``, ``removed S``, ``open``, ``share`` (open, but not
exclusive), ``send HEX``, ``read LE HEX`` (with our transport), ``keep`` (the open connection is set aside), ``drop``
(what was set aside is closed), ``close`` and ``list``.
Every line is answered with one: a result, or the name of the error.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from queue import Empty, SimpleQueue

from hardware_sim.pcscd import PrivatePcscd

ROOT = Path(__file__).parents[2]
ANSWER_S = 30.0


class NoAnswer(Exception):
    """The process did not answer in time."""


class ReaderProcess:
    """The process, and its answers."""

    def __init__(self, daemon: PrivatePcscd, index: int = 0) -> None:
        command = [sys.executable, "-m", "tests.faults.reader_process", daemon.reader_names[index]]
        environment = {**os.environ, "PCSCLITE_CSOCK_NAME": str(daemon.socket_path)}
        self._process = subprocess.Popen(
            command, env=environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._answers: SimpleQueue[str] = SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def ask(self, order: str, *, timeout_s: float = ANSWER_S) -> str:
        """Its answer; NoAnswer when the time is over."""
        assert self._process.stdin is not None
        self._process.stdin.write(order + "\n")
        self._process.stdin.flush()
        try:
            return self._answers.get(timeout=timeout_s)
        except Empty as error:
            raise NoAnswer(order) from error

    def kill(self) -> None:
        """As a deadline does."""
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> ReaderProcess:
        return self

    def __exit__(self, *_error: object) -> None:
        self.kill()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(line.strip())


def main(reader: str) -> None:
    """Obeys until the other side hangs up."""
    from card_service.apdu import CommandApdu
    from card_service.connection import Transport
    from card_service.pcsc import PcscConnection, list_readers, open_reader, wait_for_card, wait_for_removal
    from domain.errors import ProjectError

    now: list[PcscConnection] = []
    aside: list[PcscConnection] = []

    def obey(order: str, *words: str) -> object:
        match order:
            case "wait":
                return wait_for_card(reader, float(words[0]))
            case "removed":
                return wait_for_removal(reader, float(words[0]))
            case "list":
                return len(list_readers())
            case "open":
                now.append(open_reader(reader))
                return now[-1].atr.hex()
            case "share":
                now.append(open_reader(reader, exclusive=False))
                return now[-1].atr.hex()
            case "send":
                return now[-1].transmit(bytes.fromhex(words[0])).hex()
            case "read":
                cla, ins, p1, p2 = bytes.fromhex(words[1])
                answer = Transport(now[-1]).send(CommandApdu(cla, ins, p1, p2, le=int(words[0])))
                return f"{answer.data.hex()} {answer.sw:04X}"
            case "keep":
                aside.append(now.pop())
            case "drop":
                aside.pop().close()
            case "close":
                now.pop().close()
        return "done"

    for line in sys.stdin:
        try:
            answer = obey(*line.split())
        except ProjectError as error:
            answer = f"{type(error).__name__}: {error}"
        print(answer, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
