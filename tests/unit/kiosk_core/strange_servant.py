"""A servant that misbehaves on demand, for the tests of the worker."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping

from domain.errors import ProjectError
from kiosk.devices.frames import Value
from kiosk.devices.serving import Call


class Unplugged(ProjectError):
    code = "sensor.unplugged"


class Odd(ProjectError):
    code = "odd.refusal"


class StrangeServant:
    def __init__(self, settings: Mapping[str, str | int | float | bool]) -> None:
        self._marker = str(settings.get("marker", ""))

    def serve(self, method: str, args: Mapping[str, Value], call: Call) -> Value:
        if method == "echo":
            return args.get("value")
        if method == "pid":
            return os.getpid()
        if method == "hang":
            while True:
                time.sleep(60)
        if method == "wait":
            while call.is_wanted:
                call.pause(0.01)
            return "stopped early"
        if method == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if method == "unplugged_while_marked" and os.path.exists(self._marker):
            raise Unplugged("pulled")
        if method == "refuse":
            raise Odd("no", left=2)
        if method == "throw":
            raise ZeroDivisionError("secret")
        if method == "huge":
            return bytes(20 * 1024 * 1024)
        return True

    def close(self) -> None:
        pass


def make(settings: Mapping[str, str | int | float | bool]) -> StrangeServant:
    return StrangeServant(settings)
