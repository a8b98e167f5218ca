"""``python -m kiosk.devices FD SERVANT SETTINGS``: a device process, started by kiosk/devices/worker.py only."""

from __future__ import annotations

import importlib
import json
import os
import signal
import socket
import sys

from kiosk.devices.serving import Servant, serve_forever


def main() -> None:
    """Take the line and the servant named on the command line, and serve."""
    # Ctrl-C at the terminal reaches the whole group; the kiosk ends its devices itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Some drivers print; what the kiosk itself prints must stay readable for programmes.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    line = socket.socket(fileno=int(sys.argv[1]))
    serve_forever(line, _make_servant(sys.argv[2], json.loads(sys.argv[3])))


def _make_servant(name: str, settings: dict[str, str | int | float | bool]) -> Servant:
    """The servant ``module:factory``; its module alone imports the driver."""
    module_name, _, factory_name = name.partition(":")
    servant: Servant = getattr(importlib.import_module(module_name), factory_name)(settings)
    return servant


if __name__ == "__main__":
    main()
